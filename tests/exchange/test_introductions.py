"""Coordinators bring members together: who may do what in which state, both answers at once, who is told what."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.outbox.kinds import get_kind
from config.outbox.models import Message
from exchange.peers.introducing import answer_introduction, introduce_members, withdraw_introduction
from exchange.peers.models import Introduction
from exchange.peers.services import close_notice
from members.directory.merging import merge_member
from members.directory.models import Member
from tests.exchange.exchanging import propose
from tests.exchange.notices import notice
from tests.factories import MemberFactory, MemberRoleFactory
from tests.practices.acts import fresh
from tests.threads import at_once

PEOPLE = ("rita", "bob", "alice", "carlos", "xavier", "kaisa", "eva", "ada", "nora")


def introduce(cast, by=None, **facts):
    facts = {"member": cast.lahti, "peer": cast.pontevedra, "note": "You both fight with rain."} | facts
    return introduce_members(**facts, by=by or cast.kaisa)


def answer(introduction, member, by, *, interested=True):
    return answer_introduction(introduction=introduction, member=member, interested=interested, by=by)


@pytest.mark.parametrize("person", PEOPLE)
def test_who_introduces(cast, person):
    by = getattr(cast, person)
    if person in {"kaisa", "eva", "ada"}:
        assert introduce(cast, by=by).by == by
    else:
        with pytest.raises(PermissionDenied):
            introduce(cast, by=by)
        assert not Introduction.objects.exists()


ACTS = {
    "answer for lahti": lambda one, cast, by: answer(one, cast.lahti, by),
    "answer for pontevedra": lambda one, cast, by: answer(one, cast.pontevedra, by),
    "withdraw": lambda one, _cast, by: withdraw_introduction(introduction=one, by=by),
}
MAY = {
    "answer for lahti": {"bob", "alice"},
    "answer for pontevedra": {"carlos"},
    "withdraw": {"kaisa", "eva", "ada"},
}


def lead_to(state, one, cast):
    if state == "agreed":
        answer(one, cast.lahti, cast.bob)
        answer(one, cast.pontevedra, cast.carlos)
    elif state == "declined":
        answer(one, cast.lahti, cast.bob, interested=False)
    elif state == "withdrawn":
        withdraw_introduction(introduction=one, by=cast.kaisa)
    one.refresh_from_db()
    assert one.state == state


@pytest.mark.parametrize("state", ["proposed", "agreed", "declined", "withdrawn"])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_do_what_in_which_state(cast, person, act, state):
    one = introduce(cast)
    lead_to(state, one, cast)
    by = getattr(cast, person)
    if person not in MAY[act]:
        with pytest.raises(PermissionDenied):
            ACTS[act](one, cast, by)
    elif state != "proposed":
        with pytest.raises(ValidationError, match="not possible any more"):
            ACTS[act](one, cast, by)
    else:
        ACTS[act](one, cast, by)
        state = "withdrawn" if act == "withdraw" else "proposed"
    one.refresh_from_db()
    assert one.state == state


def test_what_cannot_be(cast):
    for facts, words in (
        ({"note": "  "}, "both sides read it"),
        ({"note": "x" * 1501}, "at most 1500 characters"),
        ({"peer": cast.lahti}, "another member"),
        ({"peer": MemberFactory(is_active=False)}, "nothing new for now"),
        ({"notice": notice(cast.pontevedra, cast.carlos)}, "closed meanwhile"),
    ):
        with pytest.raises(ValidationError, match=words):
            introduce(cast, **facts)
    ask = notice(cast.lahti, cast.bob)
    close_notice(notice=ask, by=cast.bob)
    with pytest.raises(ValidationError, match="closed meanwhile"):
        introduce(cast, notice=ask)
    introduce(cast)
    with pytest.raises(ValidationError, match="already"):
        introduce(cast, by=cast.eva)
    assert Introduction.objects.count() == 1


def test_who_is_told(cast):
    ask = notice(cast.lahti, cast.bob)
    one = introduce(cast, notice=ask)
    asked = Message.objects.filter(kind="peers.introduction")
    assert sorted(asked.values_list("recipient", flat=True)) == sorted([cast.bob.email, cast.carlos.email])
    answer(one, cast.pontevedra, cast.carlos)
    assert not Message.objects.filter(kind="peers.answered").exists()
    answer(one, cast.lahti, cast.alice)
    told = Message.objects.filter(kind="peers.answered").values_list("recipient", flat=True)
    assert sorted(told) == sorted([cast.bob.email, cast.carlos.email, cast.kaisa.email])


def test_who_declines_is_told_to_the_coordinator_alone(cast):
    one = introduce(cast)
    answer(one, cast.pontevedra, cast.carlos, interested=False)
    assert [one.recipient for one in Message.objects.filter(kind="peers.answered")] == [cast.kaisa.email]


def test_side_answers_once(cast):
    one = introduce(cast)
    answer(one, cast.lahti, cast.bob)
    with pytest.raises(ValidationError, match="already"):
        answer(one, cast.lahti, cast.alice, interested=False)


@pytest.mark.django_db(transaction=True)
def test_both_answer_at_once(cast):
    one = introduce(cast)
    found = at_once(lambda: answer(one, cast.lahti, cast.bob), lambda: answer(one, cast.pontevedra, cast.carlos))
    assert not [each for each in found if isinstance(each, Exception)]
    one.refresh_from_db()
    assert one.state == "agreed"
    assert Message.objects.filter(kind="peers.answered").count() == 3  # Alice and Carlos, the liaisons, and Kaisa


@pytest.mark.django_db(transaction=True)
def test_answer_and_withdrawal_at_once(cast):
    one = introduce(cast)
    found = at_once(
        lambda: answer(one, cast.lahti, cast.bob, interested=False),
        lambda: withdraw_introduction(introduction=one, by=cast.kaisa),
    )
    assert sum(isinstance(each, ValidationError) for each in found) == 1
    one.refresh_from_db()
    assert one.state == ("withdrawn" if isinstance(found[0], ValidationError) else "declined")


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_propose_the_same_at_once(cast):
    found = at_once(lambda: introduce(cast), lambda: introduce(cast, by=cast.eva))
    assert sum(isinstance(each, ValidationError) for each in found) == 1
    assert Introduction.objects.count() == 1


def test_pages_show_contacts_once_both_are_interested(cast, client):
    one = introduce(cast)
    address = reverse("peers:introduction_detail", args=[one.pk])
    client.force_login(cast.bob)
    page = client.get(address).content.decode()
    assert cast.carlos.email not in page
    assert "We are interested" in page
    client.post(
        reverse("peers:introduction_answer", args=[one.pk]), {"member": cast.lahti.slug, "answer": "interested"}
    )
    client.force_login(cast.carlos)
    page = client.get(address).content.decode()
    assert cast.alice.email not in page
    assert "Interested" not in page  # what the other side said is not shown before both have
    client.post(
        reverse("peers:introduction_answer", args=[one.pk]), {"member": cast.pontevedra.slug, "answer": "interested"}
    )
    assert cast.alice.email in client.get(address).content.decode()


def test_merging_ends_what_would_be_with_itself_and_moves_the_rest(cast):
    third = MemberFactory(office=cast.finland)
    MemberRoleFactory(member=third, role="liaison")
    own, other = introduce(cast), introduce(cast, peer=third)
    merge_member(member=cast.lahti, into=cast.pontevedra, by=cast.ada)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.state, other.state, other.member, other.peer) == ("withdrawn", "proposed", cast.pontevedra, third)
    assert Member.objects.get(pk=cast.lahti.pk).merged_into == cast.pontevedra


def test_the_other_side_never_learns_who_declined(cast, client):
    one = introduce(cast)
    answer(one, cast.pontevedra, cast.carlos, interested=False)
    answer_of = {}
    for name in ("bob", "carlos", "kaisa"):
        client.force_login(getattr(cast, name))
        for address in (one.get_absolute_url(), reverse("peers:introduction_list")):
            answer_of[name, address == one.get_absolute_url()] = client.get(address).text
    assert all("Declined" not in answer_of["bob", where] for where in (True, False))
    assert all("Proposed" in answer_of["bob", where] for where in (True, False))
    for name in ("carlos", "kaisa"):
        assert all("Declined" in answer_of[name, where] for where in (True, False))
    assert "Not this time" in answer_of["carlos", True]  # what one's own side has said


def test_who_shows_their_address_to_nobody_is_reached_by_their_page(cast, client):
    cast.carlos.address_visibility = "nobody"
    cast.carlos.save()
    one = introduce(cast)
    answer(one, cast.lahti, cast.alice)
    answer(one, cast.pontevedra, cast.carlos)
    client.force_login(cast.alice)
    page = client.get(one.get_absolute_url()).text
    assert cast.carlos.email not in page
    assert reverse("people:person_detail", args=[cast.carlos.pk]) in page
    (mail,) = Message.objects.filter(kind="peers.answered", user=cast.alice)
    text = get_kind(mail.kind).render(mail).text
    assert cast.carlos.name in text
    assert cast.carlos.email not in text


def test_agreed_ones_are_found_again_on_the_page_of_peers(cast, client):
    one = introduce(cast)
    answer(one, cast.lahti, cast.alice)
    answer(one, cast.pontevedra, cast.carlos)
    client.force_login(cast.carlos)
    for name in ("home", "introduction_list"):
        assert one.get_absolute_url() in client.get(reverse(f"peers:{name}")).text
    client.force_login(cast.nora)
    assert one.get_absolute_url() not in client.get(reverse("peers:introduction_list")).text


def test_members_of_whom_nobody_could_answer_are_not_proposed(cast):
    empty = MemberFactory(name="Oulu", office=cast.finland)
    with pytest.raises(ValidationError, match="has an account"):
        introduce(cast, peer=empty)
    Member.objects.filter(pk=cast.pontevedra.pk).update(standing=Member.Standing.READ_ONLY)
    with pytest.raises(ValidationError, match="nothing new for now"):
        introduce(cast, peer=fresh(cast.pontevedra))
    assert not Message.objects.filter(kind="peers.introduction").exists()


def test_a_pair_is_proposed_once_whichever_comes_first(cast):
    introduce(cast)
    with pytest.raises(ValidationError, match="proposed to each other already"):
        introduce(cast, member=cast.pontevedra, peer=cast.lahti)


def test_note_stays_when_a_peer_is_picked_and_an_ask_that_closes_meanwhile_is_said(cast, client):
    ask = notice(cast.lahti, cast.bob)
    client.force_login(cast.kaisa)
    address = f"{reverse('peers:introduction_create')}?notice={ask.pk}"
    page = client.post(address, {"note": "Both have rain.", "pick": cast.pontevedra.slug}).text
    assert "Both have rain." in page
    assert cast.pontevedra.name in page
    assert not Introduction.objects.exists()
    close_notice(notice=ask, by=cast.bob)
    page = client.post(address, {"note": "Both have rain.", "peer": cast.pontevedra.name}).text
    assert "This is closed meanwhile." in page


def test_desk_shows_what_was_answered(cast, client):
    asks = {name: notice(cast.lahti, cast.bob, title=name) for name in ("First ask", "Second ask", "Third ask")}
    introduce(cast, notice=asks["First ask"])
    propose(cast, member=cast.pontevedra, partners=[cast.lahti], by=cast.carlos, notice=asks["Second ask"])
    client.force_login(cast.kaisa)
    everything = client.get(reverse("peers:desk")).text
    assert all(name in everything for name in asks)
    assert "1 proposed peer" in everything
    assert "1 exchange" in everything
    page = client.get(reverse("peers:desk") + "?only=unanswered").text
    shown = page.partition("</nav>")[2].rpartition("Brought together")[0]
    assert [name in shown for name in asks] == [False, False, True]
    nothing = client.get(reverse("peers:desk") + "?only=without").text
    assert "Something was found for every open ask." in nothing
