"""Who is suggested to whom: scores by their table, spread over many, learning from refusals, kept up to date."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from math import ceil
from urllib.parse import quote

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from config.vocabulary.models import read_terms
from exchange.bench.matching import gini
from exchange.peers import tasks
from exchange.peers.dismissing import dismiss, read_factors, take_back
from exchange.peers.embedding import embed_notices
from exchange.peers.lists import Found
from exchange.peers.matching import FILLED, KEPT, MOST_SHARE, match_all, match_notice, spread
from exchange.peers.models import Dismissal, Match, Notice
from exchange.peers.queries import of_member, of_notice, supply_and_demand
from exchange.peers.reasons import name_reasons
from exchange.peers.scoring import ALIKE, FIT, distance, score
from exchange.peers.services import change_notice, close_notice
from exchange.peers.sides import Reader
from exchange.peers.tasks import match_rest_task
from members.directory.models import Member
from practices.search.embedding import get_embedder
from practices.search.indexing import embed_documents, unmeant
from practices.uptake.services import record_uptake
from tests.exchange.notices import facts, notice, terms
from tests.factories import MemberFactory, MemberRoleFactory, PublicationFactory

RAIN = "Rain gardens along the streets keep the water out of the sewers after cloudbursts."
BUSES = "Free buses for everybody: who pays, how many more people ride, what it did to cars."


@pytest.fixture
def market(cast):
    """Lahti asks about rain; Pontevedra offers what it knows of it, a third member buses; both have published on it."""
    cast.kuopio = MemberFactory(
        name="Kuopio", name_en="Kuopio", office=cast.finland, population=124_000, latitude=62.89, longitude=27.68,
        climate_zone="Dfc", languages=["fi", "en"],
    )  # fmt: skip
    Member.objects.filter(pk=cast.lahti.pk).update(
        population=120_000,
        climate_zone="Dfc",
        languages=["fi", "en"],
        latitude=60.98,
        longitude=25.66,
        government_level="local",
    )
    PublicationFactory(
        owner=cast.kuopio, title="Rain gardens", topics=["water"], challenge=RAIN, solution=RAIN, results=RAIN
    )
    PublicationFactory(
        owner=cast.pontevedra, title="Free buses", topics=["mobility"], challenge=BUSES, solution=BUSES, results=BUSES
    )
    embed_documents(unmeant())
    cast.ask = notice(cast.lahti, cast.bob, title="Where does the rain go?", text=RAIN)
    cast.rain = notice(cast.pontevedra, cast.carlos, "offer", title="See our rain gardens", text=RAIN)
    cast.buses = notice(
        cast.pontevedra, cast.carlos, "offer", title="Ride our buses", text=BUSES, topics=("mobility",),
        pathways=("low_emission",),
    )  # fmt: skip
    return cast


def liaison_of(member):
    return MemberRoleFactory(member=member, role="liaison").user


def suggested(**condition):
    return [one.target for one in Match.objects.filter(**condition)]


def test_offers_and_texts_for_an_ask(market):
    match_all()
    assert suggested(notice=market.ask, to_notice__isnull=False) == [market.rain]
    assert [str(one) for one in suggested(notice=market.ask, to_publication__isnull=False)] == ["Rain gardens"]
    assert suggested(notice=market.rain) == [market.ask]
    assert suggested(notice=market.buses) == []
    assert suggested(notice=None, member=market.kuopio, to_notice__isnull=False)[0] == market.ask
    assert market.ask not in suggested(notice=None, member=market.lahti)


def test_places_alike(market):
    match_all()
    first = Match.objects.filter(member=market.lahti, to_member__isnull=False).first()
    assert first.to_member == market.kuopio
    assert {code for code, *_ in first.reasons} >= {"size", "climate"}
    assert not Match.objects.filter(member=market.lahti, to_member=market.lahti).exists()


def scores(**condition):
    rows = Match.objects.filter(**condition).values_list("member", "notice", "to_notice", "to_publication", "score")
    return set(rows)


@pytest.mark.parametrize("which", ["ask", "rain"])
def test_one_at_once_has_the_scores_of_all_at_night(market, which):
    """Also where what members are about comes from their other asks and from texts far away from this one."""
    for number in range(3):
        PublicationFactory(owner=market.kuopio, title=f"Food {number}", topics=["food"], language="sv")
    notice(market.pontevedra, market.carlos, title="And you?", text=BUSES, topics=("energy",), languages=["es", "fi"])
    embed_documents(unmeant())
    match_all()
    one = getattr(market, which)
    own, others = {"notice": one}, {"to_notice": one}
    nightly = scores(**own), scores(**others)
    assert all(nightly)
    Match.objects.all().delete()
    Notice.objects.filter(pk=one.pk).update(matched_at=None)
    match_notice(one)
    assert (scores(**own), scores(**others)) == nightly
    assert not Match.objects.exclude(notice=one).exclude(to_notice=one).exists()
    assert Notice.objects.get(pk=one.pk).matched_at is not None


def test_what_is_found_for_one_while_all_are_worked_out_stays_and_takes_nothing_from_others(market):
    late = []

    def open_another(_name, _count):
        if not late:
            late.append(notice(market.pontevedra, market.carlos, "offer", title="More rain gardens", text=RAIN))
            match_notice(late[0])

    match_all(tell=open_another)
    assert set(suggested(notice=market.ask, to_notice__isnull=False)) == {market.rain, *late}
    assert len(suggested(notice=market.ask, to_publication__isnull=False)) == 1
    assert suggested(notice=late[0]) == [market.ask]


def test_without_a_model_topics_are_compared(market, settings):
    settings.EMBEDDER = "none"
    get_embedder.cache_clear()
    ask = notice(market.lahti, market.bob, topics=("water", "food"))
    match_notice(ask)
    get_embedder.cache_clear()
    match = Match.objects.get(notice=ask, to_publication__isnull=False)
    assert (str(match.to_publication), match.parts["meaning"]) == ("Rain gardens", 0)


def test_what_closes_leaves_the_lists(market):
    match_all()
    close_notice(notice=market.rain, by=market.carlos)
    assert [one.match.target for one in of_notice(market.ask)["notices"]] == []
    match_all()
    assert suggested(notice=market.ask, to_notice__isnull=False) == []


def test_member_that_only_reads_is_not_suggested(market):
    match_all()
    Member.objects.filter(pk=market.pontevedra.pk).update(standing="read_only")
    assert of_notice(market.ask)["notices"] == []
    match_all()
    assert suggested(notice=market.ask, to_notice__isnull=False) == []


def test_changed_words_are_looked_at_again(market):
    match_all()
    change_notice(
        notice=market.buses, facts=facts(title="See how we keep the rain", text=RAIN), **terms(), edition=1,
        by=market.carlos,
    )  # fmt: skip
    match_rest_task()
    assert set(suggested(notice=market.ask, to_notice__isnull=False)) == {market.rain, market.buses}


def test_many_are_looked_at_together_once_everything_is_embedded(market, monkeypatch):
    monkeypatch.setattr(tasks, "MOST_AT_ONCE", 2)
    late = PublicationFactory(owner=market.kuopio, title="More rain", topics=["water"], challenge=RAIN, solution=RAIN)
    match_rest_task()
    assert not Match.objects.exists()
    embed_documents(unmeant())
    match_rest_task()
    assert late in suggested(notice=market.ask, to_publication__isnull=False)
    assert Match.objects.filter(to_member__isnull=False).exists()  # only the run for all compares members
    assert not Notice.objects.filter(matched_at=None).exists()


def test_what_is_taken_up_is_not_suggested_again(market):
    match_all()
    text = Match.objects.get(notice=market.ask, to_publication__isnull=False).to_publication
    record_uptake(
        publication=text, member=market.lahti, state="in_use", since=None, facts={"language": "en"}, by=market.bob
    )
    match_all()
    assert not Match.objects.filter(notice=market.ask, to_publication=text).exists()


def test_owner_of_what_an_ask_is_about_comes_first(market, django_assert_num_queries):
    text = PublicationFactory(
        owner=market.pontevedra, title="Lanes", topics=["mobility"], challenge=BUSES, solution=BUSES, results=BUSES
    )
    embed_documents(unmeant())
    match_all()
    theirs = notice(
        market.pontevedra, market.carlos, "offer", title="On lanes", text=BUSES, topics=("food",), publication=text
    )
    ask = notice(market.lahti, market.bob, topics=("water",), title="Yours", text=RAIN, publication=text)
    other = notice(market.kuopio, liaison_of(market.kuopio), topics=("mobility",), title="Lanes?", text=BUSES)
    for one in (theirs, ask, other):
        match_notice(one)
    first = Match.objects.filter(notice=ask, to_publication__isnull=False).first()
    assert (first.to_publication, first.score, first.parts["meaning"]) == (text, 1, 1)
    assert suggested(notice=ask, to_notice__isnull=False)[0] == theirs
    with django_assert_num_queries(2):
        mine, *others = of_member(market.pontevedra)["asks"]
        assert (mine.match.target, mine.reasons[0]) == (ask, "It is about what you published: Lanes")
        assert other in [one.match.target for one in others]
    assert of_notice(ask)["publications"][0].reasons[0] == "They published what you ask about"
    assert of_notice(theirs)["notices"][0].reasons[0] == "It is about what you published: Lanes"
    # Somebody else's offer about the same text is not the owner's.
    seen = notice(market.kuopio, liaison_of(market.kuopio), "offer", title="We use it", text=BUSES, publication=text)
    match_notice(seen)
    assert Match.objects.get(notice=seen, to_notice=ask).score < 1


def test_without_a_last_day_there_is_time_after_it_has_closed(market):
    later = timezone.localdate() + timedelta(days=200)
    notice(market.lahti, market.bob, title="In spring", text=RAIN, starts_on=later)
    notice(market.pontevedra, market.carlos, "offer", title="Rain", text=RAIN, starts_on=timezone.localdate())
    match_all()
    match = Match.objects.get(notice__title="In spring", to_notice__title="Rain")
    assert match.parts["availability"] == 1
    assert ["time", later.isoformat()] in match.reasons
    assert Match.objects.get(notice__title="In spring", to_notice=market.rain).parts["availability"] == 1


def test_not_for_us_is_not_shown_again_and_counts(market):
    match_all()
    for person in (market.rita, market.carlos, market.kaisa, market.nora):
        with pytest.raises(PermissionDenied):
            dismiss(member=market.lahti, target=market.rain, reason="place", by=person)
    with pytest.raises(ValidationError, match="Choose a reason"):
        dismiss(member=market.lahti, target=market.rain, reason="", by=market.bob)
    refusal = dismiss(member=market.lahti, target=market.rain, reason="place", by=market.bob)
    assert dismiss(member=market.lahti, target=market.rain, reason="size", by=market.alice) == refusal
    assert suggested(notice=market.ask, to_notice__isnull=False) == []
    match_all()
    assert suggested(notice=market.ask, to_notice__isnull=False) == []
    assert read_factors() == {market.lahti.pk: {"size": 1.5}}  # what was said last
    with pytest.raises(PermissionDenied):
        take_back(dismissal=refusal, by=market.rita)
    take_back(dismissal=refusal, by=market.alice)
    match_all()
    assert suggested(notice=market.ask, to_notice__isnull=False) == [market.rain]


def test_refusing_leads_back_to_where_somebody_came_from(market, client):
    match_all()
    client.force_login(market.bob)
    ask = market.ask.get_absolute_url()
    refuse = reverse("peers:dismiss", args=[market.lahti.slug, "notice", market.rain.pk])
    assert f'href="{refuse}?next={quote(ask, safe="")}"' in client.get(ask).content.decode()
    home = f"{reverse('peers:home')}?member={market.lahti.slug}"
    for target, back in ((ask, ask), ("https://elsewhere.example/", home), ("//elsewhere.example/", home), ("", home)):
        address = f"{refuse}?next={quote(target, safe='')}"
        assert f'href="{back}"' in client.get(address).content.decode()
        assert client.post(address, {"reason": "size"}).url == back


def test_what_was_never_compared_is_not_said_to_fit_nobody(market, client):
    client.force_login(market.bob)
    comparing, nothing = "We are still comparing", "No open ask fits what you have published"
    html = client.get(reverse("peers:home")).content.decode()
    assert (html.count(comparing), nothing in html) == (2, False)
    match_all()
    html = client.get(reverse("peers:home")).content.decode()
    assert (comparing in html, nothing in html) == (False, True)


def test_refusals_for_distance_bring_nearer_ones_up(market):
    """The same two candidates, one near and one that fits a little better: the reasons given decide."""
    reader = Reader()
    members = reader.members
    asks, offers = reader.read_notices("ask"), reader.read_notices("offer")
    reader.tell_works(reader.read_publications(), (asks, offers))
    pair = members.take([reader.place_of[market.kuopio.pk], reader.place_of[market.pontevedra.pk]])
    pair.meaning = np.stack([members.meaning[0], members.meaning[0]])
    pair.size[0] += 3.1  # the near one is of quite another size
    us = members.take([reader.place_of[market.lahti.pk]])
    us.point[0] = pair.point[0]

    def better(**factors):
        scores, _ = score(us, pair, replace(FIT, more={market.lahti.pk: factors}), known=np.zeros((1, 2), np.float32))
        return scores[0, 0] - scores[0, 1]

    assert better(place=3.0) > better() > better(size=3.0)


def test_dismissal_is_of_one_member_alone(market):
    match_all()
    dismiss(member=market.lahti, target=market.rain, reason="known", by=market.bob)
    match_all()
    assert market.ask in suggested(notice=market.rain)
    assert Dismissal.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "About the same size: 124,000 inhabitants"), ("fi", "124\xa0000")],
)
def test_reasons_are_in_the_readers_words(market, language, words):
    match_all()
    match = Match.objects.get(member=market.lahti, to_member=market.kuopio)
    with translation.override(language):
        assert any(words in reason for reason in name_reasons(match, read_terms()))


@pytest.mark.parametrize("number", [1, 3, 12])
def test_lists_cost_as_many_queries_for_one_as_for_many(market, django_assert_num_queries, number):
    for at in range(number):
        notice(market.pontevedra, market.carlos, "offer", title=f"See our rain gardens {at}", text=RAIN)
    match_all()
    with django_assert_num_queries(2):
        assert len(of_notice(market.ask)["notices"]) == min(number + 1, KEPT)
    with django_assert_num_queries(2):
        assert of_member(market.kuopio)["asks"]


def test_supply_and_demand(market, django_assert_num_queries):
    match_all()
    with django_assert_num_queries(4):
        found = {one.topic.code: (one.asks, one.offers, one.unmatched) for one in supply_and_demand()}
    assert found["water"] == (1, 1, 0)
    assert found["mobility"] == (0, 1, 0)
    assert found["food"] == (0, 0, 0)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40))
@settings(deadline=None, max_examples=50)
def test_gini_is_between_none_and_all(values):
    assert 0 <= gini(values) < 1
    assert gini([7] * len(values)) == 0
    assert gini([0] * 99 + [5]) == pytest.approx(0.99)


class Owners:
    """Candidates of which only the member behind each is known."""

    def __init__(self, members):
        self.members = np.array(members)


@given(st.integers(2, 30), st.integers(2, 30), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_spread_keeps_each_first_choice_and_nobody_is_everywhere(subjects, candidates, random):
    found = [
        Found(subject, candidate, random.random() + (candidate == 0), {})
        for subject in range(subjects)
        for candidate in range(candidates)
    ]
    chosen = spread(found, Owners(range(candidates)))
    by_subject = {}
    for one in chosen:
        by_subject.setdefault(one.subject, []).append(one)
    assert set(by_subject) == set(range(subjects))
    for mine in by_subject.values():
        assert mine[0].candidate == 0  # everybody's best stays
        assert min(FILLED, candidates) <= len(mine) <= min(KEPT, candidates)
        assert [one.score for one in mine] == sorted((one.score for one in mine), reverse=True)
        assert len({one.candidate for one in mine}) == len(mine)
    # Beyond what is given out, somebody comes only into lists that would be too short.
    given = Counter(one.candidate for mine in by_subject.values() if len(mine) > FILLED for one in mine)
    most = max(3, MOST_SHARE * subjects * min(KEPT, candidates) / candidates)
    assert all(count <= ceil(most) for candidate, count in given.items() if candidate)


def test_score_is_its_table(market):
    embed_notices()
    reader = Reader()
    asks, offers = reader.read_notices("ask"), reader.read_notices("offer")
    reader.tell_works(reader.read_publications(), (asks, offers))
    total, parts = score(asks, asks, FIT)
    for name in ("meaning", "topics", "pathways", "size", "climate", "language", "level", "format", "availability"):
        assert parts[name][0, 0] == pytest.approx(1, abs=1e-3), name
    about = 1
    weights = {name: FIT.parts[name] for name in FIT.parts if name not in {"meaning", "topics", "pathways"}}
    around = sum(weights[name] * float(parts[name][0, 0]) for name in weights) / sum(weights.values())
    assert total[0, 0] == pytest.approx(about * (1 - FIT.circumstances + FIT.circumstances * around), abs=1e-3)
    assert set(ALIKE.parts) <= {*FIT.parts}


def test_unknown_is_worth_half(market):
    market.buses.pathways.clear()
    Member.objects.update(population=None, climate_zone="", latitude=None, longitude=None, government_level="")
    reader = Reader()
    asks, offers = reader.read_notices("ask"), reader.read_notices("offer")
    reader.tell_works(reader.read_publications(), (asks, offers))
    _, parts = score(asks, offers, FIT)
    assert {name: float(parts[name][0, 0]) for name in ("size", "climate", "level")} == {
        "size": 0.5, "climate": 0.5, "level": 0.5,
    }  # fmt: skip
    buses = offers.pks.tolist().index(market.buses.pk)
    assert (parts["pathways"][0, buses], parts["topics"][0, buses]) == (0.5, 0)


def test_distance_is_that_of_the_earth(market):
    """Lahti and Kuopio are 236 km apart as the crow flies."""
    members = Reader().members
    points = {int(pk): members.point[at] for at, pk in enumerate(members.pks)}
    away = distance(points[market.lahti.pk][None], points[market.kuopio.pk][None])[0, 0]
    assert away == pytest.approx(236, abs=2)
