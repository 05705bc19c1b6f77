"""Who looks after an exchange for a side, who goes and who is told: nobody is said to be there who is not."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.connections.services import accept_request, remove_connection, request_connection
from exchange.exchanges import agreeing, services, working
from exchange.exchanges.models import Exchange, Participant
from members.directory.merging import merge_member
from members.directory.rules import forget_roles
from members.people.roles import leave_everything, remove_person, set_role
from tests.exchange.exchanging import answer, day, facts, led_to, party, propose
from tests.exchange.invitations import send_invitations
from tests.factories import MemberFactory, MemberRoleFactory, UserFactory
from tests.practices.acts import fresh

pytestmark = pytest.mark.django_db

ALICE, BOB, CARLOS, STRANGER = "alice@city.example", "bob@city.example", "carlos@city.example", "stranger@third.example"


@pytest.fixture
def cast(cast):
    """Add a third member with a liaison."""
    cast.third = MemberFactory(name_en="Third", slug="third", country="FR", office=cast.bonn)
    cast.stranger = UserFactory(email=STRANGER, name="Stranger")
    MemberRoleFactory(user=cast.stranger, member=cast.third, role="liaison")
    return cast


@pytest.fixture
def read(client):
    """Return a function that returns the page of an exchange as somebody sees it."""

    def read(person, exchange):
        client.force_login(person)
        return client.get(exchange.get_absolute_url()).content.decode()

    return read


def told(what=None, kind="exchanges.news"):
    found = Message.objects.filter(kind=kind)
    found = found.filter(payload__what=what) if what else found
    return sorted(found.values_list("recipient", flat=True))


# Somebody leaves ------------------------------------------------------------------------------------------------------


def test_heir_and_the_other_side_hear_who_looks_after_it_now(cast, read):
    exchange = led_to("agreed", cast)
    colleague = MemberRoleFactory(member=cast.pontevedra, role="liaison", user__name="Nuria").user
    remove_person(role=cast.carlos.member_roles.get(), by=colleague)
    assert told("handed_over") == [ALICE]
    assert party(exchange, cast.pontevedra).person == colleague
    page = read(cast.alice, exchange)
    assert "a colleague looks after it" in page
    assert CARLOS not in page


def test_nobody_left_is_said_and_told_to_the_others_and_the_office(cast, read, smtp):
    exchange = led_to("agreed", cast)
    leave_everything(user=cast.carlos, by=cast.carlos)
    assert (party(exchange, cast.pontevedra).person, Participant.objects.filter(user=cast.carlos).exists()) == (
        None,
        False,
    )
    assert told("unattended") == [ALICE, "eva@network.example"]
    assert told("handed_over") == []
    page = read(cast.alice, exchange)
    assert "Somebody left; nobody looks after it now" in page
    assert "Nobody looks after it now." in page
    assert "a colleague looks after it" not in page
    Sender().run()
    sent = {str(one["To"]) for one in smtp.messages if "Nobody looks after it now" in str(one["Subject"])}
    assert sent == {ALICE, "eva@network.example"}


def test_somebody_who_only_took_part_leaves_and_nobody_is_mailed(cast, read):
    exchange = led_to("agreed", cast)
    working.choose_people(
        party=party(exchange, cast.lahti), people=[cast.alice, cast.rita], person=cast.alice, by=cast.alice
    )
    remove_person(role=cast.rita.member_roles.get(), by=cast.alice)
    assert (told("handed_over"), told("unattended")) == ([], [])
    assert "Somebody who took part has left" in read(cast.carlos, exchange)


def test_after_the_end_who_has_left_is_named_without_address_and_not_in_charge(cast, read):
    exchange = led_to("completed", cast)
    colleague = MemberRoleFactory(member=cast.pontevedra, role="liaison", user__email="nuria@city.example").user
    assert CARLOS in read(cast.alice, exchange)
    assert read(cast.alice, exchange).count("in charge") == 2
    remove_person(role=cast.carlos.member_roles.get(), by=colleague)
    page = read(cast.alice, exchange)
    assert "Carlos" in page
    assert CARLOS not in page
    assert page.count("in charge") == 1


# A review without enough peers ----------------------------------------------------------------------------------------


def review(cast):
    """Return a review of Lahti that is agreed with peers from Spain and France."""
    exchange = propose(
        cast, gives=False, format_="peer_review", partners=[cast.pontevedra, cast.third], starts_on=day(9), ends_on=None
    )
    answer(exchange, cast.pontevedra, cast.carlos)
    exchange = answer(exchange, cast.third, cast.stranger)
    assert exchange.state == "agreed"
    Message.objects.all().delete()
    return exchange


def test_review_that_a_peer_leaves_is_proposed_again_until_there_is_another(cast, read, smtp):
    exchange = review(cast)
    agreeing.leave_exchange(party=party(exchange, cast.third), reason="Our floods.", by=cast.stranger)
    Exchange.objects.filter(pk=exchange.pk).update(starts_on=day(0), ends_on=day(1))
    assert fresh(exchange).state == "proposed"
    with pytest.raises(ValidationError):
        services.start_exchange(exchange=exchange, by=cast.alice)
    assert services.start_due_exchanges() == 0
    page = read(cast.carlos, exchange)
    for text in ("Left it", "Our floods.", "Until then it cannot be agreed"):
        assert text in page
    Sender().run()
    mails = [one for one in smtp.messages if "leaves" in str(one["Subject"])]
    assert sorted(str(one["To"]) for one in mails) == [ALICE, CARLOS]
    assert "Until then it cannot be agreed" in mails[0].get_body(("plain",)).get_content()

    other = MemberFactory(country="SE", office=cast.bonn)
    swede = MemberRoleFactory(member=other, role="liaison").user
    agreeing.invite_party(exchange=exchange, member=other, by=cast.alice)
    assert answer(exchange, other, swede).state == "agreed"
    assert services.start_due_exchanges() == 1


def test_review_whose_two_peers_become_one_is_proposed_again(cast):
    exchange = review(cast)
    merge_member(member=cast.third, into=cast.pontevedra, by=cast.ada)
    assert fresh(exchange).state == "proposed"


def test_review_that_runs_goes_on_with_whom_is_left(cast, read):
    exchange = review(cast)
    Exchange.objects.filter(pk=exchange.pk).update(starts_on=day(0), ends_on=day(1))
    services.start_exchange(exchange=exchange, by=cast.alice)
    agreeing.leave_exchange(party=party(exchange, cast.third), reason="Our floods.", by=cast.stranger)
    assert fresh(exchange).state == "running"
    assert "Until then it cannot be agreed" not in read(cast.alice, exchange)


def test_change_of_a_review_that_falls_short_is_refused_without_ending_it(cast):
    exchange = review(cast)
    agreeing.leave_exchange(party=party(exchange, cast.third), reason="Our floods.", by=cast.stranger)
    now = fresh(exchange)
    said = {name: getattr(now, name) for name in services.FACTS} | {"costs": "host"}
    services.change_exchange(exchange=now, format_=now.format, facts=said, edition=now.edition, by=cast.alice)
    kept = answer(exchange, cast.pontevedra, cast.carlos, agrees=False)
    assert (kept.state, kept.costs, [one.state for one in kept.parties.all()]) == (
        "proposed", "own", ["agreed", "agreed", "left"],
    )  # fmt: skip


# Left out -------------------------------------------------------------------------------------------------------------


def test_who_is_left_out_finds_the_page_of_whom_to_ask(cast, smtp, client):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    answer(exchange, cast.pontevedra, cast.carlos)
    agreeing.leave_out(party=party(exchange, cast.third), by=cast.alice)
    Sender().run()
    (mail,) = [one for one in smtp.messages if "Goes on without you" in str(one["Subject"])]
    assert mail["To"] == STRANGER
    client.force_login(cast.stranger)
    assert client.get(exchange.get_absolute_url()).status_code == 404
    assert client.get(cast.lahti.get_absolute_url()).status_code == 200
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert exchange.get_absolute_url() not in text
        assert cast.lahti.get_absolute_url() in text
        assert ALICE not in text


# Who takes part -------------------------------------------------------------------------------------------------------


def test_somebody_of_each_side_takes_part_and_who_is_in_charge_is_always_named(cast, client, read):
    exchange = led_to("agreed", cast)
    own = party(exchange, cast.lahti)
    with pytest.raises(ValidationError, match="at least one person"):
        working.choose_people(party=own, people=[], person=cast.alice, by=cast.alice)
    client.force_login(cast.alice)
    page = client.post(reverse("exchanges:party_people", args=[own.pk]), {"person": cast.alice.pk})
    assert "people" in page.context["form"].errors
    working.choose_people(party=own, people=[cast.bob], person=cast.alice, by=cast.alice)
    aside = read(cast.carlos, exchange).split('id="parties"')[1]
    assert aside.index("Bob") < aside.index("Alice") < aside.index("in charge")


# From a connection ----------------------------------------------------------------------------------------------------


def connect(cast, person):
    return accept_request(connection=request_connection(to=person, message="A call?", by=cast.alice), by=person)


def test_from_a_connection_the_person_one_knows_takes_part_and_is_in_charge_if_they_may_answer(cast, client):
    first = cast.carlos  # a liaison, who would be asked else
    known = MemberRoleFactory(member=cast.pontevedra, role="contributor", user__name="Nuria").user
    connect(cast, known)
    client.force_login(cast.alice)
    address = f"{reverse('exchanges:exchange_create')}?member={cast.pontevedra.slug}&person={known.pk}"
    assert (
        address.replace("&", "&amp;") in client.get(reverse("people:person_detail", args=[known.pk])).content.decode()
    )
    page = client.get(address).content.decode()
    assert "Nuria" in page
    said = facts() | {"format": "study_visit", "gives": "no"}
    said = {name: value for name, value in said.items() if name != "plan"}
    assert client.post(address, said).status_code == 302
    made = Exchange.objects.get()
    own = party(made, cast.pontevedra)
    assert (own.person, [one.user for one in own.participants.all()]) == (known, [known])
    assert told(kind="exchanges.proposal") == [known.email]

    set_role(role=known.member_roles.get(), to="reader", by=first)
    forget_roles(known)
    own = party(propose(cast, title="Again", person=known), cast.pontevedra)
    assert (own.person, {one.user for one in own.participants.all()}) == (first, {first, known})


def test_nobody_is_put_in_charge_whom_the_proposer_does_not_know(cast, client):
    connection = connect(cast, cast.stranger)
    for person, partner in ((cast.carlos, cast.pontevedra), (cast.stranger, cast.pontevedra)):
        with pytest.raises(ValidationError, match="not connected"):
            propose(cast, partners=[partner], person=person)
    assert party(propose(cast, partners=[cast.third], person=cast.stranger), cast.third).person == cast.stranger
    remove_connection(connection=connection, by=cast.stranger)
    with pytest.raises(ValidationError, match="not connected"):
        propose(cast, partners=[cast.third], person=cast.stranger)
    with pytest.raises(PermissionDenied):
        propose(cast, partners=[cast.third], person=cast.stranger, by=cast.rita)
    client.force_login(cast.alice)
    for wrong in ("x", cast.carlos.pk, 10**12):
        address = f"{reverse('exchanges:exchange_create')}?member={cast.pontevedra.slug}&person={wrong}"
        assert client.get(address).context["person"] is None


def test_who_shows_their_address_to_nobody_is_named_without_it(cast, client, smtp):
    cast.carlos.address_visibility = "nobody"
    cast.carlos.save()
    exchange = led_to("agreed", cast)
    client.force_login(cast.alice)
    page = client.get(exchange.get_absolute_url()).text
    assert cast.carlos.name in page
    assert cast.carlos.email not in page
    soon = timezone.now() + timedelta(days=31)
    said = {"title": "Tour", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
    working.add_session(exchange=exchange, facts=said, by=cast.alice)
    mails = {str(to): str(event) for to, _method, event, *_ in send_invitations(smtp)}
    assert cast.carlos.email not in mails[cast.alice.email]
    assert cast.carlos.email in mails[cast.carlos.email]
    assert all(cast.carlos.email not in str(one) for one in smtp.messages if one["To"] == cast.alice.email)
