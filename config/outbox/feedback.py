"""What a mail service reports of a message after it has taken it: bounces, complaints, wishes to leave."""

import hashlib
import json
import re
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from config.outbox.codes import enhanced_code, is_bad_address
from config.outbox.kinds import scope_of
from config.outbox.ledger import log
from config.outbox.models import Event, Feedback, Message, Suppression
from config.outbox.suppression import suppress

State = Message.State

# Of these the original is kept. That somebody opened a mail or followed a link is nobody's business.
KEPT = frozenset(
    {
        EventType.BOUNCED,
        EventType.REJECTED,
        EventType.FAILED,
        EventType.COMPLAINED,
        EventType.UNSUBSCRIBED,
    }
)
# Who reports one of these has had the message.
HAD_IT = KEPT - {EventType.REJECTED, EventType.FAILED} | {EventType.DELIVERED, EventType.DEFERRED}
_MESSAGE_ID = re.compile(r"<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^>]*>?")


@receiver(tracking)
def take_report(event: AnymailTrackingEvent, esp_name: str, **_kwargs: object) -> None:
    """Keep one report and act on it; the same one a second time changes nothing.

    - A message that was `unknown` is `sent` if the service has had it.
    - An address that cannot get mail, or that the service refuses to serve, gets none any more.
    - Who calls a digest spam, or leaves it at the service, gets no digest any more; other mail called spam stops all
      but what an account needs.
    """
    with transaction.atomic():
        message = _find(event.message_id)
        if message and message.state == State.UNKNOWN and event.event_type in HAD_IT:
            message.state, message.sent_at = State.SENT, message.sent_at or timezone.now()
            message.reply = f"{esp_name} has had it: {event.event_type}"
            message.save(update_fields=["state", "sent_at", "reply"])
            log([message])
        if event.event_type not in KEPT or not _keep(event, esp_name, message):
            return
        told = _one_line(event.mta_response or event.description or event.reject_reason or "")
        if message:
            Event.objects.create(
                message=message, state=message.state, owner=message.owner, note=f"{event.event_type}: {told}"
            )
        address = message.recipient if message else event.recipient
        if address and (scope := _scope(event, message)):
            suppress(address=address, scope=scope, reason=str(event.event_type), evidence=f"{esp_name}: {told}")


def _find(message_id: str | None) -> Message | None:
    """Return the message that a Message-ID of ours names, locked; services that give their own name none."""
    found = _MESSAGE_ID.fullmatch(message_id or "")
    return Message.objects.select_for_update().filter(uuid=UUID(found[1])).first() if found else None


def _keep(event: AnymailTrackingEvent, service: str, message: Message | None) -> bool:
    """Keep the original, and return whether it is new."""
    original = json.dumps(_plain(event.esp_event), sort_keys=True, ensure_ascii=True, default=str)
    name = event.event_id or hashlib.sha256(original.encode()).hexdigest()
    _row, created = Feedback.objects.get_or_create(
        service=service,
        event_id=str(name)[:200],
        event=event.event_type,
        defaults={
            "message": message,
            "recipient": (event.recipient or "")[:254].replace("\x00", ""),
            "reported_at": event.timestamp,
            "original": original,
        },
    )
    return created


def _plain(original: Any) -> Any:
    """Return what a service sent as JSON can write it; forms have several values a name."""
    return dict(original.lists()) if hasattr(original, "lists") else original


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:500]


def _scope(event: AnymailTrackingEvent, message: Message | None) -> Suppression.Scope | None:
    """Return what the address gets no more; None where it may be well again tomorrow (a mailbox that is full)."""
    if event.event_type == EventType.UNSUBSCRIBED:
        return Suppression.Scope.DIGEST
    if event.event_type == EventType.COMPLAINED:
        of_digest = message is not None and scope_of(message.kind) == Suppression.Scope.DIGEST
        return Suppression.Scope.DIGEST if of_digest else Suppression.Scope.ALL
    if code := enhanced_code(event.mta_response or ""):
        return Suppression.Scope.ALL if is_bad_address(code) else None
    gone = {RejectReason.INVALID, RejectReason.BOUNCED}
    return Suppression.Scope.ALL if event.reject_reason in gone else None
