"""The loop of a sender: what goes first, what is prepared together, and what happens when it is disturbed."""

import threading
from collections import Counter

import psycopg
import pytest
from django.db import connection, connections

from config.outbox import kinds, sender
from config.outbox.claiming import claim
from config.outbox.kinds import Kind, Prepared, Rendered
from config.outbox.ledger import step
from config.outbox.models import Event, Message
from config.outbox.reaping import lock, reap, unlock
from config.outbox.sender import Sender
from config.outbox.services import queue_messages
from tests.config.test_outbox import database_url, states, wait_for

State = Message.State


@pytest.fixture
def batch_kind():
    """A kind that is prepared in batches; `looks` says how large they were."""
    looks = []

    def prepare(messages):
        looks.append(len(messages))
        if any(one.payload.get("poison") for one in messages):
            raise ValueError("cannot be read")
        return [
            Prepared(lambda: Rendered("s", "t", "<p>h</p>"), unwanted="gone" if one.payload.get("gone") else "")
            for one in messages
        ]

    kinds.register(Kind(name="test.batch", label="Test", prepare=prepare, priority=Message.Priority.BULK))
    yield looks
    del kinds._kinds["test.batch"]


def queue_batch(payloads):
    made = [
        Message(
            kind="test.batch", key=f"b{n}", recipient=f"b{n}@city.example", language="en", payload=payload, priority=10
        )
        for n, payload in enumerate(payloads)
    ]
    queue_messages(made)


@pytest.mark.django_db
def test_batch_is_prepared_together_and_a_poison_alone_fails(batch_kind, smtp):
    queue_batch([{"gone": n == 3, "poison": n == 5} for n in range(20)])
    assert Sender().run() == 18
    assert Counter(states().values()) == {"sent": 18, "suppressed": 1, "failed": 1}
    assert Message.objects.get(state="suppressed").reply == "gone"
    assert Message.objects.get(state="failed").reply == "ValueError: cannot be read"
    assert batch_kind == [20, *[1] * 20]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 150])
def test_claim_does_the_same_queries_for_any_number(batch_kind, size, django_assert_num_queries):
    queue_batch([{}] * size)
    owner = Sender().owner
    with django_assert_num_queries(7):  # rows, claim, suppression; the rest are the borders of transactions
        assert len(claim(owner)) == size


@pytest.mark.django_db
def test_message_costs_one_statement_of_the_ledger(batch_kind, smtp, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(
        "config.outbox.sender.URGENT_EVERY", 1_000
    )  # a slow machine would look for urgent mail meanwhile
    queue_batch([{}])
    Sender().run()  # the statement is prepared once a connection, which may be new
    queue_batch([{}] * 101)  # of which the first is known
    made = Sender()
    batch = claim(made.owner)
    lock(made.owner)
    with django_assert_num_queries(100 + 3):  # and what is given back at the end, in a transaction
        assert made.send(batch) == 100
    made.finish()
    assert Counter(states().values()) == {"sent": 101}
    assert Event.objects.filter(state="sent").count() == 101


@pytest.mark.django_db(transaction=True)
def test_what_somebody_waits_for_overtakes_what_is_being_sent(batch_kind, queue, smtp, monkeypatch):
    """The server is slow, the batch is long: the new password does not wait for its end."""
    smtp.delay = 0.02
    queue_batch([{}] * 150)

    def work():
        try:
            Sender().run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: len(smtp.raw) >= 3)
    queue("reset")
    thread.join()
    order = [mail["To"] for mail in smtp.messages]
    assert len(order) == 151
    assert order.index("reset@city.example") < 100
    assert set(smtp.message_ids.values()) == {1}


@pytest.mark.django_db
def test_what_was_asked_at_the_claim_is_asked_again_after_a_while(batch_kind, smtp, monkeypatch):
    monkeypatch.setattr(sender, "HOLDS", 0.0)
    queue_batch([{}] * 5)
    assert Sender().run() == 5
    assert batch_kind == [5, 4, 3, 2, 1]


@pytest.mark.django_db
def test_fenced_sender_leaves_the_rest_alone_and_says_so(batch_kind, smtp):
    queue_batch([{}] * 3)
    made = Sender()
    batch = claim(made.owner)
    Message.objects.filter(pk=batch[1].message.pk).update(owner=made.owner + 1)
    assert made.send(batch) == 1
    made.finish()
    assert [mail["To"] for mail in smtp.messages] == ["b0@city.example"]
    assert states() == {"b0@city.example": "sent", "b1@city.example": "claimed", "b2@city.example": "ready"}
    (event,) = Event.objects.filter(fenced=True)
    assert (event.message, event.state, event.owner) == (batch[1].message, "claimed", made.owner)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accepted", [0, 1, 4])
def test_database_that_goes_away_loses_nothing_that_is_known(batch_kind, smtp, monkeypatch, accepted):
    """Its session is ended in the middle: what was accepted is sent, what was not begun is ready, nothing is unknown."""
    queue_batch([{}] * 6)
    monkeypatch.setattr(sender, "RECONNECTS", (0.0, 0.05))
    made = Sender()
    calls = []

    def step_or_die(owner, *, done, begin):
        calls.append(begin)
        if len(calls) == accepted + 1:
            with psycopg.connect(database_url(), autocommit=True) as session:
                session.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return step(owner, done=done, begin=begin)

    monkeypatch.setattr(sender, "step", step_or_die)
    with pytest.raises(Exception, match=r"terminat|closed"):
        made.run()
    assert Counter(states().values()) == {key: n for key, n in {"sent": accepted, "ready": 6 - accepted}.items() if n}
    assert len(smtp.raw) == accepted
    monkeypatch.setattr(sender, "step", step)
    assert Sender().run() == 6 - accepted
    assert set(smtp.message_ids.values()) == {1}
    assert len(smtp.message_ids) == 6


@pytest.mark.django_db(transaction=True)
def test_reaper_leaves_a_working_sender_alone(batch_kind, smtp):
    queue_batch([{}] * 2)
    made = Sender()
    lock(made.owner)
    claim(made.owner)
    found = []

    def look():
        try:
            found.append(reap())
        finally:
            connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    unlock(made.owner)
    assert (found, set(states().values())) == ([0], {"claimed"})


@pytest.mark.django_db(transaction=True)
def test_statistics_from_before_a_bulk_change_do_not_slow_the_ledger(batch_kind):
    """An index that was empty when PostgreSQL last looked is not scanned for each message; see docs/outbox.md."""
    queue_batch([{}] * 50)
    Message.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")
        queue_batch([{}] * 300)
        owner = Sender().owner
        first, second = claim(owner)[:2]
        assert step(owner, done=None, begin=first.message)
        cursor.execute("EXPLAIN EXECUTE outbox_step (%s, %s, 'x', %s)", [owner, first.message.pk, second.message.pk])
        plan = [line for (line,) in cursor.fetchall() if "Index Scan" in line]
    assert len(plan) == 2
    assert all("outbox_message_pkey" in line for line in plan)
