"""A list of publications as CSV or XLSX: one row each, made so that an import reads back exactly what stood here.

Columns: `id`, `address`, `kind` and `owner` say whose row it is; the others are the names of the fields in a working
copy (`library.content`). A text, number or date is as typed there. A list of codes has `;` between the codes. A
table is JSON: a list of objects of strings. `not_known` has the fields that are said to be not known, with `;`.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from config.outbox.rendering import absolute_url
from members.directory.models import Member
from practices.library.content import CHOICES, COLUMNS, LISTS, OWN, ROWS, read_content
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet

ABOUT = ("id", "address", "kind", "owner")
FIELDS = (*COLUMNS, *LISTS, *OWN["practice"], *OWN["project"], *ROWS)
HEADINGS = (*ABOUT, *FIELDS, "not_known")
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
CHUNK = 200
LONGEST_CELL = 32_767  # characters, of a spreadsheet
# No JSON, so that an import refuses it instead of losing what was there.
TOO_LONG = "(too long for a cell of a spreadsheet: take the CSV file)"
# A cell that begins so is a formula to a spreadsheet, and may start programs. The apostrophe marks it as a text.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def guard(text: str) -> str:
    """Put an apostrophe before a text that would be a formula, or that begins with an apostrophe itself."""
    return f"'{text}" if text.startswith(_GUARDED) and not _NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """Take back what `guard` did; other texts stay."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


def table_rows(publications: PublicationQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each publication, in the order of `HEADINGS`; some at a time, so that memory stays small."""
    for publication in publications.with_cards().with_page().iterator(chunk_size=CHUNK):
        yield _cells(publication)


def csv_lines(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield a CSV file (RFC 4180) line by line."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(HEADINGS)
    for row in rows:
        yield writer.writerow([guard(cell) for cell in row])


def write_xlsx(rows: Iterable[list[str]], to: IO[bytes]) -> None:
    """Write a workbook with one sheet, every cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("publications")
    sheet.append(list(HEADINGS))
    for row in rows:
        sheet.append([_as_text_cell(sheet, cell) for cell in row])
    book.save(to)


class _Echo:
    """Gives back what is written to it, so that `csv.writer` makes lines without a file."""

    def write(self, line: str) -> str:
        return line


def _cells(publication: Publication) -> list[str]:
    content = read_content(publication)
    owner = publication.owner
    about = [
        str(publication.pk),
        absolute_url(publication.get_absolute_url()),
        publication.kind,
        f"{'member' if isinstance(owner, Member) else 'office'}:{owner.slug}",
    ]
    unknown = [name for name in FIELDS if name in content and content[name] is None]
    return [*about, *(_cell(name, content.get(name)) for name in FIELDS), ";".join(unknown)]


def _cell(name: str, value: Any) -> str:
    if not value:
        return ""
    if name in ROWS:
        return json.dumps(value, ensure_ascii=False)
    return ";".join(value) if name in LISTS or name in CHOICES else str(value)


def _as_text_cell(sheet: Any, text: str) -> Any:
    text = ILLEGAL_CHARACTERS_RE.sub("", text)  # control characters, which XML has no way to hold
    if len(text) > LONGEST_CELL:
        return TOO_LONG
    if not text.startswith("="):
        return text or None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
