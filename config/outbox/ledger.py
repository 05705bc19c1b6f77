"""What a sender writes about the messages in its hand. Every statement asks whether they are still its own."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from weakref import WeakSet

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from config.outbox.models import Event, Message

logger = logging.getLogger(__name__)
State = Message.State

LEASE = timedelta(minutes=10)  # how long a sender may be silent before it counts as hanging
SETTLED = frozenset(State) - frozenset(Message.OPEN)

# One statement, so one round trip and one commit: the message before is sent, also where a reaper has called it unknown
# meanwhile, and the next one is about to be. The two counts say which of them were still ours. It is prepared, because
# planning it takes longer than doing it. "state || ''" keeps the plan from `outbox_in_hand`: statistics from before a
# bulk change say that it is empty, and a scan of it then reads thousands of rows for each message.
STEP = """
PREPARE outbox_step (bigint, bigint, text, bigint) AS
WITH done AS (
    UPDATE outbox_message SET state = 'sent', reply = $3, sent_at = clock_timestamp()
    WHERE id = $2 AND owner = $1 AND state IN ('submitting', 'unknown') RETURNING id
), told AS (
    INSERT INTO outbox_event (message_id, at, state, owner, note, fenced)
    SELECT id, clock_timestamp(), 'sent', $1, $3, false FROM done
), begun AS (
    UPDATE outbox_message SET state = 'submitting', attempts = attempts + 1,
        lease_until = clock_timestamp() + interval '{lease} seconds'
    WHERE id = $4 AND owner = $1 AND state || '' = 'claimed' RETURNING id
)
SELECT (SELECT count(*) FROM done), (SELECT count(*) FROM begun)
"""
_prepared: "WeakSet[object]" = WeakSet()  # sessions that know the statement


def step(owner: int, *, done: Message | None, begin: Message | None) -> bool:
    """Write, in one commit, that the server has `done` (its `reply` is the server's) and that `begin` may leave now.

    Returns:
        Whether `begin` is still ours; a reaper may have taken it for a dead sender's.
    """
    if done is None and begin is None:
        return False
    connection.ensure_connection()
    with connection.cursor() as cursor:
        if connection.connection not in _prepared:
            cursor.execute(STEP.format(lease=int(LEASE.total_seconds())))
            _prepared.add(connection.connection)
        parameters = [owner, done.pk if done else None, done.reply if done else "", begin.pk if begin else None]
        cursor.execute("EXECUTE outbox_step (%s, %s, %s, %s)", parameters)
        were_done, begun = cursor.fetchone() or (0, 0)
    if done and not were_done:
        record_fenced(done, owner)
    if begin and not begun:
        record_fenced(begin, owner)
    return bool(begun)


def settle(
    owner: int, message: Message, state: Message.State, *, was: Sequence[Message.State], **fields: object
) -> bool:
    """Change a message that is still ours.

    Returns:
        Whether it was.
    """
    with transaction.atomic():
        ours = Message.objects.filter(pk=message.pk, owner=owner, state__in=was)
        if ours.update(state=state, **fields) != 1:
            record_fenced(message, owner)
            return False
        message.state = state
        message.reply = str(fields.get("reply", message.reply))
        log([message])
    return True


def give_back(owner: int, *, not_begun: Message | None = None) -> None:
    """Make ready again what this sender has claimed, and `not_begun`, of which it knows that nothing has left."""
    with transaction.atomic():
        Message.objects.filter(owner=owner, state=State.CLAIMED).update(state=State.READY, owner=None)
        if not_begun:
            begun = Message.objects.filter(pk=not_begun.pk, owner=owner, state__in=[State.SUBMITTING, State.UNKNOWN])
            if begun.update(state=State.READY, owner=None, attempts=F("attempts") - 1):
                Event.objects.create(message=not_begun, state=State.READY, owner=owner, note="nothing of it had left")


def log(messages: Iterable[Message]) -> None:
    """Append the present state of each of `messages` to the outbox's journal."""
    Event.objects.bulk_create(
        Event(message=message, state=message.state, owner=message.owner, note=message.reply) for message in messages
    )


def record_fenced(message: Message, owner: int) -> None:
    """Write that a sender had to leave a message alone, because somebody else has taken it."""
    logger.warning("Message %s is not sender %s's any more", message.pk, owner)
    for state in Message.objects.filter(pk=message.pk).values_list("state", flat=True):
        Event.objects.create(message=message, state=state, owner=owner, fenced=True, at=timezone.now())
