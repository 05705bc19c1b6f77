"""Tables as partners send them, and the acts on them."""

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from practices.intake.bulk import import_batch
from practices.intake.models import Batch
from practices.intake.services import check_batch, start_import, upload_table
from practices.library.models import Publication
from practices.library.tables import TABLE_COLUMNS, write_row

ROW = {
    "kind": "practice",
    "language": "en",
    "title": "School meals from farms nearby",
    "summary": "Forty schools cook with what grows within fifty kilometres.",
    "status": "running",
    "start_year": "2021",
    "pathways": "circular",
    "topics": "food;water",
    "challenge": "Meals came from far away.",
    "solution": "We bought from farms nearby.",
    "results": "Less waste on the plates.",
    "contact_email": "food@city.example",
}


class Table:
    """A table to be sent with a form, as often as it takes."""

    name = "list.csv"

    def __init__(self, rows=None):
        self.rows = rows or [ROW]

    def read(self):
        return as_csv(self.rows)


def as_csv(rows, columns=None, delimiter=",", encoding="utf-8"):
    columns = columns or list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def as_xlsx(rows, columns=None):
    columns = columns or list(dict.fromkeys(name for row in rows for name in row))
    book = Workbook()
    book.active.append(columns)
    for row in rows:
        book.active.append([row.get(name, "") for name in columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def export(publications):
    """Return the rows that an export of the publications has."""
    return [
        write_row(one) for one in Publication.objects.filter(pk__in=[one.pk for one in publications]).order_by("pk")
    ]


def export_csv(publications):
    return as_csv(export(publications), TABLE_COLUMNS)


def export_xlsx(publications):
    return as_xlsx(export(publications), TABLE_COLUMNS)


def edit_xlsx(data, change):
    """Return the workbook after `change(sheet)`."""
    book = load_workbook(io.BytesIO(data))
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def uploaded(data, *, by, owner=None, name="list.csv"):
    if isinstance(data, list):
        data = as_csv(data)
    return upload_table(upload=SimpleUploadedFile(name, data), owner=owner, by=by)


def checked(data, *, by, owner=None, name="list.csv"):
    batch = uploaded(data, by=by, owner=owner, name=name)
    check_batch(pk=batch.pk)
    return Batch.objects.get(pk=batch.pk)


def imported(batch, *, by):
    start_import(batch=batch, by=by)
    import_batch(pk=batch.pk)
    return Batch.objects.get(pk=batch.pk)


def counts(batch):
    return batch.new_count, batch.changed_count, batch.unchanged_count, batch.problem_count


def problems(batch):
    return [(one.row, one.column, one.text) for one in batch.problems.all()]
