"""The columns in memory say what the database says, whatever has happened."""

import random
import threading

import numpy as np
import pytest
from django.db import connection, transaction

from config.vocabulary.models import Goal, Pathway, Topic
from config.vocabulary.sizes import size_band
from members.directory.models import Member
from practices.library.models import Publication
from practices.search import catalogue
from practices.search.bands import cost_band
from practices.search.boosts import boost
from practices.search.catalogue import NUMBERS, SEVERAL, SINGLE, Catalogue, read_catalogue
from practices.translations.models import Translation
from tests.factories import MemberFactory, PublicationFactory


def as_dicts(found: Catalogue) -> dict[int, dict[str, object]]:
    """Return the catalogue row by row, for comparison."""
    rows = {}
    for at, pk in enumerate(found.pks.tolist()):
        row: dict[str, object] = {"title": found.columns["title"][at]}
        row |= {name: found.codes[name].values[found.columns[name][at]] for name in SINGLE}
        row |= {name: found.values_of(name, [pk])[pk] for name in SEVERAL}
        row |= {name: None if np.isnan(found.columns[name][at]) else found.columns[name][at] for name in NUMBERS}
        rows[pk] = row
    return rows


def fresh():
    return Catalogue(catalogue._read_rows(Publication.objects.all()))


@pytest.mark.django_db(transaction=True)
def test_catalogue_follows_every_change_that_is_committed():
    member = MemberFactory(population=4_000)
    made = [PublicationFactory(owner=member, title=f"Trams {n}") for n in range(4)]
    assert as_dicts(read_catalogue()) == as_dicts(fresh())
    one, two, three, _ = made
    changes = [
        lambda: PublicationFactory(owner=member, title="Late", topics=["water", "energy"], goals=["3"]),
        lambda: Publication.objects.filter(pk=one.pk).update(status="planned", uptake_count=3, cost_amount=7),
        lambda: Publication.objects.filter(pk=two.pk).update(state="archived"),
        lambda: three.topics.set([Topic.objects.get(code="buildings")]),
        lambda: three.pathways.add(*Pathway.objects.all()),
        lambda: three.goals.set(Goal.objects.filter(code__in=["1", "17"])),
        lambda: Translation.objects.create(publication=three, language="mk", approved_at="2026-01-01T00:00Z"),
        lambda: Member.objects.filter(pk=member.pk).update(population=3_000_000),
        lambda: Publication.objects.filter(pk=two.pk).update(state="published"),
        lambda: Publication.objects.filter(pk=three.pk).update(language="fi", country="MK", latitude=1.5),
        lambda: Translation.objects.all().delete(),
    ]
    for number, change in enumerate(changes):
        change()
        assert as_dicts(read_catalogue()) == as_dicts(fresh()), number
    kept = read_catalogue()
    assert read_catalogue() is kept  # nothing has changed


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_not_missed():
    """A transaction that began earlier and ends after a reading that saw later ones."""
    member = MemberFactory()
    early = PublicationFactory(owner=member, title="Early")
    late = PublicationFactory(owner=member, title="Late")
    read_catalogue()
    written, over = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            Publication.objects.filter(pk=early.pk).update(title="Early, changed")
            written.set()
            over.wait(20)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert written.wait(20)
    Publication.objects.filter(pk=late.pk).update(title="Late, changed")
    assert sorted(read_catalogue().columns["title"]) == ["Early", "Late, changed"]
    over.set()
    writer.join()
    assert sorted(read_catalogue().columns["title"]) == ["Early, changed", "Late, changed"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_there():
    member = MemberFactory()
    PublicationFactory(owner=member, title="There")
    with transaction.atomic():
        PublicationFactory(owner=member, title="Never")
        assert sorted(read_catalogue().columns["title"]) == ["Never", "There"]
        transaction.set_rollback(True)
    assert read_catalogue().columns["title"].tolist() == ["There"]


@pytest.mark.django_db
def test_counts_are_those_of_the_database():
    dice = random.Random(3)
    members = [
        MemberFactory(country=code, population=size) for code, size in (("FI", 900), ("MK", 70_000), ("ES", None))
    ]
    for _ in range(25):
        PublicationFactory(
            owner=dice.choice(members), status=dice.choice(["running", "planned"]),
            topics=dice.sample(["water", "food", "energy", "mobility"], 2), language=dice.choice(["en", "fi"]),
        )  # fmt: skip
    found = read_catalogue()
    mask = found.having("topic", ["water", "food"]) & found.having("status", ["running"])
    rows = Publication.objects.filter(topics__code__in=["water", "food"], status="running").distinct()
    assert found.pks[mask].tolist() == sorted(rows.values_list("pk", flat=True))
    for name, column in (("country", "country"), ("language", "language")):
        expected = {value: rows.filter(**{column: value}).count() for value in ("FI", "MK", "ES", "en", "fi")}
        assert found.counts(name, mask) == {value: number for value, number in expected.items() if number}
    assert not found.having("country", ["XX"]).any()
    assert not found.having("topic", ["nothing"]).any()


@pytest.mark.parametrize(
    ("population", "band"),
    [(None, ""), (0, "tiny"), (5_000, "tiny"), (5_001, "small"), (50_000, "middle"), (1_000_001, "metropolis")],
)
def test_sizes(population, band):
    assert size_band(population) == band


@pytest.mark.parametrize(
    ("amount", "currency", "band"),
    [
        (None, "", "unknown"), (5, "XXX", "unknown"), (0, "EUR", "tiny"), (10_000, "EUR", "tiny"),
        (10_001, "EUR", "small"), (1_000_000, "MKD", "small"), (20_000_000, "USD", "huge"),
    ],
)  # fmt: skip
def test_costs(amount, currency, band):
    assert cost_band(amount, currency) == band


@pytest.mark.django_db
def test_boosts_are_small_and_never_lift_what_hardly_fits():
    best, proven = (PublicationFactory(title=title) for title in ("Best", "Proven"))
    Publication.objects.filter(pk=proven.pk).update(evidence="taken_up", uptake_count=50)
    Publication.objects.filter(pk=best.pk).update(unconfirmed_at="2026-01-01T00:00Z")
    found = read_catalogue()
    alike = boost({best.pk: 1.0, proven.pk: 0.9}, found, ["fi"])
    assert list(alike) == [proven.pk, best.pk]
    far = boost({best.pk: 1.0, proven.pk: 0.7}, found, ["en"])
    assert list(far) == [best.pk, proven.pk]
    assert max(boost({proven.pk: 1.0}, found, ["en"]).values()) <= 1.2
