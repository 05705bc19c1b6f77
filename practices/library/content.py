"""What a publication says, as a working copy holds it: a JSON object of field values as they are typed.

Shape: a text field is a string; `pathways`, `topics`, `goals`, `offers` and `seeking_kinds` are lists of codes; rows
(`ROWS`) are lists of objects of strings. Empty says nothing; null says that it is *not known*. Numbers and dates are
strings too (2019, 2026-03-31, 12500.50), files their ids, so that a working copy keeps what cannot be understood yet.
`PublicationForm` turns it into clean values.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from config.kit.numbers import as_text
from practices.library.models import (
    BuildingBlock,
    Commitment,
    Cost,
    Document,
    File,
    Funding,
    Indicator,
    KeyDate,
    Link,
    Milestone,
    Partner,
    Photo,
    Practice,
    Project,
    Publication,
    Row,
    Stakeholder,
)

Content = dict[str, Any]

# The snapshot: enough to be submitted and useful.
SNAPSHOT = (
    "title", "summary", "status", "start_year", "country", "pathways", "topics", "challenge", "solution", "results",
    "contact_email",
)  # fmt: skip
TEXTS = (  # what a translation translates
    "title", "summary", "challenge", "solution", "results", "legal_background", "objectives", "situation_before",
    "process", "beneficiaries", "left_out", "lessons", "what_helped", "what_went_wrong", "transferability",
    "preconditions", "adaptable",
)  # fmt: skip
LONG_TEXTS = (*TEXTS[2:], "offer", "seeking")
PLACE = ("country", "subdivision", "latitude", "longitude")
COLUMNS = (  # in the order of the form
    "title", "summary", "language", "status", "start_year", "end_year", "challenge", "solution", "results",
    "contact_title", "contact_email", "contact_person", "lead_organisation", "department", *PLACE,
    "context_population", "government_level", "climate_zone", "legal_background", "situation_before", "objectives",
    "process", "beneficiaries", "left_out", "cost_amount", "cost_currency", "cost_note", "months_to_implement",
    "lifetime_years", "lessons", "what_helped", "what_went_wrong", "transferability", "preconditions", "adaptable",
    "offers", "source_title", "source_url", "original_language", "text_licence",
)  # fmt: skip
LISTS = ("pathways", "topics", "goals")
CHOICES = ("offers", "seeking_kinds")  # lists of codes in a column
OWN = {"practice": ("offer",), "project": ("seeking_kinds", "seeking", "seeking_until")}
ROWS: dict[str, type[Row]] = {
    "key_dates": KeyDate, "building_blocks": BuildingBlock, "milestones": Milestone, "stakeholders": Stakeholder,
    "partners": Partner, "costs": Cost, "funding": Funding, "indicators": Indicator, "commitments": Commitment,
    "photos": Photo, "documents": Document, "links": Link,
}  # fmt: skip
PROJECT_ROWS = {"milestones"}
FILES = {"photos", "documents"}  # rows that begin with an upload
# What may be said to be not known: all of the full template. Files and links are there or not.
KNOWABLE = (
    *TEXTS[5:], "context_population", "government_level", "climate_zone", "months_to_implement", "lifetime_years",
    "cost_amount", "offers", "original_language", "text_licence", "key_dates", "building_blocks", "milestones",
    "stakeholders", "partners", "costs", "funding", "indicators", "commitments",
)  # fmt: skip


def rows_of(kind: str) -> tuple[str, ...]:
    """Return the names of the rows that a publication of `kind` has."""
    return tuple(name for name in ROWS if kind == "project" or name not in PROJECT_ROWS)


def field_names(kind: str) -> tuple[str, ...]:
    """Return the names of the fields that a publication of `kind` has, rows included."""
    return (*COLUMNS, *LISTS, *OWN[kind], *rows_of(kind))


def own_model(kind: str) -> type[Practice | Project]:
    """Return the model with the fields of `kind`."""
    return Practice if kind == "practice" else Project


def read_content(publication: Publication) -> Content:
    """Return what the published row says; a query a list or table and one for the fields of its kind."""
    content: Content = {name: as_value(getattr(publication, name)) for name in COLUMNS}
    for name in LISTS:
        content[name] = [term.code for term in getattr(publication, name).all()]
    child = publication.child
    for name in OWN[publication.kind]:
        content[name] = as_value(getattr(child, name))
    for name in rows_of(publication.kind):
        columns = row_columns(ROWS[name])
        content[name] = [
            {column.name: as_text(column.value_from_object(row)) for column in columns}
            for row in getattr(publication, name).all()
        ]
    return content | dict.fromkeys(name for name in publication.not_known if not content.get(name))


def write_rows(publication: Publication, cleaned: Mapping[str, Any], *, replace: bool) -> None:
    """Write the rows of `cleaned`, which are checked forms, to `publication`; rows that it does not name stay.

    Args:
        replace: whether there may be older ones, which go.
    """
    for name in rows_of(publication.kind):
        if name not in cleaned:
            continue
        if replace:
            getattr(publication, name).all().delete()
        rows = [form.instance for form in cleaned[name]]
        for position, row in enumerate(rows, start=1):
            row.pk, row.publication, row.position = None, publication, position
        ROWS[name]._default_manager.bulk_create(rows)


def row_columns(model: type[Row]) -> list[models.Field[Any, Any]]:
    """Return a row's own columns, in order."""
    skip = {"id", "publication", "position"}
    return [field for field in model._meta.concrete_fields if field.name not in skip]


def as_value(value: object) -> list[str] | str:
    """Write a column's value as a working copy holds it: a list of codes, or a text."""
    return [str(one) for one in value] if isinstance(value, list) else as_text(value)


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return those of `names` whose values differ; see `same`."""
    return [name for name in names if not same(old.get(name, ""), new.get(name, ""))]


def same(one: object, other: object) -> bool:
    """Whether two values say the same. Absent and empty are alike; null, not known, is something else."""
    if one is None or other is None:
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        if all(isinstance(code, str) for code in [*one, *other]):
            return sorted(one) == sorted(other)  # codes are chosen in no order; rows have one
        # An older working copy lacks what a row has gained since.
        return [_filled(row) for row in one] == [_filled(row) for row in other]
    return (one or "") == (other or "")


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in row.items() if text}


def carry_files(content: Content, publication: Publication) -> Content:
    """Return `content` with its photos and documents as files of `publication`; the bytes are kept once."""
    carried = dict(content)
    for name in FILES:
        rows = carried.get(name) or []
        files = File.objects.in_bulk([int(row["file"]) for row in rows])
        for file in files.values():
            file.pk, file.publication = None, publication
            file.save()
        carried[name] = [row | {"file": str(files[int(row["file"])].pk)} for row in rows]
    return carried
