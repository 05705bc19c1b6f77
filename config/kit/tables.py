"""Lists as files for a spreadsheet: CSV and XLSX with every cell a text, and none that a spreadsheet would run."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

LONGEST_CELL = 32_767  # characters, of a workbook
# No JSON, so that an import refuses it instead of losing what was there.
TOO_LONG = "(too long for a cell of a spreadsheet: take the CSV file)"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
# What spreadsheets calculate (OWASP, CSV injection). Apostrophes that are there already get one more, so that each
# text comes back as it was.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
# What XML 1.0, and so XLSX, cannot hold.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Row = Sequence[str]


def table_response(kind: str, *, name: str, columns: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """Return a list as a file that is named after `name` and today.

    Args:
        kind: "csv", which is sent as `rows` come, or "xlsx", which is sent once it is whole.
        rows: cells in the order of `columns`; see `guard`.
    """
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    if kind == "csv":
        response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_xlsx(columns, rows, file, title=name)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def guard(text: str) -> str:
    """Return `text` as a spreadsheet may have it: never a formula, without characters that it cannot hold."""
    text = _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return what `guard` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def nearest(text: str, name: str, known: Collection[str]) -> str:
    """Return `text` with the known name that is nearest to `name`, where one is near."""
    if close := get_close_matches(name.lower(), known, n=1):
        return _("%(text)s Did you mean %(name)s?") % {"text": text, "name": close[0]}
    return text


def csv_lines(columns: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield a CSV file (RFC 4180) line by line."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(columns)
    for row in rows:
        yield writer.writerow(row)


def write_xlsx(columns: Row, rows: Iterable[Row], to: IO[bytes], *, title: str) -> None:
    """Write a workbook with one sheet, every cell a text, the names of the columns always in sight."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_as_text_cell(sheet, cell) for cell in row])
    book.save(to)


class _Echo:
    """Gives back what is written to it, so that `csv.writer` makes lines without a file."""

    def write(self, line: str) -> str:
        return line


def _as_text_cell(sheet: Any, text: str) -> Any:
    if len(text) > LONGEST_CELL:
        return TOO_LONG
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
