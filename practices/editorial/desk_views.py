"""The desk: giving a review back or to a colleague, handing over, notes and the thread."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from practices.editorial import desk, talking
from practices.editorial.forms import AssignForm, HandOverForm, NoteForm, RemarkForm
from practices.editorial.models import Revision
from practices.editorial.review_views import RELATED


@require_POST
def revision_give_back(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_revision(request, pk)
    done = _("Somebody else can take it now.")
    tell_outcome(request, lambda: desk.give_back_revision(revision=revision, by=request.user), done)
    return redirect("editorial:revision_review", pk)


@require_POST
def revision_assign(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_reviewed(request, pk)
    form = AssignForm(request.POST, revision=revision)
    if form.is_valid():
        done = _("%(who)s reviews it now, and gets an e-mail.") % {"who": form.cleaned_data["to"]}
        tell_outcome(
            request, lambda: desk.assign_revision(revision=revision, by=request.user, **form.cleaned_data), done
        )
    else:
        messages.error(request, _("Please choose a colleague who may review it."))
    return redirect("editorial:revision_review", pk)


def revision_hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_reviewed(request, pk)
    form = HandOverForm(request.POST or None, revision=revision)
    if form.is_bound and form.is_valid():
        try:
            desk.hand_over_revision(revision=revision, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is handed over. The office and the authors are told by e-mail."))
            return redirect("editorial:queue")
    context = {"form": form, "revision": revision}
    return render_form(request, "practices/editorial/hand_over.html", context, invalid=form.is_bound)


@require_POST
def note_add(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_revision(request, pk)
    if not request.user.has_perm("editorial.note_revision", revision):
        raise PermissionDenied
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            talking.add_note(publication=revision.publication, revision=revision, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(f"{reverse('editorial:revision_review', args=[pk])}#notes")
    context = {
        "form": form,
        "title": _("Internal note"),
        "subject": revision.title,
        "back": _page_of(request, revision),
    }
    return render_form(request, "practices/editorial/say.html", context, invalid=True)


@require_POST
def remark_add(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_revision(request, pk)
    form = RemarkForm(request.POST)
    if form.is_valid():
        try:
            talking.add_remark(revision=revision, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Sent. The other side gets it by e-mail."))
            return redirect(f"{_page_of(request, revision)}#thread")
    context = {"form": form, "title": _("Message"), "subject": revision.title, "back": _page_of(request, revision)}
    return render_form(request, "practices/editorial/say.html", context, invalid=True)


def _page_of(request: PersonRequest, revision: Revision) -> str:
    """Return the page on which this person sees the revision."""
    follows = request.user.has_perm("editorial.follow_revision", revision)
    return reverse("editorial:revision_review", args=[revision.pk]) if follows else revision.get_absolute_url()


def _get_revision(request: PersonRequest, pk: int) -> Revision:
    found: Revision = get_object_or_404(Revision.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
    return found


def _get_reviewed(request: PersonRequest, pk: int) -> Revision:
    revision = _get_revision(request, pk)
    if not request.user.has_perm("editorial.review_revision", revision):
        raise PermissionDenied
    return revision
