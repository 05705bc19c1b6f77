"""Working days, Monday to Friday, as a place on earth counts them. Holidays are not known."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def working_days(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Return how many working days have begun in `zone` after the day of `since`, up to and with that of `until`.

    The day on which something comes in does not count: from Monday to the Monday after it is 5, from Friday or from
    the weekend to Monday it is 1. Days are local dates, so a change of clocks changes nothing. Never below 0.
    """
    first, last = (moment.astimezone(zone).date() for moment in (since, until))
    return max(0, _working_days_up_to(last) - _working_days_up_to(first))


def begun_before(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time (UTC) such that of what came in before it, and of nothing else, `working_days` is over `days`."""
    day, counted = now.astimezone(zone).date(), 0
    while counted <= days:
        counted += day.weekday() < 5
        day -= _DAY
    # A midnight that does not exist is the first moment after the gap (PEP 495).
    return datetime.combine(day + _DAY, time.min, zone).astimezone(UTC)


def _working_days_up_to(day: date) -> int:
    """Count the working days from 1 January of the year 1, a Monday, up to and with `day`."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)
