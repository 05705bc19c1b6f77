"""Groups: every act by everybody in every state, what closed ones hide, discussions, files and meetings."""

import itertools
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from config.vocabulary.models import Topic
from exchange.connections.blocks import block_person, unblock_person
from exchange.connections.models import Block
from exchange.conversations import gathering, grouping, messaging
from exchange.conversations.delivering import choose_way
from exchange.conversations.grouping import erase_memberships
from exchange.conversations.memberships import KEEPERS_ACTS, OWN_ACTS, TRANSITIONS
from exchange.conversations.models import Delivery, Group, GroupEvent, GroupFile, Membership, Post
from exchange.conversations.reporting import GROUP
from exchange.moderation.services import decide_case, report_thing
from members.accounts.models import User
from members.people.erasing import erase_person
from members.people.roles import remove_person
from tests.exchange.gathering import found, keeper, meet, own
from tests.factories import MemberRoleFactory, UserFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once
from tests.uploads import PDF

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
STATES = ["", *(str(state) for state in Membership.State)]
ADMISSIONS = [str(one) for one in Group.Admission]
NASTY = "Is it **dear**? <script>alert(1)</script> [x](javascript:alert(1))"
# What Bob does for himself, and Alice, who keeps the group, with Bob. Nobody else may, and in other states nobody.
OWN = {
    ("", "join"): "member", ("left", "join"): "member", ("invited", "join"): "member",
    ("", "ask"): "asked", ("left", "ask"): "asked", ("invited", "ask"): "member",
    ("asked", "withdraw"): "left",
    ("invited", "accept"): "member",
    ("invited", "refuse"): "left",
    ("member", "leave"): "left",
}  # fmt: skip
KEEPERS = {
    ("asked", "approve"): "member",
    ("asked", "decline"): "declined",
    ("", "invite"): "invited", ("left", "invite"): "invited", ("declined", "invite"): "invited",
    ("removed", "invite"): "invited",
    ("member", "remove"): "removed", ("invited", "remove"): "removed",
}  # fmt: skip


@pytest.fixture
def group_of(cast):
    """Return a function that founds a group of Alice, about food, with an admission."""

    def group_of(admission="open", by=None, **values):
        return found(by or cast.alice, admission, **values)

    return group_of


def put(group, person, state):
    if state:
        Membership.objects.create(group=group, user=person, state=state, since=timezone.now())


def state_of(group, person):
    return Membership.objects.filter(group=group, user=person).values_list("state", flat=True).first() or ""


def everything():
    return [rows(model) for model in (Group, Membership, Entry, Message)]


def told(kind="membership"):
    queued = Message.objects.filter(kind=f"conversations.{kind}").order_by("pk")
    return [one.recipient.partition("@")[0] for one in queued]


def talk(group, by, text="Who cooks?"):
    return messaging.begin_discussion(group=group, subject="Cooks", text=text, by=by)


# States --------------------------------------------------------------------------------------------------------------


def test_tables_name_every_act():
    assert {act for _, act in OWN} == set(OWN_ACTS)
    assert {act for _, act in KEEPERS} == set(KEEPERS_ACTS)
    assert set(TRANSITIONS) == {*OWN_ACTS, *KEEPERS_ACTS, "end"}


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATES, OWN_ACTS)))
def test_person_acts_for_themselves_as_the_table_says(state, act, cast, group_of):
    group = group_of("request" if act == "ask" else "open")
    put(group, cast.bob, state)
    before = everything()
    if target := OWN.get((state, act)):
        assert own(group, act, cast.bob).state == state_of(group, cast.bob) == target
    else:
        with pytest.raises(ValidationError):
            own(group, act, cast.bob)
        assert everything() == before


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATES, KEEPERS_ACTS)))
def test_keeper_acts_as_the_table_says_and_nobody_else(state, act, cast, group_of):
    group = group_of("request")
    put(group, cast.bob, state)
    before, done = everything(), set()
    for name in PEOPLE:
        with transaction.atomic():
            try:
                keeper(group, act, cast.bob, getattr(cast, name))
            except (PermissionDenied, ValidationError):
                assert everything() == before
            else:
                done.add(name)
                assert state_of(group, cast.bob) == KEEPERS[state, act]
            transaction.set_rollback(True)
    assert done == ({"alice"} if (state, act) in KEEPERS else set())


