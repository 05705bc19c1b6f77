"""How well a publication fits a reader, term by term."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.digests.ranking import NO, Candidate, Place, Ranking, Wish, reason_for, score_of, spread

NEWEST = datetime(2026, 11, 25, tzinfo=UTC)
PLAIN = Candidate(number=1, publication=1, version=1, owner=("member", 1), at=NEWEST)


def score(candidate, wish, newest=NEWEST):
    return round(score_of(candidate, wish, newest), 3)


def words(*all_of):
    return st.frozensets(st.sampled_from(all_of), max_size=3)


TOPICS, PATHWAYS = words("energy", "water", "food", "waste"), words("circular", "resilient", "equitable")
CLIMATES = st.sampled_from(["", "Cfb", "Cfa", "Dfc", "ET"])
candidates = st.builds(
    Candidate,
    number=st.integers(1, 10_000),
    publication=st.integers(1, 10_000),
    version=st.just(1),
    owner=st.tuples(st.just("member"), st.integers(1, 4)),
    at=st.integers(0, 400).map(lambda days: NEWEST - timedelta(days=days)),
    topics=TOPICS,
    pathways=PATHWAYS,
    population=st.none() | st.integers(1, 30_000_000),
    country=st.sampled_from(["FI", "ES", "MK"]),
    climate=CLIMATES,
    language=st.sampled_from(["en", "fi", "mk"]),
    evidence=st.sampled_from(["claimed", "documented", "verified", "taken_up"]),
    uptake=st.integers(0, 500),
    is_recommended=st.booleans(),
    is_confirmed=st.booleans(),
)
places = st.builds(
    Place,
    population=st.none() | st.integers(1, 30_000_000),
    country=st.sampled_from(["FI", "ES", "MK"]),
    climates=st.frozensets(CLIMATES.filter(bool), max_size=2),
    topics=TOPICS,
    pathways=PATHWAYS,
)
wishes = st.builds(
    Wish,
    topics=TOPICS,
    pathways=PATHWAYS,
    languages=words("en", "fi", "mk"),
    places=st.lists(places, max_size=3).map(tuple),
)


@pytest.mark.parametrize(
    ("candidate", "wish", "worth"),
    [
        ({}, {}, 2),  # the newest
        ({"at": NEWEST - timedelta(days=30)}, {}, 1),
        ({"at": NEWEST - timedelta(days=90)}, {}, 0.25),
        ({"topics": frozenset({"water"})}, {"topics": frozenset({"water"})}, 2 + 2),
        ({"topics": frozenset({"water", "food"})}, {"topics": frozenset({"water", "food"})}, 2 + 3),
        ({"pathways": frozenset({"circular"})}, {"pathways": frozenset({"circular"})}, 2 + 1.5),
        ({"topics": frozenset({"water"})}, {"topics": frozenset({"food"})}, NO),
        ({"topics": frozenset({"water"})}, {"pathways": frozenset({"circular"})}, NO),
        ({"population": 50_000}, {"places": (Place(population=50_000, country="FI"),)}, 2 + 2),
        ({"population": 50_000}, {"places": (Place(population=100_000, country="FI"),)}, 2 + 4 / 3),
        ({"population": 50_000}, {"places": (Place(population=400_000, country="FI"),)}, 2),
        ({"country": "FI"}, {"places": (Place(country="FI"),)}, 2 + 1.5),
        ({"climate": "Cfb"}, {"places": (Place(country="FI", climates=frozenset({"Cfb"})),)}, 2 + 1),
        ({"climate": "Cfb"}, {"places": (Place(country="FI", climates=frozenset({"Cfa"})),)}, 2 + 0.5),
        ({"climate": "Cfb"}, {"places": (Place(country="FI", climates=frozenset({"Dfb"})),)}, 2),
        ({"topics": frozenset({"water"})}, {"places": (Place(country="FI", topics=frozenset({"water"})),)}, 2.5),
        ({"language": "mk"}, {"languages": frozenset({"mk"})}, 3),
        ({"evidence": "verified"}, {}, 2 + 2 / 3),
        ({"evidence": "taken_up"}, {}, 3),
        ({"uptake": 1}, {}, 2.25),
        ({"uptake": 3}, {}, 2.5),
        ({"uptake": 15}, {}, 3),
        ({"uptake": 400}, {}, 3),
        ({"is_recommended": True}, {}, 2.5),
        ({"is_confirmed": False}, {}, -98),
    ],
)
def test_each_term_is_worth_what_the_table_says(candidate, wish, worth):
    assert score(replace(PLAIN, **candidate), Wish(**wish)) == round(worth, 3)


def test_best_of_several_members_counts():
    wish = Wish(places=(Place(population=50_000, country="ES"), Place(population=1_000, country="FI")))
    assert score(replace(PLAIN, population=50_000, country="FI"), wish) == 2 + 2


@settings(max_examples=200, deadline=None)
@given(st.lists(candidates, min_size=1, max_size=12, unique_by=lambda one: one.number), wishes)
def test_lists_of_a_run_say_the_same_as_one_by_one(found, wish):
    ranking = Ranking(found)
    newest = max(one.at for one in found)
    expected = [score_of(one, wish, newest) for one in ranking.candidates]
    assert ranking.score(wish) == pytest.approx(expected)
    assert [one.number for one in ranking.candidates] == sorted((one.number for one in found), reverse=True)
    assert Ranking(reversed(found)).score(wish) == ranking.score(wish)  # whatever order they were read in
    assert all(value == NO or math.isfinite(value) for value in expected)


@settings(max_examples=200, deadline=None)
@given(candidates, wishes)
def test_more_in_its_favour_never_lowers_the_score(one, wish):
    before = score_of(one, wish, NEWEST)
    better = [
        replace(one, uptake=one.uptake + 1),
        replace(one, is_recommended=True),
        replace(one, evidence="taken_up"),
        replace(one, is_confirmed=True),
        replace(one, at=NEWEST),
        replace(one, topics=one.topics | wish.topics),
        replace(one, pathways=one.pathways | wish.pathways),
    ]
    assert all(score_of(other, wish, NEWEST) >= before for other in better)


@settings(max_examples=200, deadline=None)
@given(candidates, candidates, wishes)
def test_what_nobody_confirmed_comes_after_all_that_is(one, other, wish):
    old, fresh = replace(one, is_confirmed=False), replace(other, is_confirmed=True)
    scores = [score_of(each, wish, NEWEST) for each in (old, fresh)]
    assert NO in scores or scores[0] < scores[1]


@pytest.mark.parametrize(
    ("candidate", "wish", "reason"),
    [
        ({}, {}, ("new", "")),
        ({"topics": frozenset({"water", "food"})}, {"topics": frozenset({"water", "food"})}, ("topic", "food")),
        ({"pathways": frozenset({"circular"})}, {"pathways": frozenset({"circular"})}, ("pathway", "circular")),
        ({"population": 50_000}, {"places": (Place(population=90_000, country="FI"),)}, ("size", "")),
        ({"population": 50_000}, {"places": (Place(population=110_000, country="FI"),)}, ("new", "")),
        ({"country": "FI"}, {"places": (Place(country="FI"),)}, ("country", "FI")),
        ({"climate": "Cfb"}, {"places": (Place(climates=frozenset({"Cfb"}), country="FI"),)}, ("climate", "Cfb")),
        ({"topics": frozenset({"food"})}, {"places": (Place(topics=frozenset({"food"}), country="FI"),)}, ("own_topic", "food")),
        ({"language": "mk"}, {"languages": frozenset({"mk"})}, ("language", "mk")),
        ({"uptake": 4}, {}, ("uptake", "4")),
        ({"is_recommended": True}, {}, ("recommended", "")),
        ({"is_recommended": True, "uptake": 15}, {"languages": frozenset({""})}, ("language", "")),
    ],
)  # fmt: skip
def test_reason_is_what_counts_most(candidate, wish, reason):
    assert reason_for(replace(PLAIN, **candidate), Wish(**wish)) == reason


def ranked(*owners):
    return [replace(PLAIN, publication=n, owner=("member", owner)) for n, owner in enumerate(owners)]


@pytest.mark.parametrize(
    ("owners", "chosen"),
    [
        ([1, 1, 1, 1, 2, 3, 4], [0, 1, 4, 5]),
        ([1, 1, 1, 2], [0, 1, 3, 2]),  # nothing else is left
        ([1, 1, 1, 1, 1, 1], [0, 1, 2, 3]),
        ([1, 2], [0, 1]),
        ([], []),
    ],
)
def test_no_owner_fills_a_digest_while_others_wait(owners, chosen):
    assert [one.publication for one in spread(ranked(*owners), 4)] == chosen


def test_office_and_member_of_the_same_number_are_not_one_owner():
    office = [replace(PLAIN, publication=n, owner=("office", 1)) for n in (10, 11)]
    found = spread([*ranked(1, 1), *office, *ranked(1)], 4)
    assert [one.owner[0] for one in found] == ["member", "member", "office", "office"]
