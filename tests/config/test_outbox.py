"""The outbox protocol over a real SMTP server and a real PostgreSQL."""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from config.outbox import kinds
from config.outbox.claiming import claim
from config.outbox.kinds import Kind
from config.outbox.models import Message, Suppression
from config.outbox.reaping import reap
from config.outbox.sender import MOST_ATTEMPTS, Sender
from config.outbox.services import queue_message, queue_messages
from config.outbox.suppression import suppress, suppressed_scopes

State = Message.State


def states():
    return dict(Message.objects.values_list("recipient", "state"))


@pytest.mark.django_db
def test_message_arrives_whole_and_is_sent_once(queue, smtp):
    message = queue("a")
    assert queue("a") is None
    assert Sender().run() == 1
    assert Sender().run() == 0
    message.refresh_from_db()
    assert (message.state, message.reply, message.attempts) == ("sent", "250 2.0.0 Taken", 1)
    assert [event.state for event in message.events.all()] == ["ready", "sent"]
    (mail,) = smtp.messages
    assert mail["Message-ID"] == message.message_id
    assert mail["Subject"] == "Добар ден"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<x.example>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content() == "Text\r\n.a line with a dot\r\n"


@pytest.mark.django_db
def test_replies_are_definite(queue, smtp):
    smtp.at_rcpt = {
        "later@city.example": "450 4.2.1 Try again",
        "nobody@city.example": "550 5.1.1 No such mailbox",
        "full@city.example": "552 5.2.2 Mailbox full",
    }
    smtp.after_data = {"spam@city.example": "554 5.7.1 Refused"}
    for key in ("later", "nobody", "full", "spam", "fine"):
        queue(key)
    assert Sender().run() == 1
    assert states() == {
        "later@city.example": "retry",
        "nobody@city.example": "failed",
        "full@city.example": "failed",
        "spam@city.example": "failed",
        "fine@city.example": "sent",
    }
    later = Message.objects.get(recipient="later@city.example")
    assert timezone.now() + timedelta(seconds=20) < later.not_before < timezone.now() + timedelta(seconds=100)
    assert set(suppressed_scopes(states())) == {"nobody@city.example"}  # a full mailbox is not a wrong address


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "suppressed"),
    [("5.1.1", True), ("5.1.10", True), ("5.2.1", True), ("5.1.8", False), ("5.1.7", False), ("5.7.1", False)],
)
def test_only_a_bad_address_of_the_recipient_is_suppressed(queue, smtp, code, suppressed):
    smtp.at_rcpt = {"a@city.example": f"550 {code} No"}
    queue("a")
    Sender().run()
    assert states() == {"a@city.example": "failed"}
    assert Suppression.objects.exists() is suppressed


@pytest.mark.django_db
def test_domain_in_other_letters_is_written_in_ascii(queue, smtp):
    queue("a", to="eva@битола.example")
    queue("b", to="ева@city.example")
    queue("c")
    assert Sender().run() == 3
    assert states() == {"eva@битола.example": "sent", "ева@city.example": "sent", "c@city.example": "sent"}
    assert [mail["To"] for mail in smtp.messages] == ["eva@xn--80abvmox.example", "ева@city.example", "c@city.example"]


@pytest.mark.django_db
def test_server_that_wants_no_dialogue_leaves_everything_ready(queue, smtp):
    smtp.at_ehlo = "554 5.3.2 No service"
    queue("a")
    assert Sender().run() == 0
    assert states() == {"a@city.example": "ready"}


@pytest.mark.django_db
def test_after_too_many_attempts_it_has_failed(queue, smtp):
    smtp.at_rcpt = {"a@city.example": "450 4.2.1 Try again"}
    queue("a")
    Message.objects.update(attempts=MOST_ATTEMPTS - 1)
    Sender().run()
    assert states() == {"a@city.example": "failed"}


