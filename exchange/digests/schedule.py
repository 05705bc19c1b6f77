"""When a digest is due. Local time is turned into UTC here and nowhere else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exchange.digests.models import Subscription

Cadence = Subscription.Cadence
# Whoever moves to another zone or day does not get two digests at once.
SHORTEST_GAP = {
    Cadence.DAILY: timedelta(hours=20),
    Cadence.WEEKLY: timedelta(days=6),
    Cadence.MONTHLY: timedelta(days=27),
}
# A late digest stands for the one that would follow it so soon. Less than any night between EVENING and MORNING, so
# that one which is sent in the daytime, however late, never takes the next day's place.
CLOSEST = timedelta(hours=8)
MORNING, EVENING = time(6), time(21)  # digests arrive between these, local time


def next_due(subscription: Subscription, *, after: datetime) -> datetime | None:
    """Return the first scheduled time later than `after` (UTC), None for `never`.

    A local time that a change of clocks leaves out is taken an hour later; of one that comes twice, the first. The
    shortest gap and the period count from the time that the last digest was due, so that a late one moves nothing.
    """
    if subscription.cadence == Cadence.NEVER:
        return None
    last = subscription.last_due
    if last is None:
        return next(_scheduled_times(subscription, after))
    gap = SHORTEST_GAP[Cadence(subscription.cadence)] - timedelta(microseconds=1)
    had = period_of(subscription, last)
    times = _scheduled_times(subscription, max(after, last + gap))
    return next(due for due in times if period_of(subscription, due) != had)


def latest_due(subscription: Subscription, due: datetime, *, by: datetime) -> datetime:
    """Return the last scheduled time up to `by`, beginning from `due`: after an outage there may be several."""
    for later in _scheduled_times(subscription, due):
        if later > by:
            break
        due = later
    return due


def period_of(subscription: Subscription, due: datetime) -> str:
    """Name the local day, ISO week or month for which a digest was scheduled: a part of its key, so one a period."""
    local = due.astimezone(subscription.zone).date()
    if subscription.cadence == Cadence.DAILY:
        return local.isoformat()
    if subscription.cadence == Cadence.WEEKLY:
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02}"
    return f"{local:%Y-%m}"


def in_daytime(now: datetime, zone: ZoneInfo) -> datetime:
    """Return `now`, or the next local morning where it is night: a late digest wakes nobody."""
    local = now.astimezone(zone)
    if MORNING <= local.time() < EVENING:
        return now
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return to_utc(day, MORNING, zone)


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC. One that does not exist moves forward by as much as the clocks do (PEP 495)."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _scheduled_times(subscription: Subscription, after: datetime) -> Iterator[datetime]:
    zone = subscription.zone
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        if _is_scheduled(subscription, day) and (due := to_utc(day, time(subscription.hour), zone)) > after:
            yield due
        day += timedelta(days=1)


def _is_scheduled(subscription: Subscription, day: date) -> bool:
    if subscription.cadence == Cadence.WEEKLY:
        return day.weekday() == subscription.weekday
    if subscription.cadence == Cadence.MONTHLY:
        return day.day == subscription.day
    return True
