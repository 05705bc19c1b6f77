"""What became of messages that are `unknown`, told by the mail server's own log."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.outbox.ledger import LEASE, log
from config.outbox.models import Message

State = Message.State

# Postfix: cleanup names the Message-ID of a queue file while it comes in, qmgr the file once it was taken over whole.
_LINE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\dT\S+|\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix\S*/(?P<what>\w+)\[\d+\]: (?P<rest>.*)"
)
_MESSAGE_ID = re.compile(r"(?P<queue>[0-9A-Za-z]+): message-id=(?P<id><[^>]+>)")
_TAKEN = re.compile(r"(?P<queue>[0-9A-Za-z]+): from=<.*\(queue active\)")
SLACK = timedelta(minutes=1)  # clocks differ


@dataclass
class ServerLog:
    """What a Postfix log says: the Message-IDs that it took over with their queue file, and the time it covers."""

    taken: dict[str, str] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the log begins before `start` and ends after `end`."""
        return bool(self.first and self.last and self.first <= start - SLACK and self.last >= end + SLACK)


@dataclass
class Reconciled:
    """How many messages became `sent`, became `ready`, or stay `unknown`."""

    sent: int = 0
    ready: int = 0
    unknown: int = 0


def read_postfix_log(lines: Iterable[str], *, now: datetime) -> ServerLog:
    """Read a log with traditional or RFC 3339 time stamps; lines that are none of Postfix's are passed over.

    Args:
        now: traditional stamps have no year and no zone; they are the server's local time of the last twelve months.
    """
    found = ServerLog()
    names: dict[str, str] = {}
    for line in lines:
        if not (parts := _LINE.match(line)) or not (at := _time(parts["at"], now)):
            continue
        found.first = found.first or at
        found.last = at
        if parts["what"] == "cleanup" and (named := _MESSAGE_ID.match(parts["rest"])):
            names[named["queue"]] = named["id"]
        elif parts["what"] == "qmgr" and (taken := _TAKEN.match(parts["rest"])) and taken["queue"] in names:
            found.taken[names[taken["queue"]]] = taken["queue"]
    return found


def reconcile(server_log: ServerLog, *, complete: bool) -> Reconciled:
    """Settle what is `unknown`: what the server took over is sent, what it never saw may be sent again.

    Args:
        complete: nothing is missing between the log's first line and its last; without that, what is absent stays
            unknown, as does what was tried outside the time that the log covers.
    """
    done = Reconciled()
    longest = timedelta(seconds=settings.EMAIL_TIMEOUT)
    with transaction.atomic():
        rows = list(Message.objects.select_for_update(skip_locked=True).filter(state=State.UNKNOWN).order_by("pk"))
        for row in rows:
            tried = row.lease_until - LEASE if row.lease_until else row.created_at
            if queue := server_log.taken.get(row.message_id):
                row.state, row.sent_at = State.SENT, row.sent_at or timezone.now()
                row.reply = f"the mail server's log has it as {queue}"
                done.sent += 1
            elif complete and server_log.covers(tried, tried + longest):
                row.state, row.owner, row.not_before = State.READY, None, timezone.now()
                row.reply = "the mail server's log does not have it"
                done.ready += 1
            else:
                done.unknown += 1
        changed = [row for row in rows if row.state != State.UNKNOWN]
        Message.objects.bulk_update(changed, ["state", "reply", "owner", "not_before", "sent_at"])
        log(changed)
    return done


def _time(text: str, now: datetime) -> datetime | None:
    try:
        if text[4] == "-":
            return datetime.fromisoformat(text)
        local = now.astimezone()
        at = datetime.strptime(f"{local.year} {text}", "%Y %b %d %H:%M:%S").replace(tzinfo=local.tzinfo)
        return at if at <= local + timedelta(days=1) else at.replace(year=at.year - 1)
    except ValueError:
        return None
