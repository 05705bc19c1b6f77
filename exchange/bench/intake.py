"""A partner's list, measured: reading and checking it, importing it, and checking its export again."""

import csv
import io
import time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from members.accounts.models import User
from members.directory.models import Member
from practices.intake.bulk import import_batch
from practices.intake.models import Batch
from practices.intake.services import check_batch, start_import, upload_table
from practices.library.tables import TABLE_COLUMNS, TableRow, write_cells

TEXT = "The city looked at what others had done, tried it in one district and then everywhere. " * 5


def measure_intake(rows: int) -> dict[str, Any]:
    """Return the seconds that `rows` rows take to be checked, and then to be imported."""
    by = User.objects.get(email="coordinator0@network.example")
    slugs = list(Member.objects.filter(office__roles__user=by).values_list("slug", flat=True)[:50])
    upload = SimpleUploadedFile("list.csv", make_table(rows, slugs))
    batch = upload_table(upload=upload, owner=None, by=by)
    check = _seconds(lambda: check_batch(pk=batch.pk))
    batch = Batch.objects.get(pk=batch.pk)
    if batch.new_count != rows or batch.problem_count:
        raise ValueError(f"{batch.new_count} of {rows} rows are right, {batch.problem_count} problems")
    start_import(batch=batch, by=by)
    work = _seconds(lambda: import_batch(pk=batch.pk))
    state = Batch.objects.get(pk=batch.pk).state
    if state != Batch.State.DONE:
        raise ValueError(f"The import is {state}")
    return {"rows": rows, "bytes": upload.size, "check_s": check, "import_s": work}


def make_table(rows: int, slugs: list[str]) -> bytes:
    """Return a table of new practices with the long texts, costs and indicators that a partner's list has."""
    content = {
        "summary": "What a city did.", "language": "en", "status": "running", "start_year": "2020",
        "challenge": TEXT, "solution": TEXT, "results": TEXT, "contact_email": "role@city.example",
        "pathways": ["circular"], "topics": ["food", "water"], "goals": ["2"], "offers": ["call"],
        "costs": [{"kind": "yearly", "amount": "1000", "currency": "EUR", "year": "2020"}],
        "indicators": [{"metric": "Waste", "baseline": "10", "value": "4", "unit": "t", "year": "2024"}],
    }  # fmt: skip
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(TABLE_COLUMNS)
    for number in range(rows):
        row = TableRow(
            None, f"p-{number}", "practice", slugs[number % len(slugs)], content | {"title": f"Text {number}"}
        )
        writer.writerow(write_cells(row).values())
    return file.getvalue().encode()


def _seconds(act: Any) -> float:
    start = time.perf_counter()
    act()
    return round(time.perf_counter() - start, 1)
