"""The empty table that people fill in: its header, and one row that shows how."""

import csv
import io
from codecs import BOM_UTF8

from django.utils.translation import gettext as _

from members.directory.models import Member, Office
from practices.intake.reading import EXAMPLE
from practices.library.tables import OFFICE, TABLE_COLUMNS, TableRow, write_cells


def write_csv(owner: Member | Office | None) -> bytes:
    """Return the table in UTF-8 with a mark at its start, without which Excel takes it for something else."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([TABLE_COLUMNS, example_cells(owner).values()])
    return BOM_UTF8 + file.getvalue().encode()


def write_xlsx(owner: Member | Office | None) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(TABLE_COLUMNS)
    sheet.append(list(example_cells(owner).values()))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cell in sheet[2]:
        cell.font = Font(italic=True, color="808080")
        cell.number_format = "@"
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def example_cells(owner: Member | Office | None) -> dict[str, str]:
    """Return a row that is right in every column it fills; the reader leaves it out, since its id is `example`."""
    slug = "" if owner is None else f"{OFFICE}{owner.slug}" if isinstance(owner, Office) else owner.slug
    content = {
        "title": _("EXAMPLE: this row is left out. School meals from farms nearby"),
        "summary": _("Forty schools cook with what grows within fifty kilometres."),
        "language": "en",
        "status": "running",
        "start_year": "2021",
        "pathways": ["circular", "equitable"],
        "topics": ["food"],
        "goals": ["2", "12"],
        "challenge": _("Meals came from far away."),
        "solution": _("The city buys from farms nearby."),
        "results": _("Less waste on the plates, at the price of before."),
        "contact_email": "food@city.example",
        "offers": ["call", "visit"],
        "costs": [{"kind": "yearly", "amount": "125000", "currency": "EUR", "year": "2021"}],
        "indicators": [{"metric": _("Local food"), "baseline": "12", "value": "41.5", "unit": "%", "year": "2024"}],
        "process": None,
    }
    return write_cells(TableRow(None, EXAMPLE, "practice", slug, content))
