"""Every zone of the tz database, 2026 to 2030, at every hour that can be chosen: none skipped, none doubled.

Around each change of a zone's clocks the planner's own steps are walked; zones with the same clocks are walked once.
Between two changes every day is like the one before it. Some zones that are awkward are walked whole.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from exchange.digests.models import Subscription
from exchange.digests.schedule import CLOSEST, next_due, period_of

START, END = date(2026, 1, 1), date(2030, 12, 31)
HOURS = range(6, 21)
HOUR = timedelta(hours=1)
DAYS = [START + timedelta(days=number) for number in range((END - START).days + 1)]


def offsets(name):
    """Return how many minutes the zone is ahead of UTC, at noon of each day."""
    zone = ZoneInfo(name)
    return tuple(
        int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).astimezone(zone).utcoffset().total_seconds() // 60)
        for day in DAYS
    )


def walk(subscription, start, days):
    """Return when the planner finds it due, from `start` on: each time it counts from the time before."""
    after = datetime(start.year, start.month, start.day, tzinfo=UTC)
    found = []
    while not found or (found[-1] - found[0]).days < days:
        due = next_due(subscription, after=after)
        found.append(due)
        subscription.last_due, after = due, due + CLOSEST
    return found


def check_daily(name, hour, found):
    zone = ZoneInfo(name)
    local = [due.astimezone(zone) for due in found]
    for (before, after), (day, following) in zip(pairwise(found), pairwise(local), strict=True):
        assert 20 * HOUR <= after - before <= 28 * HOUR, (name, hour, before, after)
        assert following.date() - day.date() == timedelta(days=1), (name, hour, day, following)
    assert {one.hour for one in local} == {hour}, (name, hour)  # no clock changes between six and twenty


def test_daily_digests_in_every_zone_at_every_hour():
    clocks = {}
    for name in sorted(available_timezones()):
        clocks.setdefault(offsets(name), name)
    assert len(clocks) > 60
    changes = 0
    for minutes, name in clocks.items():
        days = [day for day, (one, other) in zip(DAYS[1:], pairwise(minutes), strict=True) if one != other]
        for day in [DAYS[0], *days]:
            for hour in HOURS:
                subscription = Subscription(cadence="daily", hour=hour, time_zone=name)
                check_daily(name, hour, walk(subscription, day - timedelta(days=3), 5))
        changes += len(days)
    assert changes > 250


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Helsinki", "America/New_York", "Africa/Casablanca", "Asia/Gaza", "Pacific/Chatham",
        "Australia/Lord_Howe", "Antarctica/Troll", "America/Nuuk", "Africa/Cairo",
    ],
)  # fmt: skip
@pytest.mark.parametrize("hour", [6, 20])
def test_five_whole_years_in_awkward_zones(name, hour):
    days = (END - START).days
    found = walk(Subscription(cadence="daily", hour=hour, time_zone=name), START, days)
    check_daily(name, hour, found)
    assert len({period_of(Subscription(cadence="daily", hour=hour, time_zone=name), due) for due in found}) == len(
        found
    )
    weekly = Subscription(cadence="weekly", weekday=6, hour=hour, time_zone=name)
    found = walk(weekly, START, days)
    assert {(after - before).days for before, after in pairwise(found)} <= {6, 7}
    assert len({period_of(weekly, due) for due in found}) == len(found) >= 260
    monthly = Subscription(cadence="monthly", day=28, hour=hour, time_zone=name)
    periods = [period_of(monthly, due) for due in walk(monthly, START, days - 31)]
    assert len(set(periods)) == len(periods) == 60


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["Mars/Olympus", "", "Europe", "../etc/passwd"])
def test_zone_that_the_database_has_dropped_is_taken_for_utc(stored):
    subscription = Subscription(cadence="daily", hour=7, time_zone=stored)
    due = next_due(subscription, after=datetime(2026, 11, 27, tzinfo=UTC))
    assert due == datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert period_of(subscription, due) == "2026-11-27"
