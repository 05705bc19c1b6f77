"""What a group has: discussions, files, and when it meets."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.files.serving import serve_blob
from config.kit.acts import tell_outcome
from config.kit.calendars import feed, invitation
from config.kit.forms import add_errors, render_form
from exchange.conversations import gathering, messaging
from exchange.conversations.calendar import occasion_of
from exchange.conversations.group_forms import DiscussionForm, EventForm, FileForm, event_initial
from exchange.conversations.models import Group, GroupEvent, GroupFile
from exchange.moderation.queries import is_judged_by
from members.accounts.requests import PersonRequest

PAGE_SIZE = 30


def discussion_create(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin a discussion."""
    group = _get_own(request, pk)
    form = DiscussionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            thread = messaging.begin_discussion(group=group, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(thread)
    context = {"form": form, "group": group}
    return render_form(request, "exchange/conversations/discussion_form.html", context, invalid=form.is_bound)


@require_POST
def file_add(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep a file for the group."""
    group = _get_own(request, pk)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        tell_outcome(
            request, lambda: gathering.add_file(group=group, upload=upload, by=request.user), _("The file is there.")
        )
    else:
        messages.error(request, " ".join(map(str, form.errors["file"])))
    return redirect(group)


@require_safe
def file_download(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Send a file to a member of its group, or while it is reported to those who decide about it."""
    file = get_object_or_404(GroupFile.objects.select_related("blob"), pk=pk)
    is_member = GroupFile.objects.visible_to(request.user).filter(pk=pk).exists()
    if not is_member and not is_judged_by(request.user, file):
        raise Http404
    return serve_blob(request, file.blob, name=file.name)


@require_POST
def file_remove(request: PersonRequest, pk: int) -> HttpResponse:
    rows = GroupFile.objects.visible_to(request.user).select_related("group__office")
    file = get_object_or_404(rows, pk=pk)
    tell_outcome(request, lambda: gathering.remove_file(file=file, by=request.user), _("The file is removed."))
    return redirect(file.group)


@require_safe
def group_meetings(request: PersonRequest, pk: int) -> HttpResponse:
    """List when a group meets, or with `?when=past` when it has met."""
    group, user = _get_own(request, pk), request.user
    now, is_past = timezone.now(), request.GET.get("when") == "past"
    rows = group.events.shown().select_related("by")
    rows = rows.exclude(ends_at__gt=now).order_by("-starts_at", "-pk") if is_past else rows.ending_after(now)
    context = {
        "group": group,
        "is_past": is_past,
        "keeps": user.has_perm("conversations.keep_group", group),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "exchange/conversations/group_meetings.html", context)


def event_create(request: PersonRequest, pk: int) -> HttpResponse:
    """Say when the group meets."""
    return _event_form(request, _get_own(request, pk), None)


def event_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change when the group meets."""
    event = _get_own_event(request, pk)
    return _event_form(request, event.group, event)


def event_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, and then say that the group does not meet."""
    event = _get_own_event(request, pk)
    if request.method == "POST":
        done = _("It is cancelled, and the others in the group are told.")
        tell_outcome(request, lambda: gathering.cancel_event(event=event, by=request.user), done)
        return redirect(event.group)
    return render(request, "exchange/conversations/event_cancel.html", {"event": event, "group": event.group})


@require_safe
def event_file(request: PersonRequest, pk: int) -> HttpResponse:
    """Send an event for a calendar; a cancelled one takes itself out of it."""
    event, user = _get_event(request, pk), request.user
    occasion = occasion_of(event)
    data = (
        invitation(occasion, [(user.name, user.email)], method="CANCEL", made_at=occasion.changed_at)
        if event.cancelled_at
        else feed([occasion], name=event.title)
    )
    headers = {"Content-Disposition": f'attachment; filename="event-{event.pk}.ics"', "Cache-Control": "private"}
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)


def _event_form(request: PersonRequest, group: Group, event: GroupEvent | None) -> HttpResponse:
    form = EventForm(request.POST or None, initial=event_initial(event, request.user))
    if form.is_bound and form.is_valid():
        try:
            gathering.save_event(group=group, event=event, values=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved, and the others in the group are told."))
            return redirect(group)
    context = {"form": form, "group": group, "event": event}
    return render_form(request, "exchange/conversations/event_form.html", context, invalid=form.is_bound)


def _get_own(request: PersonRequest, pk: int) -> Group:
    group: Group = get_object_or_404(Group.objects.visible_to(request.user).select_related("office"), pk=pk)
    if not request.user.has_perm("conversations.take_part", group):
        raise PermissionDenied
    return group


def _get_event(request: PersonRequest, pk: int) -> GroupEvent:
    rows = GroupEvent.objects.visible_to(request.user).select_related("group__office", "by")
    found: GroupEvent = get_object_or_404(rows, pk=pk)
    return found


def _get_own_event(request: PersonRequest, pk: int) -> GroupEvent:
    """Return an event that the reader planned, or whose group they keep."""
    event = _get_event(request, pk)
    if event.by != request.user and not request.user.has_perm("conversations.keep_group", event.group):
        raise PermissionDenied
    return event