@pytest.mark.parametrize(("admission", "state"), list(itertools.product(ADMISSIONS, STATES)))
def test_who_sees_a_group_and_what_is_in_it(admission, state, cast, group_of):
    group = group_of(admission)
    talk(group, cast.alice)
    put(group, cast.bob, state)
    seen = {name for name in PEOPLE if Group.objects.visible_to(getattr(cast, name)).exists()}
    permitted = {name for name in PEOPLE if getattr(cast, name).has_perm("conversations.view_group", group)}
    inside = {name for name in PEOPLE if Post.objects.visible_to(getattr(cast, name)).exists()}
    if admission == "closed":
        assert seen == permitted == {"alice"} | ({"bob"} if state in {"member", "invited"} else set())
    else:
        assert seen == permitted == set(PEOPLE) - {"nora"}
    assert inside == {"alice"} | ({"bob"} if state == "member" else set())


def test_closed_group_is_not_there_for_others(cast, group_of, client):
    group = group_of("closed")
    client.force_login(cast.ada)
    assert client.get(group.get_absolute_url()).status_code == 404
    assert "Kitchens" not in client.get(reverse("conversations:group_list")).text
    with pytest.raises(PermissionDenied):
        own(group, "join", cast.bob)
    keeper(group, "invite", cast.bob, cast.alice)
    client.force_login(cast.bob)
    assert "Kitchens" in client.get(reverse("conversations:group_list")).text
    assert "Accept the invitation" in client.get(group.get_absolute_url()).text


def test_group_of_an_office_is_founded_and_kept_by_its_coordinators(cast, group_of):
    with pytest.raises(ValidationError, match="Only its coordinators"):
        group_of(office=cast.finland)
    group = group_of("closed", by=cast.kaisa, topic=None, office=cast.finland)
    own(group, "leave", cast.kaisa)
    assert cast.kaisa.has_perm("conversations.keep_group", group)
    assert not cast.eva.has_perm("conversations.keep_group", group)
    with pytest.raises(ValidationError, match="Choose a topic"):
        group_of(name="Other", topic=None)


def test_office_page_lists_its_groups_to_those_who_may_see_them(cast, client, group_of):
    group_of("closed", by=cast.kaisa, office=cast.finland)
    group_of("open", by=cast.eva, office=cast.europe, name="Trams")
    for reader, office, name, seen in [
        (cast.kaisa, cast.finland, "Kitchens", True),
        (cast.alice, cast.finland, "Kitchens", False),
        (cast.alice, cast.europe, "Trams", True),
        (cast.alice, cast.finland, "Trams", False),
    ]:
        client.force_login(reader)
        assert (name in client.get(office.get_absolute_url()).text) is seen, (reader, name)


def test_keeper_who_leaves_the_network_gives_the_group_to_a_colleague(cast, group_of):
    group, alone = group_of("open"), found(cast.bob, name="Only Bob’s")
    for person in (cast.bob, cast.carlos):
        own(group, "join", person)
    grouping.set_keeper(group=group, person=cast.bob, is_keeper=True, by=cast.alice)
    grouping.set_keeper(group=group, person=cast.alice, is_keeper=False, by=cast.alice)
    remove_person(role=cast.bob.member_roles.get(), by=cast.alice)
    keepers = group.memberships.filter(is_keeper=True).order_by("pk").values_list("user__email", flat=True)
    assert set(keepers) == {cast.bob.email, cast.alice.email}
    assert Group.objects.live().filter(pk=alone.pk).exists()  # he may come back


def test_group_is_never_without_a_keeper(cast, group_of):
    group = group_of()
    own(group, "join", cast.bob)
    own(group, "join", cast.carlos)
    with pytest.raises(ValidationError, match="needs a keeper"):
        grouping.set_keeper(group=group, person=cast.alice, is_keeper=False, by=cast.alice)
    grouping.set_keeper(group=group, person=cast.carlos, is_keeper=True, by=cast.alice)
    with pytest.raises(PermissionDenied):
        grouping.set_keeper(group=group, person=cast.bob, is_keeper=True, by=cast.bob)
    own(group, "leave", cast.alice)
    erase_person(user=cast.carlos, by=cast.carlos)
    assert list(group.memberships.values_list("user", "state", "is_keeper").filter(state="member")) == [
        (cast.bob.pk, "member", True)
    ]


