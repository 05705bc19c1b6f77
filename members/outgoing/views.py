"""Outgoing mail: what Talkoo wrote to whom, what became of it, and sending it again."""

from typing import Any

from django.contrib import messages as page_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import tell_outcome
from config.outbox.models import Message
from config.outbox.previews import framed, preview_of
from members.accounts.personal_data import note_address_seen
from members.accounts.requests import PersonRequest
from members.outgoing.filters import MessageFilter
from members.outgoing.queries import messages_visible_to, repeats_of, suppressions_of
from members.outgoing.rules import reads_mail
from members.outgoing.services import is_closed_by_bounces, open_address, send_again
from members.outgoing.words import BADGES, STATES, explain, kind_label

PAGE_SIZE = 50


@require_safe
def message_list(request: PersonRequest) -> HttpResponse:
    """Show the newest first, a page from where the one before ended: counting them all would cost more than reading."""
    if not reads_mail(request.user):
        raise PermissionDenied
    found = MessageFilter(request.GET, queryset=messages_visible_to(request.user), request=request)
    rows = found.qs.select_related("user").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: PAGE_SIZE + 1])
    context = {
        "filter": found,
        "filtered": any(request.GET.get(name) for name in ("q", "state", "kind")),
        "rows": [_row(message) for message in shown[:PAGE_SIZE]],
        "before": shown[PAGE_SIZE - 1].pk if len(shown) > PAGE_SIZE else None,
        "is_first": not before,
    }
    return render(request, "members/outgoing/message_list.html" + ("#listing" if request.htmx else ""), context)


@require_safe
def message_detail(request: PersonRequest, pk: int) -> HttpResponse:
    message = _get_message(request, pk)
    note_address_seen(who=request.user, address=message.recipient)
    suppressions = suppressions_of(message)
    context = _row(message) | {
        "events": [(one, STATES.get(one.state, one.state)) for one in message.events.all()],
        "reports": message.feedback.order_by("received_at"),
        "suppressions": suppressions,
        "is_closed_by_bounces": is_closed_by_bounces(suppressions),
        "is_open": message.state in Message.OPEN,
        "preview": preview_of(message),
        "again": Message.objects.filter(pk=message.payload.get("again") or 0).first(),
        "repeats": repeats_of(message),
    }
    return render(request, "members/outgoing/message_detail.html", context)


@require_safe
def message_preview(request: PersonRequest, pk: int) -> HttpResponseBase:
    preview = preview_of(_get_message(request, pk))
    if preview.problem:
        raise Http404
    return framed(request, preview.html)


@require_POST
def message_again(request: PersonRequest, pk: int) -> HttpResponse:
    message = _get_message(request, pk)
    try:
        again = send_again(message=message, by=request.user)
    except ValidationError as error:
        page_messages.error(request, " ".join(error.messages))
        return redirect("outgoing:message_detail", message.pk)
    page_messages.success(request, _("It is on its way again."))
    return redirect("outgoing:message_detail", again.pk)


@require_POST
def address_open(request: PersonRequest, pk: int) -> HttpResponse:
    message = _get_message(request, pk)
    done = _("%(address)s gets mail again.") % {"address": message.recipient}
    tell_outcome(request, lambda: open_address(message=message, by=request.user), done)
    return redirect("outgoing:message_detail", message.pk)


def _get_message(request: PersonRequest, pk: int) -> Message:
    return get_object_or_404(messages_visible_to(request.user).select_related("user"), pk=pk)


def _row(message: Message) -> dict[str, Any]:
    return {
        "message": message,
        "kind": kind_label(message.kind),
        "state": STATES[message.state],
        "badge": BADGES.get(Message.State(message.state), "neutral"),
        "why": explain(message),
    }
