"""The list of publications as a file, narrowed down as on the page."""

from tempfile import TemporaryFile

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.accounts.requests import PersonRequest
from practices.library.filters import PublicationFilter
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet
from practices.sharing.tables import csv_lines, table_rows, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export_csv(request: PersonRequest) -> HttpResponseBase:
    lines = csv_lines(table_rows(_found(request)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_name("csv")}"'
    return response


@require_safe
def export_xlsx(request: PersonRequest) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_xlsx(table_rows(_found(request)), file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_name("xlsx"), content_type=XLSX)


def _found(request: HttpRequest) -> PublicationQuerySet:
    """Return what the page of the list would show, all its pages together."""
    readable = Publication.objects.visible_to(request.user).published().order_by("-published_at", "-pk")
    found: PublicationQuerySet = PublicationFilter(request.GET, queryset=readable, request=request).qs
    return found


def _name(ending: str) -> str:
    return f"publications-{timezone.localdate():%Y-%m-%d}.{ending}"
