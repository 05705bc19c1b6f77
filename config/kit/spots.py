"""What one look at a map shows, as map.js reads it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.utils.translation import ngettext

from config.kit.clusters import ZOOMS, Box, Degrees, Labels, cluster
from config.kit.countries import country_name


@dataclass(frozen=True)
class Spot:
    """One mark: where (degrees, WGS 84), what is there, what it is called, where it leads.

    Attributes:
        box: how far it reaches as south, west, north, east, where it is several; None for one.
    """

    lat: float
    lon: float
    publications: int
    members: int
    label: str
    url: str
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Shown:
    """What one look at the map shows: the marks, the largest first; their sum in words; the list of the same."""

    spots: list[Spot]
    summary: str
    url: str


@dataclass(frozen=True)
class Group:
    """Points that are one mark: their positions among all, their middle in degrees, and the box around them."""

    at: Labels
    middle: tuple[float, float]
    box: Box | None


def group_points(latitudes: Degrees, longitudes: Degrees, zoom: int) -> Iterator[Group]:
    """Yield what is one mark each at `zoom`, the largest first; see `cluster`."""
    numbers = cluster(latitudes, longitudes, zoom)
    order = np.argsort(numbers, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []
    for at in sorted(groups, key=len, reverse=True):
        middle = round(float(latitudes[at].mean()), 4), round(float(longitudes[at].mean()), 4)
        yield Group(at, middle, Box.around(latitudes[at], longitudes[at]))


def name_countries(found: "Counter[str]") -> str:
    """Name the country with the most of what was found, and how many others there are."""
    (first, _count), *others = found.most_common()
    if not others:
        return country_name(first)
    words = ngettext(
        "%(country)s and %(count)d other country", "%(country)s and %(count)d other countries", len(others)
    )
    return words % {"country": country_name(first), "count": len(others)}


def read_zoom(text: str) -> int:
    """Return the zoom that an address names, the farthest where it names none."""
    return int(text) if text in map(str, ZOOMS) else ZOOMS[0]
