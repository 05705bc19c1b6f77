"""The sender: who may write which state of a message, and when. docs/outbox.md tells it in prose.

The point of it all: between "the server has it" and "we have written that it has it" there is exactly one message, and
after a crash that message is `unknown`, which is never sent again by itself.
"""

import logging
import random
import secrets
import threading
import time
from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone, translation

from config.outbox.kinds import Kind, get_kind
from config.outbox.mime import ascii_address, build_mime
from config.outbox.models import Event, Message, Suppression
from config.outbox.suppression import is_suppressed, suppress, suppressed_scopes
from config.outbox.transport import CannotConnectError, Fate, Outcome, Transport

logger = logging.getLogger(__name__)
State = Message.State

BATCH = 200
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 12
FIRST_WAIT = 60.0  # seconds before the second attempt, doubled for each further one
SETTLED = frozenset(State) - frozenset(Message.OPEN)
LONGEST_WAIT = 4 * 3600.0
stopping = threading.Event()  # set when the process is told to end: its senders finish the message in hand


class Sender:
    """One sender. Its number is the key of an advisory lock that its database session holds while it works."""

    def __init__(self) -> None:
        self.owner = secrets.randbits(62)
        self.transport = Transport()
        self.accepted: Message | None = None  # the server has it; the next commit writes so

    def run(self, *, seconds: float = 600.0) -> int:
        """Send what is due until nothing is, `seconds` have passed, or `stopping` is set.

        Returns:
            How many messages the server accepted.
        """
        reap()
        deadline = time.monotonic() + seconds
        sent = 0
        _lock(self.owner)
        try:
            while not stopping.is_set() and time.monotonic() < deadline and (batch := self._claim()):
                sent += self._send_batch(batch)
        except CannotConnectError as error:
            logger.warning("No connection to the mail server: %s", error)
        finally:
            self._finish()
        return sent

    def _claim(self) -> list[Message]:
        """Take up to BATCH messages; none where nothing is due."""
        while True:
            claimed, looked_at = self._claim_some()
            # Where all of them had to be dropped there may be more behind them.
            if claimed or not looked_at:
                return claimed

    def _claim_some(self) -> tuple[list[Message], int]:
        """Look at up to BATCH messages; those that are not to be sent any more get their final state.

        Returns:
            The others, claimed, and how many were looked at.
        """
        now = timezone.now()
        with transaction.atomic():
            waiting = Message.objects.filter(state__in=[State.READY, State.RETRY], not_before__lte=now)
            rows = list(
                waiting.select_related("user")
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("priority", "not_before", "id")[:BATCH]
            )
            scopes = suppressed_scopes(row.recipient for row in rows)
            claimed = []
            for row in rows:
                state, row.reply = self._claimed_state(row, scopes.get(row.recipient, set()))
                if state == State.CLAIMED and (later := get_kind(row.kind).hold_until(row)) and later > timezone.now():
                    row.not_before = later
                    continue
                row.state = state
                row.owner = self.owner
                row.lease_until = now + LEASE
                if state == State.CLAIMED:
                    claimed.append(row)
            Message.objects.bulk_update(rows, ["state", "reply", "owner", "lease_until", "not_before"])
            _log(row for row in rows if row.state in SETTLED)
        return claimed, len(rows)

    def _claimed_state(self, row: Message, scopes: set[str]) -> tuple[str, str]:
        if row.expires_at and row.expires_at <= timezone.now():
            return State.EXPIRED, "not sent in time"
        try:
            kind = get_kind(row.kind)
            if is_suppressed(kind.scope, scopes):
                return State.SUPPRESSED, "the address is suppressed"
            if not kind.still_wanted(row):
                return State.SUPPRESSED, "not wanted any more"
        except Exception as error:
            logger.exception("Message %s cannot be claimed", row.pk)
            return State.FAILED, f"{type(error).__name__}: {error}"
        return State.CLAIMED, row.reply

    def _send_batch(self, batch: list[Message]) -> int:
        sent = 0
        for message in batch:
            if stopping.is_set():
                break
            data = self._render(message)
            if data is None:
                continue
            self.transport.open()
            if not self._submit(message):
                continue
            recipient = ascii_address(message.recipient)
            outcome = self.transport.send(sender=settings.DEFAULT_FROM_EMAIL, recipient=recipient, data=data)
            if outcome.fate is Fate.ACCEPTED:
                message.reply = outcome.reply
                self.accepted = message
                sent += 1
            else:
                self._settle(message, outcome)
        self._confirm()
        return sent

    def _render(self, message: Message) -> bytes | None:
        """Return the bytes to send, or None after writing why there are none; other messages go on."""
        try:
            zone = ZoneInfo(message.user.time_zone) if message.user else None
            kind: Kind = get_kind(message.kind)
            with translation.override(message.language), timezone.override(zone):
                rendered = kind.render(message)
                if rendered is not None:
                    return build_mime(message, rendered)
            self._set(message, State.EMPTY, was=[State.CLAIMED])
        except Exception as error:
            logger.exception("Message %s cannot be rendered", message.pk)
            self._set(message, State.FAILED, was=[State.CLAIMED], reply=f"{type(error).__name__}: {error}")
        return None

    def _submit(self, message: Message) -> bool:
        """In one commit: the message before this one is sent, this one is about to be.

        Returns:
            Whether it is still ours; a reaper may have taken it for a dead sender's.
        """
        with transaction.atomic():
            self._confirm()
            ours = Message.objects.filter(pk=message.pk, owner=self.owner, state=State.CLAIMED)
            lease = timezone.now() + LEASE
            return ours.update(state=State.SUBMITTING, attempts=message.attempts + 1, lease_until=lease) == 1

    def _confirm(self) -> None:
        """Write that the last accepted message is sent, also where a reaper has called it unknown meanwhile."""
        message, self.accepted = self.accepted, None
        if message is None:
            return
        with transaction.atomic():
            was = [State.SUBMITTING, State.UNKNOWN]
            if self._set(message, State.SENT, was=was, reply=message.reply, sent_at=timezone.now()):
                get_kind(message.kind).on_sent(message)

    def _settle(self, message: Message, outcome: Outcome) -> None:
        """Write what became of a message that was not accepted."""
        attempts = message.attempts + 1
        was = [State.SUBMITTING]
        if outcome.fate is Fate.UNKNOWN:
            self._set(message, State.UNKNOWN, was=was, reply=outcome.reply)
        elif outcome.fate is Fate.REFUSED or attempts >= MOST_ATTEMPTS:
            self._set(message, State.FAILED, was=was, reply=outcome.reply)
            if outcome.is_bad_address:
                suppress(
                    address=message.recipient, scope=Suppression.Scope.ALL, reason="bounce", evidence=outcome.reply
                )
        elif outcome.fate is Fate.DEFERRED:
            wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT) * random.uniform(0.5, 1.5)  # noqa: S311
            later = timezone.now() + timedelta(seconds=wait)
            self._set(message, State.RETRY, was=was, reply=outcome.reply, not_before=later)
        else:
            soon = timezone.now() + timedelta(seconds=random.uniform(1, 5))  # noqa: S311 - spreads load
            self._set(message, State.READY, was=was, reply=outcome.reply, not_before=soon)

    def _set(self, message: Message, state: Message.State, *, was: list[Message.State], **fields: object) -> bool:
        """Change a message that is still ours.

        Returns:
            Whether it was.
        """
        with transaction.atomic():
            ours = Message.objects.filter(pk=message.pk, owner=self.owner, state__in=was)
            if ours.update(state=state, **fields) != 1:
                logger.warning("Message %s is not ours any more: not %s", message.pk, state)
                return False
            message.state = state
            message.reply = str(fields.get("reply", message.reply))
            _log([message])
        return True

    def _finish(self) -> None:
        """Write what is known, give back what was not begun, and let go of the lock."""
        self._confirm()
        with transaction.atomic():
            Message.objects.filter(owner=self.owner, state=State.CLAIMED).update(state=State.READY, owner=None)
        self.transport.close()
        _unlock(self.owner)


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
        if _lock(owner, wait=False):
            try:
                taken += _take_over(owner)
            finally:
                _unlock(owner)
        elif lease and lease < timezone.now():
            logger.warning("Sender %s has not moved since before %s: ending its session", owner, lease)
            _end_session(owner)
    return taken


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
        _log(rows)
    return len(rows)


def _log(messages: Iterable[Message]) -> None:
    Event.objects.bulk_create(
        Event(message=message, state=message.state, owner=message.owner, note=message.reply) for message in messages
    )


def _lock(owner: int, *, wait: bool = True) -> bool:
    function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [owner])
        row = cursor.fetchone()
    return wait or bool(row and row[0])


def _unlock(owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [owner])


def _end_session(owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32 | objid::bigint) = %s",
            [owner],
        )