@pytest.mark.django_db
def test_connection_lost_before_the_dot_is_sent_again_and_after_it_never(queue, smtp):
    smtp.drop_before_dot = {"before@city.example"}
    smtp.drop_after_dot = {"after@city.example"}
    for key in ("before", "after", "fine"):
        queue(key)
    assert Sender().run() == 1
    assert states() == {"before@city.example": "ready", "after@city.example": "unknown", "fine@city.example": "sent"}
    Message.objects.filter(state="ready").update(not_before=timezone.now())
    assert Sender().run() == 1
    assert states()["before@city.example"] == "sent"
    assert states()["after@city.example"] == "unknown"
    assert set(smtp.message_ids.values()) == {1}


@pytest.mark.django_db
def test_no_server_leaves_everything_ready(queue, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue("a")
    assert Sender().run() == 0
    assert Message.objects.get().state == "ready"
    assert Message.objects.get().attempts == 0


@pytest.mark.django_db
def test_what_is_not_to_be_sent_says_why(queue, smtp):
    queue("empty", empty=True)
    queue("broken", broken=True)
    queue("left", left=True)
    queue("bounced")
    old = queue("old")
    Message.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    suppress(address=" Bounced@City.example", scope=Suppression.Scope.ALL, reason="bounce")
    assert Sender().run() == 0
    assert states() == {
        "empty@city.example": "empty",
        "broken@city.example": "failed",
        "left@city.example": "suppressed",
        "bounced@city.example": "suppressed",
        "old@city.example": "expired",
    }
    assert Message.objects.get(key="test.note:broken").reply == "ValueError: no such thing"
    assert smtp.raw == []


@pytest.mark.django_db
def test_account_mail_is_never_suppressed(queue, kind, smtp):
    kinds.register(Kind(name="test.reset", label="Test", render=kind.render, scope="account"))
    suppress(address="a@city.example", scope=Suppression.Scope.ALL, reason="complaint")
    queue_message(kind=kinds.get_kind("test.reset"), key="1", to="a@city.example", language="en", payload={})
    del_after = kinds._kinds
    assert Sender().run() == 1
    del del_after["test.reset"]


@pytest.mark.django_db
def test_transactional_mail_goes_first(queue, kind, smtp):
    for key in ("b1", "b2"):
        queue(key)
    Message.objects.update(priority=Message.Priority.BULK)
    queue("reset")
    Sender().run()
    assert [mail["To"] for mail in smtp.messages] == ["reset@city.example", "b1@city.example", "b2@city.example"]


@pytest.mark.django_db(transaction=True)
def test_two_senders_share_the_work_and_send_each_once(queue, smtp):
    for number in range(150):
        queue(f"n{number}")

    def work():
        try:
            Sender().run()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Sender().run()
    assert Counter(states().values()) == {"sent": 150}
    assert len(smtp.message_ids) == 150
    assert set(smtp.message_ids.values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_sender_taken_for_dead_does_not_send(queue, smtp):
    queue("a")
    sender = Sender()
    batch = claim(sender.owner)  # without its lock: as if its session had ended
    assert reap() == 1
    assert states() == {"a@city.example": "ready"}
    assert sender.send(batch) == 0
    sender.transport.close()
    assert smtp.raw == []
    assert states() == {"a@city.example": "ready"}


def database_url():
    return os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]


def environment(smtp):
    """Return the environment of another process over this test's database, broker and mail server."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.controller.port}",
        "TALKOO_EMBEDDED": "0",
        "WAKE_EVERY": "0.5",
    }


@contextmanager
def running(*arguments, env):
    """Run another Python process; its output is shown where a test fails."""
    with subprocess.Popen([sys.executable, *arguments], env=env, cwd=settings.BASE_DIR) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


KILLED = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from config.outbox import kinds
from config.outbox.kinds import Kind, Rendered
from config.outbox.sender import Sender
kinds.register(Kind(name="test.note", label="Test", render=lambda m: Rendered("s", "t", "<p>h</p>")))
Sender().run()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_senders_never_send_twice(queue, smtp):
    """Five SIGKILLs in the middle of the work: at most one message each is unknown, none is repeated or lost."""
    for number in range(120):
        queue(f"n{number}")
    smtp.delay = 0.01
    for _ in range(5):
        before = len(smtp.raw)
        with subprocess.Popen([sys.executable, "-c", KILLED], env=environment(smtp)) as process:
            deadline = time.monotonic() + 30
            while len(smtp.raw) < before + 8 and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            process.kill()
    time.sleep(0.5)  # PostgreSQL notices that the last session is gone
    Sender().run()
    counts = Counter(states().values())
    assert counts["unknown"] <= 5
    assert counts["sent"] + counts["unknown"] == 120
    assert set(smtp.message_ids.values()) == {1}
    assert counts["sent"] <= len(smtp.message_ids) <= 120


@pytest.mark.django_db
def test_suppression_hits_every_spelling_of_an_address(queue, smtp):
    queue("a", to="Eva@City.example")
    queue("b", to="eva@city.example")
    queue("c", to="evan@city.example")
    suppress(address="EVA@city.example", scope=Suppression.Scope.ALL, reason="bounce")
    assert Sender().run() == 1
    assert states() == {
        "Eva@City.example": "suppressed", "eva@city.example": "suppressed", "evan@city.example": "sent",
    }  # fmt: skip


@pytest.mark.django_db
def test_unknown_is_never_sent_again(queue, smtp):
    queue("a")
    Message.objects.update(state=State.UNKNOWN, owner=1, lease_until=timezone.now() - timedelta(days=1))
    assert reap() == 0
    assert Sender().run() == 0
    assert queue("a") is None  # nor by queueing it again
    assert (states(), smtp.raw) == ({"a@city.example": "unknown"}, [])


@pytest.mark.django_db(transaction=True)
def test_two_acts_at_once_queue_a_key_once(kind, queue):
    barrier, results = threading.Barrier(2), []

    def work(number):
        try:
            barrier.wait(30)
            results.extend(bool(queue(key, number=number)) for key in range(20))
            made = [Message(kind=kind.name, key=f"many:{key}", recipient="a@city.example") for key in range(20)]
            barrier.wait(30)
            results.append(queue_messages(made))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 40
    assert Message.objects.count() == 40
    assert {message.events.count() for message in Message.objects.all()} == {1}


@pytest.fixture
def other_sender(queue):
    """Another session that holds a sender's lock, with one message claimed and one being submitted."""
    owner = secrets.randbits(62)
    queue("claimed")
    queue("submitting")
    for state in (State.CLAIMED, State.SUBMITTING):
        Message.objects.filter(recipient=f"{state}@city.example").update(
            state=state, owner=owner, lease_until=timezone.now() + timedelta(minutes=1)
        )
    with psycopg.connect(database_url(), autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [owner])
        yield session


IN_HAND = {"claimed@city.example": "claimed", "submitting@city.example": "submitting"}
TAKEN = {"claimed@city.example": "ready", "submitting@city.example": "unknown"}


@pytest.mark.django_db(transaction=True)
def test_living_sender_within_its_lease_is_left_alone(other_sender, smtp):
    assert reap() == 0
    assert Sender().run() == 0
    assert states() == IN_HAND
    assert other_sender.execute("SELECT 1").fetchone() == (1,)
    assert smtp.raw == []


@pytest.mark.django_db(transaction=True)
def test_sender_that_hangs_beyond_its_lease_is_ended_and_reaped(other_sender):
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reap() == 0
    with pytest.raises(psycopg.OperationalError):
        other_sender.execute("SELECT 1")
    assert states() == IN_HAND
    wait_for(lambda: reap() == 2)
    assert states() == TAKEN
    assert Message.objects.get(state="unknown").reply == "the sender ended while submitting"


@pytest.mark.django_db(transaction=True)
def test_sender_whose_session_has_ended_is_reaped_before_its_lease_runs_out(other_sender):
    other_sender.close()
    wait_for(lambda: reap() == 2)
    assert states() == TAKEN


@pytest.mark.django_db(transaction=True)
def test_message_accepted_after_a_reaper_took_it_is_recorded_as_sent(queue, kind, smtp):
    message = queue("a")
    sender = Sender()
    assert sender.send(claim(sender.owner)) == 1  # what was accepted last is written with the next commit
    assert reap() == 1  # it never held its lock
    assert states() == {"a@city.example": "unknown"}
    sender.finish()
    assert states() == {"a@city.example": "sent"}
    assert [event.state for event in message.events.all()] == ["ready", "unknown", "sent"]


@pytest.mark.django_db
def test_many_expired_ones_before_a_good_one_do_not_stop_it(queue, kind, smtp):
    past = timezone.now() - timedelta(days=1)
    queue_messages(
        [
            Message(kind=kind.name, key=f"old:{n}", recipient="old@city.example", language="en", expires_at=past)
            for n in range(450)
        ]
    )
    queue("good")
    assert Sender().run() == 1
    assert Counter(Message.objects.values_list("state", flat=True)) == {"expired": 450, "sent": 1}


@pytest.mark.django_db
def test_post_plans_and_sends_once(queue, smtp):
    queue("a")
    call_command("post")
    assert states() == {"a@city.example": "sent"}


def queue_account_mail(count):
    """Queue messages of a kind that every process knows."""
    made = [
        Message(kind="accounts.unknown_account", key=f"n{n}", recipient=f"n{n}@city.example", language="en")
        for n in range(count)
    ]
    queue_messages(made)


def counts():
    return Counter(Message.objects.values_list("state", flat=True))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_post_forever_finishes_the_message_in_hand_when_told_to_end(smtp):
    smtp.delay = 0.1
    queue_account_mail(200)
    with running("manage.py", "post", "--forever", env=environment(smtp)) as process:
        wait_for(lambda: len(smtp.raw) >= 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    sent = counts()["sent"]
    assert 3 <= sent < 200
    assert counts() == {"sent": sent, "ready": 200 - sent}
    assert len(smtp.message_ids) == sent
    assert set(smtp.message_ids.values()) == {1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_post_forever_sends_what_is_queued_later(smtp):
    with running("manage.py", "post", "--forever", env=environment(smtp)) as process:
        for number in (1, 2):
            queue_account_mail(number)  # the first key is there already the second time
            wait_for(lambda: counts() == {"sent": number})  # noqa: B023 - waited for at once
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_everything_goes_on_without_a_broker(cast, smtp):
    """Somebody asks for a new password, and `post` sends it, while Valkey is down."""
    code = (
        "import django; django.setup(); from django.core.management import call_command;"
        "from members.accounts.emails import queue_account_mail as queue;"
        "queue(name='unknown_account', to='a@city.example', user=None, facts={}); call_command('post')"
    )
    env = environment(smtp) | {"REDIS_URL": "redis://127.0.0.1:1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    with running("-c", code, env=env) as process:
        assert process.wait(60) == 0
    assert states() == {"a@city.example": "sent"}


@pytest.mark.slow
@pytest.mark.parametrize("parts", [("worker", "beat"), ("worker",)], ids="-".join)
@pytest.mark.django_db(transaction=True)
def test_celery_sends_what_is_queued(smtp, tmp_path, parts):
    """With beat, which also finds what nobody was woken for; and woken by the commit alone."""
    commands = {
        "worker": ["worker", "--pool", "solo", "--without-gossip", "--without-mingle"],
        "beat": ["beat", "--schedule", str(tmp_path / "schedule"), "--pidfile", ""],
    }
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(running("-m", "celery", "-A", "config", *commands[part], env=environment(smtp)))
        if "beat" in parts:
            Message.objects.create(kind="accounts.unknown_account", key="x", recipient="n0@city.example", language="en")
        else:
            queue_account_mail(1)
        wait_for(lambda: counts() == {"sent": 1})
    assert [mail["To"] for mail in smtp.messages] == ["n0@city.example"]
