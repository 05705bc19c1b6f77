"""Writing: my work, beginning, the steps, handing in."""

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of
from practices.editorial import services
from practices.editorial.diff import diff_contents
from practices.editorial.forms import BeginForm, ResponsibleForm
from practices.editorial.models import Revision
from practices.editorial.presence import tell_presence
from practices.editorial.responsibility import reassign_publication
from practices.editorial.steps import ORDER, SNAPSHOT_STEPS, STEPS, Preview, Step, progress, step_of
from practices.editorial.uploads import take_uploads
from practices.library.forms import PublicationForm, read_posted
from practices.library.models import Publication
from practices.library.pages import article_context

RECENT = 30


def my_work(request: PersonRequest) -> HttpResponse:
    """Show what this person's members and offices are writing, and what they have published."""
    revisions = Revision.objects.written_by(request.user).select_related(
        "publication__owner_member", "publication__owner_office", "saved_by", "reviewer"
    )
    context = {
        "revisions": revisions.open().order_by("-saved_at"),
        "closed": revisions.exclude(state__in=Revision.OPEN).order_by("-closed_at")[:RECENT],
        "publications": Publication.objects.editable_by(request.user).filter(version__gt=0).with_cards()
        .order_by("-updated_at")[:RECENT],
        "forsaken": Publication.objects.editable_by(request.user).published().without_responsible().with_cards()
        .order_by("title", "pk")[:RECENT],
    }  # fmt: skip
    return render(request, "practices/editorial/my_work.html", context)


def publication_create(request: PersonRequest) -> HttpResponse:
    roles = roles_of(request.user)
    if not (roles.writes_for or roles.coordinates):
        raise PermissionDenied
    form = BeginForm(request.POST or None, user=request.user, initial={"language": request.LANGUAGE_CODE})
    if form.is_bound and form.is_valid():
        try:
            return redirect(services.begin_publication(by=request.user, **form.cleaned_data))
        except ValidationError as error:
            add_errors(form, error)
    return render_form(request, "practices/editorial/publication_create.html", {"form": form}, invalid=form.is_bound)


