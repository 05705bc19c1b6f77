"""Putting messages into the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from config.outbox.kinds import Kind
from config.outbox.models import Event, Message

if TYPE_CHECKING:
    from members.accounts.models import User


@transaction.atomic(savepoint=False)  # the message and its first event are one commit, whoever calls
def queue_message(
    *,
    kind: Kind,
    key: str,
    to: str,
    language: str,
    payload: dict[str, object],
    user: "User | None" = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message | None:
    """Queue one message, in the transaction of the act that causes it.

    Args:
        key: names the message for ever; a second one with the same key is not queued.
        payload: ids only; the text is rendered when it is sent.

    Returns:
        The new message, or None where one with this key exists.
    """
    message, created = Message.objects.get_or_create(
        key=f"{kind.name}:{key}",
        defaults={
            "kind": kind.name,
            "priority": kind.priority,
            "recipient": to,
            "user": user,
            "language": language,
            "payload": payload,
            "not_before": not_before or timezone.now(),
            "expires_at": expires_at,
        },
    )
    if not created:
        return None
    Event.objects.create(message=message, state=message.state)
    wake_senders()
    return message


@transaction.atomic(savepoint=False)
def queue_messages(messages: Sequence[Message]) -> int:
    """Queue many messages at once, in the transaction of the act that causes them; known keys are left out.

    Returns:
        How many were new.
    """
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    new = list(Message.objects.filter(uuid__in=[message.uuid for message in messages]))
    Event.objects.bulk_create(Event(message=message, state=message.state) for message in new)
    if new:
        wake_senders()
    return len(new)


@transaction.atomic
def hold_back(messages: "QuerySet[Message]", *, reason: str) -> int:
    """Keep back those of `messages` that no sender is submitting and that are not settled.

    A sender that has claimed one finds that it is its own no more, and leaves it; so this takes effect at once.

    Returns:
        How many were kept back; they are `suppressed`.
    """
    states = [Message.State.READY, Message.State.RETRY, Message.State.CLAIMED]
    waiting = messages.filter(state__in=states)
    rows = list(waiting.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    Message.objects.filter(pk__in=rows).update(state=Message.State.SUPPRESSED, owner=None, reply=reason)
    Event.objects.bulk_create(Event(message_id=pk, state=Message.State.SUPPRESSED, note=reason) for pk in rows)
    return len(rows)


def refresh_statistics() -> None:
    """Have PostgreSQL look at the outbox again, after many messages were queued at once.

    On stale statistics it takes the wrong index: each commit of a sender then reads through thousands of rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")


def wake_senders() -> None:
    """Tell a worker to look at the outbox once this transaction is committed. If it does not hear, beat will."""
    from config.outbox.tasks import send_mail_task

    transaction.on_commit(send_mail_task.delay, robust=True)  # the act is done, whether the broker is there or not
