"""Contacts that may not be right any more: the liaison is asked, then the office."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message, Suppression
from config.outbox.suppression import suppress
from members.directory.contact_checks import check_contacts
from members.directory.models import Contact, ContactCheck, Member, MemberRole
from members.people.roles import remove_person
from tests.threads import at_once

TODAY = date(2026, 6, 1)


@pytest.fixture
def contact(cast):
    return Contact.objects.create(
        member=cast.lahti, function="leader", title="Mayor", email="mayor@lahti.example", term_ends_on=date(2026, 5, 31)
    )


def told():
    return sorted(Message.objects.filter(kind="directory.contacts").values_list("recipient", "payload__what"))


def test_term_that_ended_is_asked_about_once(cast, contact):
    assert check_contacts(date(2026, 5, 31)) == {"opened": 0, "escalated": 0}
    assert check_contacts(TODAY) == {"opened": 1, "escalated": 0}
    assert check_contacts(TODAY) == {"opened": 0, "escalated": 0}
    assert ContactCheck.objects.get().reason == "term_ended"
    assert told() == [("alice@city.example", "opened")]


def test_what_was_confirmed_since_is_not_in_doubt(cast, contact):
    Contact.objects.update(confirmed_at=timezone.now())  # long after the end of the term
    contact.refresh_from_db()
    assert timezone.localdate(contact.confirmed_at) > contact.term_ends_on
    assert check_contacts(TODAY)["opened"] == 0


@pytest.mark.parametrize("how", ["no role any more", "account closed"])
def test_person_who_left(how, cast):
    Contact.objects.create(
        member=cast.lahti, function="staff", title="Planner", email="plan@lahti.example", person=cast.bob
    )
    assert check_contacts(TODAY)["opened"] == 0
    if how == "no role any more":
        MemberRole.objects.filter(user=cast.bob).delete()
    else:
        cast.bob.is_active = False
        cast.bob.save(update_fields=["is_active"])
    assert check_contacts(TODAY)["opened"] == 1
    assert ContactCheck.objects.get().reason == "person_left"


def test_who_leaves_leaves_a_question(cast):
    Contact.objects.create(
        member=cast.lahti, function="staff", title="Planner", email="plan@lahti.example", person=cast.bob
    )
    remove_person(role=cast.bob.member_roles.get(), by=cast.alice)
    assert (Contact.objects.get().person, ContactCheck.objects.get().reason) == (None, "person_left")
    assert told() == [("alice@city.example", "opened")]
    assert check_contacts(TODAY)["opened"] == 0


def test_address_that_refuses_mail(cast):
    Contact.objects.create(member=cast.lahti, function="billing", title="Accounts", email="pay@lahti.example")
    assert check_contacts(TODAY)["opened"] == 0
    suppress(address="pay@lahti.example", scope=Suppression.Scope.ALL, reason="bounce")
    assert check_contacts(TODAY)["opened"] == 1
    assert ContactCheck.objects.get().reason == "mail_bounces"


def test_member_that_is_not_active_is_left_alone(cast, contact):
    Member.objects.update(is_active=False)
    assert check_contacts(TODAY)["opened"] == 0


def test_unanswered_goes_to_the_office_after_fourteen_days(cast, contact):
    check_contacts(TODAY)
    assert list(ContactCheck.objects.answerable_by(cast.alice)) == list(ContactCheck.objects.all())
    for somebody in (cast.bob, cast.rita, cast.carlos, cast.kaisa, cast.nora):
        assert not ContactCheck.objects.answerable_by(somebody).exists()
    ContactCheck.objects.update(opened_at=timezone.now() - timedelta(days=13))
    assert check_contacts(TODAY)["escalated"] == 0
    ContactCheck.objects.update(opened_at=timezone.now() - timedelta(days=14))
    assert check_contacts(TODAY)["escalated"] == 1
    assert check_contacts(TODAY)["escalated"] == 0
    assert told() == [("alice@city.example", "opened"), ("kaisa@network.example", "escalated")]
    assert ContactCheck.objects.answerable_by(cast.kaisa).exists()
    assert not ContactCheck.objects.answerable_by(cast.eva).exists()


def test_saving_the_contacts_confirms_them(cast, contact, client):
    check_contacts(TODAY)
    client.force_login(cast.alice)
    place = reverse("directory:member_contacts", args=["lahti"])
    assert place in client.get(reverse("home:home")).content.decode()
    assert "The term of office has ended." in client.get(place).content.decode()
    form = {"leader-title": "Mayor", "leader-email": "mayor@lahti.example", "leader-term_ends_on": "2026-05-31"}
    assert client.post(place, form).status_code == 302
    assert not ContactCheck.objects.filter(closed_at=None).exists()
    assert check_contacts(TODAY) == {"opened": 0, "escalated": 0}


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_ask_once(cast, contact):
    assert sorted(one["opened"] for one in at_once(*[lambda: check_contacts(TODAY)] * 2)) == [0, 1]
    assert told() == [("alice@city.example", "opened")]
