"""Reviewing: the queue, the diff, the decision."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from config.kit.working_days import working_days
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of
from practices.editorial import services
from practices.editorial.diff import diff_contents
from practices.editorial.filters import QueueFilter
from practices.editorial.forms import AssignForm, DecisionForm, NoteForm
from practices.editorial.models import Note, Revision
from practices.editorial.pending import PATIENCE, count_days, zone_or_utc
from practices.editorial.steps import Preview
from practices.library.content import read_content
from practices.library.pages import article_context

PAGE_SIZE = 50
RELATED = (
    "publication__owner_member__office", "publication__owner_office__parent", "submitted_by", "reviewer", "handed_to",
    "handed_from",
)  # fmt: skip


def queue(request: PersonRequest) -> HttpResponse:
    """Show what waits for this person's offices, the oldest first; to administrators also how each office stands."""
    roles = roles_of(request.user)
    if not (roles.coordinates or roles.is_administrator):
        raise PermissionDenied
    waiting = Revision.objects.awaiting_review_by(request.user)
    found = QueueFilter(request.GET, queryset=waiting, request=request)
    page = Paginator(found.qs.select_related(*RELATED), PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    for revision in page:
        revision.days = count_days(revision, now)
    context = {
        "filter": found,
        "filtered": any(found.form.cleaned_data.values()),
        "page": page,
        "patience": PATIENCE,
        "desks": _desks(found, now) if roles.is_administrator else [],
    }
    template = "practices/editorial/queue.html"
    return render(request, f"{template}#listing" if request.htmx else template, context)


def revision_review(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a revision changes beside the decision; take the decision."""
    revision = _get_followed(request, pk)
    form = DecisionForm(request.POST or None)
    stale = False
    if form.is_bound and form.is_valid():
        try:
            services.decide_revision(
                revision=revision,
                edition=whole_number(request.POST.get("edition", "")),
                version=whole_number(request.POST.get("version", "")),
                by=request.user,
                **form.cleaned_data,
            )
        except services.StaleEditionError as error:
            revision, stale = error.revision, True
        except ValidationError as error:
            add_errors(form, error)
            revision = _get_followed(request, pk)
        except PermissionDenied:
            revision = _get_followed(request, pk)  # which raises it again for whoever never might
            _tell_moved(form, revision)
        else:
            messages.success(request, _("Decided. The author is told by e-mail."))
            return redirect(_with_query(request, reverse("editorial:queue")))
    context = _review_context(request, revision) | {"form": form, "stale": stale}
    return render_form(request, "practices/editorial/revision_review.html", context, invalid=form.is_bound)


@require_POST
def revision_take(request: PersonRequest, pk: int) -> HttpResponse:
    revision = get_object_or_404(Revision.objects.visible_to(request.user), pk=pk)
    tell_outcome(request, lambda: services.take_revision(revision=revision, by=request.user))
    return redirect(_with_query(request, reverse("editorial:revision_review", args=[pk])))


def _get_followed(request: PersonRequest, pk: int) -> Revision:
    """Return a revision that this person reviews, or whose review they may follow."""
    found: Revision = get_object_or_404(Revision.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
    if not request.user.has_perm("editorial.follow_revision", found):
        raise PermissionDenied
    return found


def _review_context(request: PersonRequest, revision: Revision) -> dict[str, Any]:
    user, publication = request.user, revision.publication
    diffs = None
    if publication.version and revision.is_awaiting:
        diffs = diff_contents(read_content(publication), revision.content, publication=publication)
    may_review = user.has_perm("editorial.review_revision", revision)
    may_note = user.has_perm("editorial.note_revision", revision)
    notes = Note.objects.visible_to(user).filter(revision=revision).select_related("by") if may_note else []
    return {
        "revision": revision,
        "diffs": diffs,
        "decisions": revision.decisions.select_related("by"),
        "next": _next(request, revision),
        "query": request.GET.urlencode(),
        "days": count_days(revision, timezone.now()) if revision.is_awaiting else 0,
        "patience": PATIENCE,
        "may_review": may_review,
        "assign_form": AssignForm(revision=revision) if may_review and revision.is_awaiting else None,
        "may_note": may_note,
        "notes": notes,
        "note_form": NoteForm(auto_id="note_%s"),
    } | article_context(Preview(revision))


def _next(request: PersonRequest, revision: Revision) -> Revision | None:
    """Return what comes after `revision` in the queue as it is filtered, at its end the first of the others."""
    waiting = Revision.objects.awaiting_review_by(request.user)
    others = QueueFilter(request.GET, queryset=waiting, request=request).qs.exclude(pk=revision.pk)
    since = revision.waits_since
    later = Q(since__gt=since) | Q(since=since, pk__gt=revision.pk)
    found: Revision | None = others.filter(later).first() or others.first()
    return found


def _tell_moved(form: DecisionForm, revision: Revision) -> None:
    text = _("%(office)s decides on it now. Nothing was changed.") % {"office": revision.deciding_office}
    form.add_error(None, text)


def _desks(found: QueueFilter, now: datetime) -> list[dict[str, Any]]:
    """Return for each office at which something waits how much, and for how many working days the oldest."""
    rows = found.queryset.order_by().values("desk").annotate(count=Count("pk"), oldest=Min("since"))
    desks = [{"office": found.offices[row["desk"]], **row} for row in rows if row["desk"] in found.offices]
    for desk in desks:
        desk["days"] = working_days(desk["oldest"], now, zone_or_utc(desk["office"]))
    return sorted(desks, key=lambda desk: (desk["oldest"], desk["desk"]))


def _with_query(request: PersonRequest, path: str) -> str:
    """Return `path` with the query of this page, so that the filters of the queue are kept."""
    query = request.GET.urlencode()
    return f"{path}?{query}" if query else path
