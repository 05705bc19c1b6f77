"""A list of publications as CSV or XLSX: one row each, as `library.tables` writes them, so that an import reads them."""

import csv
from collections.abc import Iterable, Iterator
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from practices.library.querysets import PublicationQuerySet
from practices.library.tables import LONGEST_CELL, TABLE_COLUMNS, write_row

BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
CHUNK = 200
# No JSON, so that an import refuses it instead of losing what was there.
TOO_LONG = "(too long for a cell of a spreadsheet: take the CSV file)"


def table_rows(publications: PublicationQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each publication, in the order of `TABLE_COLUMNS`; some at a time, to keep memory small."""
    for publication in publications.with_cards().with_page().iterator(chunk_size=CHUNK):
        yield list(write_row(publication).values())


def csv_lines(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield a CSV file (RFC 4180) line by line."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(TABLE_COLUMNS)
    for row in rows:
        yield writer.writerow(row)


def write_xlsx(rows: Iterable[list[str]], to: IO[bytes]) -> None:
    """Write a workbook with one sheet, every cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("publications")
    sheet.append(list(TABLE_COLUMNS))
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
