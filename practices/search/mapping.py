"""The map of members and publications: what stands close together is one mark that says how much it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from django.urls import reverse
from django.utils.translation import ngettext

from config.kit.clusters import Box
from config.kit.spots import Shown, Spot, group_points, name_countries
from members.accounts.models import User
from members.directory.models import Member
from practices.search.catalogue import Catalogue, Ints
from practices.search.filters import PublicationFilter, list_address


def read_spots(found: PublicationFilter, user: User, *, box: Box, zoom: int) -> Shown:
    """Return what is in `box`: the publications that are left, and their members; every member where nothing is chosen.

    One query, and those of the catalogue.
    """
    columns = found.catalogue.columns
    at = np.flatnonzero(found.left & box.holds(columns["latitude"], columns["longitude"]))
    members = _read_members(found, user, box)
    latitudes = np.concatenate([columns["latitude"][at], np.array([one.latitude for one in members], np.float64)])
    longitudes = np.concatenate([columns["longitude"][at], np.array([one.longitude for one in members], np.float64)])
    spots = []
    for group in group_points(latitudes, longitudes, zoom):
        works = at[group.at[group.at < len(at)]]
        people = [members[one - len(at)] for one in group.at[group.at >= len(at)].tolist()]
        label, url, reach = _describe(found, works, people, group.box)
        spots.append(Spot(*group.middle, len(works), len(people), label, url, reach))
    return Shown(spots, _in_words(len(at), len(members)), list_url(found, box))


def box_of(found: PublicationFilter) -> Box | None:
    """Return the part of the map that holds every publication that is left; None where none has a point."""
    columns = found.catalogue.columns
    known = found.left & ~np.isnan(columns["latitude"]) & ~np.isnan(columns["longitude"])
    return Box.around(columns["latitude"][known], columns["longitude"][known])


def list_url(found: PublicationFilter, box: Box) -> str:
    """Return the address of the list of what is in a part of the map."""
    query = found.data.copy()
    for name in ("page", "view", "box", "zoom"):
        query.pop(name, None)
    query["area"] = str(box)
    return list_address(query)


def _read_members(found: PublicationFilter, user: User, box: Box) -> list[Member]:
    members = Member.objects.visible_to(user).active().order_by("pk")
    inside = members.filter(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))
    rows = list(inside.only("slug", "name", "country", "latitude", "longitude"))
    if not found.masks.keys() - {"q"} and not found.question:
        return rows
    owners = set(found.catalogue.columns["member"][found.left].tolist())
    return [one for one in rows if one.pk in owners]


def _describe(
    found: PublicationFilter, works: Ints, members: Sequence[Member], box: Box | None
) -> tuple[str, str, tuple[float, float, float, float] | None]:
    """Return what a mark is called, where it leads, and how far it reaches."""
    catalogue = found.catalogue
    if len(works) == 1 and all(one.pk == catalogue.columns["member"][works[0]] for one in members):
        pk = int(catalogue.pks[works[0]])
        return str(catalogue.columns["title"][works[0]]), reverse("library:publication_detail", args=[pk]), None
    if not len(works) and len(members) == 1:
        return members[0].name, members[0].get_absolute_url(), None
    if box is None:
        raise ValueError("a mark of nothing")
    label = f"{_where(catalogue, works, members)}: {_in_words(len(works), len(members))}"
    url = list_url(found, box) if len(works) else f"{reverse('directory:member_list')}?area={box}"
    return label, url, astuple(box)


def _where(catalogue: Catalogue, works: Ints, members: Sequence[Member]) -> str:
    """Name the country with the most in it, and how many others there are."""
    numbers, counts = np.unique(catalogue.columns["country"][works], return_counts=True)
    codes = catalogue.codes["country"].values
    found = Counter({codes[number]: count for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)})
    found.update(one.country for one in members)
    return name_countries(found)


def _in_words(publications: int, members: int) -> str:
    parts = []
    if publications or not members:
        words = ngettext("%(count)d practice or project", "%(count)d practices and projects", publications)
        parts.append(words % {"count": publications})
    if members:
        parts.append(ngettext("%(count)d member", "%(count)d members", members) % {"count": members})
    return ", ".join(parts)
