"""The faults, each a function of its world: what is done to real processes while digests go out."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from config.embedded import Servers
from config.journal.models import Entry
from config.outbox.models import Message
from exchange.bench.sink import Faults
from exchange.digests.models import Subscription
from exchange.digests.services import plan_digests, unsubscribe
from practices.library.models import Publication
from tests.faults.world import World

SENDERS = 3
UNFRIENDLY = Faults(later=0.2, refused=0.02, closing_every=50, cut_before_every=97, cut_after_every=211)


def senders_killed(world, servers):
    """SIGKILL in the middle of the work, again and again; each may leave one message unknown."""
    plan_digests()
    for _ in range(SENDERS):
        world.start()
    for _ in range(world.dose):
        before = world.delivered()
        step = max(1, world.readers // (2 * world.dose))
        world.wait_for(lambda before=before, step=step: world.delivered() >= min(before + step, world.readers))
        world.kill(world.dice.choice(world.senders))
        world.interrupted += 1
        world.start()
    world.settle()


def sender_stopped_beyond_its_lease(world, servers):
    """SIGSTOP, the lease runs out (its clock is moved), another sender takes over, SIGCONT: it has to leave all alone."""
    plan_digests()
    for turn in range(world.dose):
        sleeper = world.start()
        goal = (turn + 1) * world.readers // (world.dose + 1)
        world.wait_for(lambda goal=goal: world.delivered() >= goal)
        sleeper.send_signal(signal.SIGSTOP)
        world.interrupted += 1
        Message.objects.filter(owner__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
        other = world.start()
        before = world.delivered()
        world.wait_for(lambda before=before: world.delivered() > before or world.delivered() >= world.readers - 1)
        sleeper.send_signal(signal.SIGCONT)
        world.kill(other, with_signal=signal.SIGTERM)
        world.kill(sleeper, with_signal=signal.SIGTERM)
    world.start()
    world.settle()


def postgresql_stopped(world, servers):
    """PostgreSQL ends as if the power had failed, and starts again; senders wait for it and go on."""
    plan_digests()
    for _ in range(SENDERS):
        world.start()
    for turn in range(world.dose):
        goal = (turn + 1) * world.readers // (world.dose + 1)
        world.wait_for(lambda goal=goal: world.delivered() >= goal)
        connections.close_all()
        servers.crash_postgres()
        world.interrupted += SENDERS
    world.settle()


def valkey_flushed_and_stopped(world, servers):
    """Celery's broker forgets everything, then it is gone: the second waker sends on."""
    world.start("-m", "celery", "-A", "config", "worker", "--pool", "solo", "--without-gossip", "--without-mingle")
    with tempfile.TemporaryDirectory() as folder:
        world.start("-m", "celery", "-A", "config", "beat", "--schedule", f"{folder}/beat", "--pidfile", "")
        world.wait_for(lambda: world.delivered() >= world.readers // 4)
        cache.clear()
        world.wait_for(lambda: world.delivered() >= world.readers // 2)
        servers.stop_valkey()
        try:
            world.start()
            world.wait_for(lambda: world.delivered() >= world.readers)
        finally:
            servers.start_valkey()
        world.settle()


def planners_at_once(world, servers):
    """Two beats with a worker, and as many planners as the dose says, all at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(2):
            world.start("-m", "celery", "-A", "config", "beat", "--schedule", f"{folder}/{number}", "--pidfile", "")
        world.start("-m", "celery", "-A", "config", "worker", "--pool", "solo", "--without-gossip", "--without-mingle")
        for _ in range(world.dose):
            world.start()
        world.settle()


def unfriendly_server(world, servers):
    """4xx, 5xx, 421, and connections cut before and after the final dot."""
    plan_digests()
    world.sink.change(UNFRIENDLY)
    for _ in range(SENDERS):
        world.start()
    world.settle()
    world.interrupted = world.sink.count("cut-before") + world.sink.count("cut-after")


def poison(world, servers):
    """Recipients that cannot be written fail alone; an item that nobody can read is left out of its digest."""
    plan_digests()
    rows = list(Message.objects.order_by("pk")[: world.dose * 2])
    for bad in rows[: world.dose]:
        Message.objects.filter(pk=bad.pk).update(recipient="nobody at all@-.example")
    for bad in rows[world.dose :]:
        Message.objects.filter(pk=bad.pk).update(payload=bad.payload | {"items": [["?"], *bad.payload["items"]]})
    world.start()
    world.settle()
    assert Message.objects.filter(state=Message.State.FAILED).count() == world.dose


def item_committed_late(world, servers):
    """An entry is written before a digest goes out and committed after it: everybody finds it in the next one."""
    due = Subscription.objects.filter(next_due__isnull=False)
    for through in (Subscription.topics.through, Subscription.pathways.through):
        through.objects.filter(subscription__in=due).delete()  # who follows nothing gets everything
    due.update(next_due=timezone.now() - timedelta(days=1))
    late = Publication.objects.order_by("-pk").first()
    Entry.objects.filter(object_id=late.pk).delete()
    kind = ContentType.objects.get_for_model(Publication)
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        session.execute(
            "INSERT INTO journal_entry (at, verb, content_type_id, object_id, version, topics, pathways, audience, details)"
            " VALUES (%s, 'published', %s, %s, 1, '{}', '{}', 'network', '{}')",
            [timezone.now() - timedelta(minutes=world.dose), kind.pk, late.pk],
        )
        world.start()
        world.settle()
    Subscription.objects.filter(last_due__isnull=False).update(next_due=timezone.now())
    world.start()
    world.wait_for(lambda: Message.objects.count() == 2 * world.readers)
    world.settle()
    first, second = Message.objects.order_by("pk")[: world.readers], Message.objects.order_by("pk")[world.readers :]
    assert {pk for one in second for pk, *_ in one.payload["items"]} == {late.pk}
    assert all(late.pk not in [pk for pk, *_ in one.payload["items"]] for one in first)


def reader_left_meanwhile(world, servers):
    """Readers unsubscribe between planning and sending: nothing reaches them."""
    plan_digests()
    leaving = list(Subscription.objects.filter(next_due__isnull=False).order_by("pk")[: world.dose])
    for one in leaving:
        unsubscribe(subscription=one)
    world.start()
    world.settle()
    assert Message.objects.filter(state=Message.State.SUPPRESSED).count() == world.dose


def template_changed(world, servers):
    """The words of the digest change while it goes out."""
    plan_digests()
    first = world.start()
    world.wait_for(lambda: world.delivered() >= world.readers // 2)
    world.kill(first, with_signal=signal.SIGTERM)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "talkoo"
        skip = shutil.ignore_patterns(".venv", ".git", ".data", "__pycache__", ".*_cache", "screenshots")
        shutil.copytree(settings.BASE_DIR, copy, ignore=skip)
        template = copy / "templates" / "emails" / "digests" / "digest.html"
        template.write_text(template.read_text(encoding="utf-8").replace("<h1>", "<h1>!"), encoding="utf-8")
        world.folder = copy
        world.start()
        world.settle()


def silence_of(hours):
    """Return the fault of nobody planning for so long."""

    def beat_was_down(world, servers):
        """Nobody planned for so many hours (the clock is moved): one digest each, and no burst."""
        past = timezone.now() - timedelta(hours=hours)
        Subscription.objects.filter(next_due__isnull=False).update(next_due=past)
        for _ in range(SENDERS):
            world.start()
        world.settle()

    return beat_was_down


@dataclass(frozen=True)
class Fault:
    """What is done, how often, to how many readers' digests; `short` is the form that runs inside the tests."""

    act: Callable[[World, Servers], None]
    dose: int
    readers: int
    short: tuple[int, int] | None = None
    digests_each: int = 1

    @property
    def name(self):
        return self.act.__name__


MATRIX = (
    Fault(senders_killed, 100, 20_000, short=(4, 240)),
    Fault(sender_stopped_beyond_its_lease, 5, 4_000, short=(1, 300)),
    Fault(postgresql_stopped, 10, 10_000, short=(1, 300)),
    Fault(valkey_flushed_and_stopped, 1, 2_000),
    Fault(planners_at_once, 5, 5_000),
    Fault(unfriendly_server, 1, 10_000, short=(1, 240)),
    Fault(poison, 10, 2_000, short=(2, 40)),
    Fault(silence_of(1), 1, 1_000),
    Fault(silence_of(26), 26, 1_000, short=(26, 60)),
    Fault(silence_of(9 * 24), 9 * 24, 1_000),
    Fault(reader_left_meanwhile, 50, 1_000, short=(5, 40)),
    Fault(template_changed, 1, 2_000),
    Fault(item_committed_late, 10, 1_000, digests_each=2),
)
