"""Reviewing: the queue, the diff, the decision."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of
from practices.editorial import services
from practices.editorial.diff import diff_contents
from practices.editorial.forms import DecisionForm
from practices.editorial.models import Revision
from practices.editorial.steps import Preview
from practices.library.content import read_content
from practices.library.pages import article_context

PAGE_SIZE = 50
RELATED = ("publication__owner_member__office", "publication__owner_office__parent", "submitted_by", "reviewer")


def queue(request: PersonRequest) -> HttpResponse:
    roles = roles_of(request.user)
    if not (roles.coordinates or roles.is_administrator):
        raise PermissionDenied
    waiting = Revision.objects.awaiting_review_by(request.user).select_related(*RELATED)
    page = Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "practices/editorial/queue.html", {"page": page})


def revision_review(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a revision changes beside the decision; take the decision."""
    revision = get_object_or_404(Revision.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
    if not request.user.has_perm("editorial.review_revision", revision):
        raise PermissionDenied
    form = DecisionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.decide_revision(revision=revision, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
            revision.refresh_from_db(fields=["state", "reviewer"])
        else:
            messages.success(request, _("Decided. The author is told by e-mail."))
            return redirect("editorial:queue")
    publication = revision.publication
    diffs = None
    if publication.version and revision.is_awaiting:
        diffs = diff_contents(read_content(publication), revision.content, publication=publication)
    context = {
        "revision": revision,
        "form": form,
        "diffs": diffs,
        "decisions": revision.decisions.select_related("by"),
        "next": Revision.objects.awaiting_review_by(request.user).exclude(pk=pk).first(),
    } | article_context(Preview(revision))
    return render_form(request, "practices/editorial/revision_review.html", context, invalid=form.is_bound)


@require_POST
def revision_take(request: PersonRequest, pk: int) -> HttpResponse:
    revision = get_object_or_404(Revision.objects.visible_to(request.user), pk=pk)
    tell_outcome(request, lambda: services.take_revision(revision=revision, by=request.user))
    return redirect("editorial:revision_review", pk)
