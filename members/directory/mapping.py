"""The map of members: what stands close together is one mark that says how many they are."""

from collections import Counter
from dataclasses import astuple

import numpy as np
from django.urls import reverse
from django.utils.translation import ngettext

from config.kit.clusters import Box, Degrees
from config.kit.spots import Shown, Spot, group_points, name_countries
from members.directory.catalogue import Row
from members.directory.filters import MemberFilter, member_list_url


def read_spots(found: MemberFilter, *, box: Box, zoom: int) -> Shown:
    """Return the members in `box` that are left; no query but those of the list."""
    rows = _on_map(found)
    latitudes, longitudes = _points(rows)
    inside = np.flatnonzero(box.holds(latitudes, longitudes))
    rows = [rows[at] for at in inside.tolist()]
    spots = []
    for group in group_points(latitudes[inside], longitudes[inside], zoom):
        here = [rows[at] for at in group.at.tolist()]
        reach = astuple(group.box) if group.box and len(here) > 1 else None
        spots.append(Spot(*group.middle, 0, len(here), _name(here), _url(found, here, group.box), reach))
    return Shown(spots, _in_words(len(rows)), member_list_url(found.data, area=str(box)))


def box_of(found: MemberFilter) -> Box | None:
    """Return the part of the map that holds every member that is left; None where none has a point."""
    latitudes, longitudes = _points(_on_map(found))
    return Box.around(latitudes, longitudes)


def _on_map(found: MemberFilter) -> list[Row]:
    return [row for row in found.left if row.latitude is not None and row.longitude is not None]


def _points(rows: list[Row]) -> tuple[Degrees, Degrees]:
    return (
        np.array([row.latitude for row in rows], np.float64),
        np.array([row.longitude for row in rows], np.float64),
    )


def _name(rows: list[Row]) -> str:
    if len(rows) == 1:
        return rows[0].name
    return f"{name_countries(Counter(row.values['country'][0] for row in rows))}: {_in_words(len(rows))}"


def _url(found: MemberFilter, rows: list[Row], box: Box | None) -> str:
    if len(rows) == 1:
        return reverse("directory:member_detail", args=[rows[0].slug])
    return member_list_url(found.data, area=str(box))


def _in_words(count: int) -> str:
    return ngettext("%(count)d member", "%(count)d members", count) % {"count": count}
