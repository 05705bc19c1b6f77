"""What is watched of the outbox from outside."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from config.ops.models import Heartbeat
from config.ops.services import silence_of
from config.outbox.invariant import HEARTBEAT
from config.outbox.models import Event, Message

State = Message.State

LATE = 900.0  # seconds that a message may wait for a sender
HOUR = timedelta(hours=1)
DOMAINS = 50  # named one by one; the others are "other", so that the number of time series is bounded

# A reply begins with its code, also where the connection was closed after it; reports of a mail service do not.
_REPLIES = r"""
SELECT substring(note FROM '^(\d{3})'), coalesce(substring(note FROM '^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})'), ''),
    lower(split_part(recipient, '@', 2)), count(*)
FROM outbox_event JOIN outbox_message ON outbox_message.id = message_id
WHERE at > %s AND NOT fenced AND note ~ '^\d{3}\y'
GROUP BY 1, 2, 3
"""


def sender() -> str:
    return silence_of("sender")


def waiting_mail() -> str:
    waited = oldest_ready()
    return f"the oldest has waited {waited:.0f} seconds" if waited > LATE else ""


def ledger() -> str:
    """Whether the minutely comparison runs and finds nothing."""
    row = Heartbeat.objects.filter(name=HEARTBEAT).first()
    if row and row.details.get("broken"):
        return f"{row.details['broken']} messages do not agree with their journal"
    return silence_of(HEARTBEAT)


def oldest_ready() -> float:
    """Return how many seconds the oldest message has waited that may leave; 0 where none does."""
    now = timezone.now()
    waiting = Message.objects.filter(state__in=[State.READY, State.RETRY], not_before__lte=now)
    oldest = waiting.aggregate(oldest=Min("not_before"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def collect() -> Iterator[GaugeMetricFamily]:
    """Return the outbox's figures; each reads a partial index or the last hour, however much has been sent."""
    yield GaugeMetricFamily("talkoo_outbox_oldest_ready_seconds", "Wait of the oldest due message.", oldest_ready())
    yield from _states()
    yield from _replies()
    fenced = Event.objects.filter(at__gt=timezone.now() - HOUR, fenced=True).count()
    yield GaugeMetricFamily("talkoo_outbox_fenced_last_hour", "Times that a sender had lost a message.", fenced)
    row = Heartbeat.objects.filter(name=HEARTBEAT).first()
    broken = row.details.get("broken", 0) if row else 0
    yield GaugeMetricFamily("talkoo_outbox_ledger_broken", "Messages that do not agree with their journal.", broken)


def _states() -> Iterator[GaugeMetricFamily]:
    """Count every state but `sent`, which is nearly all there is."""
    counts = Counter[str]()
    for group in (
        [State.READY, State.RETRY],
        [State.CLAIMED, State.SUBMITTING],
        [State.FAILED, State.SUPPRESSED, State.EMPTY, State.EXPIRED, State.UNKNOWN],
    ):
        rows = Message.objects.filter(state__in=group).order_by().values_list("state").annotate(Count("pk"))
        counts.update(dict.fromkeys(group, 0))
        counts.update(dict(rows))
    states = GaugeMetricFamily("talkoo_outbox_messages", "Messages that are not sent, by state.", labels=["state"])
    for state, count in sorted(counts.items()):
        states.add_metric([state], count)
    yield states
    yield GaugeMetricFamily("talkoo_outbox_unknown", "Messages that nobody knows the end of.", counts[State.UNKNOWN])


def _replies() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(_REPLIES, [timezone.now() - HOUR])
        rows = cursor.fetchall()
    by_domain = Counter[str]()
    for _code, _enhanced, domain, count in rows:
        by_domain[domain] += count
    named = {domain for domain, _count in by_domain.most_common(DOMAINS)}
    counts = Counter[tuple[str, str, str]]()
    for code, enhanced, domain, count in rows:
        counts[code, enhanced, domain if domain in named else "other"] += count
    replies = GaugeMetricFamily(
        "talkoo_outbox_replies_last_hour",
        "Replies of mail servers, by code, enhanced code and the recipient's domain.",
        labels=["code", "enhanced", "domain"],
    )
    for labels, count in sorted(counts.items()):
        replies.add_metric(list(labels), count)
    yield replies
