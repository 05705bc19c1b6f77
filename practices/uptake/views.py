"""Recording what a member takes up, answering as the owner, and reading who uses what."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.forms import add_errors, render_form
from config.kit.tables import table_response
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from practices.library.models import Publication
from practices.uptake import services
from practices.uptake.exporting import UPTAKE_COLUMNS, uptake_rows
from practices.uptake.forms import AnswerForm, UptakeForm, first_words, initial_of
from practices.uptake.models import Uptake
from practices.uptake.querysets import UptakeQuerySet

PAGE_SIZE = 30
RECENT = 30


def my_uptake(request: PersonRequest) -> HttpResponse:
    """Show what waits for this person's answer, what their members took up, and who took up what they wrote."""
    rows = Uptake.objects.with_rows(request.user)
    context = {
        "waiting": rows.confirmable_by(request.user).awaiting()[:RECENT],
        "taken": rows.editable_by(request.user).order_by("-asked_at", "-pk")[:RECENT],
        "given": rows.confirmable_by(request.user).exclude(confirmed_at=None, declined_at=None)
        .order_by("-asked_at", "-pk")[:RECENT],
    }  # fmt: skip
    return render(request, "practices/uptake/my_uptake.html", context)


def publication_uptake(request: PersonRequest, pk: int) -> HttpResponse:
    """List everybody who takes up one publication."""
    publication, rows = _of_publication(request, pk)
    context = {
        "publication": publication,
        "page": _page(request, rows),
        "shows": "member",
        "csv": reverse("uptake:publication_table", args=[pk, "csv"]),
        "xlsx": reverse("uptake:publication_table", args=[pk, "xlsx"]),
    }
    return render(request, "practices/uptake/uptake_list.html", context)


@require_safe
def publication_table(request: PersonRequest, pk: int, kind: str) -> HttpResponseBase:
    _, rows = _of_publication(request, pk)
    return table_response(kind, name="uptake", columns=UPTAKE_COLUMNS, rows=uptake_rows(rows, request.user))


def member_uptake(request: PersonRequest, slug: str) -> HttpResponse:
    """List what a member took up from others, or with `way=given` what others took up from it."""
    member, given, rows = _of_member(request, slug)
    context = {
        "member": member,
        "given": given,
        "page": _page(request, rows),
        "shows": "both" if given else "original",
        "csv": reverse("uptake:member_table", args=[slug, "csv"]),
        "xlsx": reverse("uptake:member_table", args=[slug, "xlsx"]),
        "query": "?way=given" if given else "",
    }
    return render(request, "practices/uptake/uptake_list.html", context)


@require_safe
def member_table(request: PersonRequest, slug: str, kind: str) -> HttpResponseBase:
    _, _, rows = _of_member(request, slug)
    return table_response(kind, name="uptake", columns=UPTAKE_COLUMNS, rows=uptake_rows(rows, request.user))


