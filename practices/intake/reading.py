"""Reading a table of publications: bytes into rows of texts, or a readable report of why not."""

from django.utils.translation import gettext as _

from config.files import tables
from config.files.tables import BadTableError, Line, Problem
from practices.library.fields import NEEDED
from practices.library.tables import TABLE_COLUMNS

EXAMPLE = "example"  # the import id of the row of the template that shows how


def read_table(data: bytes, kind: str) -> list[Line]:
    """Return the rows of a table, blank ones and the example of the template left out.

    Raises:
        BadTableError: the header is wrong, there are no rows or too many, or the file is damaged.
    """
    rows = tables.read_lines(data, kind, known=TABLE_COLUMNS, check_header=_check_header)
    lines = [line for line in rows if line.cells.get("import_id") != EXAMPLE]
    if not lines:
        raise BadTableError([Problem(0, "", _("There are no rows in this table."))])
    return lines


def _check_header(header: list[str]) -> list[tuple[str, str]]:
    if problems := tables.check_names(header, TABLE_COLUMNS):
        return problems
    # Of a table with the numbers of what is there already, a part of the columns is enough.
    missing = [name for name in ("kind", *NEEDED) if name not in header and name != "country"]
    if not header or "id" in header or not missing:
        return []
    return [("", _("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})]