def test_group_ends_with_its_last_member_and_so_does_who_waits(cast, group_of, client):
    group = group_of("request")
    keeper(group, "invite", cast.bob, cast.alice)
    own(group, "ask", cast.carlos)
    client.force_login(cast.alice)
    assert "You are the only member" in client.get(reverse("conversations:group_leave", args=[group.pk])).text
    answer = client.post(reverse("conversations:group_act", args=[group.pk]), {"act": "leave"}, follow=True)
    assert "You were its last member, so it has ended." in answer.text
    assert "Kitchens" not in answer.text
    group = fresh(group)
    assert group.ended_at
    assert [state_of(group, one) for one in (cast.alice, cast.bob, cast.carlos)] == ["left"] * 3
    for name in PEOPLE:
        person = getattr(cast, name)
        assert not Group.objects.visible_to(person).exists()
        assert not person.has_perm("conversations.view_group", group)
        with pytest.raises(PermissionDenied):
            own(group, "join", person)
    assert Entry.objects.filter(verb="group_ended").count() == 1
    assert group_of("request").name == group.name  # the name is free again


def test_group_of_an_office_goes_on_without_members_and_whoever_comes_keeps_it(cast, group_of):
    group = group_of("closed", by=cast.kaisa, office=cast.finland)
    for person in (cast.bob, cast.rita):
        keeper(group, "invite", person, cast.kaisa)
    own(group, "leave", cast.kaisa)
    assert not fresh(group).ended_at
    own(group, "accept", cast.bob)
    own(group, "accept", cast.rita)
    assert keepers_of(group) == [cast.bob]


def test_group_ends_when_its_last_member_is_erased(cast, group_of):
    group = group_of()
    keeper(group, "invite", cast.bob, cast.alice)
    erase_person(user=cast.alice, by=cast.alice)
    assert fresh(group).ended_at
    assert state_of(group, cast.bob) == "left"


