"""Taking messages in hand, and deciding which of them are still to be sent."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from config.outbox.kinds import Prepared, get_kind
from config.outbox.ledger import LEASE, SETTLED, log
from config.outbox.limits import PER, Room, domain_of
from config.outbox.models import Event, Message
from config.outbox.suppression import is_suppressed, suppressed_scopes

logger = logging.getLogger(__name__)
State = Message.State

BATCH = 200
COUNTING = 7_238_002  # key of the advisory lock under which senders ask what a limited domain still takes


@dataclass(frozen=True)
class InHand:
    """A claimed message, and how to write it."""

    message: Message
    prepared: Prepared


def claim(owner: int, *, urgent: bool = False) -> list[InHand]:
    """Take up to BATCH messages for a sender, the most urgent first.

    Suppression, expiry and the reader's wish are asked again here; what is not to be sent any more gets its final
    state, and what has to wait goes back.

    Args:
        urgent: only those that somebody waits for.

    Returns:
        Those to be sent; none where nothing is due.
    """
    while True:
        rows = _take(owner, urgent=urgent)
        found = _decide(rows)
        # Where all of them had to be dropped there may be more behind them.
        if found or not rows:
            return found


def _take(owner: int, *, urgent: bool) -> list[Message]:
    now = timezone.now()
    waiting = Message.objects.filter(state__in=[State.READY, State.RETRY], not_before__lte=now)
    if urgent:
        waiting = waiting.filter(priority=Message.Priority.TRANSACTIONAL)
    with transaction.atomic():
        room = _room(owner, now)
        for domain in room.full:
            waiting = waiting.exclude(recipient__iendswith=f"@{domain}")
        rows = list(
            waiting.select_related("user")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("priority", "not_before", "id")[:BATCH]
        )
        rows = [row for row in rows if room.take(row.recipient)]
        lease = now + LEASE
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED, owner=owner, lease_until=lease
        )
    for row in rows:
        row.state, row.owner, row.lease_until = State.CLAIMED, owner, lease
    return rows


def _room(owner: int, now: datetime) -> Room:
    """Return what the limited domains still take; one sender at a time asks, until it has committed its claim."""
    if not settings.MAIL_DOMAIN_LIMITS:
        return Room({})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING])
    of_these, of_those = Q(), Q()
    for domain in settings.MAIL_DOMAIN_LIMITS:
        of_these |= Q(recipient__iendswith=f"@{domain}")
        of_those |= Q(message__recipient__iendswith=f"@{domain}")
    sent = Event.objects.filter(of_those, at__gt=now - PER, state=State.SENT, fenced=False)
    used = Counter(domain_of(to) for _, to in sent.order_by().values_list("message", "message__recipient").distinct())
    others: dict[str, set[int]] = defaultdict(set)
    in_hand = Message.objects.filter(of_these, state__in=[State.CLAIMED, State.SUBMITTING])
    for recipient, holder in in_hand.values_list("recipient", "owner"):
        used[domain_of(recipient)] += 1
        if holder not in {None, owner}:
            others[domain_of(recipient)].add(holder)
    counts = {domain: len(holders) for domain, holders in others.items()}
    return Room.of(settings.MAIL_DOMAIN_LIMITS, used=used, others=counts)


def _decide(rows: Sequence[Message]) -> list[InHand]:
    """Return those of the claimed `rows` that are to be sent now, in their order; write what becomes of the others."""
    scopes = suppressed_scopes(row.recipient for row in rows)
    by_kind: dict[str, list[Message]] = defaultdict(list)
    for row in rows:
        row.state, row.reply = _first_verdict(row, scopes.get(row.recipient, set()))
        if row.state == State.CLAIMED:
            by_kind[row.kind].append(row)
    prepared: dict[int, Prepared] = {}
    for kind, messages in by_kind.items():
        for row, found in zip(messages, _look_at(kind, messages), strict=True):
            if isinstance(found, Exception):
                row.state, row.reply = State.FAILED, f"{type(found).__name__}: {found}"
            elif found.unwanted:
                row.state, row.reply = State.SUPPRESSED, found.unwanted
            elif found.hold_until and found.hold_until > timezone.now():
                row.state, row.not_before = State.READY, found.hold_until
            else:
                prepared[row.pk] = found
    _put_down([row for row in rows if row.pk not in prepared])
    return [InHand(row, prepared[row.pk]) for row in rows if row.pk in prepared]


def _first_verdict(row: Message, scopes: set[str]) -> tuple[Message.State, str]:
    """Return what can be said of a claimed message without looking at what it tells: a state, and why."""
    if row.expires_at and row.expires_at <= timezone.now():
        return State.EXPIRED, "not sent in time"
    try:
        kind = get_kind(row.kind)
    except KeyError:
        return State.FAILED, f"nobody knows the kind {row.kind} any more"
    if is_suppressed(kind.scope, scopes):
        return State.SUPPRESSED, "the address is suppressed"
    return State.CLAIMED, row.reply


def _look_at(kind: str, messages: Sequence[Message]) -> list[Prepared | Exception]:
    """Prepare `messages` together; where that fails, each alone, so that one of them does not stop the others."""
    try:
        with transaction.atomic():  # else a query that fails would take the transaction of a caller with it
            return list(get_kind(kind).look_at(messages))
    except Exception as error:
        if len(messages) == 1:
            logger.exception("Message %s cannot be prepared", messages[0].pk)
            return [error]
    return [one for message in messages for one in _look_at(kind, [message])]


def _put_down(rows: Sequence[Message]) -> None:
    """Write what becomes of claimed messages that are not to be sent now, where they are still ours."""
    if not rows:
        return
    with transaction.atomic():
        ours = set(
            Message.objects.select_for_update()
            .filter(pk__in=[row.pk for row in rows], owner=rows[0].owner, state=State.CLAIMED)
            .values_list("pk", flat=True)
        )
        rows = [row for row in rows if row.pk in ours]
        for row in rows:
            row.owner = row.owner if row.state in SETTLED else None
        Message.objects.bulk_update(rows, ["state", "reply", "not_before", "owner"])
        log(row for row in rows if row.state in SETTLED)
