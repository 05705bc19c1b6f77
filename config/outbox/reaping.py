"""Taking over what dead senders had in hand."""

import logging

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from config.outbox.ledger import log
from config.outbox.models import Message

logger = logging.getLogger(__name__)
State = Message.State


def reap() -> int:
    """Take what dead senders had in hand: not begun → ready, begun → unknown.

    A sender is dead when its advisory lock is free. One whose lease has run out while it still holds the lock hangs:
    its database session is ended first, and the next look finds the lock free.

    Returns:
        How many messages were taken.
    """
    in_hand = Message.objects.filter(state__in=[State.CLAIMED, State.SUBMITTING], owner__isnull=False)
    taken = 0
    for owner, lease in in_hand.values_list("owner").annotate(Max("lease_until")):
        if owner is None:
            continue
        if lock(owner, wait=False):
            try:
                taken += _take_over(owner)
            finally:
                unlock(owner)
        elif lease and lease < timezone.now():
            logger.warning("Sender %s has not moved since before %s: ending its session", owner, lease)
            _end_session(owner)
    return taken


def lock(owner: int, *, wait: bool = True) -> bool:
    """Take the advisory lock of a sender for this database session, which says that the sender lives.

    Returns:
        Whether it was taken; always, with `wait`.
    """
    function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [owner])
        row = cursor.fetchone()
    return wait or bool(row and row[0])


def unlock(owner: int) -> None:
    """Let go of the advisory lock of a sender."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [owner])


def _take_over(owner: int) -> int:
    with transaction.atomic():
        rows = list(
            Message.objects.select_for_update().filter(owner=owner, state__in=[State.CLAIMED, State.SUBMITTING])
        )
        for row in rows:
            begun = row.state == State.SUBMITTING
            row.state = State.UNKNOWN if begun else State.READY
            row.owner = owner if begun else None
            row.reply = "the sender ended while submitting" if begun else row.reply
        Message.objects.bulk_update(rows, ["state", "owner", "reply"])
        log(rows)
    return len(rows)


def _end_session(owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32 | objid::bigint) = %s",
            [owner],
        )