def keepers_of(group):
    return [one.user for one in group.memberships.filter(state="member", is_keeper=True).order_by("pk")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("comes", ["accept", "join", "ask"])
@pytest.mark.parametrize("goes", ["leave", "erase"])
def test_last_keeper_goes_while_another_comes(goes, comes, cast, group_of):
    group = group_of("open" if comes == "join" else "request")
    if comes == "accept":
        keeper(group, "invite", cast.bob, cast.alice)
    acts = {"leave": lambda: own(group, "leave", cast.alice), "erase": lambda: erase_memberships(cast.alice)}
    _gone, came = at_once(acts[goes], lambda: own(group, comes, cast.bob))
    if isinstance(came, Exception):
        assert type(came).__name__ in {"ValidationError", "PermissionDenied"}
        assert state_of(group, cast.bob) in {"", "left"}
    ended = fresh(group).ended_at is not None
    inside = state_of(group, cast.bob) == "member"
    assert (ended, keepers_of(group)) == (not inside, [cast.bob] if inside else [])
    assert not group.memberships.filter(state__in=["asked", "invited"]).exists()


@pytest.mark.django_db(transaction=True)
def test_both_members_leave_at_once(cast, group_of):
    group = group_of()
    own(group, "join", cast.bob)
    done = at_once(lambda: own(group, "leave", cast.alice), lambda: own(group, "leave", cast.bob))
    assert [one for one in done if isinstance(one, Exception)] == []
    assert fresh(group).ended_at
    assert keepers_of(group) == []


# Founding ------------------------------------------------------------------------------------------------------------


def typed(**values):
    said = {"name": "Kitchens", "kind": "community", "admission": "open", "about": "Food"}
    return said | {"topic": Topic.objects.get(code="food").pk} | values


def test_name_in_use_is_told_beside_the_field_and_tells_nothing_of_closed_groups(cast, group_of, client):
    group_of("open", by=cast.carlos)
    group_of("closed", by=cast.carlos, name="Secret")
    client.force_login(cast.alice)
    place = reverse("conversations:group_create")
    answer = client.post(place, typed(name="KITCHENS "))
    assert answer.context["form"].errors == {
        "name": ["Another group has this name. Please find one that says how yours differs."]
    }
    assert client.post(place, typed(name="Secret")).status_code == 302
    assert client.post(place, typed(admission="closed")).status_code == 302
    own_closed = Group.objects.get(founded_by=cast.alice, admission="closed")
    edit = reverse("conversations:group_edit", args=[own_closed.pk])
    assert set(client.post(edit, typed(admission="open")).context["form"].errors) == {"name"}
    assert client.post(edit, typed(admission="open", name="Canteens")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_take_a_name_at_once(cast, group_of):
    done = at_once(lambda: group_of(by=cast.alice), lambda: group_of(by=cast.carlos))
    assert [error.message_dict.keys() for error in done if isinstance(error, Exception)] == [{"name": 0}.keys()]
    assert Group.objects.count() == 1


def test_topic_is_optional_only_where_an_office_can_be_chosen(cast, group_of, client):
    place = reverse("conversations:group_create")
    for name, needs in (("alice", True), ("kaisa", False)):
        client.force_login(getattr(cast, name))
        form = client.get(place).context["form"]
        assert (form.fields["topic"].required, "office" not in form.fields) == (needs, needs)
        errors = client.post(place, typed(topic="")).context["form"].errors
        assert set(errors) == {"topic"}


def test_ten_groups_are_ten_that_are_still_there(cast, group_of):
    groups = [group_of(name=f"Group {number}") for number in range(10)]
    with pytest.raises(ValidationError, match="You have founded 10 groups"):
        group_of()
    own(groups[0], "leave", cast.alice)
    assert group_of().pk


def test_list_names_an_invited_group_once_and_the_next_meeting_to_members(cast, group_of, client):
    group = group_of()
    keeper(group, "invite", cast.bob, cast.alice)
    meet(group, cast.alice, title="Second", starts_at=at(9), ends_at=at(9, 1))
    gone = meet(group, cast.alice, title="Gone", starts_at=at(1), ends_at=at(1, 1))
    meet(group, cast.alice, title="First", starts_at=at(3), ends_at=at(3, 1))
    gathering.cancel_event(event=gone, by=cast.alice)
    seen = {}
    for name in ("alice", "bob", "carlos"):
        client.force_login(getattr(cast, name))
        text = client.get(reverse("conversations:group_list")).text.partition("<main")[2]
        page = client.get(group.get_absolute_url()).text
        seen[name] = text.count(">Kitchens<"), [title in text for title in ("First", "Second", "Gone")]
        assert ("Next meeting" in page) == (name == "alice")
    nothing = [False] * 3
    assert seen == {"alice": (1, [True, False, False]), "bob": (1, nothing), "carlos": (1, nothing)}


def at(days, hours=0):
    return timezone.now() + timedelta(days=days, hours=hours)


@pytest.mark.parametrize(
    ("admission", "state", "act", "said"),
    [
        ("open", "", "join", "You are in the group now."),
        ("request", "", "join", "Your request is with the keepers of the group."),
        ("request", "", "ask", "Your request is with the keepers of the group."),
        ("request", "invited", "ask", "You are in the group now."),
        ("closed", "invited", "accept", "You are in the group now."),
        ("closed", "invited", "refuse", "You have declined the invitation."),
        ("request", "asked", "withdraw", "Your request is taken back."),
        ("open", "member", "leave", "You have left the group."),
    ],
)
def test_page_says_what_came_of_an_act(admission, state, act, said, cast, group_of, client):
    group = group_of(admission)
    put(group, cast.bob, state)
    client.force_login(cast.bob)
    answer = client.post(reverse("conversations:group_act", args=[group.pk]), {"act": act}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == [said]


# Mail ----------------------------------------------------------------------------------------------------------------


def test_keepers_and_people_are_told(cast, group_of, smtp):
    group = group_of("request")
    own(group, "ask", cast.bob, "I cook.")
    assert told() == ["alice"]
    keeper(group, "approve", cast.bob, cast.alice)
    keeper(group, "invite", cast.carlos, cast.alice)
    assert told() == ["alice", "bob", "carlos"]
    Sender().run()
    assert [(mail["To"].partition("@")[0], mail["Subject"]) for mail in smtp.messages] == [
        ("bob", "You are in Kitchens now"),
        ("carlos", "Alice invites you to Kitchens"),
    ]


def test_who_wants_no_mail_of_groups_leaves_with_one_click(cast, group_of, client, smtp):
    group = group_of("request")
    own(group, "ask", cast.bob)
    Sender().run()
    (mail,) = smtp.messages
    link = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<joins.network.example>"
    assert link in mail.get_body(("plain",)).get_content()
    assert client.post(urlsplit(link).path).status_code == 200
    own(group, "ask", cast.carlos)
    keeper(group, "approve", cast.carlos, cast.alice)
    Sender().run()
    assert [one["To"].partition("@")[0] for one in smtp.messages] == ["alice", "carlos"]


def test_blocked_people_do_not_reach_each_other_in_groups(cast, group_of):
    group = group_of("request")
    block_person(person=cast.alice, by=cast.bob)
    keeper(group, "invite", cast.bob, cast.alice)
    assert told() == []
    own(group, "accept", cast.bob)
    Delivery.objects.create(user=cast.bob, groups="at_once")
    thread = talk(group, cast.alice, "From Alice, @Bob")
    assert told("message") == []
    assert not Post.objects.visible_to(cast.bob).exists()
    messaging.write_post(thread=thread, text="From Bob", by=cast.bob)
    assert [one.text for one in Post.objects.visible_to(cast.alice)] == ["From Alice, @Bob"]


@pytest.mark.parametrize("blocker", ["alice", "bob"])
@pytest.mark.parametrize("admission", ["closed", "request"])
def test_invitation_behind_a_block_is_not_there(admission, blocker, cast, group_of, client, smtp):
    group = group_of(admission)
    keeper(group, "invite", cast.bob, cast.alice)
    client.force_login(cast.bob)
    place = reverse("conversations:group_list")
    assert "You are invited" in client.get(place).text
    pair = {"alice": (cast.alice, cast.bob), "bob": (cast.bob, cast.alice)}[blocker]
    block_person(by=pair[0], person=pair[1])
    text = client.get(place).text
    assert ("You are invited" in text, "Kitchens" in text) == (False, admission == "request")
    answer = client.get(group.get_absolute_url())
    assert answer.status_code == (404 if admission == "closed" else 200)
    assert "You are invited" not in answer.text
    assert Group.objects.visible_to(cast.bob).exists() == cast.bob.has_perm("conversations.view_group", group)
    Sender().run()
    assert smtp.messages == []  # what waited is kept back too
    unblock_person(by=pair[0], person=pair[1])
    assert "You are invited" in client.get(place).text


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_keeper_with_a_block_sees_who_asks_and_not_what_they_write(blocker, cast, group_of, client, smtp):
    group = group_of("request")
    put(group, cast.carlos, "member")
    grouping.set_keeper(group=group, person=cast.carlos, is_keeper=True, by=cast.alice)
    own(group, "ask", cast.bob, "I cook.")
    pair = {"alice": (cast.alice, cast.bob), "bob": (cast.bob, cast.alice)}[blocker]
    block_person(by=pair[0], person=pair[1])
    seen = {}
    for name in ("alice", "carlos"):
        client.force_login(getattr(cast, name))
        text = client.get(reverse("conversations:group_people", args=[group.pk])).text
        seen[name] = ("Bob" in text, "I cook." in text)
    assert seen == {"alice": (True, False), "carlos": (True, True)}
    Sender().run()
    assert [mail["To"].partition("@")[0] for mail in smtp.messages] == ["carlos"]


@pytest.mark.parametrize(
    ("way", "mails", "entries"),
    [("at_once", ["bob"], 0), ("digest", [], 1), ("never", [], 0), (None, [], 1), ("muted", [], 0)],
)
def test_discussions_reach_people_as_they_choose(way, mails, entries, cast, group_of):
    group = group_of()
    own(group, "join", cast.bob)
    if way == "muted":
        Delivery.objects.create(user=cast.bob, groups="at_once")
        choose_way(user=cast.bob, thing=group, choice="mute")
    elif way:
        Delivery.objects.create(user=cast.bob, groups=way)
    talk(group, cast.alice)
    assert told("message") == mails
    assert Entry.objects.filter(audience="person", person=cast.bob, verb="discussed").count() == entries


def test_discussion_that_is_sent_twice_is_begun_once(cast, group_of):
    group = group_of()
    own(group, "join", cast.bob)
    thread = talk(group, cast.alice)
    assert (talk(group, cast.alice), talk(group, cast.bob) == thread) == (thread, False)
    assert Entry.objects.filter(person=cast.bob, verb="discussed").count() == 1


# Discussions, files, meetings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
def test_only_members_write_and_keep_files_and_meet(name, cast, group_of):
    group, person = group_of(), getattr(cast, name)
    acts = (
        lambda: talk(group, person),
        lambda: gathering.add_file(group=group, upload=SimpleUploadedFile("a.pdf", PDF), by=person),
        lambda: meet(group, person),
    )
    before = everything()
    if name == "alice":
        for act in acts:
            assert act().pk
        return
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert everything() == before


def test_file_is_for_members_alone_and_removed_by_who_brought_it_or_keeps_the_group(cast, group_of, client):
    group = group_of()
    for person in (cast.bob, cast.carlos):
        own(group, "join", person)
    file = gathering.add_file(group=group, upload=SimpleUploadedFile("Plan <b>.pdf", PDF), by=cast.bob)
    place = reverse("conversations:file_download", args=[file.pk])
    codes = {}
    for name in ("bob", "alice", "carlos", "rita", "ada"):
        client.force_login(getattr(cast, name))
        answer = client.get(place)
        codes[name] = answer.status_code
        if answer.streaming:
            list(answer)  # a file is closed at its end
    assert codes == {"bob": 200, "alice": 200, "carlos": 200, "rita": 404, "ada": 404}
    client.force_login(cast.carlos)
    assert "Plan &lt;b&gt;" in client.get(group.get_absolute_url()).text
    with pytest.raises(PermissionDenied):
        gathering.remove_file(file=file, by=cast.carlos)
    gathering.remove_file(file=file, by=cast.alice)
    assert not GroupFile.objects.exists()
    bad = {"file": SimpleUploadedFile("a.exe", b"MZ\x00\x01")}
    assert client.post(reverse("conversations:file_add", args=[group.pk]), bad).status_code == 302
    assert not GroupFile.objects.exists()


def test_meeting_goes_into_calendars_with_changes_and_cancellation(cast, group_of, client):
    group = group_of()
    own(group, "join", cast.bob)
    client.force_login(cast.bob)
    typed = {
        "title": "A call; with, signs", "starts_at": "2027-03-28T10:00", "ends_at": "2027-03-28T11:30",
        "time_zone": "Europe/Helsinki", "place": "Lahti", "link": "https://city.example/call", "about": "Food",
    }  # fmt: skip
    assert client.post(reverse("conversations:event_create", args=[group.pk]), typed).status_code == 302
    event = GroupEvent.objects.get()

    def read():
        answer = client.get(reverse("conversations:event_file", args=[event.pk]))
        calendar = Calendar.from_ical(answer.content)
        (entry,) = calendar.walk("VEVENT")
        return calendar, entry

    calendar, entry = read()
    assert ("METHOD" in calendar, entry["status"], entry["sequence"], entry["summary"]) == (
        False, "CONFIRMED", 0, "A call; with, signs · Kitchens",
    )  # fmt: skip
    assert entry.decoded("dtstart") == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)  # summer time has begun that night
    assert entry["dtstart"].params["tzid"] == "Europe/Helsinki"
    uid = entry["uid"]
    place = reverse("conversations:event_edit", args=[event.pk])
    assert 'value="2027-03-28T10:00"' in client.get(place).text
    assert client.post(place, typed | {"starts_at": "2027-03-28T09:00"}).status_code == 302
    assert read()[1]["sequence"] == 1
    gathering.cancel_event(event=fresh(event), by=cast.alice)
    calendar, entry = read()
    assert (calendar["method"], entry["status"], entry["sequence"], entry["uid"]) == ("CANCEL", "CANCELLED", 2, uid)
    with pytest.raises(ValidationError, match="It is cancelled"):
        meet(group, cast.bob, event=fresh(event))


@pytest.mark.parametrize(
    ("name", "value", "field", "error"),
    [
        ("title", "", "title", "required"),
        ("title", "x" * 121, "title", "at most 120"),
        ("starts_at", "soon", "starts_at", "valid date/time"),
        ("starts_at", "2027-03-28T03:30", "starts_at", "no such time there"),
        ("starts_at", "9999-12-31T23:59", "ends_at", "cannot end before"),
        ("title", "\u200b", "title", "required"),
        ("starts_at", "2020-01-01T10:00", "ends_at", "at most 31 days"),
        ("ends_at", "2027-03-28T09:00", "ends_at", "cannot end before"),
        ("time_zone", "Moon/Base", "time_zone", "valid choice"),
        ("link", "javascript:alert(1)", "link", "valid URL"),
        ("about", "x" * 5_001, "about", "at most 5000"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_bad_meeting_is_told_beside_its_field(name, value, field, error, cast, group_of, client):
    group = group_of()
    client.force_login(cast.alice)
    typed = {
        "title": "A call", "starts_at": "2027-03-28T10:00", "ends_at": "2027-03-28T11:00",
        "time_zone": "Europe/Helsinki",
    }  # fmt: skip
    sent = client.post(reverse("conversations:event_create", args=[group.pk]), typed | {name: value})
    assert error in str(sent.context["form"].errors[field])
    assert not GroupEvent.objects.exists()


def test_past_meeting_is_refused(cast, group_of):
    ago = timezone.now() - timedelta(days=2)
    with pytest.raises(ValidationError, match="This is over already"):
        meet(group_of(), cast.alice, starts_at=ago, ends_at=ago + timedelta(hours=1))


def test_injected_html_stays_text_and_reported_group_is_hidden(cast, group_of, client):
    group = group_of(name="<b>Bold</b>", about=NASTY)
    meet(group, cast.alice, title=NASTY[:100], place="<i>", about=NASTY)
    talk(group, cast.alice, NASTY)
    client.force_login(cast.alice)
    pages = ["group_detail", "group_people", "group_edit", "event_create", "discussion_create"]
    texts = [client.get(reverse(f"conversations:{name}", args=[group.pk])).text for name in pages]
    client.force_login(cast.rita)
    for text in [*texts, client.get(reverse("conversations:group_list")).text]:
        for bad in ("<script>alert", 'href="javascript:', "<b>Bold", "<i>"):
            assert bad not in text
    case = report_thing(reportable=GROUP, thing=group, reason="Not polite.", by=cast.rita)
    decide_case(case=case, verdict="hide", reason="Not here.", by=cast.kaisa)
    for person in (cast.rita, cast.alice):
        client.force_login(person)
        assert client.get(group.get_absolute_url()).status_code == 404
    assert not Post.objects.visible_to(cast.alice).exists()


def test_people_are_invited_by_name_on_the_page(cast, group_of, client):
    group = group_of("closed")
    for _ in range(2):
        MemberRoleFactory(user=UserFactory(name="Two"), member=cast.lahti)
    client.force_login(cast.alice)
    place = reverse("conversations:group_people", args=[group.pk])
    for typed, error in (("Nobody", "Nobody in the network"), ("Two", "Several people"), ("Nora", "Nobody in the")):
        assert error in str(client.post(place, {"name": typed}).context["form"].errors)
    assert client.post(place, {"name": "carlos"}).status_code == 302
    assert state_of(group, cast.carlos) == "invited"
    sent = client.post(reverse("conversations:group_person", args=[group.pk, cast.carlos.pk]), {"act": "remove"})
    assert (sent.status_code, state_of(group, cast.carlos)) == (302, "removed")


def test_pages_tell_keepers_who_waits_and_what_came_of_their_acts(cast, group_of, client):
    group = group_of("request")
    own(group, "ask", cast.bob)
    for name, told_of in (("alice", True), ("carlos", False)):
        client.force_login(getattr(cast, name))
        assert ("1 person wants to join" in " ".join(client.get(group.get_absolute_url()).text.split())) is told_of
    client.force_login(cast.alice)
    people = reverse("conversations:group_people", args=[group.pk])
    assert "No keeper any more" not in client.get(people).text  # she is the only one
    said = []
    for act in ("approve", "keeper", "no_keeper", "remove", "invite", "remove"):
        answer = client.post(
            reverse("conversations:group_person", args=[group.pk, cast.bob.pk]), {"act": act}, follow=True
        )
        said += [str(one) for one in answer.context["messages"]]
        assert ("No keeper any more" in answer.text) is (act == "keeper")
    assert said == [
        "Bob is in the group now.", "Bob keeps the group now.", "Bob does not keep the group any more.",
        "Bob is not in the group any more, nor invited.", "Bob is invited.",
        "Bob is not in the group any more, nor invited.",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_acts_at_once_leave_one_state(cast, group_of):
    group = group_of("request")
    own(group, "ask", cast.bob)
    done = at_once(lambda: own(group, "withdraw", cast.bob), lambda: keeper(group, "approve", cast.bob, cast.alice))
    assert [type(one).__name__ for one in done if isinstance(one, Exception)] == ["ValidationError"]
    assert state_of(group, cast.bob) in {"left", "member"}


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_for_any_number(rows, cast, group_of, client, django_assert_num_queries):
    group = group_of()
    for number in range(rows):
        talk(group, cast.alice, f"Who cooks {number}?")
        meet(group, cast.alice)
        put(group, MemberRoleFactory(member=cast.lahti).user, "member")
    client.force_login(cast.alice)
    with django_assert_num_queries(15):
        client.get(group.get_absolute_url())
    with django_assert_num_queries(7):
        client.get(reverse("conversations:group_list"))


def test_discussion_behind_a_block_is_not_listed_until_somebody_else_writes(cast, group_of, client):
    group = group_of()
    for person in (cast.bob, cast.carlos):
        own(group, "join", person)
    block_person(person=cast.bob, by=cast.alice)
    Block.objects.update(since=timezone.now() - timedelta(minutes=1))
    thread = talk(group, cast.bob)

    def listed(person):
        client.force_login(person)
        return [(one.pk, one.is_unread) for one in client.get(group.get_absolute_url()).context["threads"]]

    assert (listed(cast.alice), listed(cast.carlos)) == ([], [(thread.pk, True)])
    messaging.write_post(thread=thread, text="I do.", by=cast.carlos)
    assert (listed(cast.alice), listed(cast.carlos)) == ([(thread.pk, True)], [(thread.pk, False)])


def test_members_see_all_people_and_all_meetings(cast, group_of, client):
    group = group_of()
    own(group, "join", cast.bob)
    for number in range(30):
        put(group, MemberRoleFactory(member=cast.lahti, user=UserFactory(name=f"Person {number}")).user, "member")
    put(group, cast.carlos, "invited")
    for number in range(11):
        meet(group, cast.alice, title=f"Call {number}", starts_at=at(number + 1), ends_at=at(number + 1, 1))
    past = meet(group, cast.alice, title="Gone by", starts_at=at(0, -2), ends_at=at(0, 1))
    GroupEvent.objects.filter(pk=past.pk).update(ends_at=at(0, -1))
    client.force_login(cast.bob)
    page = client.get(group.get_absolute_url()).text
    meetings, people = (reverse(f"conversations:group_{one}", args=[group.pk]) for one in ("meetings", "people"))
    assert ("Call 9" in page, "Call 10" in page, "Gone by" in page) == (True, False, False)
    assert (meetings in page, people in page) == (True, True)
    text = client.get(meetings).text
    assert ("Call 0" in text, "Call 10" in text, "Gone by" in text) == (True, True, False)
    text = client.get(meetings, {"when": "past"}).text
    assert ("Call 0" in text, "Gone by" in text) == (False, True)
    text = client.get(people, {"page": 2}).text
    assert ("Person 29" in text, "Carlos" in text, "Invite" in text, "Remove" in text) == (True, False, False, False)
    assert client.post(people, {"name": "Carlos"}).status_code == 403
    assert "Invite" in _as(client, cast.alice).get(people).text


def _as(client, person):
    client.force_login(person)
    return client


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Europe/Madrid"])
def test_next_meeting_is_said_alike_in_both_places(zone, cast, group_of, client):
    group = group_of()
    User.objects.filter(pk=cast.alice.pk).update(time_zone=zone)
    starts_at = datetime(2027, 3, 29, 0, 30, tzinfo=UTC)
    meet(group, cast.alice, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), time_zone="Europe/Madrid")
    client.force_login(fresh(cast.alice))
    hour = {"Europe/Helsinki": "03:30", "Europe/Madrid": "02:30"}[zone]
    for place in (group.get_absolute_url(), reverse("conversations:group_list")):
        text = " ".join(client.get(place).text.split())
        assert f"29 Mar 2027, {hour} ({zone})" in text


@pytest.mark.parametrize(
    ("admission", "others", "said"),
    [
        ("open", True, "You can join again."),
        ("request", True, "you need a keeper who lets you in."),
        ("open", False, "You are the only member. When you leave, the group ends"),
    ],
)
def test_leaving_asks_first_and_says_what_follows(admission, others, said, cast, group_of, client):
    group = group_of(admission)
    if others:
        put(group, cast.bob, "member")
    client.force_login(cast.alice)
    place = reverse("conversations:group_leave", args=[group.pk])
    assert place in client.get(group.get_absolute_url()).text
    assert said in client.get(place).text
    assert state_of(group, cast.alice) == "member"
