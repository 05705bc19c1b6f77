"""Assessing: the expert's list and form, the coordinator's page about a publication."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of
from practices.editorial import assessing, talking
from practices.editorial.forms import AssessmentForm, InviteExpertForm, NoteForm, ReasonForm, VerifyForm
from practices.editorial.models import Assessment, Note
from practices.editorial.panels import trust_of
from practices.editorial.rubric import RUBRIC
from practices.library.models import Publication

RELATED = ("expert", "invited_by", "publication__owner_member__office", "publication__owner_office__parent")


def my_assessments(request: PersonRequest) -> HttpResponse:
    """Show an expert what they are asked, and what they have answered."""
    mine = Assessment.objects.visible_to(request.user).filter(expert=request.user).select_related(*RELATED)
    waiting = list(mine.open())
    done = list(mine.exclude(pk__in=[one.pk for one in waiting]).order_by("-invited_at", "-pk"))
    if not (roles_of(request.user).expert_at or waiting or done):
        raise PermissionDenied
    return render(request, "practices/editorial/my_assessments.html", {"waiting": waiting, "done": done})


def assessment(request: PersonRequest, pk: int) -> HttpResponse:
    """The rubric for the expert who is asked; what they answered for whoever may read it."""
    found = _get_assessment(request, pk)
    answers = found.is_open and request.user.has_perm("editorial.answer_assessment", found)
    if not answers:
        if request.method == "POST":
            raise PermissionDenied
        return _show_assessment(request, found)
    form = AssessmentForm(request.POST or None, initial={name: getattr(found, name) for name in assessing.FIELDS})
    if form.is_bound and form.is_valid():
        submits = "submit" in request.POST
        try:
            if submits:
                version = whole_number(request.POST.get("version", ""))
                assessing.submit_assessment(
                    assessment=found, answers=form.cleaned_data, version=version, by=request.user
                )
            else:
                assessing.save_assessment(assessment=found, answers=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
            found = _get_assessment(request, pk)
        else:
            messages.success(request, _("Submitted. Thank you.") if submits else _("Saved. You can go on later."))
            return redirect("editorial:my_assessments" if submits else found)
    return _show_assessment(request, found, form)


def assessment_decline(request: PersonRequest, pk: int) -> HttpResponse:
    found = _get_assessment(request, pk)
    if not request.user.has_perm("editorial.answer_assessment", found):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            assessing.decline_assessment(assessment=found, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("You have declined. The coordinator is told by e-mail."))
            return redirect("editorial:my_assessments")
    context = {"form": form, "assessment": found}
    return render_form(request, "practices/editorial/assessment_decline.html", context, invalid=form.is_bound)


@require_POST
def assessment_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    found = _get_assessment(request, pk)
    done = _("The invitation is withdrawn. The expert is told by e-mail.")
    tell_outcome(request, lambda: assessing.withdraw_invitation(assessment=found, by=request.user), done)
    return redirect("editorial:publication_trust", found.publication_id)


def publication_trust(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a coordinator who has assessed a publication; invite, recommend, verify."""
    publication = _get_kept(request, pk)
    return _show_trust(request, publication)


@require_POST
def expert_invite(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)
    form = InviteExpertForm(request.POST, publication=publication)
    done = _("The expert is asked by e-mail.")
    return _act(request, publication, assessing.invite_expert, name="invite_form", form=form, done=done)


@require_POST
def publication_recommend(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)
    done = _("It is recommended now, and readers see it.")
    tell_outcome(request, lambda: assessing.recommend_publication(publication=publication, by=request.user), done)
    return redirect("editorial:publication_trust", pk)


@require_POST
def recommendation_take_back(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)
    form = ReasonForm(request.POST)
    done = _("It is not recommended any more.")
    return _act(request, publication, assessing.take_back_recommendation, name="take_back_form", form=form, done=done)


@require_POST
def publication_verify(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)
    form = VerifyForm(request.POST)
    done = _("It is verified, and readers see it.")
    return _act(request, publication, assessing.verify_publication, name="verify_form", form=form, done=done)


@require_POST
def verification_take_back(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)
    form = ReasonForm(request.POST)
    done = _("It is not verified any more.")
    return _act(request, publication, assessing.take_back_verification, name="unverify_form", form=form, done=done)


@require_POST
def publication_note_add(request: PersonRequest, pk: int) -> HttpResponse:
    publication = _get_kept(request, pk)

    def keep(**facts: Any) -> Note:
        return talking.add_note(revision=None, **facts)

    return _act(request, publication, keep, name="note_form", form=NoteForm(request.POST))


def _act(
    request: PersonRequest,
    publication: Publication,
    act: Callable[..., object],
    *,
    name: str,
    form: forms.Form,
    done: str = "",
) -> HttpResponse:
    """Do `act` with what `form` says, or show the page again with the form and its errors."""
    if form.is_valid():
        try:
            act(publication=publication, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            if done:
                messages.success(request, done)
            return redirect("editorial:publication_trust", publication.pk)
    return _show_trust(request, publication, **{name: form})


def _show_trust(request: PersonRequest, publication: Publication, **typed: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {
        "publication": publication,
        "trust": trust_of(publication),
        "assessments": publication.assessments.select_related("expert", "invited_by"),
        "notes": Note.objects.visible_to(request.user).filter(publication=publication, revision=None)
        .select_related("by"),
        "invite_form": InviteExpertForm(publication=publication),
        "take_back_form": ReasonForm(auto_id="take_back_%s"),
        "verify_form": VerifyForm(auto_id="verify_%s"),
        "unverify_form": ReasonForm(auto_id="unverify_%s"),
        "note_form": NoteForm(auto_id="note_%s"),
    }  # fmt: skip
    page = "practices/editorial/publication_trust.html"
    return render_form(request, page, context | typed, invalid=bool(typed))


def _show_assessment(request: PersonRequest, found: Assessment, form: AssessmentForm | None = None) -> HttpResponse:
    publication = found.publication
    context = {
        "assessment": found,
        "form": form,
        "may_read": request.user.has_perm("library.view_publication", publication),
        "lines": _answers(found),
    }
    invalid = form is not None and form.is_bound
    return render_form(request, "practices/editorial/assessment.html", context, invalid=invalid)


def _answers(found: Assessment) -> list[dict[str, Any]]:
    """Return each criterion with its score and comment, of what is submitted."""
    if not found.submitted_at:
        return []
    return [
        {"criterion": one, "score": getattr(found, one.code), "comment": getattr(found, f"{one.code}_comment")}
        for one in RUBRIC
    ]


def _get_assessment(request: PersonRequest, pk: int) -> Assessment:
    readable = Assessment.objects.visible_to(request.user).select_related(*RELATED)
    found: Assessment = get_object_or_404(readable, pk=pk)
    return found


def _get_kept(request: PersonRequest, pk: int) -> Publication:
    """Return a publication that this person looks after."""
    readable = Publication.objects.visible_to(request.user).select_related(
        "owner_member__office", "owner_office__parent"
    )
    found: Publication = get_object_or_404(readable, pk=pk)
    if not request.user.has_perm("editorial.look_after_publication", found):
        raise PermissionDenied
    return found
