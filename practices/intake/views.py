"""Importing a table: the list of imports, uploading, the report, and the acts on it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.files.uploads import check_all_came
from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from practices.editorial.diff import diff_contents
from practices.intake import services
from practices.intake.bulk import rows_written
from practices.intake.example import write_csv, write_xlsx
from practices.intake.forms import UploadForm
from practices.intake.models import Batch, BatchRow
from practices.intake.querysets import members_to_import_for
from practices.library.content import read_content
from practices.library.models import Publication

PAGE_SIZE = 30
PREVIEW = 20  # rows
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def batch_list(request: PersonRequest) -> HttpResponse:
    _must_import(request)
    rows = Batch.objects.visible_to(request.user).select_related("owner_member", "owner_office", "uploaded_by")
    page = Paginator(rows.order_by("-created_at"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "practices/intake/batch_list.html", {"page": page})


def batch_create(request: PersonRequest) -> HttpResponse:
    _must_import(request)
    posted = request.method == "POST"
    form = UploadForm(request.POST if posted else None, request.FILES if posted else None, user=request.user)
    if posted:
        try:
            check_all_came(request)
            if form.is_valid():
                data = form.cleaned_data
                return redirect(services.upload_table(upload=data["file"], owner=data["owner"], by=request.user))
        except ValidationError as error:
            add_errors(form, ValidationError({"file": error.messages}))
    return render_form(request, "practices/intake/batch_create.html", {"form": form}, invalid=form.is_bound)


def batch_template(request: PersonRequest, kind: str) -> HttpResponse:
    """Send the empty table."""
    _must_import(request)
    owner = members_to_import_for(request.user).first()
    data = write_csv(owner) if kind == "csv" else write_xlsx(owner)
    return HttpResponse(
        data, content_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="publications.{kind}"'}
    )


def batch_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how far it is, or the report. While somebody works at it, the page asks again every two seconds."""
    batch = _get_batch(request, pk)
    context: dict[str, Any] = {"batch": batch}
    if batch.state == Batch.State.IMPORTING:
        context |= {"done": rows_written(batch), "total": batch.new_count + batch.changed_count}
    elif batch.is_working:
        context |= {"done": batch.done_count, "total": batch.row_count}
    else:
        context["problems"] = batch.problems.all()
        context["more_problems"] = batch.problem_count - len(context["problems"])
    if batch.state == Batch.State.CHECKED:
        context["preview"] = _preview(batch)
    return render(request, "practices/intake/batch_detail.html", context)


@require_POST
def batch_check(request: PersonRequest, pk: int) -> HttpResponse:
    batch = _get_batch(request, pk)
    tell_outcome(request, lambda: services.check_again(batch=batch, by=request.user))
    return redirect(batch)


@require_POST
def batch_import(request: PersonRequest, pk: int) -> HttpResponse:
    batch = _get_batch(request, pk)
    tell_outcome(request, lambda: services.start_import(batch=batch, by=request.user))
    return redirect(batch)


@require_POST
def batch_abandon(request: PersonRequest, pk: int) -> HttpResponse:
    batch = _get_batch(request, pk)
    if tell_outcome(request, lambda: services.abandon_batch(batch=batch, by=request.user)):
        messages.success(request, _("Given up. Nothing was imported."))
        return redirect("intake:batch_list")
    return redirect(batch)


def _preview(batch: Batch) -> list[dict[str, Any]]:
    """Return the first rows that make something new or change something, with what they change."""
    rows: list[BatchRow] = list(batch.rows.select_related("owner_member", "owner_office")[:PREVIEW])
    pages = Publication.objects.with_page().prefetch_related("pathways", "topics")
    known = pages.in_bulk([row.publication_id for row in rows if row.publication_id])
    found = []
    for row in rows:
        page = known.get(row.publication_id or 0)
        diffs = diff_contents(read_content(page), row.content, publication=page) if page else []
        found.append({"row": row, "publication": page, "diffs": diffs})
    return found


def _get_batch(request: PersonRequest, pk: int) -> Batch:
    rows = Batch.objects.visible_to(request.user).select_related(
        "uploaded_by", "owner_member__office", "owner_office__parent"
    )
    batch: Batch = get_object_or_404(rows, pk=pk)
    return batch


def _must_import(request: PersonRequest) -> None:
    if not request.user.has_perm("intake.add_batch"):
        raise PermissionDenied
