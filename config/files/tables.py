"""Reading a table that was uploaded: bytes into rows of texts, or a readable report of why not."""

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from config.files.detection import MACROS, OLD_OFFICE, detect
from config.files.services import MB, check_size
from config.kit.numbers import as_text
from config.kit.tables import nearest

MOST_BYTES = 20 * MB
MOST_UNPACKED = 200 * MB  # of all parts of a workbook together
MOST_PARTS = 1_000
MOST_ROWS = 10_000
MOST_COLUMNS = 200
CSV, XLSX = "csv", "xlsx"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
csv.field_size_limit(4 * MB)  # for the whole process: rows of a publication in one cell may be longer than 128 kB

Cells = tuple[list[str], dict[int, str]]  # the texts, and what is wrong by position
CheckHeader = Callable[[list[str]], "list[tuple[str, str]]"]  # (column, text) of each problem


@dataclass(frozen=True)
class Problem:
    """What is wrong where; row 0 is the file as a whole, row 1 the header."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Line:
    """One row of the table: its cells by column, or what is wrong with them."""

    number: int
    cells: dict[str, str]
    problems: list[Problem]


class BadTableError(Exception):
    """The table cannot be read; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(one.text for one in problems))
        self.problems = problems


def check_upload(upload: "UploadedFile[Any]") -> str:
    """Check what can be checked at once, and return the kind of the file: CSV or XLSX.

    Raises:
        ValidationError: it is empty, too large, of another type, not in UTF-8 or UTF-16, or unpacks into too much.
    """
    if not upload.size:
        raise ValidationError(_("This file is empty."))
    check_size(upload.size, MOST_BYTES)
    found = detect(upload)
    upload.seek(0)
    head = upload.read(8)
    upload.seek(0)
    if found.media_type == _WORKBOOK:
        _check_archive(upload.file)
        upload.seek(0)
        return XLSX
    office = head.startswith(b"PK") or found in {MACROS, OLD_OFFICE} or found.media_type == "application/pdf"
    if office or found.media_type.startswith(("image/", "audio/", "video/")):
        text = _("This file is of the type: %(found)s. Please save it as XLSX or as CSV (UTF-8).")
        raise ValidationError(text, params={"found": found.label})
    decode(upload.read())
    upload.seek(0)
    return CSV


