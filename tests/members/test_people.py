"""Roles, joining, moving and leaving."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from members.accounts.models import User
from members.directory.models import Contact, Invitation, Member, MemberRole
from members.directory.services import accept_invitation, register_invited_person
from members.people.join_requests import (
    approve_request,
    decline_request,
    members_to_join,
    request_to_join,
    withdraw_request,
)
from members.people.models import JoinRequest
from members.people.roles import leave_everything, move_person, remove_person, set_role
from practices.library.models import Publication
from tests.factories import MemberRoleFactory, OfficeRoleFactory, PublicationFactory, RevisionFactory, UserFactory
from tests.members.acts import invite
from tests.threads import at_once, raised_at_once

EVERYBODY_ELSE = ("bob", "rita", "carlos", "eva", "xavier", "nora")


def role_of(user, member):
    return MemberRole.objects.select_related("member", "user").get(user=user, member=member)


def told():
    """Return who was written to; that a function has no holder any more is another test's."""
    rows = Message.objects.exclude(kind="directory.contacts").select_related("user")
    return sorted((m.kind, m.user.name) for m in rows)


@pytest.fixture
def newcomer(cast):
    """Return somebody with a verified address of Lahti's domain and no member."""
    Member.objects.filter(pk=cast.lahti.pk).update(email_domains=["lahti.example"])
    cast.lahti.refresh_from_db()
    return verified(UserFactory(email="ilkka@lahti.example", name="Ilkka"))


def verified(user, *, how=True):
    EmailAddress.objects.create(user=user, email=user.email, verified=how, primary=True)
    return user


# Roles ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["alice", "kaisa", "ada"])
def test_role_is_set_by_who_looks_after_the_people_and_the_person_is_told(cast, by):
    set_role(role=role_of(cast.bob, cast.lahti), to="liaison", by=getattr(cast, by))
    assert role_of(cast.bob, cast.lahti).role == "liaison"
    assert told() == [("people.role_set", "Bob")]
    entry = Entry.objects.get(verb="role_set")
    assert entry.details == {"user": cast.bob.pk, "from": "contributor", "to": "liaison"}


@pytest.mark.parametrize("by", EVERYBODY_ELSE)
def test_role_is_set_and_ended_by_nobody_else(cast, by):
    role, user = role_of(cast.alice, cast.lahti), getattr(cast, by)
    MemberRoleFactory(member=cast.lahti, role="liaison")
    for act in (lambda: set_role(role=role, to="reader", by=user), lambda: remove_person(role=role, by=user)):
        with pytest.raises(PermissionDenied):
            act()
    assert role_of(cast.alice, cast.lahti).role == "liaison"


def test_same_role_again_tells_nobody(cast):
    set_role(role=role_of(cast.bob, cast.lahti), to="contributor", by=cast.alice)
    assert told() == []


def test_unknown_role_is_refused(cast):
    with pytest.raises(ValidationError):
        set_role(role=role_of(cast.bob, cast.lahti), to="king", by=cast.alice)


@pytest.mark.parametrize("by", ["alice", "kaisa", "ada"])
def test_last_liaison_is_neither_demoted_nor_removed(cast, by):
    role, by = role_of(cast.alice, cast.lahti), getattr(cast, by)
    for act in (lambda: set_role(role=role, to="reader", by=by), lambda: remove_person(role=role, by=by)):
        with pytest.raises(ValidationError) as caught:
            act()
        assert caught.value.code == "last_liaison"
    assert role_of(cast.alice, cast.lahti).role == "liaison"


def test_liaison_whose_account_is_closed_does_not_count(cast):
    MemberRoleFactory(user=UserFactory(is_active=False), member=cast.lahti, role="liaison")
    with pytest.raises(ValidationError):
        remove_person(role=role_of(cast.alice, cast.lahti), by=cast.kaisa)


