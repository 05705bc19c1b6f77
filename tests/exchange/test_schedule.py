"""When a digest is due: clocks that change, people who move, planners that come late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.digests.models import Subscription
from exchange.digests.schedule import in_daytime, latest_due, next_due, period_of, to_utc

HOUR = timedelta(hours=1)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(zone="UTC", hour=7, **fields):
    return Subscription(cadence="daily", hour=hour, time_zone=zone, **fields)


@pytest.mark.parametrize(
    ("zone", "hour", "after", "due"),
    [
        ("UTC", 7, "2026-01-10 06:59:59", "2026-01-10 07:00"),
        ("UTC", 7, "2026-01-10 07:00:00", "2026-01-11 07:00"),
        # Clocks go forward, and back: the local hour stays.
        ("Europe/Helsinki", 7, "2026-03-28 12:00", "2026-03-29 04:00"),
        ("Europe/Helsinki", 7, "2026-03-27 12:00", "2026-03-28 05:00"),
        ("Europe/Helsinki", 7, "2026-10-24 12:00", "2026-10-25 05:00"),
        ("America/New_York", 6, "2026-03-07 18:00", "2026-03-08 10:00"),
        ("America/New_York", 6, "2026-10-31 18:00", "2026-11-01 11:00"),
        ("Australia/Lord_Howe", 20, "2026-04-04 12:00", "2026-04-05 09:30"),  # by half an hour
        ("Australia/Lord_Howe", 20, "2026-10-03 12:00", "2026-10-04 09:00"),
        ("Africa/Cairo", 6, "2026-04-23 12:00", "2026-04-24 03:00"),  # on a Friday at midnight
        ("Africa/Cairo", 6, "2026-10-29 12:00", "2026-10-30 04:00"),
        # Samoa went from 29 to 31 December: the day between is that of the 31st, and comes once.
        ("Pacific/Apia", 7, "2011-12-28 18:00", "2011-12-29 17:00"),
        ("Pacific/Apia", 7, "2011-12-29 17:00", "2011-12-30 17:00"),
        ("Pacific/Apia", 7, "2011-12-30 17:00", "2011-12-31 17:00"),
        ("Asia/Kathmandu", 7, "2026-05-01 00:00", "2026-05-01 01:15"),
        ("Pacific/Kiritimati", 6, "2026-05-01 00:00", "2026-05-01 16:00"),
    ],
)
def test_daily_keeps_its_local_hour(zone, hour, after, due):
    assert next_due(daily(zone, hour), after=utc(after)) == utc(due)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("2026-03-29 03:30", "Europe/Helsinki", "2026-03-29 01:30"),  # left out: an hour later
        ("2026-10-25 03:30", "Europe/Helsinki", "2026-10-25 00:30"),  # comes twice: the first
        ("2026-03-08 02:30", "America/New_York", "2026-03-08 07:30"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03 15:45"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04 14:45"),
        ("2026-04-24 00:30", "Africa/Cairo", "2026-04-23 22:30"),
        ("2026-10-29 23:30", "Africa/Cairo", "2026-10-29 20:30"),
    ],
)
def test_local_time_in_a_gap_moves_on_and_in_a_fold_is_the_first(local, zone, expected):
    at = datetime.fromisoformat(local)
    assert to_utc(at.date(), at.time(), ZoneInfo(zone)) == utc(expected)


@pytest.mark.parametrize(
    ("fields", "after", "due", "period"),
    [
        ({"cadence": "weekly", "weekday": 0}, "2026-11-25 00:00", "2026-11-30 05:00", "2026-W49"),
        ({"cadence": "weekly", "weekday": 6}, "2026-11-25 00:00", "2026-11-29 05:00", "2026-W48"),
        ({"cadence": "weekly", "weekday": 4}, "2026-12-28 00:00", "2027-01-01 05:00", "2026-W53"),
        ({"cadence": "weekly", "weekday": 6}, "2026-03-25 00:00", "2026-03-29 04:00", "2026-W13"),
        ({"cadence": "monthly", "day": 1}, "2026-11-25 00:00", "2026-12-01 05:00", "2026-12"),
        ({"cadence": "monthly", "day": 28}, "2026-02-28 05:00", "2026-03-28 05:00", "2026-03"),
        ({"cadence": "daily"}, "2026-11-25 05:00", "2026-11-26 05:00", "2026-11-26"),
    ],
)
def test_every_cadence_has_its_time_and_its_period(fields, after, due, period):
    subscription = Subscription(hour=7, time_zone="Europe/Helsinki", **fields)
    found = next_due(subscription, after=utc(after))
    assert (found, period_of(subscription, found)) == (utc(due), period)


def test_never_is_never_due():
    assert next_due(Subscription(cadence="never", last_due=utc("2026-01-01")), after=utc("2026-01-02")) is None


@pytest.mark.parametrize(
    ("fields", "last", "after", "due"),
    [
        # From Auckland to Los Angeles: seven o'clock there is 20 hours later, not five.
        ({"cadence": "daily", "time_zone": "America/Los_Angeles"}, "2026-03-09 18:00", "2026-03-09 18:05",
         "2026-03-10 14:00"),
        # And back: 20 hours later it is night, so the morning after.
        ({"cadence": "daily", "time_zone": "Pacific/Auckland"}, "2026-03-10 14:00", "2026-03-10 14:05",
         "2026-03-11 18:00"),
        # An hour less than 20.
        ({"cadence": "daily", "time_zone": "UTC", "hour": 13}, "2026-03-10 18:00", "2026-03-10 18:05",
         "2026-03-12 13:00"),
        ({"cadence": "daily", "time_zone": "UTC", "hour": 14}, "2026-03-10 18:00", "2026-03-10 18:05",
         "2026-03-11 14:00"),
        # From Sunday to Saturday: six days. From Monday to Sunday too, but that is the same week.
        ({"cadence": "weekly", "weekday": 5}, "2026-03-08 07:00", "2026-03-08 08:00", "2026-03-14 07:00"),
        ({"cadence": "weekly", "weekday": 6}, "2026-03-09 07:00", "2026-03-11 08:00", "2026-03-22 07:00"),
        ({"cadence": "weekly", "weekday": 2}, "2026-03-09 07:00", "2026-03-09 08:00", "2026-03-18 07:00"),
        # From the first to the 28th: one a month.
        ({"cadence": "monthly", "day": 28}, "2026-03-01 07:00", "2026-03-02 08:00", "2026-04-28 07:00"),
    ],
)  # fmt: skip
def test_change_of_zone_or_day_keeps_the_shortest_gap_and_one_a_period(fields, last, after, due):
    subscription = Subscription(last_due=utc(last), **fields)
    assert next_due(subscription, after=utc(after)) == utc(due)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-25 03:59", "2026-11-25 04:00"),  # 05:59 in Helsinki
        ("2026-11-25 04:00", "2026-11-25 04:00"),
        ("2026-11-25 18:59", "2026-11-25 18:59"),
        ("2026-11-25 19:00", "2026-11-26 04:00"),  # 21:00
        ("2026-11-25 22:30", "2026-11-26 04:00"),  # after midnight there
        ("2026-03-28 20:00", "2026-03-29 03:00"),  # the night when clocks go forward
        ("2026-10-24 20:00", "2026-10-25 04:00"),
    ],
)
def test_late_one_waits_for_the_morning(now, start):
    assert in_daytime(utc(now), ZoneInfo("Europe/Helsinki")) == utc(start)


def test_latest_due_merges_what_an_outage_has_missed():
    subscription = daily("Europe/Helsinki")
    first = utc("2026-03-27 05:00")
    assert latest_due(subscription, first, by=first + 10 * HOUR) == first
    assert latest_due(subscription, first, by=utc("2026-03-30 03:59")) == utc("2026-03-29 04:00")
    assert latest_due(subscription, first, by=utc("2026-03-30 04:00")) == utc("2026-03-30 04:00")
