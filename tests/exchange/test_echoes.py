"""What others did with the reader's own work, in the reader's digest."""

import pytest

from config.journal.services import number_entries
from exchange.digests.models import Subscription
from exchange.digests.selection import select_for
from members.directory.models import MemberRole
from practices.library.services import archive_publication
from practices.uptake.models import Uptake
from practices.uptake.services import change_uptake, confirm_uptake, decline_uptake, record_uptake
from tests.exchange.acts import digests
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(cast, publish, subscribe):
    """Something of Pontevedra's that Carlos has been told of; everything else in his digest is switched off."""
    publication = publish(cast.pontevedra, "A town for walking")
    subscribe(cast.carlos, sections=["uptake"], confirmed_no=number_entries())
    return publication


def heard(user):
    subscription = Subscription.objects.get(user=user)
    (selection,) = select_for([subscription], highest=number_entries())
    return selection.echoes


def take_up(publication, cast, state="considering"):
    return record_uptake(
        publication=publication, member=cast.lahti, state=state, since=None, facts={"language": "en"}, by=cast.alice
    )


def test_whoever_belongs_to_the_owner_hears_of_it_and_nobody_else(cast, work, subscribe):
    subscribe(cast.alice, sections=["uptake"])
    uptake = take_up(work, cast)
    assert heard(cast.carlos) == [uptake.pk]
    assert [heard(one) for one in (cast.alice, cast.bob, cast.kaisa, cast.ada)] == [[], [], [], []]


def test_coordinators_hear_of_what_their_office_has_published(cast, publish, subscribe):
    publication = publish(cast.europe, "A guide")
    subscribe(cast.eva, confirmed_no=number_entries())
    uptake = take_up(publication, cast)
    assert heard(cast.eva) == [uptake.pk]
    assert heard(cast.kaisa) == []


def test_each_uptake_is_told_once_with_its_last_act(cast, work):
    first = take_up(work, cast)
    change_uptake(uptake=first, state="adapting", since=None, facts={}, edition=1, by=cast.alice)
    assert heard(cast.carlos) == [first.pk]
    Subscription.objects.filter(user=cast.carlos).update(confirmed_no=number_entries())
    assert heard(cast.carlos) == []
    change_uptake(uptake=first, state="in_use", since=None, facts={}, edition=2, by=cast.bob)
    assert heard(cast.carlos) == [first.pk]


def test_what_the_reader_did_is_no_news_to_them_but_to_colleagues(cast, work, subscribe):
    MemberRole.objects.create(user=cast.nora, member=cast.pontevedra, role="reader")
    subscribe(cast.nora, confirmed_no=number_entries())
    uptake = take_up(work, cast)
    confirm_uptake(uptake=uptake, edition=uptake.edition, by=cast.carlos)
    assert heard(cast.carlos) == []
    assert heard(cast.nora) == [uptake.pk]


def test_declined_and_archived_are_not_told(cast, work, publish):
    uptake = take_up(work, cast)
    decline_uptake(uptake=uptake, reason="Not so.", edition=uptake.edition, by=cast.carlos)
    other = publish(cast.pontevedra, "Another")
    take_up(other, cast)
    archive_publication(publication=other, reason="Old.", by=cast.eva)
    assert heard(cast.carlos) == []


def test_section_can_be_left_out(cast, work):
    take_up(work, cast)
    Subscription.objects.filter(user=cast.carlos).update(sections=["new"])
    assert heard(cast.carlos) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("considering", "They are considering it."),
        ("adapting", "They are adapting it."),
        ("in_use", "They have it in use."),
        ("dropped", "They have stopped, and say why."),
    ],
)
def test_digest_tells_of_it(cast, carlos, publish, subscribe, deliver, state, words):
    work = publish(cast.pontevedra, "A town for walking")
    subscribe(cast.carlos, sections=["uptake"])
    facts = {"language": "en", "drop_reason": "Too dear."}
    record_uptake(publication=work, member=cast.lahti, state=state, since=None, facts=facts, by=cast.alice)
    (mail,) = [one for one in deliver() if one["List-Id"]]
    assert mail["Subject"] == "A town for walking"
    for part in mail.iter_parts():
        text = part.get_content()
        for shown in ("Uptake of your practices", "Lahden kaupunki", words, f"/publications/{work.pk}/uptake/"):
            assert shown in text
        assert "New practices and projects" not in text


def test_rest_is_counted_and_what_was_declined_meanwhile_is_left_out(cast, carlos, publish, subscribe, deliver):
    work = publish(cast.pontevedra, "A town for walking")
    subscribe(cast.carlos, sections=["uptake"])
    made = [
        Uptake.objects.get(
            pk=record_uptake(
                publication=work,
                member=_taker(cast, number),
                state="in_use",
                since=None,
                facts={"language": "en"},
                by=cast.alice,
            ).pk
        )
        for number in range(7)
    ]
    (mail,) = [one for one in deliver() if one["List-Id"]]
    text = mail.get_body(("plain",)).get_content()
    assert text.count("They have it in use.") == 5
    assert "And 2 more:" in text
    (message,) = digests()
    assert message.payload["echoes"] == [one.pk for one in reversed(made[2:])]
    assert message.payload["more_echoes"] == 2


def _taker(cast, number):
    member = MemberFactory(name=f"Taker {number}", slug=f"taker-{number}", office=cast.finland)
    MemberRole.objects.create(user=cast.alice, member=member, role="liaison")
    cast.alice.__dict__.pop("_roles", None)
    return member
