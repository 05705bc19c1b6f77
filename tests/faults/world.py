"""A network whose digests are due, real senders over a real database, and a receiver that counts."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from config.outbox.invariant import compare_ledger
from config.outbox.models import Message
from exchange.bench.sink import Faults, run_sink
from exchange.digests.models import Subscription

State = Message.State
PATIENCE = 600.0  # seconds until a fault that does not come to an end has failed


@dataclass
class Result:
    """What became of the digests under one fault.

    Attributes:
        planned: messages that should have been queued, and were.
        delivered: messages that the receiver took, each counted once.
        duplicates: what it took once more.
        lost: messages that are neither delivered nor settled with a reason, or whose state is not what happened, or not
            what the journal says.
        unknown: messages whose fate only the mail server knows.
        interrupted: connections that were cut, or senders that were killed: each may leave one unknown.
        settled: messages that were not to be sent, by state.
    """

    fault: str
    dose: int
    planned: int
    delivered: int
    duplicates: int
    lost: int
    unknown: int
    interrupted: int
    settled: dict[str, int]

    @property
    def is_good(self):
        return not self.duplicates and not self.lost and self.unknown <= self.interrupted

    def as_dict(self):
        return asdict(self)


class World:
    """One fault's world: `readers` people with a daily digest that is due."""

    def __init__(self, name, dose, readers, sink):
        self.name, self.dose, self.readers, self.sink = name, dose, readers, sink
        self.interrupted = 0
        self.senders = []
        self.folder = settings.BASE_DIR
        self.dice = random.Random(dose)

    def environment(self):
        return os.environ | {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "TALKOO_EMBEDDED": "0",
            "WAKE_EVERY": "0.3",
            "LOG_LEVEL": "CRITICAL",
        }

    def start(self, *command):
        """Start a process, by default one that plans and sends for ever."""
        command = command or ("manage.py", "post", "--forever")
        process = subprocess.Popen(
            [sys.executable, *command], cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.senders.append(process)
        return process

    def kill(self, process, *, with_signal=signal.SIGKILL):
        process.send_signal(with_signal)
        process.wait(60)
        self.senders.remove(process)

    def wait_for(self, condition):
        """Wait until `condition` holds; a database that is away is waited for too."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except (DatabaseError, InterfaceError):
                connection.close()
            time.sleep(0.05)
        raise TimeoutError(f"{self.name}: nothing moves any more")

    def delivered(self):
        return self.sink.count("taken")

    def settle(self):
        """Wait until everything is settled; what waits for another attempt gets it at once: the clock is moved."""
        self.wait_for(self._is_settled)
        self._stop()
        while not self._is_settled():  # a sender that waited for the database has given something back at its end
            self.start()
            self.wait_for(self._is_settled)
            self._stop()

    def _stop(self):
        for process in self.senders:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        for process in self.senders:
            process.wait(60)
        self.senders.clear()

    def _is_settled(self):
        now = timezone.now()
        open_ones = Message.objects.filter(kind="digests.digest", state__in=Message.OPEN)
        open_ones.filter(state__in=[State.RETRY, State.READY], not_before__gt=now).update(not_before=now)
        return Message.objects.filter(kind="digests.digest").exists() and not open_ones.exists()

    def result(self, *, expected=None):
        """Hold what the outbox says against what the receiver counted."""
        expected = self.readers if expected is None else expected
        taken = self.sink.deliveries()
        messages = {one.message_id: one.state for one in Message.objects.filter(kind="digests.digest")}
        states = Counter(messages.values())
        wrong = [
            (key, state, taken[key])
            for key, state in messages.items()
            if (state == State.SENT and key not in taken)
            or (key in taken and state not in {State.SENT, State.UNKNOWN})
            or state in Message.OPEN
        ]
        for what in [*wrong, *(one for one in taken.items() if one[1] > 1)]:
            print(self.name, *what, file=sys.stderr)
        return Result(
            fault=self.name,
            dose=self.dose,
            planned=len(messages),
            delivered=len(taken),
            duplicates=sum(taken.values()) - len(taken) + max(0, len(messages) - expected),
            lost=len(wrong)
            + compare_ledger().broken
            + max(0, expected - len(messages))
            + len(taken.keys() - messages.keys()),
            unknown=states[State.UNKNOWN],
            interrupted=self.interrupted,
            settled={str(key): n for key, n in states.items() if key not in {State.SENT, State.UNKNOWN}},
        )


def forget(readers):
    """Begin anew: nobody was told of anything, and the digests of the first `readers` are due."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE outbox_event, outbox_feedback, outbox_message, outbox_suppression")
    Subscription.objects.update(cadence="daily", next_due=None, last_due=None, asked_at=None, confirmed_no=0)
    due = Subscription.objects.filter(user__email__startswith="reader").order_by("pk").values("pk")[:readers]
    Subscription.objects.filter(pk__in=due).update(next_due=timezone.now())


@contextmanager
def world(name, dose, readers, faults=None):
    """Give a fault its world; whatever it started ends with it."""
    forget(readers)
    with ExitStack() as stack:
        made = World(name, dose, readers, stack.enter_context(run_sink(faults or Faults())))
        try:
            yield made
        finally:
            for process in made.senders:
                process.kill()
                process.wait(60)
