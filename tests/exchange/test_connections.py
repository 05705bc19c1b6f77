"""Connections: every act by everybody in every state, silence, limits, blocks, and two at the same moment."""

import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.connections import blocks, own_data, services
from exchange.connections.models import Block, Connection, Leave
from exchange.connections.queries import are_connected, connected_ids
from exchange.connections.transitions import TRANSITIONS
from exchange.moderation.models import Silence
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from members.people.erasing import erase_person
from members.people.seeing import may_see_address
from tests.factories import MemberRoleFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once, raised_at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
STATES = [str(state) for state in Connection.State]
# Carlos has asked Bob. Whoever is not named here must not.
TABLE = {
    ("waiting", "accept"): {"bob"},
    ("waiting", "decline"): {"bob"},
    ("waiting", "withdraw"): {"carlos"},
    ("declined", "accept"): {"bob"},
    ("declined", "withdraw"): {"carlos"},
    ("connected", "remove"): {"bob", "carlos"},
}
HELLO = "Shall we talk about <script>alert(1)</script> **bicycles**?"
ACTS = {
    "accept": services.accept_request,
    "decline": services.decline_request,
    "withdraw": services.withdraw_request,
    "remove": services.remove_connection,
}


def ask(by, to, message=HELLO):
    return services.request_connection(to=to, message=message, by=by)


def connect(one, other):
    return services.accept_request(connection=ask(one, other), by=other)


def block(by, person):
    blocks.block_person(person=person, by=by)


@pytest.fixture
def connection_in(cast):
    """Return a function that has Carlos ask Bob and leads that to a state."""

    def connection_in(state="waiting"):
        connection = ask(cast.carlos, cast.bob)
        if state in {"connected", "ended"}:
            connection = services.accept_request(connection=connection, by=cast.bob)
        if state == "ended":
            connection = services.remove_connection(connection=connection, by=cast.bob)
        if state == "declined":
            connection = services.decline_request(connection=connection, by=cast.bob)
        if state == "withdrawn":
            connection = services.withdraw_request(connection=connection, by=cast.carlos)
        return connection

    return connection_in


def everything():
    return [rows(model) for model in (Connection, Block, Entry, Message)]


def told(kind):
    return [
        one.recipient.partition("@")[0]
        for one in Message.objects.filter(kind=f"connections.{kind}").order_by("pk")
    ]  # fmt: skip


# States --------------------------------------------------------------------------------------------------------------


def test_state_table_names_every_act():
    assert {act for _, act in TABLE} == set(TRANSITIONS) == set(ACTS)
    assert {(state, act) for act, (states, _) in TRANSITIONS.items() for state in states} == set(TABLE)


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATES, ACTS)))
def test_act_is_possible_for_whom_and_when_the_table_says_and_else_changes_nothing(state, act, cast, connection_in):
    connection = connection_in(state)
    before, done = everything(), set()
    for name in PEOPLE:
        with transaction.atomic():
            try:
                ACTS[act](connection=connection, by=getattr(cast, name))
            except (PermissionDenied, ValidationError):
                assert everything() == before
            else:
                done.add(name)
                assert fresh(connection).state == TRANSITIONS[act][1]
            transaction.set_rollback(True)
    assert done == TABLE.get((state, act), set())


@pytest.mark.parametrize("state", STATES)
def test_only_the_two_see_it(state, cast, connection_in):
    connection = connection_in(state)
    seen = {name for name in PEOPLE if Connection.objects.visible_to(getattr(cast, name)).exists()}
    permitted = {
        name for name in PEOPLE if getattr(cast, name).has_perm("connections.view_connection", connection)
    }  # fmt: skip
    assert seen == permitted == ({"bob", "carlos"} if state in {"waiting", "declined", "connected"} else set())


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_in_the_network_asks_everybody_else(name, cast):
    person = getattr(cast, name)
    if name == "nora":
        with pytest.raises(PermissionDenied):
            ask(person, cast.bob)
        with pytest.raises(PermissionDenied):
            ask(cast.bob, person)
    elif name == "bob":
        with pytest.raises(ValidationError, match="This is you"):
            ask(person, cast.bob)
    else:
        assert ask(person, cast.bob).state == "waiting"
        assert told("request") == ["bob"]


