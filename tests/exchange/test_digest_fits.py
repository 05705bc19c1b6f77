"""Asks that the reader's member could answer, and offers that fit its asks, in the digest: once, with a reason."""

import quopri

import pytest
from django.utils import timezone

from config.journal.models import Entry
from config.journal.services import number_entries
from exchange.digests.emails import preview_digest
from exchange.digests.models import Subscription
from exchange.digests.selection import select_for
from exchange.digests.services import build_message
from exchange.peers.dismissing import dismiss
from exchange.peers.matching import match_all, match_notice
from exchange.peers.services import close_notice
from members.directory.models import Member
from practices.search.indexing import embed_documents, unmeant
from tests.exchange.notices import notice
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rain(cast, subscribe):
    """Alice and Bob write for Lahti, Rita only reads there; Pontevedra has written on water, as Lahti has."""
    for owner in (cast.lahti, cast.pontevedra):
        PublicationFactory(owner=owner, topics=["water"], pathways=["resilient"])
    embed_documents(unmeant())
    for person in (cast.bob, cast.rita, cast.carlos):
        subscribe(person, sections=["peers"], confirmed_no=number_entries())
    return cast


def fits_of(user):
    (selection,) = select_for([Subscription.objects.get(user=user)], highest=number_entries())
    return selection.fits


def digest_of(user):
    subscription = Subscription.objects.get(user=user)
    (selection,) = select_for([subscription], highest=number_entries())
    message = build_message(subscription, selection, 0, key="x", now=timezone.now())
    mail = preview_digest(message, subscription)
    return mail and " ".join(quopri.decodestring(mail.text).decode().split())


def test_ask_is_told_to_those_who_could_answer(rain):
    ask = notice(rain.pontevedra, rain.carlos, title="Rain in old streets?")
    assert fits_of(rain.bob) == []  # nobody has looked yet
    match_notice(ask)
    assert fits_of(rain.bob) == [(rain.lahti.pk, 0, ask.pk)]
    assert fits_of(rain.rita) == []  # who only reads answers nothing
    assert fits_of(rain.carlos) == []  # one's own
    text = digest_of(rain.bob)
    assert "Rain in old streets?" in text
    assert "You could answer this." in text
    assert "Both work on: Water" in text


def test_offer_is_told_for_the_ask_that_it_fits(rain):
    ask = notice(rain.lahti, rain.bob, title="Rain in old streets?")
    match_notice(ask)
    offer = notice(rain.pontevedra, rain.carlos, "offer", title="See our rain gardens")
    match_notice(offer)
    assert fits_of(rain.bob) == [(rain.lahti.pk, ask.pk, offer.pk)]
    assert "It fits your ask “Rain in old streets?”." in digest_of(rain.bob)


def test_each_is_told_once_and_a_nightly_run_tells_nothing_again(rain):
    ask = notice(rain.pontevedra, rain.carlos)
    match_notice(ask)
    Subscription.objects.filter(user=rain.bob).update(confirmed_no=number_entries())
    assert fits_of(rain.bob) == []
    match_all()
    match_notice(ask)
    assert fits_of(rain.bob) == []
    assert Entry.objects.filter(verb="matched").count() == 1


def test_what_closed_or_was_refused_meanwhile_is_left_out(rain):
    ask, other = (notice(rain.pontevedra, rain.carlos, title=title) for title in ("First", "Second"))
    match_all()
    assert {to for _, _, to in fits_of(rain.bob)} == {ask.pk, other.pk}
    subscription = Subscription.objects.get(user=rain.bob)
    (selection,) = select_for([subscription], highest=number_entries())
    message = build_message(subscription, selection, 0, key="x", now=timezone.now())
    close_notice(notice=ask, by=rain.carlos)
    text = quopri.decodestring(preview_digest(message, subscription).text).decode()
    assert "Second" in text
    assert "First" not in text
    dismiss(member=rain.lahti, target=other, reason="known", by=rain.bob)
    assert preview_digest(message, subscription) is None
    assert fits_of(rain.bob) == []


def test_member_that_only_reads_is_not_told_of(rain):
    match_notice(notice(rain.pontevedra, rain.carlos))
    Member.objects.filter(pk=rain.pontevedra.pk).update(standing="read_only")
    assert fits_of(rain.bob) == []


def test_section_can_be_left_out(rain):
    match_notice(notice(rain.pontevedra, rain.carlos))
    Subscription.objects.filter(user=rain.bob).update(sections=["new"])
    assert fits_of(rain.bob) == []
