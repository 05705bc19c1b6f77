"""How much the place of a publication is like the reader's own: what "cities like mine" sorts by."""

import numpy as np

from members.directory.models import Member
from practices.search.catalogue import Catalogue

# What each part counts. A city of the same size has the same staff and budget, whatever the country; neighbours share
# climate, and a country its laws.
SIZE, NEARNESS, COUNTRY = 0.5, 0.3, 0.2
SIZE_RANGE = 1.5  # powers of ten apart at which nothing is left
HALF_AWAY_KM = 1_000.0  # distance at which half is left
EARTH_KM = 6_371.0


def likeness(catalogue: Catalogue, member: Member) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how much each publication's place is like a member, from 0 to 1; the member's own come last, below 0.

    What is not known of a place counts nothing.
    """
    columns = catalogue.columns
    like = COUNTRY * catalogue.having("country", [member.country]).astype(np.float64)
    if member.population:
        apart = np.abs(np.log10(np.maximum(columns["population"], 1)) - np.log10(member.population))
        like += SIZE * np.nan_to_num(np.maximum(0, 1 - apart / SIZE_RANGE))
    if member.latitude is not None and member.longitude is not None:
        away = distances(columns["latitude"], columns["longitude"], member.latitude, member.longitude)
        like += NEARNESS * np.nan_to_num(1 / (1 + away / HALF_AWAY_KM))
    like[columns["member"] == member.pk] = -1
    return like


def distances(
    latitudes: np.ndarray[tuple[int], np.dtype[np.float64]],
    longitudes: np.ndarray[tuple[int], np.dtype[np.float64]],
    latitude: float,
    longitude: float,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the great-circle distances in kilometres from a point (degrees, WGS 84), by the haversine formula."""
    lat, lon = np.radians(latitudes), np.radians(longitudes)
    lat0, lon0 = np.radians(latitude), np.radians(longitude)
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    away: np.ndarray[tuple[int], np.dtype[np.float64]] = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1, half)))
    return away
