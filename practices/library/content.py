"""What a publication says, as a working copy holds it: a JSON object of field values as they are typed.

Shape: a text field is a string; `pathways`, `topics` and `goals` are lists of codes; `indicators`, `funding` and
`partners` are lists of objects of strings, empty for nothing. Numbers and dates are strings too (2019, 2026-03-31,
12500.50), so that a working copy keeps what cannot be understood yet. `PublicationForm` turns it into clean values.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from practices.library.models import Funding, Indicator, Partner, Publication, Row

Content = dict[str, Any]

# The snapshot: enough to be submitted and useful.
SNAPSHOT = (
    "title", "summary", "status", "start_year", "pathways", "topics", "challenge", "solution", "results",
    "contact_email",
)  # fmt: skip
COLUMNS = (
    "language", "title", "summary", "status", "start_year", "end_year", "challenge", "solution", "results", "lessons",
    "what_went_wrong", "transferability", "cost_amount", "cost_currency", "cost_note", "department", "contact_title",
    "contact_email", "source_title", "source_url",
)  # fmt: skip
LONG_TEXTS = ("challenge", "solution", "results", "lessons", "what_went_wrong", "transferability", "offer", "seeking")
LISTS = ("pathways", "topics", "goals")
OWN = {"practice": ("offer",), "project": ("seeking", "seeking_until")}
ROWS: dict[str, type[Row]] = {"indicators": Indicator, "funding": Funding, "partners": Partner}


def field_names(kind: str) -> tuple[str, ...]:
    """Return the names of the fields that a publication of `kind` has, rows excepted."""
    return (*COLUMNS, *LISTS, *OWN[kind])


def read_content(publication: Publication) -> Content:
    """Return what the published row says; ten queries."""
    content: Content = {name: as_text(getattr(publication, name)) for name in COLUMNS}
    for name in LISTS:
        content[name] = list(getattr(publication, name).values_list("code", flat=True))
    child = publication.child
    for name in OWN[publication.kind]:
        content[name] = as_text(getattr(child, name))
    for name, model in ROWS.items():
        columns = row_columns(model)
        content[name] = [
            {column: as_text(getattr(row, column)) for column in columns} for row in getattr(publication, name).all()
        ]
    return content


def build_rows(publication: Publication, content: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return the unsaved rows of `content`.

    Raises:
        ValidationError: values that their columns cannot hold, by the row's name and position.
    """
    built: dict[str, list[Row]] = {}
    problems: dict[str, list[str]] = {}
    for name, model in ROWS.items():
        built[name] = []
        for position, values in enumerate(content.get(name, []), start=1):
            row = model(**{"publication": publication, "position": position} | _row_values(model, values))
            try:
                row.full_clean(exclude=["publication"], validate_constraints=False)
            except ValidationError as error:
                problems |= {f"{name}.{position}.{column}": texts for column, texts in error.message_dict.items()}
            built[name].append(row)
    if problems:
        raise ValidationError(problems)
    return built


def write_rows(publication: Publication, content: Mapping[str, Any]) -> None:
    """Replace the rows of `publication` by those of `content`; raises as `build_rows`."""
    for name, rows in build_rows(publication, content).items():
        getattr(publication, name).all().delete()
        ROWS[name]._default_manager.bulk_create(rows)


def row_columns(model: type[Row]) -> list[str]:
    """Return the names of a row's own columns, in order."""
    return [field.name for field in _row_fields(model)]


def as_text(value: object) -> str:
    """Write a value as a working copy holds it."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)).normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return those of `names` whose values differ; absent and empty are the same."""
    return [name for name in names if (old.get(name) or "") != (new.get(name) or "")]


def _row_fields(model: type[Row]) -> list[models.Field[Any, Any]]:
    skip = {"id", "publication", "position"}
    return [field for field in model._meta.concrete_fields if field.name not in skip]


def _row_values(model: type[Row], values: Mapping[str, str]) -> dict[str, Any]:
    return {
        field.name: (values.get(field.name) or None) if field.null else values.get(field.name, "")
        for field in _row_fields(model)
    }
