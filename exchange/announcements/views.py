"""Announcements: write, look at it as its readers will, send, stop; and leaving them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from config.journal.models import Entry
from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.outbox.previews import framed, preview_of
from exchange.announcements import services
from exchange.announcements.audience import audience_of, describe_audience, example_readers
from exchange.announcements.emails import build_message, messages_of
from exchange.announcements.forms import AnnouncementForm, ScheduleForm
from exchange.announcements.models import Announcement, Leave
from exchange.announcements.rules import writes_for_an_office
from members.accounts.requests import PersonRequest
from members.outgoing.words import STATES

PAGE_SIZE = 30


@require_safe
def announcement_list(request: PersonRequest) -> HttpResponse:
    _must_write(request)
    rows = Announcement.objects.visible_to(request.user).select_related("office", "topic").prefetch_related("texts")
    page = Paginator(rows.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "exchange/announcements/announcement_list.html", {"page": page})


def announcement_create(request: PersonRequest) -> HttpResponse:
    _must_write(request)
    form = AnnouncementForm(request.POST or None, by=request.user)
    if form.is_bound and form.is_valid():
        try:
            made = services.write_announcement(values=form.values(), by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(made)
    return render_form(request, "exchange/announcements/announcement_edit.html", {"form": form}, invalid=form.is_bound)


def announcement_edit(request: PersonRequest, pk: int) -> HttpResponse:
    announcement = _get(request, pk)
    if announcement.state != Announcement.State.DRAFT:
        messages.error(request, _("It is no draft any more."))
        return redirect(announcement)
    form = AnnouncementForm(request.POST or None, by=request.user, announcement=announcement)
    newer = None
    if form.is_bound and form.is_valid():
        edition = form.cleaned_data["edition"]
        try:
            services.change_announcement(
                announcement=announcement, values=form.values(), edition=edition, by=request.user
            )
        except ValidationError as error:
            add_errors(form, error)
            if getattr(error, "code", "") == "stale":
                newer = _get(request, pk)
                data = request.POST.copy()
                data["edition"] = str(newer.edition)  # saving again is a decision, now that both are seen
                form.data = data
        else:
            return redirect(announcement)
    context = {"form": form, "announcement": announcement, "newer": newer}
    return render_form(request, "exchange/announcements/announcement_edit.html", context, invalid=form.is_bound)


def announcement_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show everything of one announcement; a POST schedules it. While it goes out, the figures are asked for alone."""
    announcement = _get(request, pk)
    if request.htmx and request.method == "GET":
        figures = {"announcement": announcement, "counts": _counts(announcement)}
        return render(request, "exchange/announcements/announcement_detail.html#counts", figures)
    form = ScheduleForm(request.POST or None, initial={"edition": announcement.edition})
    if request.method == "POST" and form.is_valid():
        try:
            services.schedule_announcement(
                announcement=announcement,
                at=form.cleaned_data["send_at"],
                edition=form.cleaned_data["edition"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(announcement)
    is_draft = announcement.state == Announcement.State.DRAFT
    context = {
        "announcement": announcement,
        "form": form if is_draft else None,
        "audience": describe_audience(announcement),
        "reach": audience_of(announcement).count() if announcement.state in {"draft", "scheduled"} else None,
        "previews": _previews(announcement),
        "counts": _counts(announcement),
        "history": _history(announcement),
    }
    return render_form(
        request, "exchange/announcements/announcement_detail.html", context, invalid=form.is_bound and is_draft
    )


@require_safe
def announcement_preview(request: PersonRequest, pk: int, reader: int) -> HttpResponseBase:
    """Show it as one of its readers will see it."""
    announcement = _get(request, pk)
    person = get_object_or_404(audience_of(announcement), pk=reader)
    preview = preview_of(build_message(announcement, person))
    if preview.problem:
        raise Http404
    return framed(request, preview.html)


@require_POST
def announcement_unschedule(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.unschedule_announcement, _("It is a draft again."))


@require_POST
def announcement_stop(request: PersonRequest, pk: int) -> HttpResponse:
    announcement = _get(request, pk)
    try:
        held = services.stop_announcement(announcement=announcement, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext("Stopped. %(count)s message stays here.", "Stopped. %(count)s messages stay here.", held)
        messages.success(request, text % {"count": held})
    return redirect(announcement)


@require_POST
def announcement_test(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.send_test, _("It is on its way to %(email)s.") % {"email": request.user.email})


@require_POST
def announcement_delete(request: PersonRequest, pk: int) -> HttpResponse:
    announcement = _get(request, pk)
    done = tell_outcome(
        request,
        lambda: services.delete_announcement(announcement=announcement, by=request.user),
        _("The draft is thrown away."),
    )
    return redirect("announcements:announcement_list") if done else redirect(announcement)


@csrf_exempt
@login_not_required
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave with one click (RFC 8058): a POST needs no sign-in, no cookie and no token of a form. A GET only asks."""
    user = services.find_by_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.leave_announcements(user=user)
    with translation.override(user.language):
        request.LANGUAGE_CODE = user.language
        context = {"left": Leave.objects.filter(user=user).exists(), "email": user.email}
        return render(request, "exchange/announcements/leave.html", context)


@require_POST
def change_leave(request: PersonRequest) -> HttpResponse:
    """Leave announcements, or get them again, from the page of the digest."""
    if "leave" in request.POST:
        services.leave_announcements(user=request.user)
        messages.success(request, _("You get no announcements any more."))
    else:
        services.rejoin_announcements(user=request.user)
        messages.success(request, _("You get announcements again."))
    return redirect("digests:subscription")


def _must_write(request: PersonRequest) -> None:
    if not writes_for_an_office(request.user):
        raise PermissionDenied


def _get(request: PersonRequest, pk: int) -> Announcement:
    rows = Announcement.objects.visible_to(request.user).select_related("office", "topic", "written_by")
    found: Announcement = get_object_or_404(rows.prefetch_related("texts"), pk=pk)
    return found


def _act(request: PersonRequest, pk: int, act: Callable[..., object], done: str) -> HttpResponse:
    announcement = _get(request, pk)
    tell_outcome(request, lambda: act(announcement=announcement, by=request.user), done)
    return redirect(announcement)


def _previews(announcement: Announcement) -> list[dict[str, Any]]:
    return [
        {"reader": reader, "mail": preview_of(build_message(announcement, reader))}
        for reader in example_readers(announcement)
    ]


def _counts(announcement: Announcement) -> list[tuple[str, int]]:
    """Return how many messages there are in each state, in words, all of them first."""
    by_state = dict(messages_of(announcement).order_by().values_list("state").annotate(Count("pk")))
    if not by_state:
        return []
    words: dict[str, int] = {_("Planned"): sum(by_state.values())}
    for state, label in STATES.items():
        if count := by_state.get(state, 0):
            words[str(label)] = words.get(str(label), 0) + count
    return list(words.items())


def _history(announcement: Announcement) -> list[tuple[Entry, str]]:
    words = {
        "announcement_written": _("Written"),
        "announcement_scheduled": _("Scheduled"),
        "announcement_unscheduled": _("Made a draft again"),
        "announcement_started": _("Begins to go out"),
        "announcement_stopped": _("Stopped"),
    }
    kind = ContentType.objects.get_for_model(Announcement)
    entries = Entry.objects.filter(content_type=kind, object_id=announcement.pk).select_related("by").order_by("pk")
    return [(entry, words.get(entry.verb, entry.verb)) for entry in entries]