def test_removed_person_keeps_the_account_and_everybody_concerned_is_told(cast):
    second = MemberRoleFactory(user=UserFactory(name="Second"), member=cast.lahti, role="liaison").user
    Contact.objects.create(
        member=cast.lahti, function="staff", title="Planner", email="a@city.example", person=cast.bob
    )
    remove_person(role=role_of(cast.bob, cast.lahti), by=cast.alice)
    assert User.objects.get(pk=cast.bob.pk).is_active
    assert not MemberRole.objects.filter(user=cast.bob).exists()
    assert Contact.objects.get().person is None
    assert told() == [("people.left", second.name), ("people.removed", "Bob")]


def test_person_leaves_by_themselves(cast):
    remove_person(role=role_of(cast.bob, cast.lahti), by=cast.bob)
    assert told() == [("people.left", "Alice")]
    assert Entry.objects.get(verb="left").by == cast.bob


@pytest.mark.django_db(transaction=True)
def test_two_liaisons_who_remove_each_other_at_once_leave_one(cast):
    carla = MemberRoleFactory(user=UserFactory(name="Carla"), member=cast.lahti, role="liaison").user
    roles = {one: role_of(one, cast.lahti) for one in (cast.alice, carla)}
    raised = raised_at_once(
        lambda: remove_person(role=roles[carla], by=User.objects.get(pk=cast.alice.pk)),
        lambda: remove_person(role=roles[cast.alice], by=User.objects.get(pk=carla.pk)),
    )
    assert raised == ["PermissionDenied"]
    assert MemberRole.objects.filter(member=cast.lahti, role="liaison").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_liaisons_who_step_back_at_once_leave_one(cast):
    carla = MemberRoleFactory(user=UserFactory(name="Carla"), member=cast.lahti, role="liaison").user
    acts = [
        lambda who=who: set_role(role=role_of(who, cast.lahti), to="reader", by=User.objects.get(pk=who.pk))
        for who in (cast.alice, carla)
    ]
    assert raised_at_once(*acts) == ["ValidationError"]
    assert MemberRole.objects.filter(member=cast.lahti, role="liaison").count() == 1