# Silence -------------------------------------------------------------------------------------------------------------


def seen_by_carlos(client, cast):
    """Return what Carlos sees of Bob, the tokens of forms left out, and what he would take along."""
    client.force_login(cast.carlos)
    pages = [
        client.get(reverse("people:person_detail", args=[cast.bob.pk])).text,
        client.get(reverse("connections:connection_list")).text,
    ]
    return [page.partition("<main")[2] for page in pages], [
        row | {"asked_at": ""} for row in own_data.read(cast.carlos)
    ]


@pytest.mark.parametrize("end", ["declined", "blocked", "blocked_before"])
def test_whoever_asked_sees_a_refusal_as_waiting(end, cast, client, settings, connection_in):
    def look():
        pages, own = seen_by_carlos(client, cast)
        return [re.sub(r'value="[^"]{60,}"|/\d+/(?=withdraw)|datetime="[^"]*"', "", page) for page in pages], own

    with transaction.atomic():
        connection_in("waiting")
        waiting = look()
        transaction.set_rollback(True)
    if end == "blocked_before":
        block(cast.bob, cast.carlos)
    connection = connection_in("declined" if end == "declined" else "waiting")
    if end == "blocked":
        block(cast.bob, cast.carlos)
    assert look() == waiting
    assert fresh(connection).state == "declined"
    assert told("request") == ([] if end == "blocked_before" else ["bob"])
    with pytest.raises(ValidationError, match="You have asked already"):
        ask(cast.carlos, cast.bob)
    assert services.withdraw_request(connection=connection, by=cast.carlos).state == "withdrawn"


@pytest.mark.parametrize("state", ["waiting", "declined"])
def test_same_person_is_asked_again_after_ninety_days_whatever_they_had_answered(state, cast, connection_in):
    connection = services.withdraw_request(connection=connection_in(state), by=cast.carlos)
    with pytest.raises(ValidationError, match="on you can ask again"):
        ask(cast.carlos, cast.bob)
    Connection.objects.filter(pk=connection.pk).update(ended_at=timezone.now() - timedelta(days=91))
    assert ask(cast.carlos, cast.bob).state == "waiting"


def test_whoever_declined_may_ask_and_is_connected_at_once(cast, connection_in):
    connection = connection_in("declined")
    assert ask(cast.bob, cast.carlos) == connection
    assert fresh(connection).state == "connected"
    assert told("accepted") == ["carlos"]


# Addresses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "state", "sees"),
    [
        ("connections", "waiting", False),
        ("connections", "declined", False),
        ("connections", "connected", True),
        ("connections", "ended", False),
        ("nobody", "connected", False),
        ("network", "waiting", True),
    ],
)
def test_address_opens_on_acceptance_as_far_as_the_person_allows(rule, state, sees, cast, connection_in):
    connection_in(state)
    for person in (cast.bob, cast.carlos):
        person.address_visibility = rule
    assert may_see_address(cast.carlos, cast.bob) is sees
    assert may_see_address(cast.bob, cast.carlos) is sees
    assert may_see_address(cast.eva, cast.bob) is (rule == "network")


# Limits --------------------------------------------------------------------------------------------------------------


def people(cast, number):
    return [MemberRoleFactory(member=cast.lahti).user for _ in range(number)]


def test_at_most_twenty_wait_and_silent_refusals_count(cast):
    asked = [ask(cast.carlos, one) for one in people(cast, 20)]
    Connection.objects.update(asked_at=timezone.now() - timedelta(days=2))
    services.decline_request(connection=asked[0], by=asked[0].asked)
    with pytest.raises(ValidationError, match="20 of your requests wait"):
        ask(cast.carlos, cast.bob)
    services.withdraw_request(connection=asked[0], by=cast.carlos)
    assert ask(cast.carlos, cast.bob).state == "waiting"


