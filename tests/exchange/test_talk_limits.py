"""What one person can send: how much in an hour and a day, what is sent twice, and what is no text or no day at all."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from exchange.conversations import commenting, gathering, grouping, messaging
from exchange.conversations.limits import MOST_AN_HOUR, MOST_INVITED
from exchange.conversations.models import Comment, Group, GroupEvent, GroupFile, Membership
from exchange.moderation.models import Silence
from tests.exchange.gathering import found, keeper, meet, own
from tests.factories import MemberRoleFactory, PublicationFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once
from tests.uploads import PDF

pytestmark = pytest.mark.django_db

INVISIBLE = "\u200b\u200b"
FORGED = "A call\r\nATTENDEE:mailto:eva@city.example\x01"


@pytest.fixture
def group(cast):
    """Return a group of Alice, in which Bob is."""
    group = found(cast.alice)
    own(group, "join", cast.bob)
    return group


@pytest.fixture
def practice(cast):
    return PublicationFactory(owner=cast.lahti)


def ask(practice, by, text="What did it cost?"):
    return commenting.add_comment(publication=practice, kind="question", text=text, language="en", by=by)


def edit(comment, text, by):
    return commenting.edit_comment(comment=comment, text=text, language="en", by=by)


def add_file(group, by, name="a.pdf", data=PDF):
    return gathering.add_file(group=group, upload=SimpleUploadedFile(name, data), by=by)


def told(kind):
    return [
        one.recipient.partition("@")[0] for one in Message.objects.filter(kind=f"conversations.{kind}").order_by("pk")
    ]


# How much ------------------------------------------------------------------------------------------------------------


def test_texts_their_changes_files_and_meetings_share_one_limit(cast, group, practice):
    comment = ask(practice, cast.bob)
    acts = (
        lambda number: ask(practice, cast.bob, f"Question {number}"),
        lambda number: edit(comment, f"Changed {number}", cast.bob),
        lambda number: meet(group, cast.bob, title=f"Call {number}"),
        lambda number: add_file(group, cast.bob, f"{number}.pdf"),
        lambda number: messaging.begin_discussion(group=group, subject="Cooks", text=f"Who {number}?", by=cast.bob),
    )
    for number in range(MOST_AN_HOUR - 1):
        acts[number % len(acts)](number)
    event = GroupEvent.objects.first()
    before = [rows(model) for model in (Comment, GroupEvent, GroupFile, Message)]
    for act in (*acts, lambda _number: meet(group, cast.bob, event=event, place="Kuopio")):
        with pytest.raises(ValidationError, match="You have written 30 messages in an hour"):
            act(99)
    assert [rows(model) for model in (Comment, GroupEvent, GroupFile, Message)] == before
    assert meet(group, cast.alice).pk
    Entry.objects.filter(by=cast.bob).update(at=timezone.now() - timedelta(minutes=61))
    assert acts[1](100).text == "Changed 100"


def test_invitations_are_told_once_a_day_and_thirty_a_day(cast, at):
    at("2026-11-30 10:00")
    group = found(cast.alice, "request")
    for _ in range(3):
        keeper(group, "invite", cast.carlos, cast.alice)
        keeper(group, "remove", cast.carlos, cast.alice)
        own(group, "ask", cast.bob)
        own(group, "withdraw", cast.bob)
    assert told("membership") == ["carlos", "alice"]
    people = [MemberRoleFactory(member=cast.lahti).user for _ in range(MOST_INVITED - 3)]
    for person in people:
        keeper(group, "invite", person, cast.alice)
    with pytest.raises(ValidationError, match="You have invited 30 people in a day"):
        keeper(group, "invite", cast.rita, cast.alice)
    assert not Membership.objects.filter(user=cast.rita).exists()
    at("2026-12-01 10:01")
    keeper(group, "invite", cast.carlos, cast.alice)
    own(group, "ask", cast.bob)
    assert told("membership")[-2:] == ["carlos", "alice"]


def test_whoever_may_write_to_nobody_changes_no_words_either(cast, group, practice):
    comment = ask(practice, cast.alice)
    Silence.objects.create(user=cast.alice)
    before = rows(Group), rows(Comment), rows(Message)
    for act in (
        lambda: edit(comment, "Look, @Carlos", cast.alice),
        lambda: grouping.change_group(group=group, values={"name": "Look, Carlos"}, by=cast.alice),
    ):
        with pytest.raises(ValidationError, match="You cannot write to others for now"):
            act()
    assert (rows(Group), rows(Comment), rows(Message)) == before


# Twice ---------------------------------------------------------------------------------------------------------------


def test_meeting_file_and_group_sent_twice_are_there_once(cast, group, at):
    starts_at = timezone.now() + timedelta(days=3)
    when = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    acts = (
        lambda by, **changes: meet(group, by, **when | changes),
        lambda by, name="a.pdf": add_file(group, by, name),
    )
    for act, changes in zip(acts, ({"title": "Another"}, {"name": "b.pdf"}), strict=True):
        first = act(cast.alice)
        assert act(cast.alice) == first
        assert act(cast.bob) != first
        assert act(cast.alice, **changes) != first
    assert (GroupEvent.objects.count(), GroupFile.objects.count()) == (3, 3)
    closed = found(cast.alice, "closed", name="Secret")
    assert found(cast.alice, "closed", name="Secret ") == closed
    assert found(cast.carlos, "closed", name="Secret") != closed
    at((timezone.now() + timedelta(minutes=11)).strftime("%Y-%m-%d %H:%M"))
    assert acts[0](cast.alice).pk
    assert GroupEvent.objects.count() == 4
    assert found(cast.alice, "closed", name="Secret") != closed


def test_cancelled_meeting_is_planned_anew(cast, group):
    starts_at = timezone.now() + timedelta(days=3)
    when = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    event = meet(group, cast.alice, **when)
    gathering.cancel_event(event=event, by=cast.alice)
    assert meet(group, cast.alice, **when) != event


def test_open_group_that_is_founded_twice_is_shown_and_not_refused(cast, client):
    client.force_login(cast.alice)
    topic = found(cast.bob, name="Others").topic_id
    typed = {"name": "Kitchens", "kind": "community", "admission": "open", "topic": topic, "about": "Food"}
    answers = [client.post(reverse("conversations:group_create"), typed) for _ in range(2)]
    group = Group.objects.get(name="Kitchens")
    assert [(one.status_code, one.url) for one in answers] == [(302, group.get_absolute_url())] * 2


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once_make_one_of_each(cast):
    group = found(cast.alice)
    starts_at = timezone.now() + timedelta(days=3)
    when = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    for act in (
        lambda: meet(group, cast.alice, **when),
        lambda: add_file(group, cast.alice),
        lambda: found(cast.alice, name="Gardens"),
    ):
        assert len({one.pk for one in at_once(act, act)}) == 1
    assert Group.objects.count() == 2


# No text, no day -----------------------------------------------------------------------------------------------------


def test_what_shows_nothing_is_refused_and_lines_stay_lines(cast, group, practice):
    comment = ask(practice, cast.alice)
    for act in (
        lambda: ask(practice, cast.bob, INVISIBLE),
        lambda: edit(comment, INVISIBLE, cast.alice),
        lambda: commenting.reply_to_comment(comment=comment, text=INVISIBLE, language="en", by=cast.bob),
        lambda: messaging.begin_discussion(group=group, subject=INVISIBLE, text="Who?", by=cast.bob),
        lambda: messaging.begin_discussion(group=group, subject="Cooks", text=INVISIBLE, by=cast.bob),
        lambda: found(cast.bob, name=INVISIBLE),
        lambda: found(cast.bob, name="Gardens", about=INVISIBLE),
        lambda: meet(group, cast.bob, title=INVISIBLE),
    ):
        with pytest.raises(ValidationError):
            act()
    line = "A call ATTENDEE:mailto:eva@city.example"
    assert meet(group, cast.bob, title=FORGED, place=FORGED).title == line
    assert found(cast.bob, name=FORGED).name == line
    assert messaging.begin_discussion(group=group, subject=FORGED, text=FORGED, by=cast.bob).subject == line
    assert fresh(comment).text == "What did it cost?"


def test_forged_title_makes_no_line_in_a_calendar(cast, group, client):
    event = meet(group, cast.bob)
    GroupEvent.objects.update(title=FORGED)  # as it could be kept before
    client.force_login(cast.alice)
    answer = client.get(reverse("conversations:event_file", args=[event.pk]))
    assert answer.status_code == 200
    assert b"\r\nATTENDEE" not in answer.content


@pytest.mark.parametrize("starts_at", [datetime(9999, 12, 31, 22, 30, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_meeting_is_at_most_ten_years_ahead(starts_at, cast, group):
    with pytest.raises(ValidationError, match="at most 10 years ahead"):
        meet(group, cast.bob, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15))


def test_new_meeting_has_not_begun_long_ago(cast, group, at):
    at("2026-11-30 10:00")
    now = timezone.now()
    with pytest.raises(ValidationError, match="This began more than a day ago"):
        meet(group, cast.bob, starts_at=now - timedelta(hours=25), ends_at=now + timedelta(days=1))
    event = meet(group, cast.bob, starts_at=now - timedelta(hours=23), ends_at=now + timedelta(days=3))
    at("2026-12-02 10:00")
    assert meet(group, cast.bob, event=event, place="Kuopio").sequence == 1
    with pytest.raises(ValidationError, match="This began more than a day ago"):
        meet(group, cast.bob, event=event, starts_at=now - timedelta(days=1))


def test_requests_end_silently_when_a_group_closes(cast):
    group = found(cast.alice, "request")
    own(group, "ask", cast.carlos)
    before = told("membership")
    grouping.change_group(group=group, values={"admission": "closed"}, by=cast.alice)
    assert Membership.objects.get(user=cast.carlos).state == "declined"
    assert told("membership") == before
    with pytest.raises(ValidationError, match="not possible any more"):
        keeper(group, "approve", cast.carlos, cast.alice)
