"""Points of a map that stand too close to be drawn apart, put together by the server."""

from dataclasses import dataclass
from math import isfinite
from typing import Self

import numpy as np

Degrees = np.ndarray[tuple[int], np.dtype[np.float64]]
Labels = np.ndarray[tuple[int], np.dtype[np.int64]]
CELL = 64  # pixels: a mark of the map, and room around it
TILE = 256  # pixels that the world is wide at zoom 0 (Web Mercator, EPSG:3857)
NORTHERNMOST = 85.0  # the projection has no poles
ZOOMS = range(1, 10)  # those of map.js


@dataclass(frozen=True)
class Box:
    """A part of the map, in degrees (WGS 84). None goes over the date line."""

    south: float
    west: float
    north: float
    east: float

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the box that `text` names as "south,west,north,east"; None where it names none."""
        try:
            south, west, north, east = map(float, text.split(","))
        except ValueError:
            return None
        if not all(map(isfinite, (south, west, north, east))) or south > north or west > east:
            return None
        return cls(max(-90, south), max(-180, west), min(90, north), min(180, east))

    @classmethod
    def around(cls, latitudes: Degrees, longitudes: Degrees) -> Self | None:
        """Return the smallest box that holds points, a ten thousandth of a degree (11 m) wider; None without a point."""
        if not len(latitudes):
            return None
        ends = latitudes.min(), longitudes.min(), latitudes.max(), longitudes.max()
        rounded = [round(float(end) + side, 4) for end, side in zip(ends, (-1e-4, -1e-4, 1e-4, 1e-4), strict=True)]
        return cls(*rounded)

    def holds(self, latitudes: Degrees, longitudes: Degrees) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Return which of the points are inside; one that is not known (NaN) is not."""
        inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (latitudes >= self.south) & (latitudes <= self.north)
        return inside & (longitudes >= self.west) & (longitudes <= self.east)

    def __str__(self) -> str:
        return ",".join(f"{one:.4f}".rstrip("0").rstrip(".") for one in (self.south, self.west, self.north, self.east))


WORLD = Box(-90, -180, 90, 180)


def cluster(latitudes: Degrees, longitudes: Degrees, zoom: int) -> Labels:
    """Return for each point the number of its cluster, from 0: points share one that are in one cell of a grid.

    Args:
        latitudes: in degrees (WGS 84), as are `longitudes`; none is NaN.
        zoom: of the map, one of ZOOMS; the cells are CELL pixels wide there.
    """
    size = TILE * 2**zoom / CELL  # cells around the world
    lat = np.radians(np.clip(latitudes, -NORTHERNMOST, NORTHERNMOST))
    column = np.floor((longitudes + 180) / 360 * size)
    row = np.floor((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * size)
    numbers: Labels = np.unique(row * size * 2 + column, return_inverse=True)[1]
    return numbers
