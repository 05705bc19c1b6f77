"""How fast digests go out: planned, selected, built and sent to a sink on loopback."""

import multiprocessing
import time
from typing import Any

from django.db import connection
from django.db.models import F, Max, Min

from config.journal.services import number_entries
from config.outbox.claiming import BATCH
from config.outbox.kinds import get_kind
from config.outbox.mime import build_mime
from config.outbox.models import Message
from config.outbox.rendering import speak_to
from exchange.bench.limit import measure_limit
from exchange.bench.measure import counting, timing
from exchange.bench.sending import Done, send_until_over
from exchange.bench.sink import run_sink
from exchange.digests.models import Subscription
from exchange.digests.selection import read_window
from exchange.digests.services import CHUNK, plan_digests
from members.accounts.emails import queue_account_mail
from members.directory.querysets import role_columns

URGENT = 10  # transactional messages that are queued while the digests go out


def measure_digests(recipients: int, senders: int) -> dict[str, Any]:
    """Select, plan, build and send a digest to each of `recipients`; see docs/outbox.md for what the figures mean."""
    due = list(
        Subscription.objects.filter(cadence="daily")
        .annotate(**role_columns("user"))
        .select_related("user")
        .prefetch_related("topics", "pathways")
    )
    highest = number_entries()
    with timing() as selecting, counting() as selected:
        window = read_window(highest=highest)
        for start in range(0, len(due), CHUNK):
            window.select_for(due[start : start + CHUNK])
    del due
    with timing() as planning:
        planned = plan_digests()
    messages = Message.objects.filter(kind="digests.digest").select_related("user").order_by("pk")
    size = 0
    with timing() as building, counting() as built:
        for start in range(0, planned, BATCH):
            size += _build(list(messages[start : start + BATCH]))
    with run_sink() as sink:
        limit = measure_limit(sink, _one(messages))
        before = sink.count("taken")
        done = _send(senders, sink.port)
        delivered = sink.deliveries()
    sending = _seconds_of_sending()
    states = dict(Message.objects.values_list("state").annotate(number=Max("pk")))
    return {
        "recipients": recipients,
        "planned_per_s": round(planned / planning.seconds, 1),
        "selected_per_s": round(recipients / selecting.seconds, 1),
        "built_per_s": round(planned / building.seconds, 1),
        "sent_per_s": round(planned / sending, 1),
        "end_to_end_per_s": round(planned / (planning.seconds + sending), 1),
        "sink_limit_per_s": limit.per_s,
        "sink_limit_by": limit.by,
        "ratio_to_sink": round(planned / sending / limit.per_s, 3),
        # The messages are read by the bench itself, a query a batch; a sender has them from its claim.
        "queries_per_recipient": round((selected.queries + built.queries - -(-planned // BATCH)) / recipients, 4),
        "rss_mb_start": max(one.rss_start for one in done),
        "rss_mb_end": max(one.rss_end for one in done),
        "bytes_per_message": round(size / planned),
        "reset_wait_s_max": _longest_wait(),
        "senders": senders,
        "delivered": planned + URGENT == sum(delivered.values()) - before and set(states) == {"sent"},
        "duplicates": sum(number > 1 for key, number in delivered.items() if not key.startswith("<bench")),
        **_settings_of_postgresql(),
    }


def _build(batch: list[Message]) -> int:
    """Write a batch as a sender does; return its size in bytes."""
    size = 0
    for message, prepared in zip(batch, get_kind("digests.digest").look_at(batch), strict=True):
        with speak_to(message):
            rendered = prepared.render()
        if rendered is None:
            raise ValueError("a digest is empty")
        size += len(build_mime(message, rendered))
    return size


def _one(messages: Any) -> bytes:
    """Return a digest as it would leave, for the load generator."""
    message = messages[0]
    (prepared,) = get_kind("digests.digest").look_at([message])
    with speak_to(message):
        rendered = prepared.render()
    if rendered is None:
        raise ValueError("a digest is empty")
    return build_mime(message, rendered).replace(message.message_id.encode(), b"<bench@network.example>")


def _send(senders: int, port: int) -> list[Done]:
    """Send everything with so many processes; queue what is urgent meanwhile."""
    context = multiprocessing.get_context("spawn")
    database = str(connection.settings_dict["NAME"])
    pipes = [context.Pipe(duplex=False) for _ in range(senders)]
    over = context.Event()
    processes = [context.Process(target=send_until_over, args=[end, over, database, port]) for _, end in pipes]
    for process in processes:
        process.start()
    while not Message.objects.filter(state=Message.State.SENT).exists():  # until then nothing goes out, they start
        time.sleep(0.05)
    for number in range(URGENT):
        time.sleep(0.7)
        queue_account_mail(name="unknown_account", to=f"urgent{number}@city.example", user=None, facts={})
    over.set()
    done = [end.recv() for end, _ in pipes]
    for process in processes:
        process.join()
    return done


def _seconds_of_sending() -> float:
    """Return how long it took from the first digest to the last."""
    digests = Message.objects.filter(kind="digests.digest")
    return float(digests.aggregate(took=Max("sent_at") - Min("sent_at"))["took"].total_seconds())


def _longest_wait() -> float:
    urgent = Message.objects.filter(priority=Message.Priority.TRANSACTIONAL)
    longest = urgent.aggregate(longest=Max(F("sent_at") - F("created_at")))["longest"]
    return float(round(longest.total_seconds(), 3))


def _settings_of_postgresql() -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit"):
            cursor.execute(f"SHOW {name}")
            found[name] = str((cursor.fetchone() or [""])[0])
    return found
