"""What is watched from outside: health, figures, and that the messages agree with their journal."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.ops.models import Heartbeat
from config.ops.services import beat
from config.outbox.invariant import check_ledger, compare_ledger
from config.outbox.ledger import give_back
from config.outbox.models import Event, Message
from config.outbox.reaping import reap
from config.outbox.sender import Sender
from config.outbox.suppression import suppress
from exchange.digests.models import Subscription
from exchange.digests.services import add_missing_subscriptions

pytestmark = pytest.mark.django_db
CHECKS = [
    "planner", "due digests", "sender", "waiting mail", "ledger", "database", "cache", "migrations", "uploads",
]  # fmt: skip


@pytest.fixture
def well():
    """Everything has just run."""
    beat("planner")
    beat("sender")
    check_ledger()


@pytest.fixture
def health(client):
    def health():
        response = client.get("/ops/health?format=json")
        return response.status_code, json.loads(response.content)

    return health


@pytest.fixture
def figures(client, cast):
    """Return a function that reads the figures as Prometheus does: by name, values by labels."""

    def figures():
        client.force_login(cast.ada)
        response = client.get("/ops/metrics")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        found = {}
        for family in text_string_to_metric_families(response.content.decode()):
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(value for _name, value in sorted(sample.labels.items()))] = (
                    sample.value
                )
        return found

    return figures


def test_all_is_well(well, health):
    assert health() == (200, dict.fromkeys(CHECKS, "OK"))


def test_page_and_text_say_the_same(well, client):
    assert "All is well" in client.get("/ops/health").content.decode()
    text = client.get("/ops/health", headers={"Accept": "text/plain"}).content.decode()
    assert text.splitlines() == [f"{name}: OK" for name in CHECKS]
    Heartbeat.objects.all().delete()
    page = client.get("/ops/health")
    assert page.status_code == 503
    assert "Something is wrong" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize("accept", ["nonsense", "text/html;;", "image/png"])
def test_form_that_there_is_not_is_refused(well, client, accept):
    assert client.get("/ops/health", headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("name", ["planner", "sender", "ledger"])
def test_process_that_is_silent_is_named(well, health, name):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(seconds=299))
    assert health()[0] == 200
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(seconds=400))
    status, said = health()
    assert status == 503
    assert said[name].endswith("silent for 400 seconds")
    Heartbeat.objects.filter(name=name).delete()
    assert health()[1][name].endswith("has never run")


def test_rare_looks_are_waited_for(well, health, settings):
    settings.WAKE_EVERY = 600
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=2_900))
    assert health()[0] == 200


def test_message_that_waits_for_long_is_told_of(well, health, queue):
    message = queue("a")
    queue("b", to="b@city.example")
    check_ledger()
    Message.objects.filter(pk=message.pk).update(not_before=timezone.now() - timedelta(minutes=16))
    status, said = health()
    assert status == 503
    assert said["waiting mail"].endswith("the oldest has waited 960 seconds")
    Message.objects.filter(pk=message.pk).update(not_before=timezone.now() + timedelta(minutes=16))
    assert health()[0] == 200


def test_digest_that_is_overdue_is_told_of(well, health, cast):
    add_missing_subscriptions()
    Subscription.objects.filter(user=cast.carlos).update(next_due=timezone.now() - timedelta(minutes=31))
    Subscription.objects.filter(user=cast.alice).update(next_due=timezone.now() - timedelta(days=3), cadence="never")
    status, said = health()
    assert status == 503
    assert said["due digests"].endswith("the oldest was due 1860 seconds ago")


def test_cache_that_is_gone_is_told_of_and_the_rest_answers(well, health, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    status, said = health()
    assert status == 503
    assert {name for name, text in said.items() if text != "OK"} == {"cache"}
    assert "127.0.0.1" not in said["cache"]


def test_uploads_that_cannot_be_written_are_told_of(well, health, settings, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "file"
    assert health()[0] == 503


@pytest.mark.parametrize(
    ("token", "said", "status"),
    [
        ("a-long-token", "Bearer a-long-token", 200),
        ("a-long-token", "bearer a-long-token", 200),
        ("a-long-token", "Bearer another", 401),
        ("a-long-token", "Basic a-long-token", 401),
        ("a-long-token", "", 401),
        ("", "Bearer ", 401),
        ("", "", 401),
    ],
)
def test_figures_are_for_who_has_the_token(settings, client, token, said, status):
    settings.METRICS_TOKEN = token
    response = client.get("/ops/metrics", headers={"Authorization": said} if said else {})
    assert response.status_code == status
    assert bool(response.content) == (status == 200)


def test_figures(figures, queue, smtp, cast, time_machine):
    smtp.at_rcpt = {
        "later@city.example": "450 4.2.1 Try again",
        "nobody@other.example": "550 5.1.1 No such mailbox",
    }
    queue("good", to="Good@City.example")
    queue("fine", to="fine@city.example")
    queue("later", to="later@city.example")
    queue("nobody", to="nobody@other.example")
    Sender().run()
    waits, unknown = queue("waits"), queue("unknown")
    now = timezone.now()
    Message.objects.filter(pk=waits.pk).update(not_before=now - timedelta(seconds=100))
    Message.objects.filter(pk=unknown.pk).update(state="unknown")
    Event.objects.create(message=unknown, state="unknown", fenced=True)
    add_missing_subscriptions()
    Subscription.objects.filter(user=cast.carlos).update(next_due=now - timedelta(seconds=50))
    time_machine.move_to(now, tick=False)
    beat("planner")
    check_ledger()
    found = figures()
    assert found["talkoo_outbox_oldest_ready_seconds"] == {(): 100.0}
    assert found["talkoo_digests_overdue_seconds"] == {(): 50.0}
    assert found["talkoo_outbox_unknown"] == {(): 1.0}
    assert found["talkoo_outbox_fenced_last_hour"] == {(): 1.0}
    assert found["talkoo_outbox_ledger_broken"] == {(): 1.0}  # made unknown by hand, without an event
    assert found["talkoo_outbox_replies_last_hour"] == {
        ("250", "city.example", "2.0.0"): 2.0,
        ("450", "city.example", "4.2.1"): 1.0,
        ("550", "other.example", "5.1.1"): 1.0,
    }
    states = {state: count for (state,), count in found["talkoo_outbox_messages"].items()}
    assert {state: count for state, count in states.items() if count} == {
        "ready": 1.0, "retry": 1.0, "failed": 1.0, "unknown": 1.0,
    }  # fmt: skip
    assert "sent" not in states
    assert set(found["talkoo_heartbeat_age_seconds"]) == {("ledger",), ("planner",), ("sender",)}


def test_many_domains_make_no_more_series(figures, queue, smtp):
    for number in range(60):
        queue(number, to=f"a@city-{number}.example")
    Sender().run()
    replies = figures()["talkoo_outbox_replies_last_hour"]
    assert len(replies) == 51
    assert replies["250", "other", "2.0.0"] == 10.0


def test_figures_cost_the_same_however_many_messages_there_are(figures, queue, smtp, django_assert_num_queries):
    for count in (1, 3, 30):
        for number in range(Message.objects.count(), count):
            queue(number)
        Sender().run()
        figures()
        with django_assert_num_queries(16):
            figures()


def test_ledger_agrees_after_everything_that_a_message_can_go_through(queue, smtp):
    smtp.at_rcpt = {"later@city.example": "450 4.2.1 Try again", "nobody@city.example": "550 5.1.1 No"}
    suppress(address="left@city.example", scope="all", reason="bounce")
    for key in ("good", "later", "nobody", "left"):
        queue(key)
    queue("broken", broken=True)
    queue("empty", empty=True)
    late = queue("late")
    Message.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    Sender().run()
    queue("waits")
    for key, state in (("in-hand", "claimed"), ("begun", "submitting")):
        message = queue(key)
        Message.objects.filter(pk=message.pk).update(state=state, owner=7, attempts=1)
    found = check_ledger()
    assert (found.planned, found.broken) == (10, 0)
    assert found.states == {
        "sent": 1, "retry": 1, "failed": 2, "suppressed": 1, "empty": 1, "expired": 1, "ready": 1, "claimed": 1,
        "submitting": 1,
    }  # fmt: skip
    reap()
    assert compare_ledger().broken == 0
    assert compare_ledger().states["unknown"] == 1
    give_back(7, not_begun=message)  # its sender lives after all, and knows that nothing has left
    found = compare_ledger()
    assert (found.broken, found.states["ready"]) == (0, 3)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outbox_message SET state = 'failed' WHERE id = %s",
        "UPDATE outbox_message SET state = 'ready' WHERE id = %s",
        "DELETE FROM outbox_event WHERE message_id = %s",
        "DELETE FROM outbox_event WHERE message_id = %s AND state = 'sent'",
    ],
)
def test_ledger_finds_what_does_not_agree(queue, smtp, health, well, caplog, damage):
    messages = [queue(number) for number in range(3)]
    Sender().run()
    with connection.cursor() as cursor:
        cursor.execute(damage, [messages[1].pk])
    found = check_ledger()
    assert (found.broken, found.named) == (1, [messages[1].pk])
    assert f"1 messages do not agree with their journal, among them [{messages[1].pk}]" in caplog.text
    assert health()[1]["ledger"].endswith("1 messages do not agree with their journal")


def test_beat_entries_that_post_runs_leave_heartbeats(cast, smtp):
    call_command("post")
    assert set(Heartbeat.objects.values_list("name", flat=True)) >= {"planner", "sender", "ledger"}
    assert Heartbeat.objects.get(name="ledger").details["broken"] == 0