def test_at_most_twenty_a_day_by_one_person(cast):
    for one in people(cast, 20):
        services.accept_request(connection=ask(cast.carlos, one), by=one)
    with pytest.raises(ValidationError, match="20 people in 24 hours"):
        ask(cast.carlos, cast.bob)
    Connection.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert ask(cast.carlos, cast.bob).state == "waiting"


def test_at_most_fifty_a_day_of_one_member(cast):
    asked, colleagues = people(cast, 17), [MemberRoleFactory(member=cast.pontevedra).user for _ in range(3)]
    for colleague in colleagues:
        for one in asked[: 50 // 3 + (colleague in colleagues[:2])]:
            ask(colleague, one)
    assert Connection.objects.count() == 50
    with pytest.raises(ValidationError, match="People of Concello de Pontevedra have asked 50 people in 24 hours"):
        ask(cast.carlos, cast.bob)
    assert ask(cast.eva, cast.bob).state == "waiting"


def test_bad_requests_are_refused_and_kept_in_the_form(cast, client):
    client.force_login(cast.carlos)
    page = reverse("connections:request_create", args=[cast.bob.pk])
    for message, error in (("", "required"), ("x" * 2_001, "at most 2000"), ("a\x00b", "Null characters")):
        sent = client.post(page, {"message": message})
        assert error in str(sent.context["form"].errors)
    assert "x" * 2_001 in client.post(page, {"message": "x" * 2_001}).text
    assert not Connection.objects.exists()
    assert client.post(page, {"message": HELLO}).url == reverse("people:person_detail", args=[cast.bob.pk])
    client.force_login(cast.bob)
    for place in (reverse("connections:connection_list"), reverse("people:person_detail", args=[cast.carlos.pk])):
        text = client.get(place).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text


@pytest.mark.parametrize("place", ["list", "person"])
def test_pages_say_when_one_can_ask_again_and_let_one_read_and_block(place, cast, client, time_machine, connection_in):
    time_machine.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC), tick=True)
    connection_in()
    client.force_login(cast.carlos)
    page = (
        reverse("people:person_detail", args=[cast.bob.pk])
        if place == "person"
        else reverse("connections:connection_list")
    )
    text = " ".join(client.get(page).text.split())
    assert "you can ask them again from 31 January 2027" in text
    assert "**bicycles**" in text
    assert reverse("connections:person_block", args=[cast.bob.pk]) in text
    client.force_login(cast.bob)
    page = reverse("people:person_detail", args=[cast.carlos.pk])
    assert client.get(page).text.count(reverse("moderation:report_create", args=["person", cast.carlos.pk])) == 1


def test_end_of_a_connection_is_asked_for_before_it_is_done(cast, client, connection_in):
    connection = connection_in("connected")
    client.force_login(cast.bob)
    for page in (reverse("people:person_detail", args=[cast.carlos.pk]), reverse("connections:connection_list")):
        text = client.get(page).text
        (asked,) = re.findall(r"<details>(?:(?!</details>).)*/remove/.*?</details>", text, re.DOTALL)
        assert "Yes, end it" in asked
        assert text.count(reverse("connections:connection_remove", args=[connection.pk])) == 1


