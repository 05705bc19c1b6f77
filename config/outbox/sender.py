"""The sender: claims messages and takes them to the mail server. docs/outbox.md tells the protocol in prose.

The point of it all: between "the server has it" and "we have written that it has it" there is exactly one message, and
after a crash that message is `unknown`, which is never sent again by itself.
"""

import logging
import random
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from config.ops.services import beat
from config.outbox.claiming import InHand, claim
from config.outbox.ledger import give_back, settle, step
from config.outbox.mime import ascii_address, build_mime
from config.outbox.models import Message, Suppression
from config.outbox.reaping import lock, reap, unlock
from config.outbox.rendering import speak_to
from config.outbox.suppression import suppress
from config.outbox.transport import CannotConnectError, Envelope, Fate, Outcome, Transport

logger = logging.getLogger(__name__)
State = Message.State

MOST_ATTEMPTS = 12
FIRST_WAIT = 60.0  # seconds before the second attempt after a refusal for now, doubled for each further one
FIRST_PAUSE = 2.0  # the same after a lost connection
LONGEST_WAIT = 4 * 3600.0
URGENT_EVERY = 0.5  # seconds between two looks for mail that somebody waits for
HOLDS = 60.0  # seconds for which what was asked at the claim is taken as true
BEATS = 10.0  # seconds between two signs of life
RECONNECTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # waits before trying to write the last facts, where the database is away
stopping = threading.Event()  # set when the process is told to end: its senders finish the message in hand


@dataclass(frozen=True)
class Outgoing:
    """A message as it leaves."""

    message: Message
    data: bytes
    envelope: Envelope


class Sender:
    """One sender. Its number is the key of an advisory lock that its database session holds while it works."""

    def __init__(self) -> None:
        self.owner = secrets.randbits(62)
        self.transport = Transport()
        self.accepted: Message | None = None  # the server has it; the next commit writes so
        self.unbegun: Message | None = None  # perhaps written as begun, but nothing of it has left
        self.urgent_at = 0.0
        self.beat_at = 0.0

    def run(self, *, seconds: float = 600.0) -> int:
        """Send what is due until nothing is, `seconds` have passed, or `stopping` is set.

        Returns:
            How many messages the server accepted.
        """
        reap()
        deadline = time.monotonic() + seconds
        sent = 0
        lock(self.owner)
        try:
            self._beat()
            while not stopping.is_set() and time.monotonic() < deadline and (batch := claim(self.owner)):
                sent += self.send(batch)
                self._beat()
        except CannotConnectError as error:
            logger.warning("No connection to the mail server: %s", error)
        finally:
            self.finish()
        return sent

    def send(self, batch: list[InHand]) -> int:
        """Send claimed messages, and what is urgent before them. What is not begun in time stays claimed.

        Returns:
            How many the server accepted.
        """
        sent = 0
        queue = deque(batch)
        self.urgent_at = time.monotonic() + URGENT_EVERY
        until = time.monotonic() + HOLDS
        current = self._next(queue)
        while current:
            self.transport.open()
            # The next one is written before this one leaves, so that its envelope can travel with this one's last dot.
            going_on = not stopping.is_set() and time.monotonic() < until
            following = self._next(queue) if going_on else None
            outcome = self.transport.begin(current.envelope)
            if outcome is None:
                if not self._may_leave(current.message):
                    self.transport.abandon()
                    break
                outcome = self.transport.finish(current.data, following.envelope if following else None)
            self.unbegun = None
            if outcome.fate is Fate.ACCEPTED:
                current.message.reply = outcome.reply
                self.accepted = current.message
                sent += 1
            else:
                self._settle(current.message, outcome)
            current = following
        give_back(self.owner)
        return sent

    def finish(self) -> None:
        """Write what is known, give back what was not begun, and let go of the lock; wait for a database that is away.

        Raises:
            DatabaseError: it did not come back.
        """
        self.transport.close()
        for wait in RECONNECTS:
            time.sleep(wait)
            try:
                step(self.owner, done=self.accepted, begin=None)
                self.accepted = None
                give_back(self.owner, not_begun=self.unbegun)
                unlock(self.owner)
            except (DatabaseError, InterfaceError):
                if wait == RECONNECTS[-1] or connection.in_atomic_block:
                    raise
                connection.close()
            else:
                return

    def _beat(self) -> None:
        if time.monotonic() >= self.beat_at:
            beat("sender")
            self.beat_at = time.monotonic() + BEATS

    def _next(self, queue: deque[InHand]) -> Outgoing | None:
        """Return the next message that has something to say; write of the others why they are not sent."""
        if time.monotonic() >= self.urgent_at:
            queue.extendleft(reversed(claim(self.owner, urgent=True)))
            self.urgent_at = time.monotonic() + URGENT_EVERY
        while queue:
            if going := self._write(queue.popleft()):
                return going
        return None

    def _write(self, in_hand: InHand) -> Outgoing | None:
        message = in_hand.message
        try:
            with speak_to(message):
                rendered = in_hand.prepared.render()
            if rendered is not None:
                data = build_mime(message, rendered)
                envelope = Envelope(settings.DEFAULT_FROM_EMAIL, ascii_address(message.recipient), len(data))
                return Outgoing(message, data, envelope)
            settle(self.owner, message, State.EMPTY, was=[State.CLAIMED])
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("Message %s cannot be written", message.pk)
            reply = f"{type(error).__name__}: {error}"
            settle(self.owner, message, State.FAILED, was=[State.CLAIMED], reply=reply)
        return None

    def _may_leave(self, message: Message) -> bool:
        """In one commit: the message before this one is sent, this one is about to be. Return whether it is ours."""
        self.unbegun = message
        ours = step(self.owner, done=self.accepted, begin=message)
        self.accepted = None
        return ours

    def _settle(self, message: Message, outcome: Outcome) -> None:
        """Write what became of a message that was not accepted."""
        attempts = message.attempts + 1
        was = [State.CLAIMED, State.SUBMITTING]
        if outcome.fate is Fate.UNKNOWN:
            state, later = State.UNKNOWN, None
        elif outcome.fate is Fate.REFUSED or attempts >= MOST_ATTEMPTS:
            state, later = State.FAILED, None
        elif outcome.fate is Fate.DEFERRED:
            state, later = State.RETRY, _wait(FIRST_WAIT, attempts)
        else:
            state, later = State.READY, _wait(FIRST_PAUSE, attempts)
        fields: dict[str, object] = {"reply": outcome.reply, "attempts": attempts}
        if later:
            fields["not_before"] = timezone.now() + later
        settle(self.owner, message, state, was=was, **fields)
        if outcome.fate is Fate.REFUSED and outcome.is_bad_address:
            suppress(address=message.recipient, scope=Suppression.Scope.ALL, reason="bounce", evidence=outcome.reply)


def _wait(first: float, attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubled each time, up to LONGEST_WAIT, spread by half."""
    return timedelta(seconds=min(first * 2 ** (attempts - 1), LONGEST_WAIT) * random.uniform(0.5, 1.5))  # noqa: S311
