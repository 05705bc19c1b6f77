"""Time zones to choose from, and those that were chosen."""

import logging
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

logger = logging.getLogger(__name__)

_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def time_zone_choices() -> list[tuple[str, str]]:
    """Return (name, label) of the zones that are named after places, and UTC; names are those of the tz database."""
    names = sorted(name for name in available_timezones() if name.startswith(_AREAS))
    return [("UTC", "UTC"), *((name, name.replace("_", " ").replace("/", " / ")) for name in names)]


@lru_cache(maxsize=1_000)
def zone_or_utc(name: str) -> ZoneInfo:
    """Return the zone that was stored as `name`; UTC, with a warning, where the tz database knows it no longer."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, no name at all, a folder's name
        logger.warning("The time zone %r is not in the tz database; taking UTC", name)
        return ZoneInfo("UTC")
