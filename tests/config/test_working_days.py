"""Working days as a place counts them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kit.working_days import begun_before, working_days


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("since", "until", "zone", "days"),
    [
        ("2026-11-23 09:00", "2026-11-23 23:59", "UTC", 0),  # the Monday itself
        ("2026-11-23 23:59", "2026-11-24 00:00", "UTC", 1),
        ("2026-11-23 09:00", "2026-11-30 08:00", "UTC", 5),  # to the Monday after
        ("2026-11-23 09:00", "2026-12-01 00:00", "UTC", 6),
        ("2026-11-27 17:00", "2026-11-29 23:59", "UTC", 0),  # Friday to Sunday
        ("2026-11-27 17:00", "2026-11-30 00:00", "UTC", 1),
        ("2026-11-28 12:00", "2026-11-30 00:00", "UTC", 1),  # Saturday to Monday
        ("2026-11-29 23:59", "2026-12-04 12:00", "UTC", 5),
        ("2026-01-01 12:00", "2026-12-31 12:00", "UTC", 260),  # Thursday to Thursday, 52 weeks
        ("2026-11-30 08:00", "2026-11-23 09:00", "UTC", 0),  # never below 0
        ("2026-03-27 23:30", "2026-03-30 00:30", "Europe/Helsinki", 1),  # clocks forward on the Sunday
        ("2026-10-23 00:30", "2026-10-30 00:30", "Europe/Helsinki", 5),  # clocks back
        ("2026-09-03 23:30", "2026-09-07 01:30", "America/Santiago", 2),  # a Sunday that has no midnight
    ],
)
def test_working_days(since, until, zone, days):
    assert working_days(at(since, zone), at(until, zone), ZoneInfo(zone)) == days


@pytest.mark.parametrize(
    ("zone", "days"), [("UTC", 0), ("Europe/Helsinki", 1), ("Pacific/Auckland", 1), ("America/Los_Angeles", 0)]
)
def test_day_begins_when_it_begins_there(zone, days):
    """Sunday 22:30 UTC is Monday already in Helsinki and in Auckland."""
    assert working_days(at("2026-11-28 06:00"), at("2026-11-29 22:30"), ZoneInfo(zone)) == days


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Helsinki",
        "America/Santiago",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Asia/Beirut",
    ]
)


@given(MOMENTS, ZONES, st.integers(0, 12), st.integers(0, 30 * 24 * 3600))
def test_the_time_that_splits_is_the_same_rule(now, zone, days, age):
    zone, since = ZoneInfo(zone), now - timedelta(seconds=age)
    assert (since < begun_before(days, now, zone)) == (working_days(since, now, zone) > days)


@given(MOMENTS, ZONES, st.integers(0, 12))
def test_the_time_that_splits_is_exact(now, zone, days):
    zone = ZoneInfo(zone)
    split = begun_before(days, now, zone)
    assert working_days(split, now, zone) == days
    assert working_days(split - timedelta(microseconds=1), now, zone) == days + 1
