"""The members that lists show, as rows in memory: what the search looks through, the facets count and the map draws.

They are some thousands, so all are read at each look, by one query of the columns that count.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from config.vocabulary.sizes import size_band
from members.directory.models import Member
from members.directory.querysets import MemberQuerySet


@dataclass(frozen=True, slots=True)
class Row:
    """One member.

    Attributes:
        folded: its names as they are searched.
        values: by facet; a facet with one value has a tuple of one, or none where it is not known.
    """

    pk: int
    slug: str
    name: str
    name_en: str
    population: int | None
    joined_year: int | None
    latitude: float | None
    longitude: float | None
    folded: str
    values: Mapping[str, tuple[str, ...]]


def read_rows(members: MemberQuerySet, *, pathways: Mapping[int, str]) -> list[Row]:
    """Return the rows of `members`; one query.

    Args:
        pathways: their codes by their primary keys.
    """
    through = Member.pathways.through.objects.filter(member=OuterRef("pk"))
    columns = members.order_by().values_list(
        "pk", "slug", "name", "name_en", "population", "joined_year", "latitude", "longitude", "kind", "country",
        "office__slug", "climate_zone", "government_level", "languages", ArraySubquery(through.values("pathway")),
    )  # fmt: skip
    rows = []
    for (pk, slug, name, name_en, population, joined, latitude, longitude, kind, country, office, climate, level,
         languages, priorities) in columns:  # fmt: skip
        values = {
            "kind": (kind,), "country": (country,), "office": (office,), "size": _one(size_band(population)),
            "climate": _one(climate), "level": _one(level), "language": tuple(dict.fromkeys(languages)),
            "pathway": tuple(pathways[one] for one in priorities),
        }  # fmt: skip
        folded = fold(f"{name}\n{name_en}")
        rows.append(Row(pk, slug, name, name_en, population, joined, latitude, longitude, folded, values))
    return rows


def fold(text: str) -> str:
    """Return a name as it is searched and sorted: without case and accents, in whatever script."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
