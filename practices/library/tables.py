"""Publications as rows of a table, for CSV and XLSX, both ways.

One row a publication, one column a field of its working copy (content.py), and before them who it is: `id` is its
number, empty for a new one; `import_id` the partner's own id; `kind`; `owner` the member's slug, or `office:` and the
office's. Lists are codes with `;` between them. Rows (costs, partners) are JSON in one cell. `not_known` names the
fields that are said to be not known. Photos and documents have no column: a table leaves them as they are.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and loses it when it is read.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.kit.numbers import as_text
from config.kit.tables import LONGEST_CELL, guard, nearest, unguard
from members.directory.models import Office
from practices.library.content import (
    CHOICES,
    COLUMNS,
    FILES,
    KNOWABLE,
    LISTS,
    OWN,
    ROWS,
    Content,
    field_names,
    read_content,
    row_columns,
)
from practices.library.models import Publication

HEAD = ("id", "import_id", "kind", "owner")
TABLE_COLUMNS = (
    *HEAD, *COLUMNS, *LISTS, *(name for own in OWN.values() for name in own),
    *(name for name in ROWS if name not in FILES), "not_known",
)  # fmt: skip
SEPARATOR = ";"
OFFICE = "office:"


@dataclass(frozen=True)
class TableRow:
    """What a row says. `content` has the fields that the table has a column for."""

    id: int | None
    import_id: str
    kind: str
    owner: str
    content: Content


def write_row(publication: Publication) -> dict[str, str]:
    """Return the cells of a published publication by column. Fetch it `with_page` and its lists to save queries."""
    owner = publication.owner
    return write_cells(
        TableRow(
            publication.pk,
            publication.import_id or "",
            publication.kind,
            f"{OFFICE}{owner.slug}" if isinstance(owner, Office) else owner.slug,
            read_content(publication),
        )
    )


def write_cells(row: TableRow) -> dict[str, str]:
    """Return the cells of a row by column."""
    content = row.content
    unknown = [name for name, value in content.items() if value is None]
    cells = dict.fromkeys(TABLE_COLUMNS, "")
    cells |= {"id": as_text(row.id), "import_id": row.import_id, "kind": row.kind, "owner": row.owner}
    cells |= {name: _write_value(name, content.get(name)) for name in field_names(row.kind) if name not in FILES}
    cells["not_known"] = SEPARATOR.join(unknown)
    return {name: guard(text) for name, text in cells.items()}


def read_cells(cells: Mapping[str, str], *, kind: str | None = None) -> TableRow:
    """Return what the cells of a row say.

    Args:
        cells: texts by column; a column that a table does not have says nothing.
        kind: of the publication that it is, where that is known; else the cell says it.

    Raises:
        ValidationError: by column, what cannot be understood.
    """
    cells = {name: unguard(text.replace("\r\n", "\n").replace("\r", "\n").strip()) for name, text in cells.items()}
    problems: dict[str, list[str]] = {}
    number = cells.get("id", "")
    if number and not re.fullmatch("[0-9]{1,18}", number):
        problems["id"] = [_("Not a number. It is empty for a new publication.")]
    import_id = cells.get("import_id", "")
    if not re.fullmatch("[-a-zA-Z0-9_]{0,120}", import_id):
        problems["import_id"] = [_("Only letters from a to z, digits, - and _ are possible, at most 120.")]
    said = kind or cells.get("kind", "")
    if said not in OWN:
        problems["kind"] = [_unknown_code(said, OWN)]
        raise ValidationError(problems)
    content = _read_content(cells, said, problems)
    if problems:
        raise ValidationError(problems)
    return TableRow(int(number) if number else None, import_id, cells.get("kind", ""), cells.get("owner", ""), content)


def _write_value(name: str, value: Any) -> str:
    if not value:
        return ""
    if name in ROWS:
        rows = [{key: text for key, text in row.items() if text} for row in value]
        return json.dumps(rows, ensure_ascii=False)
    return SEPARATOR.join(value) if isinstance(value, list) else str(value)


def _read_content(cells: Mapping[str, str], kind: str, problems: dict[str, list[str]]) -> Content:
    names, content = field_names(kind), Content()
    for name, text in cells.items():
        if name in HEAD or name == "not_known" or name in FILES:
            continue
        if name in names:
            try:
                content[name] = _reader(name)(text)
            except ValidationError as error:
                problems[name] = error.messages
        elif text:
            problems[name] = [
                _("Only a practice has this.") if name in OWN["practice"] else _("Only a project has this.")
            ]
    unknown = [one for one in _read_codes(cells.get("not_known", "")) if one]
    for name in unknown:
        if name not in KNOWABLE:
            problems.setdefault("not_known", []).append(
                nearest(_("%(name)s cannot be not known.") % {"name": name}, name, KNOWABLE)
            )
        elif name in names and not content.get(name):
            content[name] = None
    return content


def _reader(name: str) -> Callable[[str], Any]:
    if name in ROWS:
        return lambda text: _read_json(name, text)
    return _read_codes if name in LISTS or name in CHOICES else str


def _read_codes(text: str) -> list[str]:
    return list(dict.fromkeys(code.strip() for code in text.split(SEPARATOR) if code.strip()))


def _read_json(name: str, text: str) -> list[dict[str, str]]:
    if not text:
        return []
    try:
        rows = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        json.dumps(rows, default=str, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        if len(text) >= LONGEST_CELL:
            raise ValidationError(
                _("This was cut off: a cell of a spreadsheet holds %(most)d characters. Please use CSV."),
                params={"most": LONGEST_CELL},
            ) from None
        raise ValidationError(_("Not JSON: %(error)s"), params={"error": error}) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValidationError(_("Not a list of rows, as in [{…}, {…}]."))
    columns = [column.name for column in row_columns(ROWS[name])]
    return [_read_row(number, row, columns) for number, row in enumerate(rows, start=1)]


def _read_row(number: int, row: Mapping[str, Any], columns: list[str]) -> dict[str, str]:
    for key, value in row.items():
        if key not in columns:
            raise ValidationError(nearest(_("Row %(number)d: nobody knows “%(key)s”.") % {"number": number, "key": key}, key, columns))  # fmt: skip
        if not isinstance(value, str | Decimal | None):
            raise ValidationError(_("Row %(number)d, %(key)s: not a text or a number."), params={"number": number, "key": key})  # fmt: skip
    return {column: as_text(row.get(column)) for column in columns}


def _unknown_code(code: str, known: Collection[str]) -> str:
    if not code:
        return _("This is needed: %(known)s.") % {"known": ", ".join(known)}
    return _("“%(code)s” is none of %(known)s.") % {"code": code, "known": ", ".join(known)}