@require_POST
def publication_revise(request: PersonRequest, pk: int) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    try:
        return redirect(services.revise_publication(publication=publication, by=request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(publication)


@require_POST
def project_continue(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin the practice that a finished project has become."""
    project = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    try:
        revision = services.continue_as_practice(project=project, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(project)
    messages.success(request, _("What fits is carried over. Add the results and what you learned."))
    return redirect(revision)


def revision_edit(request: PersonRequest, pk: int, step: str = "basics") -> HttpResponse:
    """One step of the form. What is sent is kept even where it cannot be understood yet."""
    revision = _get_revision(request, pk)
    if not request.user.has_perm("editorial.change_revision", revision):
        return redirect("editorial:revision_review", pk)
    if step not in STEPS:
        return redirect(revision)
    if request.method == "POST" and STEPS[step].fields:
        return _save_step(request, revision, STEPS[step])
    if not revision.is_editable:
        return _show_closed(request, revision)
    if step == "check":
        return _show_check(request, revision)
    form = _step_form(revision.content, revision, STEPS[step], bound=False)
    return _show_step(request, revision, STEPS[step], form)


def publication_assign(request: PersonRequest, pk: int) -> HttpResponse:
    """Say who looks after a publication."""
    publication = get_object_or_404(
        Publication.objects.visible_to(request.user).select_related("owner_member__office", "owner_office__parent"),
        pk=pk,
    )
    if not request.user.has_perm("library.assign_publication", publication):
        raise PermissionDenied
    form = ResponsibleForm(request.POST or None, publication=publication)
    if form.is_bound and form.is_valid():
        try:
            reassign_publication(publication=publication, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(who)s looks after it now.") % {"who": form.cleaned_data["to"]})
            return redirect(publication)
    context = {"form": form, "publication": publication}
    return render_form(request, "practices/editorial/publication_assign.html", context, invalid=form.is_bound)


@require_POST
def revision_presence(request: PersonRequest, pk: int, step: str) -> HttpResponse:
    """Hear that this person has a step open; answer who else has one."""
    revision = _get_revision(request, pk)
    if not request.user.has_perm("editorial.change_revision", revision) or step not in STEPS:
        raise PermissionDenied
    others = tell_presence(revision=revision, step=step, by=request.user)
    named = [{"name": one.name, "step": STEPS[one.step].label} for one in others if one.step in STEPS]
    return render(request, "practices/editorial/presence.html", {"others": named})


@require_POST
def revision_submit(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_revision(request, pk)
    try:
        services.submit_revision(
            revision=revision, edition=whole_number(request.POST.get("edition", "")), by=request.user
        )
    except services.StaleEditionError:
        messages.warning(request, _("Somebody saved a newer text meanwhile. Please look at it and submit again."))
        return redirect("editorial:revision_edit", pk, "check")
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            messages.error(request, " ".join(error.messages))
            return redirect(revision)
        messages.warning(request, _("It is not submitted yet: something is missing or wrong."))
        return redirect("editorial:revision_edit", pk, "check")  # which says what
    messages.success(request, _("It is submitted. You get an e-mail when it is decided."))
    return redirect(revision)


@require_POST
def revision_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    revision = _get_revision(request, pk)
    done = _("It is withdrawn. The text is kept: you can begin from it again.")
    if tell_outcome(request, lambda: services.withdraw_revision(revision=revision, by=request.user), done):
        return redirect("editorial:my_work")
    return redirect(revision)


def _get_revision(request: PersonRequest, pk: int) -> Revision:
    readable = Revision.objects.visible_to(request.user).select_related(
        "publication__owner_member__office", "publication__owner_office__parent", "saved_by"
    )
    found: Revision = get_object_or_404(readable, pk=pk)
    return found


def _save_step(request: PersonRequest, revision: Revision, step: Step) -> HttpResponse:
    """Keep a step and go on, or say beside the fields what is not right; while typing only say when it was saved."""
    typing = bool(request.htmx)
    kind = revision.publication.kind
    typed = read_posted(request.POST, kind=kind, names=step.names(kind))
    problems = {} if typing else take_uploads(request, revision.publication, typed)
    try:
        saved = services.save_revision(
            revision=revision,
            changes=typed,
            edition=whole_number(request.POST.get("edition", "")),
            window=request.POST.get("window", "").replace("\x00", "")[:32],
            final=not typing,
            by=request.user,
        )
    except services.StaleEditionError as error:
        return _answer_stale(request, error.revision, step, typed)
    except ValidationError as error:
        return _answer_problem(request, revision, step, typed, error)
    if typing:
        return render(request, "practices/editorial/saved.html", {"revision": saved})
    form = _step_form(saved.content, saved, step, bound=True)
    if problems:
        form.is_valid()
        add_errors(form, ValidationError(problems))
    if problems or ("act" not in request.POST and not form.is_valid()):
        return _show_step(request, saved, step, form)
    return _go_on(request, saved, step)


def _go_on(request: PersonRequest, saved: Revision, step: Step) -> HttpResponse:
    """Lead to where the pressed button does."""
    if "act" in request.POST:  # of a row: back to its table
        field = request.POST["act"].partition(":")[0]
        return redirect(f"{reverse('editorial:revision_edit', args=[saved.pk, step.code])}#id_{slugify(field)}")
    if "later" in request.POST:
        messages.success(request, _("Saved. You can go on whenever you like."))
        return redirect("editorial:my_work")
    onwards = "check" if "check" in request.POST else ORDER[ORDER.index(step.code) + 1]
    return redirect("editorial:revision_edit", saved.pk, onwards)


def _answer_problem(
    request: PersonRequest, revision: Revision, step: Step, typed: dict[str, Any], error: ValidationError
) -> HttpResponse:
    """Say why nothing could be kept, with what was typed still on the page."""
    if request.htmx:
        return render(request, "practices/editorial/saved.html", {"problem": " ".join(error.messages)}, status=422)
    form = _step_form({**revision.content, **typed}, revision, step, bound=True)
    form.is_valid()
    if hasattr(error, "error_dict"):
        error = ValidationError({name: texts for name, texts in error.message_dict.items() if name not in form.errors})
    add_errors(form, error)
    return _show_step(request, revision, step, form)


def _answer_stale(request: PersonRequest, current: Revision, step: Step, typed: dict[str, Any]) -> HttpResponse:
    """Tell that somebody saved meanwhile, keep what was typed on the page, and mark where their text differs."""
    context: dict[str, Any] = {"revision": current, "stale": True}
    if request.htmx:
        return render(request, "practices/editorial/saved.html", context, status=422)
    mine = {**current.content, **typed}
    form = _step_form(mine, current, step, bound=True)
    form.is_valid()
    diffs = diff_contents(mine, current.content, publication=current.publication)
    return _show_step(request, current, step, form, diffs=diffs, stale=True)


def _step_form(content: dict[str, Any], revision: Revision, step: Step, *, bound: bool) -> PublicationForm:
    kind = revision.publication.kind
    known = {name: content[name] for name in step.names(kind) if name in content}
    publication = revision.publication
    return PublicationForm(known, kind=kind, publication=publication, names=step.names(kind), bound=bound)


def _show_step(
    request: PersonRequest, revision: Revision, step: Step, form: PublicationForm, **more: object
) -> HttpResponse:
    position = ORDER.index(step.code)
    context = {
        "revision": revision,
        "step": step,
        "steps": progress(revision),
        "form": form,
        "window": secrets.token_hex(8),
        "number": position + 1,
        "back": ORDER[position - 1] if position else "",
        "snapshot_done": step.code not in SNAPSHOT_STEPS[:-1],
        "last_decision": revision.decisions.last(),
    } | more
    return render_form(request, "practices/editorial/revision_edit.html", context)


def _show_check(request: PersonRequest, revision: Revision) -> HttpResponse:
    kind = revision.publication.kind
    problems: dict[str, list[str]] = {}
    try:
        services.check_complete(revision)
    except ValidationError as error:
        problems = error.message_dict
    publication = revision.publication
    form = PublicationForm(revision.content, kind=kind, publication=publication, bound=False)
    missing = [
        {"label": form.fields[name].label, "name": name, "step": step_of(name, kind).code, "texts": texts}
        for name, texts in problems.items()
        if name in form.fields
    ]
    context = {
        "revision": revision,
        "step": STEPS["check"],
        "steps": progress(revision),
        "missing": missing,
        "number": len(ORDER),
    } | article_context(Preview(revision))
    return render(request, "practices/editorial/revision_check.html", context)


def _show_closed(request: PersonRequest, revision: Revision) -> HttpResponse:
    own = {"revision": revision, "decisions": revision.decisions.select_related("by")}
    context = own | article_context(Preview(revision))
    return render(request, "practices/editorial/revision_closed.html", context)