def uptake_record(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin a record; whoever has one already goes on with that."""
    publication = get_object_or_404(
        Publication.objects.visible_to(request.user).select_related("owner_member", "owner_office"), pk=pk
    )
    members = list(Member.objects.written_for_by(request.user).exclude(pk=publication.owner_member_id or 0))
    if not members:
        raise PermissionDenied
    if publication.state != Publication.State.PUBLISHED:
        messages.error(request, _("This is archived or not published yet. Nobody can take it up now."))
        return redirect(publication)
    recorded = {one.member_id: one for one in Uptake.objects.filter(publication=publication, member__in=members)}
    free = [one for one in members if one.pk not in recorded]
    if not free and request.method != "POST":
        return redirect(next(iter(recorded.values())))
    form = UptakeForm(
        request.POST or None, user=request.user, members=free or members,
        initial=first_words(free or members, request.LANGUAGE_CODE),
    )  # fmt: skip
    context: dict[str, Any] = {"form": form, "publication": publication, "original": True}
    if form.is_bound and form.is_valid():
        try:
            services.record_uptake(
                publication=publication, member=form.whose(), state=form.cleaned_data["state"], since=form.day(),
                facts=form.facts(), by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
            context["recorded"] = Uptake.objects.filter(publication=publication, member=form.whose()).first()
        else:
            messages.success(request, _("Thank you. The owner is asked to confirm it."))
            return redirect(publication)
    return render_form(request, "practices/uptake/uptake_form.html", context, invalid=form.is_bound)


def uptake_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a record, with the owner's answer above it."""
    uptake = _get(request, pk)
    if not request.user.has_perm("uptake.change_uptake", uptake):
        raise PermissionDenied
    form = _form(request, uptake, request.POST or None)
    context: dict[str, Any] = {"uptake": uptake, "publication": uptake.publication}
    if form.is_bound and form.is_valid():
        try:
            services.change_uptake(
                uptake=uptake, state=form.cleaned_data["state"], since=form.day(), facts=form.facts(),
                edition=form.cleaned_data["edition"], by=request.user,
            )  # fmt: skip
        except services.StaleUptakeError:
            uptake = _get(request, pk)
            form = _form(request, uptake, _with_edition(request, uptake))
            form.is_valid()
            form.add_error(None, _("A colleague changed the record meanwhile. Your text is not saved yet: see above what it says now, and save again to replace it."))  # fmt: skip
            context |= {"uptake": uptake, "stale": True}
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect("uptake:my_uptake")
    context |= {"form": form, "original": request.user.has_perm("library.view_publication", uptake.publication)}
    return render_form(request, "practices/uptake/uptake_form.html", context, invalid=form.is_bound)


def uptake_confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a record to the owner of the original, who confirms or declines it."""
    uptake = _get(request, pk)
    if not request.user.has_perm("uptake.confirm_uptake", uptake):
        raise PermissionDenied
    form = AnswerForm(request.POST or None, initial={"edition": uptake.edition})
    if form.is_bound and form.is_valid():
        try:
            _answer(request, uptake, form)
        except services.StaleUptakeError:
            uptake = _get(request, pk)
            form = AnswerForm(_with_edition(request, uptake))
            form.is_valid()
            form.add_error(None, _("The record was changed meanwhile. Please read it again before you answer."))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Thank you. The colleague who recorded it gets an e-mail."))
            return redirect("uptake:my_uptake")
    context = {"form": form, "uptake": uptake, "publication": uptake.publication}
    return render_form(request, "practices/uptake/uptake_confirm.html", context, invalid=form.is_bound)


def _answer(request: PersonRequest, uptake: Uptake, form: AnswerForm) -> None:
    edition = form.cleaned_data["edition"]
    if form.cleaned_data["answer"] == "confirm":
        services.confirm_uptake(uptake=uptake, edition=edition, by=request.user)
    else:
        reason = form.cleaned_data["reason"]
        services.decline_uptake(uptake=uptake, reason=reason, edition=edition, by=request.user)


def _get(request: PersonRequest, pk: int) -> Uptake:
    rows = Uptake.objects.visible_to(request.user).with_rows(request.user)
    found: Uptake = get_object_or_404(rows.select_related("confirmed_by", "declined_by", "recorded_by"), pk=pk)
    return found


def _form(request: PersonRequest, uptake: Uptake, data: Any) -> UptakeForm:
    return UptakeForm(data, user=request.user, members=[uptake.member], uptake=uptake, initial=initial_of(uptake))


def _with_edition(request: PersonRequest, uptake: Uptake) -> Any:
    """Return what was sent, as an answer to the record as it is now."""
    data = request.POST.copy()
    data["edition"] = str(uptake.edition)
    return data


def _of_publication(request: PersonRequest, pk: int) -> tuple[Publication, UptakeQuerySet]:
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    rows = Uptake.objects.visible_to(request.user).filter(publication=publication)
    return publication, rows.most_useful_first()


def _of_member(request: PersonRequest, slug: str) -> tuple[Member, bool, UptakeQuerySet]:
    """Return the member, whether others' uptake is asked for, and the rows."""
    member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    given = request.GET.get("way") == "given"
    side = {"publication__owner_member": member} if given else {"member": member}
    return member, given, Uptake.objects.visible_to(request.user).filter(**side).most_useful_first()


def _page(request: PersonRequest, rows: Any) -> Any:
    return Paginator(rows.with_rows(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
