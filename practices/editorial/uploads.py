"""Files that come with a step of the form: each becomes a row, to be described."""

from typing import Any

from django.core.exceptions import ValidationError

from config.files.uploads import check_all_came, read_uploads
from members.accounts.requests import PersonRequest
from practices.library.content import FILES, ROWS, row_columns
from practices.library.files import add_file
from practices.library.models import Publication


def take_uploads(request: PersonRequest, publication: Publication, typed: dict[str, Any]) -> dict[str, list[str]]:
    """Keep the files that were sent along, and add a row for each to `typed`; a file that is there has its row.

    Returns:
        What was wrong, by field. The other files are kept all the same.
    """
    problems: dict[str, list[str]] = {}
    for field in FILES & typed.keys():
        for upload in read_uploads(request, f"{field}-upload"):
            try:
                file = add_file(publication=publication, upload=upload, field=field, by=request.user)
            except ValidationError as error:
                problems.setdefault(field, []).extend(f"{upload.name}: {text}" for text in error.messages)
                continue
            rows = typed[field] or []
            if str(file.pk) not in {row["file"] for row in rows}:
                blank = {column.name: "" for column in row_columns(ROWS[field])}
                if field == "documents":
                    blank["title"] = file.name
                typed[field] = [*rows, blank | {"file": str(file.pk)}]
    try:
        check_all_came(request)
    except ValidationError as error:
        problems.setdefault("photos", []).extend(error.messages)
    return problems