def test_rows_of_people_lead_to_connecting_and_to_writing(cast, client):
    client.force_login(cast.carlos)
    connect(cast.carlos, cast.bob)
    ask(cast.carlos, cast.alice)
    text = client.get(cast.lahti.get_absolute_url()).text
    asks = {
        one.name
        for one in (cast.alice, cast.bob, cast.rita)
        if reverse("connections:request_create", args=[one.pk]) in text
    }
    writes = {
        one.name
        for one in (cast.alice, cast.bob, cast.rita)
        if f"{reverse('conversations:thread_create')}?to={one.pk}" in text
    }
    assert (asks, writes) == ({"Rita"}, {"Bob"})
    assert (
        reverse("connections:request_create", args=[cast.carlos.pk])
        not in client.get(cast.pontevedra.get_absolute_url()).text
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_list_names_places_and_leads_to_a_message(rows, cast, client, django_assert_num_queries):
    for _ in range(rows):
        for act in (lambda one: connect(one, cast.bob), lambda one: ask(one, cast.bob), lambda one: ask(cast.bob, one)):
            act(MemberRoleFactory(member=cast.pontevedra).user)
    connect(cast.kaisa, cast.bob)
    client.force_login(cast.bob)
    page = reverse("connections:connection_list")
    client.get(page)
    with django_assert_num_queries(11):
        text = client.get(page).text
    main = text.partition("<main")[2]
    assert (main.count("Pontevedra"), main.count("Finnish Office")) == (3 * rows, 1)
    assert main.count(f"{reverse('conversations:thread_create')}?to=") == rows + 1
    assert f'href="{page}" aria-current="page">Connections</a>' in text


def test_silenced_person_asks_nobody(cast):
    Silence.objects.create(user=cast.carlos)
    with pytest.raises(ValidationError, match="cannot write to others"):
        ask(cast.carlos, cast.bob)


# Blocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["bob", "carlos"])
def test_block_ends_what_there_is_and_tells_nobody(name, state, cast, connection_in):
    connection = connection_in(state)
    one, other = (cast.bob, cast.carlos) if name == "bob" else (cast.carlos, cast.bob)
    before = Message.objects.count()
    block(one, other)
    block(one, other)
    ends = {
        "bob": {"waiting": "declined", "connected": "ended"},
        "carlos": {"waiting": "withdrawn", "declined": "withdrawn", "connected": "ended"},
    }
    assert fresh(connection).state == ends[name].get(state, state)
    assert Message.objects.count() == before
    assert blocks.is_blocked(one, other)
    assert blocks.is_blocked(other, one)
    assert (blocks.blocked_ids(one), blocks.blocked_ids(other)) == (frozenset({other.pk}), frozenset({one.pk}))
    assert blocks.blocked_ids(cast.rita) == frozenset()
    assert not are_connected(one, other)


def test_whoever_blocks_unblocks_before_asking(cast):
    block(cast.bob, cast.carlos)
    with pytest.raises(ValidationError, match="Unblock them first"):
        ask(cast.bob, cast.carlos)
    blocks.unblock_person(person=cast.carlos, by=cast.bob)
    assert ask(cast.bob, cast.carlos).state == "waiting"
    with pytest.raises(ValidationError, match="yourself"):
        block(cast.bob, cast.bob)
    with pytest.raises(PermissionDenied):
        block(cast.nora, cast.bob)


# People who go -------------------------------------------------------------------------------------------------------


def test_connection_outlives_a_member_and_ends_with_the_account(cast, client, connection_in):
    connection_in("connected")
    MemberRole.objects.filter(user=cast.carlos).delete()
    forget_roles(cast.carlos)
    assert are_connected(cast.bob, cast.carlos)
    assert connected_ids(cast.bob) == {cast.carlos.pk}
    client.force_login(cast.bob)
    text = client.get(reverse("connections:connection_list")).text
    assert "Not in the network any more" in text
    assert reverse("people:person_detail", args=[cast.carlos.pk]) not in text
    block(cast.rita, cast.carlos)
    Leave.objects.create(user=cast.carlos)
    erase_person(user=cast.carlos, by=cast.carlos)
    assert [model.objects.count() for model in (Connection, Block, Leave)] == [0, 0, 0]


# Mail ----------------------------------------------------------------------------------------------------------------


def test_request_and_acceptance_are_mailed_at_once_with_one_click_to_leave(cast, smtp, client):
    connection = ask(cast.carlos, cast.bob)
    Sender().run()
    services.accept_request(connection=connection, by=cast.bob)
    Sender().run()
    first, second = smtp.messages
    assert (first["To"], first["Subject"]) == (cast.bob.email, "Carlos wants to connect with you")
    assert (second["To"], second["Subject"]) == (cast.carlos.email, "You are connected with Bob")
    assert "<script>alert" not in first.get_body(("html",)).get_content()
    assert "Concello de Pontevedra" in first.get_body(("plain",)).get_content()
    link = first["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Shall we stop" in client.get(f"/{link}").text
    assert not Leave.objects.exists()
    assert client.post(f"/{link}").status_code == 200
    assert Leave.objects.get().user == cast.bob
    ask(cast.eva, cast.bob)
    Sender().run()
    assert len(smtp.messages) == 2


@pytest.mark.parametrize("act", ["decline", "withdraw", "block", "leave"])
def test_mail_that_is_overtaken_does_not_leave(act, cast, smtp, connection_in):
    connection = connection_in("waiting")
    if act == "block":
        block(cast.bob, cast.carlos)
    elif act == "leave":
        MemberRole.objects.filter(user=cast.carlos).delete()
    else:
        ACTS[act](connection=connection, by=cast.bob if act == "decline" else cast.carlos)
    Sender().run()
    assert smtp.messages == []


# At once -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_each_other_at_once_are_connected(cast):
    found = at_once(lambda: ask(cast.carlos, cast.bob), lambda: ask(cast.bob, cast.carlos))
    assert found[0] == found[1]
    assert Connection.objects.get().state == "connected"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("one", "other"), [("accept", "withdraw"), ("accept", "decline"), ("decline", "withdraw"), ("accept", "block")]
)
def test_two_acts_at_once_leave_one_state_and_no_lie(one, other, cast, connection_in):
    connection = connection_in("waiting")

    def act(name):
        by = cast.carlos if name == "withdraw" else cast.bob
        if name == "block":
            return block(by, cast.carlos)
        return ACTS[name](connection=connection, by=by)

    raised = raised_at_once(lambda: act(one), lambda: act(other))
    state = fresh(connection).state
    possible = {
        ("accept", "withdraw"): {"connected", "withdrawn"},
        ("accept", "decline"): {"connected"},  # a decline that came first is taken back
        ("decline", "withdraw"): {"withdrawn"},
        ("accept", "block"): {"ended", "connected"},
    }[one, other]
    if (one, other) == ("accept", "decline"):
        assert state == "connected"
        assert raised in ([], ["ValidationError"])
    elif (one, other) == ("decline", "withdraw"):
        assert state in possible
        assert raised in ([], ["ValidationError"])
    elif (one, other) == ("accept", "block"):
        assert Block.objects.count() == 1
        assert state in possible
    else:
        assert state in possible
        assert raised == ["ValidationError"]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_to_one_person_make_one(cast):
    raised = raised_at_once(lambda: ask(cast.carlos, cast.bob), lambda: ask(cast.carlos, cast.bob))
    assert raised == ["ValidationError"]
    assert told("request") == ["bob"]


def test_a_request_of_somebody_who_has_left_waits_for_nobody(cast, client, connection_in):
    connection = connection_in("waiting")
    MemberRole.objects.filter(user=cast.carlos).delete()
    forget_roles(cast.carlos)
    client.force_login(cast.bob)
    assert "Waiting for your answer" not in client.get(reverse("connections:connection_list")).text
    with pytest.raises(ValidationError, match="not in the network any more"):
        services.accept_request(connection=fresh(connection), by=cast.bob)


def test_who_took_a_request_back_is_told_when_they_can_ask_again(cast, client, connection_in, time_machine):
    time_machine.move_to("2026-11-02T10:00:00+00:00", tick=False)
    services.withdraw_request(connection=connection_in("waiting"), by=cast.carlos)
    client.force_login(cast.carlos)
    page = client.get(reverse("people:person_detail", args=[cast.bob.pk])).text
    assert "From 31 January 2027 on you can ask again." in page
    assert reverse("connections:request_create", args=[cast.bob.pk]) not in page