@pytest.mark.django_db(transaction=True)
def test_invitation_used_twice_at_once_makes_one_account_and_one_role(cast):
    invitation = invite(cast)
    facts = {"name": "New", "job_title": "", "time_zone": "UTC", "language": "fi", "password": "a long passphrase"}
    found = at_once(*[lambda: register_invited_person(invitation=invitation, **facts)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["User", "ValidationError"]
    assert User.objects.filter(email="new@city.example").count() == 1
    assert MemberRole.objects.filter(user__email="new@city.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_invitation_accepted_twice_at_once_counts_once(cast):
    invitation = invite(cast, email=cast.nora.email)
    users = [User.objects.get(pk=cast.nora.pk) for _ in range(2)]
    raised = raised_at_once(*(lambda user=user: accept_invitation(invitation=invitation, by=user) for user in users))
    assert raised == ["ValidationError"]
    assert Invitation.objects.get().accepted_by == cast.nora


# What somebody who leaves had to do ----------------------------------------------------------------------------------


def test_texts_of_who_leaves_go_to_a_liaison_and_stay_with_the_member(cast):
    published = PublicationFactory(owner=cast.lahti, by=cast.bob)
    Publication.objects.filter(pk=published.pk).update(responsible=cast.bob)
    draft = RevisionFactory(owner=cast.lahti, by=cast.bob)
    theirs = PublicationFactory(owner=cast.pontevedra, by=cast.carlos)
    Publication.objects.filter(pk=theirs.pk).update(responsible=cast.bob)
    remove_person(role=role_of(cast.bob, cast.lahti), by=cast.kaisa)
    for pk in (published.pk, draft.publication_id):
        text = Publication.objects.get(pk=pk)
        assert (text.owner_member, text.responsible) == (cast.lahti, cast.alice)
    assert Publication.objects.get(pk=theirs.pk).responsible == cast.bob
    assert type(draft).objects.get(pk=draft.pk).state == "draft"
    assert told() == [("editorial.left_to", "Alice"), ("people.left", "Alice"), ("people.removed", "Bob")]


def test_reviews_of_who_leaves_the_office_go_back_to_it(cast):
    revision = RevisionFactory(owner=cast.lahti, by=cast.alice, reviewer=cast.kaisa, state="in_review")
    OfficeRoleFactory(user=cast.kaisa, office=cast.europe)
    leave_everything(user=cast.kaisa, by=cast.ada)
    revision.refresh_from_db()
    assert (revision.state, revision.reviewer) == ("submitted", None)
    assert not cast.kaisa.office_roles.exists()


# Joining -------------------------------------------------------------------------------------------------------------


def test_newcomer_asks_and_a_liaison_lets_them_in(cast, newcomer):
    assert list(members_to_join(newcomer)) == [cast.lahti]
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    assert told() == [("people.join_requested", "Alice")]
    role = approve_request(request=asked, role="contributor", by=cast.alice)
    assert (role.user, role.member, role.role) == (newcomer, cast.lahti, "contributor")
    assert told() == [("people.join_answered", "Ilkka"), ("people.join_requested", "Alice")]
    asked.refresh_from_db()
    assert (asked.approved, asked.answered_by) == (True, cast.alice)


def test_member_without_a_liaison_is_answered_for_by_its_office(cast, newcomer):
    MemberRole.objects.filter(member=cast.lahti).delete()
    request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    assert told() == [("people.join_requested", "Kaisa")]


@pytest.mark.parametrize("what", ["unverified", "domain", "below", "closed", "none"])
def test_nobody_joins_without_a_verified_address_of_a_domain_of_an_active_member(cast, newcomer, what):
    if what == "unverified":
        EmailAddress.objects.update(verified=False)
    elif what == "domain":
        EmailAddress.objects.update(email="ilkka@city.example")
        User.objects.filter(pk=newcomer.pk).update(email="ilkka@city.example")
    elif what == "below":
        EmailAddress.objects.update(email="ilkka@sub.lahti.example")
        User.objects.filter(pk=newcomer.pk).update(email="ilkka@sub.lahti.example")
    elif what == "closed":
        Member.objects.filter(pk=cast.lahti.pk).update(is_active=False)
    else:
        EmailAddress.objects.all().delete()
    newcomer, lahti = User.objects.get(pk=newcomer.pk), Member.objects.get(pk=cast.lahti.pk)
    assert list(members_to_join(newcomer)) == []
    with pytest.raises(PermissionDenied):
        request_to_join(member=lahti, leaves=None, by=newcomer)


def test_asking_twice_or_while_there_is_refused(cast, newcomer):
    request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    with pytest.raises(ValidationError, match="asked already"):
        request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    MemberRoleFactory(user=newcomer, member=cast.lahti)
    with pytest.raises(ValidationError, match="belong to this member already"):
        request_to_join(member=cast.lahti, leaves=None, by=newcomer)


def test_request_is_declined_with_a_reason(cast, newcomer):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    with pytest.raises(ValidationError):
        decline_request(request=asked, reason=" ", by=cast.alice)
    decline_request(request=asked, reason="We do not know you.", by=cast.alice)
    asked.refresh_from_db()
    assert (asked.approved, asked.reason) == (False, "We do not know you.")
    assert not MemberRole.objects.filter(user=newcomer).exists()
    with pytest.raises(ValidationError, match="answered already"):
        approve_request(request=asked, role="reader", by=cast.alice)


@pytest.mark.parametrize("by", EVERYBODY_ELSE)
def test_request_is_answered_by_nobody_else(cast, newcomer, by):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    for act in (
        lambda: approve_request(request=asked, role="reader", by=getattr(cast, by)),
        lambda: decline_request(request=asked, reason="No.", by=getattr(cast, by)),
        lambda: withdraw_request(request=asked, by=getattr(cast, by)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_nobody_answers_their_own_request(cast, newcomer):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    OfficeRoleFactory(user=newcomer, office=cast.finland)
    with pytest.raises(PermissionDenied):
        approve_request(request=asked, role="liaison", by=User.objects.get(pk=newcomer.pk))


def test_request_of_somebody_whose_address_has_changed_is_not_granted(cast, newcomer):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    User.objects.filter(pk=newcomer.pk).update(email="ilkka@elsewhere.example")
    with pytest.raises(ValidationError, match="not one of this member"):
        approve_request(request=JoinRequest.objects.get(), role="reader", by=cast.alice)
    assert asked.answered_at is None


def test_request_is_taken_back(cast, newcomer):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    withdraw_request(request=asked, by=newcomer)
    with pytest.raises(ValidationError, match="taken back"):
        approve_request(request=asked, role="reader", by=cast.alice)


@pytest.mark.django_db(transaction=True)
def test_request_answered_twice_at_once_is_answered_once(cast, newcomer):
    asked = request_to_join(member=cast.lahti, leaves=None, by=newcomer)
    raised = raised_at_once(
        lambda: approve_request(request=asked, role="reader", by=User.objects.get(pk=cast.alice.pk)),
        lambda: decline_request(request=asked, reason="No.", by=User.objects.get(pk=cast.kaisa.pk)),
    )
    assert raised == ["ValidationError"]
    asked.refresh_from_db()
    assert MemberRole.objects.filter(user=newcomer).exists() == asked.approved


# Changing jobs -------------------------------------------------------------------------------------------------------


def test_somebody_who_changes_jobs_keeps_the_account_and_leaves_the_texts(cast, newcomer):
    bob = cast.bob
    text = PublicationFactory(owner=cast.pontevedra, by=bob)
    MemberRoleFactory(user=newcomer, member=cast.pontevedra, role="contributor")
    Publication.objects.filter(pk=text.pk).update(responsible=newcomer)
    asked = request_to_join(member=cast.lahti, leaves=cast.pontevedra, by=newcomer)
    approve_request(request=asked, role="contributor", by=cast.alice)
    assert list(newcomer.member_roles.values_list("member", flat=True)) == [cast.lahti.pk]
    text = Publication.objects.get(pk=text.pk)
    assert (text.owner_member, text.responsible) == (cast.pontevedra, cast.carlos)
    assert ("people.left", "Carlos") in told()


def test_last_liaison_changes_jobs_only_when_there_is_another(cast, newcomer):
    MemberRole.objects.filter(member=cast.pontevedra).delete()
    MemberRoleFactory(user=newcomer, member=cast.pontevedra, role="liaison")
    asked = request_to_join(member=cast.lahti, leaves=cast.pontevedra, by=newcomer)
    with pytest.raises(ValidationError):
        approve_request(request=asked, role="reader", by=cast.alice)
    assert list(newcomer.member_roles.values_list("member", flat=True)) == [cast.pontevedra.pk]
    assert JoinRequest.objects.get().answered_at is None


def test_person_is_moved_by_who_looks_after_both(cast):
    role = role_of(cast.bob, cast.lahti)
    for by in (cast.alice, cast.carlos, cast.kaisa, cast.eva):
        with pytest.raises(PermissionDenied):
            move_person(role=role, to=cast.pontevedra, as_role="reader", by=by)
    move_person(role=role, to=cast.pontevedra, as_role="reader", by=cast.ada)
    assert list(cast.bob.member_roles.values_list("member", "role")) == [(cast.pontevedra.pk, "reader")]


# Pages ---------------------------------------------------------------------------------------------------------------


def test_liaison_sees_who_asks_and_lets_them_in(client, cast, newcomer):
    client.force_login(newcomer)
    client.post(reverse("people:join"), {"member": cast.lahti.pk})
    asked = JoinRequest.objects.get()
    client.force_login(cast.alice)
    assert "They ask to join" in client.get(cast.lahti.get_absolute_url()).text
    page = client.get(reverse("people:request_detail", args=[asked.pk]))
    assert "ilkka@lahti.example" in page.text
    client.post(reverse("people:request_approve", args=[asked.pk]), {"role": "reader"})
    assert role_of(newcomer, cast.lahti).role == "reader"
    client.force_login(cast.bob)
    assert "They ask to join" not in client.get(cast.lahti.get_absolute_url()).text


def test_member_that_is_not_theirs_to_ask_is_no_choice(client, cast, newcomer):
    client.force_login(newcomer)
    assert client.post(reverse("people:join"), {"member": cast.pontevedra.pk}).status_code == 200
    assert not JoinRequest.objects.exists()


def test_person_leaves_on_their_page(client, cast):
    client.force_login(cast.bob)
    role = role_of(cast.bob, cast.lahti)
    page = client.get(reverse("people:role_detail", args=[role.pk])).text
    assert ("Leave this member" in page, "Change the role" in page) == (True, False)
    client.post(reverse("people:role_remove", args=[role.pk]))
    assert not cast.bob.member_roles.exists()


def test_last_liaison_is_told_why_they_cannot_leave(client, cast):
    client.force_login(cast.alice)
    role = role_of(cast.alice, cast.lahti)
    page = client.post(reverse("people:role_remove", args=[role.pk]), follow=True)
    assert "A member needs a liaison. Make somebody else liaison first." in page.text


# Whose address -------------------------------------------------------------------------------------------------------

VIEWERS = ("alice", "rita", "carlos", "kaisa", "xavier", "ada", "nora")
SEEN = {
    "network": {"alice", "rita", "carlos", "kaisa", "xavier", "ada"},
    "connections": {"alice", "rita", "ada"},
    "nobody": {"ada"},
}


@pytest.mark.parametrize("rule", SEEN)
@pytest.mark.parametrize("chosen", [True, False])
def test_address_is_shown_to_whom_the_person_or_the_network_says(client, cast, settings, rule, chosen):
    settings.ADDRESS_VISIBILITY = "nobody" if chosen else rule
    User.objects.filter(pk=cast.bob.pk).update(address_visibility=rule if chosen else "")
    seen = set()
    for name in VIEWERS:
        client.force_login(getattr(cast, name))
        page = client.get(reverse("people:person_detail", args=[cast.bob.pk]))
        assert "bob@city.example" not in page.text
        answer = client.post(reverse("people:person_address", args=[cast.bob.pk]))
        if answer.status_code == 200:
            assert "bob@city.example" in answer.text
            seen.add(name)
        else:
            assert answer.status_code == (404 if name == "nora" else 403)
            assert "Show the address" not in page.text
    assert seen == SEEN[rule]


def test_page_of_a_person_shows_what_they_tell(client, cast):
    client.force_login(cast.bob)
    said = {
        "name": "Bob", "language": "en", "time_zone": "UTC", "languages_spoken": ["fi", "sv"],
        "ask_me_about": "Heat networks", "address_visibility": "network",
        "expertise": [User.expertise.field.related_model.objects.get(code="energy").pk],
    }  # fmt: skip
    client.post(reverse("accounts:profile"), said)
    client.force_login(cast.carlos)
    page = client.get(reverse("people:person_detail", args=[cast.bob.pk])).text
    for text in ("Heat networks", "Finnish", "Swedish", "Energy", "Lahden kaupunki"):
        assert text in page


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_person_page_costs_the_same_for_any_number_of_rows(client, cast, django_assert_num_queries, rows):
    for _ in range(rows):
        MemberRoleFactory(user=cast.bob)
    client.force_login(cast.carlos)
    with django_assert_num_queries(14):
        client.get(reverse("people:person_detail", args=[cast.bob.pk]))


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_own_places_cost_the_same_for_any_number_of_rows(client, cast, django_assert_num_queries, rows):
    for _ in range(rows):
        MemberRoleFactory(user=cast.bob)
        JoinRequest.objects.create(user=cast.bob, member=MemberRoleFactory().member)
    client.force_login(cast.bob)
    with django_assert_num_queries(10):
        client.get(reverse("accounts:profile"))


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_member_page_costs_the_same_for_any_number_of_requests(client, cast, django_assert_num_queries, rows):
    for _ in range(rows):
        JoinRequest.objects.create(user=UserFactory(), member=cast.lahti)
    client.force_login(cast.alice)
    with django_assert_num_queries(19):
        client.get(cast.lahti.get_absolute_url())
