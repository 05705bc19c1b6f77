"""Lists of publications as files, narrowed down as on the page."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.tables import table_response
from config.kit.templatetags.kit import number as in_words
from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.library.tables import TABLE_COLUMNS
from practices.search.filters import PublicationFilter
from practices.sharing.tables import table_rows_in_order

MOST_XLSX_ROWS = 10_000  # a workbook is sent once it is whole, and each thousand rows take more than a second


@require_safe
def publication_table(request: PersonRequest, kind: str) -> HttpResponseBase:
    """Send what the page of the list would show, all its pages together."""
    readable = Publication.objects.visible_to(request.user).published()
    ids = PublicationFilter(request.GET, user=request.user).ids
    back = f"{reverse('search:publication_list')}?{request.GET.urlencode()}"
    rows = table_rows_in_order(readable, ids)
    return publications_response(request, rows, kind, number=len(ids), name="publications", back=back)


def publications_response(
    request: HttpRequest, rows: Iterator[list[str]], kind: str, *, number: int, name: str, back: str
) -> HttpResponseBase:
    """Return `number` rows as a file, or lead back where a workbook cannot take so many."""
    if kind == "xlsx" and number > MOST_XLSX_ROWS:
        most = in_words(MOST_XLSX_ROWS)
        messages.error(
            request, _("An XLSX file takes %(most)s rows at most. Narrow the list down, or take CSV.") % {"most": most}
        )
        return redirect(back)
    return table_response(kind, name=name, columns=TABLE_COLUMNS, rows=rows)
