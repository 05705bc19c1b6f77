"""The list of publications as a file, narrowed down as on the page."""

from tempfile import TemporaryFile

from django.contrib import messages
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.templatetags.kit import number
from members.accounts.requests import PersonRequest
from practices.library.filters import PublicationFilter
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet
from practices.sharing.tables import csv_lines, table_rows, write_xlsx

MOST_XLSX_ROWS = 10_000  # a workbook is sent once it is whole, and each thousand rows take more than a second
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export_csv(request: PersonRequest) -> HttpResponseBase:
    lines = csv_lines(table_rows(_found(request)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_name("csv")}"'
    return response


@require_safe
def export_xlsx(request: PersonRequest) -> HttpResponseBase:
    found = _found(request)
    if found.count() > MOST_XLSX_ROWS:
        most = number(MOST_XLSX_ROWS)
        messages.error(
            request, _("An XLSX file takes %(most)s rows at most. Narrow the list down, or take CSV.") % {"most": most}
        )
        return redirect(f"{reverse('library:publication_list')}?{request.GET.urlencode()}")
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_xlsx(table_rows(found), file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_name("xlsx"), content_type=XLSX)


def _found(request: HttpRequest) -> PublicationQuerySet:
    """Return what the page of the list would show, all its pages together."""
    readable = Publication.objects.visible_to(request.user).published().order_by("-published_at", "-pk")
    found: PublicationQuerySet = PublicationFilter(request.GET, queryset=readable, request=request).qs
    return found


def _name(ending: str) -> str:
    return f"publications-{timezone.localdate():%Y-%m-%d}.{ending}"
