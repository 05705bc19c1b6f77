"""Who takes up whose practice: every state by everybody, what counts, what is told, and what cannot be."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from practices.library.models import Publication
from practices.library.services import archive_publication
from practices.uptake import services
from practices.uptake.emails import people_to_ask
from practices.uptake.models import Uptake
from practices.uptake.transitions import ACT_TO, TRANSITIONS, states_from
from tests.factories import MemberFactory, MemberRoleFactory, OfficeRoleFactory, PublicationFactory, UserFactory
from tests.practices.acts import decide, fresh, rows
from tests.threads import at_once

pytestmark = pytest.mark.django_db

STATES = [str(state) for state in Uptake.State]
# Which states may follow on which; "" is a record that is being made.
TABLE = {
    "": {"considering", "adapting", "in_use", "dropped"},
    "considering": {"adapting", "in_use", "dropped"},
    "adapting": {"in_use", "dropped"},
    "in_use": {"dropped"},
    "dropped": {"considering"},
}
PEOPLE = ("rita", "bob", "alice", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
WORDS = {"language": "en", "changed": "Two streets first.", "drop_reason": "Too far away."}


@pytest.fixture
def original(cast):
    """Return a published practice of Lahti."""
    return PublicationFactory(owner=cast.lahti, title="School meals", by=None)


@pytest.fixture
def take(cast, original):
    """Return a function that records uptake of `original`, by Carlos for Pontevedra unless said otherwise."""

    def take(state="in_use", **changes):
        said = {"publication": original, "member": cast.pontevedra, "since": None, "facts": WORDS, "by": cast.carlos}
        return services.record_uptake(**said | changes, state=state)

    return take


def change(uptake, state, by, since=None, edition=None, **facts):
    edition = edition or fresh(uptake).edition
    return services.change_uptake(uptake=uptake, state=state, since=since, facts=WORDS | facts, edition=edition, by=by)


def confirm(uptake, by, edition=None):
    return services.confirm_uptake(uptake=uptake, edition=edition or fresh(uptake).edition, by=by)


def decline(uptake, by, reason="It is not so.", edition=None):
    return services.decline_uptake(uptake=uptake, reason=reason, edition=edition or fresh(uptake).edition, by=by)


def everything():
    return [rows(model) for model in (Uptake, Entry, Message)]


def count(publication):
    found = Publication.objects.get(pk=publication.pk)
    return found.uptake_count, found.evidence


# States --------------------------------------------------------------------------------------------------------------


def test_state_table_names_every_act_and_state():
    assert set(ACT_TO) == set(STATES) == set(TABLE) - {""}
    assert {act: target for target, act in ACT_TO.items()} == {act: target for act, (_, target) in TRANSITIONS.items()}
    assert {state: set(states_from(state)) - {state} for state in TABLE} == TABLE


@pytest.mark.parametrize("target", STATES)
@pytest.mark.parametrize("state", STATES)
def test_move_is_possible_where_the_table_says_and_else_changes_nothing(state, target, cast, take):
    uptake = take(state)
    before = everything()
    if target == state:
        assert change(uptake, target, cast.carlos).edition == 1
        assert everything() == before
    elif target in TABLE[state]:
        moved = change(uptake, target, cast.carlos)
        assert moved.state == fresh(uptake).state == target
        assert (moved.since, moved.edition) == (timezone.localdate(), 2)
        assert (moved.drop_reason != "") == (target == "dropped")
    else:
        with pytest.raises(ValidationError, match="The state is now"):
            change(uptake, target, cast.carlos)
        assert everything() == before


@pytest.mark.parametrize("name", PEOPLE)
def test_only_writers_of_the_member_record_and_change(name, cast, original, take):
    person = getattr(cast, name)
    other = PublicationFactory(owner=cast.lahti)
    taken = take(publication=other)
    before = everything()
    if name == "carlos":
        assert take(by=person).recorded_by == person
        assert change(taken, "dropped", person).state == "dropped"
        return
    with pytest.raises(PermissionDenied):
        take(by=person)
    for state in STATES:
        with pytest.raises(PermissionDenied):
            change(taken, state, person)
    assert everything() == before


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("state", STATES)
def test_only_writers_of_the_owner_answer(state, name, cast, take):
    uptake, person = take(state), getattr(cast, name)
    before = everything()
    for answer in (confirm, decline):
        if name in {"alice", "bob"}:
            answer(uptake, person)
        else:
            with pytest.raises(PermissionDenied):
                answer(uptake, person)
            assert everything() == before
    assert (fresh(uptake).declined_by == person) == (name in {"alice", "bob"})


@pytest.mark.parametrize("role", MemberRole.Role.values)
def test_nobody_confirms_what_their_own_member_recorded(role, cast, take):
    MemberRoleFactory(user=cast.alice, member=cast.pontevedra, role=role)
    forget_roles(cast.alice)
    uptake = take()
    with pytest.raises(PermissionDenied):
        confirm(uptake, cast.alice)
    assert not Uptake.objects.confirmable_by(cast.alice).exists()
    assert Message.objects.get().recipient == cast.bob.email  # who else could


def test_reader_of_a_member_does_not_record_for_it(cast, take):
    MemberRoleFactory(user=cast.rita, member=cast.pontevedra, role="reader")
    forget_roles(cast.rita)
    with pytest.raises(PermissionDenied):
        take(by=cast.rita)


def test_office_confirms_what_is_taken_up_of_its_own(cast, take):
    uptake = take(publication=PublicationFactory(owner=cast.finland))
    assert [message.recipient for message in Message.objects.all()] == [cast.kaisa.email]
    with pytest.raises(PermissionDenied):
        confirm(uptake, cast.eva)
    assert confirm(uptake, cast.kaisa).confirmed_by == cast.kaisa


# What cannot be ------------------------------------------------------------------------------------------------------


def test_archived_publication_is_not_taken_up_but_keeps_its_rows(cast, original, take):
    uptake = take()
    confirm(uptake, cast.alice)
    archive_publication(publication=original, reason="Over.", by=cast.kaisa)
    other = MemberRoleFactory(user=cast.bob, member=MemberFactory())
    forget_roles(cast.bob)
    with pytest.raises(ValidationError, match="Nobody can take it up any more"):
        take(by=cast.bob, member=other.member, publication=fresh(original))
    assert count(original) == (1, "taken_up")
    assert change(uptake, "dropped", cast.carlos).state == "dropped"  # a lesson is still welcome


def test_own_work_unpublished_work_and_closed_members_are_refused(cast, original, take):
    with pytest.raises(ValidationError, match="This is your own"):
        take(member=cast.lahti, by=cast.alice)
    unpublished = PublicationFactory(owner=cast.lahti, state="unpublished")
    with pytest.raises(PermissionDenied):
        take(publication=unpublished)
    cast.pontevedra.is_active = False
    cast.pontevedra.save()
    forget_roles(cast.carlos)
    with pytest.raises(PermissionDenied):
        take()
    assert not Uptake.objects.exists()


def test_one_row_a_member(cast, original, take):
    take()
    with pytest.raises(ValidationError, match="has a record of this already") as error:
        take("considering")
    assert error.value.code == "exists"
    assert Uptake.objects.get().state == "in_use"


@pytest.mark.parametrize(
    ("facts", "state", "since", "field"),
    [
        ({"cost_amount": -5, "cost_currency": "EUR"}, "in_use", None, "cost_amount"),
        ({"cost_amount": 5}, "in_use", None, "cost_currency"),
        ({"cost_amount": 5, "cost_currency": "EU"}, "in_use", None, "cost_currency"),
        ({"changed": "x" * 100_000}, "in_use", None, "changed"),
        ({"contact_email": "food@"}, "in_use", None, "contact_email"),
        ({"drop_reason": "  "}, "dropped", None, "drop_reason"),
        ({}, "finished", None, "state"),
        ({}, "", None, "state"),
        ({}, "in_use", timezone.localdate() + timedelta(days=2), "since"),
    ],
)
def test_bad_value_is_named_and_nothing_kept(facts, state, since, field, take):
    with pytest.raises(ValidationError) as error:
        take(state, since=since, facts=WORDS | facts)
    assert list(error.value.message_dict) == [field]
    assert not Uptake.objects.exists()


def test_own_text_is_one_of_the_member(cast, take):
    with pytest.raises(ValidationError, match="This is not a text of Concello de Pontevedra"):
        take(facts=WORDS | {"own_publication": PublicationFactory(owner=cast.lahti)})
    mine = PublicationFactory(owner=cast.pontevedra)
    assert take(facts=WORDS | {"own_publication": mine}).own_publication == mine


def test_stale_record_and_stale_answer_change_nothing(cast, take):
    uptake = take("considering")
    change(uptake, "adapting", cast.carlos)
    before = everything()
    for act in (
        lambda: change(uptake, "in_use", cast.carlos, edition=1),
        lambda: confirm(uptake, cast.alice, edition=1),
        lambda: decline(uptake, cast.alice, edition=1),
    ):
        with pytest.raises(services.StaleUptakeError) as error:
            act()
        assert error.value.uptake.state == "adapting"
    assert everything() == before


# What counts ---------------------------------------------------------------------------------------------------------


def test_confirmed_ones_in_use_or_adapting_count(cast, original, take):
    uptake = take("considering")
    assert count(original) == (0, "claimed")
    confirm(uptake, cast.alice)
    assert count(original) == (0, "claimed")
    change(uptake, "adapting", cast.carlos)
    assert count(original) == (0, "claimed")  # asked anew
    assert fresh(uptake).confirmed_at is None
    confirm(uptake, cast.bob)
    assert count(original) == (1, "taken_up")
    edited = change(uptake, "adapting", cast.carlos, result="Less waste.")
    assert (edited.confirmed_by, count(original)) == (cast.bob, (1, "taken_up"))  # words keep a confirmation
    decline(uptake, cast.alice, "I was too quick.")
    assert count(original) == (0, "claimed")
    confirm(uptake, cast.alice)
    change(uptake, "dropped", cast.carlos)
    assert count(original) == (0, "claimed")
    confirm(uptake, cast.alice)
    assert count(original) == (0, "claimed")


def test_answer_is_given_once_and_declining_needs_a_reason(cast, take):
    uptake = take()
    with pytest.raises(ValidationError, match="Please say why"):
        decline(uptake, cast.alice, "  ")
    confirm(uptake, cast.alice)
    with pytest.raises(ValidationError, match="This is confirmed already"):
        confirm(uptake, cast.bob)
    decline(uptake, cast.alice)
    with pytest.raises(ValidationError, match="This is declined already"):
        decline(uptake, cast.bob)
    assert (fresh(uptake).confirmed_at, fresh(uptake).decline_reason) == (None, "It is not so.")


def test_changing_what_was_declined_asks_again(cast, take):
    uptake = take()
    decline(uptake, cast.alice)
    change(uptake, "in_use", cast.carlos, result="Now with figures.")
    found = fresh(uptake)
    assert (found.is_waiting, found.decline_reason) == (True, "")
    assert list(Uptake.objects.confirmable_by(cast.alice).awaiting()) == [uptake]
    assert Message.objects.filter(kind="uptake.waiting").count() == 2


def test_days_of_each_state_are_kept(cast, take):
    today = timezone.localdate()
    uptake = take("considering", since=today - timedelta(days=90))
    change(uptake, "in_use", cast.carlos, since=today - timedelta(days=9))
    change(uptake, "dropped", cast.carlos)
    found = fresh(uptake)
    days = (found.considering_since, found.adapting_since, found.in_use_since, found.dropped_since)
    assert days == (today - timedelta(days=90), None, today - timedelta(days=9), today)


def test_journal_holds_every_move_and_tells_the_network_only_of_confirmed_ones(cast, original, take):
    uptake = take("considering")
    change(uptake, "dropped", cast.carlos)
    decline(uptake, cast.alice)
    change(uptake, "considering", cast.carlos)
    confirm(uptake, cast.bob)
    entries = Entry.objects.filter(verb__startswith="uptake").order_by("pk")
    assert [(one.verb, one.by, one.audience, one.details["to"]) for one in entries if "to" in one.details] == [
        ("uptake_recorded", cast.carlos, "nobody", "considering"),
        ("uptake_moved", cast.carlos, "nobody", "dropped"),
        ("uptake_moved", cast.carlos, "nobody", "considering"),
        ("uptake_confirmed", cast.bob, "network", "considering"),
    ]
    assert entries.get(verb="uptake_declined").details["reason"] == "It is not so."
    assert entries.filter(details__reason="Too far away.").get().details["to"] == "dropped"
    assert {(one.object, one.member_id, one.office_id, *one.topics, *one.pathways) for one in entries} == {
        (uptake, cast.pontevedra.pk, cast.europe.pk, "food", "circular")
    }


# At once -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_record_at_once_make_one_row_and_the_other_is_told(cast, take):
    colleague = MemberRoleFactory(member=cast.pontevedra).user
    found = at_once(lambda: take("considering"), lambda: take("in_use", by=colleague))
    (error,) = [one for one in found if isinstance(one, Exception)]
    assert (type(error), error.code) == (ValidationError, "exists")
    assert Uptake.objects.get() in found
    assert Message.objects.get().recipient == cast.alice.email


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_confirm_once(cast, original, take):
    uptake = take()
    found = at_once(lambda: confirm(uptake, cast.alice, 1), lambda: confirm(uptake, cast.bob, 1))
    assert [type(one).__name__ for one in found if isinstance(one, Exception)] == ["StaleUptakeError"]
    assert count(original) == (1, "taken_up")
    assert Message.objects.filter(kind="uptake.answer").count() == 1


@pytest.mark.django_db(transaction=True)
def test_confirmations_of_several_members_at_once_are_all_counted(cast, original, take):
    taken = [take()]
    for _ in range(4):
        role = MemberRoleFactory(member=MemberFactory(office=cast.bonn), role="liaison")
        taken.append(take(member=role.member, by=role.user))
    at_once(*(lambda one=one: confirm(one, cast.alice, 1) for one in taken))
    assert count(original) == (5, "taken_up")


# E-mail --------------------------------------------------------------------------------------------------------------


def asked(uptake):
    return [person.name for person in people_to_ask(fresh(uptake))]


def test_who_is_asked_on_the_owners_side(cast, original, take):
    uptake = take()
    assert asked(uptake) == ["Alice"]  # the liaison
    Publication.objects.filter(pk=original.pk).update(responsible=cast.bob)
    assert asked(uptake) == ["Bob"]
    MemberRole.objects.filter(user=cast.bob).delete()
    assert asked(uptake) == ["Alice"]  # who is responsible must still be there
    MemberRoleFactory(user=UserFactory(name="Colin"), member=cast.lahti, role="contributor")
    MemberRoleFactory(user=cast.alice, member=cast.pontevedra, role="reader")
    assert asked(uptake) == ["Colin"]  # nobody answers for both sides
    MemberRole.objects.filter(role="contributor").delete()
    MemberRole.objects.filter(user=cast.alice).delete()
    assert asked(uptake) == []


def test_who_began_it_is_asked_before_the_liaison(cast, write, take):
    revision = write("submitted", by=cast.bob)
    decide(revision, "approved", cast.kaisa, "")
    assert asked(take(publication=fresh(revision.publication))) == ["Bob"]


def test_owner_gets_a_link_and_the_recorder_the_answer(cast, take, smtp):
    uptake = take("dropped")
    Sender().run()
    (mail,) = smtp.messages
    assert (mail["To"], mail["Subject"]) == (
        "alice@city.example", "Concello de Pontevedra tried your work and stopped: School meals",
    )  # fmt: skip
    assert f"/uptake/{uptake.pk}/confirm/" in mail.get_body(("plain",)).get_content()
    assert "Too far away." in mail.get_body(("plain",)).get_content()
    decline(uptake, cast.alice, "Never heard & “seen”.")
    Sender().run()
    answer = smtp.messages[1]
    assert (answer["To"], answer["Subject"]) == (
        "carlos@city.example",
        "Not confirmed: your record about “School meals”",
    )
    assert "Never heard & “seen”." in answer.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("state", "says"), [("considering", "is considering"), ("adapting", "takes up"), ("in_use", "takes up")]
)
def test_subject_says_how_far_they_are(state, says, cast, take, smtp):
    take(state)
    Sender().run()
    assert [mail["Subject"] for mail in smtp.messages] == [f"Concello de Pontevedra {says} your work: School meals"]


def states():
    return sorted(Message.objects.values_list("kind", "state"))


def test_mail_that_is_overtaken_does_not_leave(cast, take, smtp):
    uptake = take("considering")
    change(uptake, "adapting", cast.carlos)
    confirm(uptake, cast.alice)
    decline(uptake, cast.alice)
    Sender().run()
    assert states() == [
        ("uptake.answer", "sent"),
        ("uptake.answer", "suppressed"),
        ("uptake.waiting", "suppressed"),
        ("uptake.waiting", "suppressed"),
    ]
    assert [mail["Subject"] for mail in smtp.messages] == ["Not confirmed: your record about “School meals”"]


def test_who_has_left_gets_no_mail(cast, take, smtp):
    uptake = take()
    colleague = MemberRoleFactory(member=cast.lahti, user=UserFactory(), role="liaison").user
    confirm(uptake, colleague)
    MemberRole.objects.filter(user=cast.carlos).delete()
    OfficeRoleFactory(user=cast.carlos, office=cast.europe)
    Sender().run()
    assert smtp.messages == []


# What readers see ----------------------------------------------------------------------------------------------------


def test_declined_ones_are_for_the_two_sides(cast, original, take):
    uptake = take()
    decline(uptake, cast.alice)
    seen = {name for name in PEOPLE if Uptake.objects.visible_to(getattr(cast, name)).exists()}
    assert seen == {"alice", "bob", "carlos", "ada"}