def decode(data: bytes) -> str:
    """Return the text of a CSV file in UTF-8, or in UTF-16 with its mark.

    Raises:
        ValidationError: it is in another encoding; the text names line and byte.
    """
    wide = data.startswith(_UTF16)
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if wide:
            raise ValidationError(
                _("This file begins as UTF-16 and does not go on so. Please save it as UTF-8.")
            ) from None
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.start - error.object.rfind(b"\n", 0, error.start)
        raise ValidationError(
            _(
                "This text is not in UTF-8: line %(line)d, byte %(byte)d. In Excel, choose “Save as” and the type"
                " “CSV UTF-8”; in LibreOffice, choose the character set “Unicode (UTF-8)”."
            ),
            params={"line": line, "byte": byte},
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ValidationError(_("Line %(line)d has a character that no text has (NUL)."), params={"line": line})
    return text


def read_lines(data: bytes, kind: str, *, known: Collection[str], check_header: CheckHeader) -> Iterator[Line]:
    """Yield the rows of a table, blank ones left out.

    Args:
        kind: CSV or XLSX.
        known: the names of columns, by which the delimiter of a CSV file is found.
        check_header: says what is wrong with the names of the columns.

    Raises:
        BadTableError: the header is wrong, there are no rows or too many, or the file is damaged.
    """
    rows = _read_xlsx(data) if kind == XLSX else _read_csv(data, known)
    header: list[str] = []
    count = 0
    for number, (cells, problems) in enumerate(rows, start=1):
        if number > 2 * MOST_ROWS:  # blank ones are counted too
            raise _too_many()
        if not header:
            header = _read_header(cells, number, check_header)
            continue
        if not any(cells) and not problems:
            continue
        count += 1
        if count > MOST_ROWS:
            raise _too_many()
        yield _read_line(number, cells, problems, header)
    if not count:
        raise BadTableError([Problem(0, "", _("There are no rows in this table."))])


def check_names(names: Iterable[str], known: Collection[str]) -> list[tuple[str, str]]:
    """Return (column, text) of each name that nobody knows or that is there twice."""
    problems, seen = [], set[str]()
    for name in names:
        if name in seen:
            problems.append((name, _("This column is there twice.")))
        elif name not in known:
            problems.append((name, nearest(_("There is no such column."), name, known)))
        seen.add(name)
    return problems


def _read_header(cells: list[str], number: int, check_header: CheckHeader) -> list[str]:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    problems = [Problem(number, name, text) for name, text in check_header([name for name in header if name])]
    if "" in header:
        place = header.index("") + 1
        problems.append(Problem(number, "", _("Column %(place)d has no name.") % {"place": place}))
    if problems or not header:
        raise BadTableError(problems or [Problem(number, "", _("The first row must name the columns."))])
    return header


def _read_line(number: int, cells: list[str], wrong: dict[int, str], header: list[str]) -> Line:
    problems = [Problem(number, header[place], text) for place, text in wrong.items() if place < len(header)]
    if len(cells) < len(header) or any(cells[len(header) :]):
        text = _("This row has %(cells)d cells, and the header has %(header)d.")
        problems.append(Problem(number, "", text % {"cells": len(cells), "header": len(header)}))
    return Line(number, dict(zip(header, cells, strict=False)), problems)


def _read_csv(data: bytes, known: Collection[str]) -> Iterator[Cells]:
    try:
        text = decode(data)
    except ValidationError as error:
        raise BadTableError([Problem(0, "", one) for one in error.messages]) from None
    if announced := re.match("sep=(.)\r?\n", text):  # as Excel writes it, and LibreOffice understands
        delimiter, text = announced[1], text[announced.end() :]
    else:
        delimiter = _find_delimiter(text, known)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = 1
    try:
        for cells in reader:
            yield cells, {place: _formula() for place, cell in enumerate(cells) if cell.lstrip().startswith("=")}
            begun = reader.line_num + 1
    except csv.Error as error:
        text = _("The row that begins in line %(line)d cannot be read: %(error)s. Is a quotation mark missing?")
        raise BadTableError([Problem(0, "", text % {"line": begun, "error": error})]) from None


def _find_delimiter(text: str, known: Collection[str]) -> str:
    """Return what parts the columns: that of , ; and tab which gives most known names in the first line."""

    def count(delimiter: str) -> int:
        first = next(csv.reader(islice(io.StringIO(text, newline=""), 1), delimiter=delimiter), [])
        return len({cell.strip() for cell in first} & set(known))

    return max(",;\t", key=count)


def _read_xlsx(data: bytes) -> Iterator[Cells]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles, filters and dates that nobody asks for
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size need not be true
            for row in sheet.iter_rows(max_col=MOST_COLUMNS):
                yield _read_cells(row)
    except BadTableError:
        raise
    except Exception as error:  # openpyxl raises a dozen kinds for what is broken or strange
        raise BadTableError(
            [Problem(0, "", _("This workbook cannot be read. Please save it once more as XLSX."))]
        ) from error


def _read_cells(row: Iterable[Any]) -> Cells:
    texts, wrong = [], {}
    for place, cell in enumerate(row):
        if cell.data_type == "f":
            wrong[place] = _formula()
        elif cell.data_type == "e":
            wrong[place] = _("An error of the spreadsheet: %(value)s.") % {"value": cell.value}
        texts.append("" if place in wrong else _cell_text(cell.value))
    while len(texts) > 1 and not texts[-1] and len(texts) - 1 not in wrong:
        texts.pop()
    # The right edge of a sheet is nowhere: a row is as wide as the header.
    return texts + [""] * (MOST_COLUMNS - len(texts)), wrong


def _cell_text(value: object) -> str:
    """Write a cell's value as a working copy holds it: numbers in plain digits, days as 2026-03-31."""
    if isinstance(value, datetime):
        return as_text(value.date() if value.time() == time() else value)
    if isinstance(value, bool | date | int | float | None):
        return as_text(value)
    return str(value)


def _check_archive(file: IO[bytes] | None) -> None:
    """Check by its own list of contents what a workbook unpacks into; a part is never read beyond what that says.

    Raises:
        ValidationError: too much, or it is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:  # type: ignore[arg-type]
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ValidationError(_("This workbook cannot be read. Please save it once more as XLSX.")) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise ValidationError(_("This workbook is too large when it is unpacked. Please use CSV."))


def _formula() -> str:
    return _("A formula. Please paste its value.")


def _too_many() -> BadTableError:
    text = _("There are more than %(most)d rows. Please make several files.") % {"most": MOST_ROWS}
    return BadTableError([Problem(0, "", text)])
