"""The journal's numbers: later commits get later numbers, whoever gives them."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from config.journal.models import Entry
from config.journal.services import number_entries, record

Audience = Entry.Audience


def write(cast, count=1, verb="noted"):
    return [record(verb=verb, obj=cast.lahti, by=cast.alice) for _ in range(count)]


def numbers():
    return list(Entry.objects.order_by("pk").values_list("number", flat=True))


def fail_after(work):
    with transaction.atomic():
        work()
        raise RuntimeError


def test_entry_says_who_did_what_to_whom(cast):
    entry = record(
        verb="joined", obj=cast.lahti, by=None, audience=Audience.MEMBER, person=cast.bob, member_id=cast.lahti.pk,
        topics=["water"], version=3, details={"role": "reader"},
    )  # fmt: skip
    entry.refresh_from_db()
    assert (entry.object, entry.by, entry.person, entry.number) == (cast.lahti, None, cast.bob, None)
    assert (entry.topics, entry.pathways, entry.version, entry.details) == (["water"], [], 3, {"role": "reader"})


def test_entry_of_an_unknown_audience_or_verb_is_refused(cast):
    with pytest.raises(ValidationError):
        record(verb="not a slug", obj=cast.lahti, by=cast.alice)
    with pytest.raises(ValidationError):
        record(verb="noted", obj=cast.lahti, by=cast.alice, audience="everybody")
    assert not Entry.objects.exists()


def test_act_that_fails_leaves_no_entry(cast):
    with pytest.raises(RuntimeError):
        fail_after(lambda: write(cast))
    assert number_entries() == 0


def test_numbers_follow_the_order_and_stay(cast):
    assert number_entries() == 0
    write(cast, 3)
    assert number_entries() == 3
    assert number_entries() == 3
    write(cast, 2)
    assert number_entries() == 5
    assert numbers() == [1, 2, 3, 4, 5]


def in_threads(*works):
    """Do all `works` at once, each with its own connection, and wait for them."""

    def run(work):
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_writers_and_numberers_at_once_leave_no_gap_and_no_double(cast):
    def write_some():
        for _ in range(20):
            with transaction.atomic():
                write(cast, 2)

    def number_some():
        for _ in range(20):
            highest = number_entries()
            seen = set(Entry.objects.filter(number__lte=highest).values_list("number", flat=True))
            if seen != set(range(1, highest + 1)):
                holes.append(highest)

    holes = []
    in_threads(write_some, write_some, number_some, number_some)
    assert number_entries() == 80
    assert sorted(numbers()) == list(range(1, 81))
    assert holes == []


@pytest.mark.django_db(transaction=True)
def test_entry_committed_late_gets_a_later_number(cast):
    written, go_on = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            write(cast, verb="late")
            written.set()
            go_on.wait(30)

    def meanwhile():
        assert written.wait(30)
        write(cast, verb="early")
        first.append(number_entries())
        go_on.set()

    first = []
    in_threads(write_slowly, meanwhile)
    assert number_entries() == 2
    assert first == [1]
    assert list(Entry.objects.order_by("pk").values_list("verb", "number")) == [("late", 2), ("early", 1)]


@pytest.mark.django_db(transaction=True)
def test_numberer_whose_transaction_fails_takes_its_numbers_back(cast):
    write(cast, 2)
    with pytest.raises(RuntimeError):
        fail_after(number_entries)
    assert numbers() == [None, None]
    assert number_entries() == 2
