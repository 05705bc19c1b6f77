"""Announcements: who writes them, whom they reach, and that they reach everybody once."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from config.outbox.claiming import claim
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.announcements import planning
from exchange.announcements.audience import audience_of, describe_audience, example_readers
from exchange.announcements.emails import ANNOUNCEMENT
from exchange.announcements.models import Announcement
from exchange.announcements.planning import plan_announcements
from exchange.announcements.services import (
    change_announcement,
    delete_announcement,
    leave_announcements,
    rejoin_announcements,
    schedule_announcement,
    send_test,
    stop_announcement,
    unschedule_announcement,
    write_announcement,
)
from exchange.announcements.transitions import TRANSITIONS
from tests.factories import MemberRoleFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
State = Announcement.State


def values(office, **changes):
    texts = {"en": ("A meeting in Lahti", "Come to **Lahti** on 3 March.")}
    return {"office": office, "topic": None, "is_important": False, "texts": texts} | changes


@pytest.fixture
def write(cast):
    """Return a function that writes a draft for an office; administrators may do so for any."""

    def write(office=None, by=None, **changes):
        return write_announcement(values=values(office or cast.finland, **changes), by=by or cast.ada)

    return write


@pytest.fixture
def go(cast, smtp):
    """Return a function that lets an announcement go out at once."""

    def go(announcement):
        schedule_announcement(announcement=announcement, at=None, edition=announcement.edition, by=cast.ada)
        plan_announcements()
        announcement.refresh_from_db()
        return announcement

    return go


def states(announcement):
    rows = Message.objects.filter(key__startswith=f"announcements.announcement:{announcement.pk}:")
    return dict(rows.values_list("recipient", "state"))


def names(people):
    return {person.email.partition("@")[0] for person in people}


@pytest.mark.parametrize(
    ("office", "reached"),
    [
        ("bonn", {"alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada"}),
        ("europe", {"alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva"}),
        ("finland", {"alice", "bob", "rita", "kaisa"}),
    ],
)
def test_office_reaches_its_people_and_those_below_it(cast, write, office, reached):
    found = audience_of(write(getattr(cast, office)))
    assert names(found) == reached
    assert found.count() == len(reached)


def test_topic_reaches_who_follows_it_or_whose_member_has_published_on_it(cast, write, publish, subscribe):
    topic = publish(cast.pontevedra, topics=["energy"]).topics.get()
    subscribe(cast.bob, topics=["energy"])
    subscribe(cast.rita, topics=["water"])
    assert names(audience_of(write(cast.bonn, topic=topic))) == {"bob", "carlos"}
    assert names(audience_of(write(cast.finland, topic=topic))) == {"bob"}
    assert describe_audience(write(cast.bonn, topic=topic)) == (
        "Everybody who follows Energy, or whose organisation has published on it"
    )


def test_who_has_left_the_network_or_the_announcements_is_not_reached(cast, write):
    leave_announcements(user=cast.alice)
    leave_announcements(user=cast.alice)
    cast.bob.is_active = False
    cast.bob.save()
    assert names(audience_of(write())) == {"rita", "kaisa"}
    assert names(audience_of(write(is_important=True))) == {"alice", "rita", "kaisa"}
    rejoin_announcements(user=cast.alice)
    assert "alice" in names(audience_of(write()))


def test_somebody_with_many_roles_is_one_person(cast, write, go):
    for _ in range(3):
        MemberRoleFactory(user=cast.alice, member__office=cast.finland)
    go(write())
    assert Message.objects.filter(user=cast.alice).count() == 1


@pytest.mark.parametrize(
    ("who", "office", "allowed"),
    [
        ("kaisa", "finland", True),
        ("kaisa", "europe", False),
        ("kaisa", "bonn", False),
        ("eva", "europe", True),
        ("ada", "bonn", True),
        ("alice", "finland", False),
        ("xavier", "europe", False),
    ],
)
def test_coordinators_write_for_their_own_office(cast, who, office, allowed):
    by, office = getattr(cast, who), getattr(cast, office)
    if allowed:
        assert write_announcement(values=values(office), by=by).office == office
    else:
        with pytest.raises(PermissionDenied):
            write_announcement(values=values(office), by=by)
    assert Announcement.objects.count() == allowed


def test_administrators_alone_reach_those_who_want_none(cast, write):
    with pytest.raises(PermissionDenied):
        write(by=cast.kaisa, is_important=True)
    assert write(is_important=True).is_important


ACTS = {
    "edit": lambda one, by: change_announcement(
        announcement=one, values=values(one.office), edition=one.edition, by=by
    ),
    "delete": lambda one, by: delete_announcement(announcement=one, by=by),
    "schedule": lambda one, by: schedule_announcement(announcement=one, at=None, edition=one.edition, by=by),
    "unschedule": lambda one, by: unschedule_announcement(announcement=one, by=by),
    "stop": lambda one, by: stop_announcement(announcement=one, by=by),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", State.values)
def test_each_act_in_each_state(cast, write, act, state):
    announcement = write()
    at = None if state == "draft" else timezone.now()
    Announcement.objects.filter(pk=announcement.pk).update(state=state, send_at=at)
    for stranger in (cast.eva, cast.alice, cast.xavier, cast.nora):
        with pytest.raises(PermissionDenied):
            ACTS[act](announcement, stranger)
    allowed, target = TRANSITIONS[act]
    if state in allowed:
        ACTS[act](announcement, cast.kaisa)
        left = Announcement.objects.filter(pk=announcement.pk).values_list("state", flat=True)
        assert list(left) == ([] if act == "delete" else [target])
    else:
        with pytest.raises(ValidationError, match="not possible any more"):
            ACTS[act](announcement, cast.kaisa)
        announcement.refresh_from_db()
        assert announcement.state == state


def test_two_who_change_it_at_once_lose_nothing(cast, write):
    announcement = write()
    change_announcement(announcement=announcement, values=values(cast.finland), edition=1, by=cast.kaisa)
    with pytest.raises(ValidationError, match="Somebody has changed this meanwhile"):
        change_announcement(announcement=announcement, values=values(cast.finland), edition=1, by=cast.ada)
    with pytest.raises(ValidationError, match="Somebody has changed this meanwhile"):
        schedule_announcement(announcement=announcement, at=None, edition=1, by=cast.ada)


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({}, "subject_en"),
        ({"fi": ("Hei", "Hei")}, "subject_en"),
        ({"en": ("Hi", "")}, "body_en"),
        ({"en": ("", "Hi")}, "subject_en"),
        ({"en": ("Hi", "Hi"), "mk": ("Здраво", " ")}, "body_mk"),
        ({"en": ("x" * 151, "Hi")}, "subject_en"),
        ({"en": ("Hi", "x" * 10_001)}, "body_en"),
    ],
)
def test_text_that_is_not_whole_is_refused_beside_its_field(cast, write, texts, field):
    with pytest.raises(ValidationError) as caught:
        write(texts=texts)
    assert list(caught.value.message_dict) == [field]


def test_language_that_was_taken_out_is_gone(cast, write):
    announcement = write(texts={"en": ("Hi", "Hi"), "fi": ("Hei", "Hei"), "mk": ("", "")})
    assert [text.language for text in announcement.texts.all()] == ["en", "fi"]
    change_announcement(announcement=announcement, values=values(cast.finland), edition=1, by=cast.kaisa)
    assert [text.language for text in announcement.texts.all()] == ["en"]


@pytest.mark.parametrize(
    ("wait", "why"), [(timedelta(minutes=-6), "passed"), (timedelta(days=367), "more than a year away")]
)
def test_time_that_makes_no_sense_is_refused(cast, write, wait, why):
    with pytest.raises(ValidationError, match=why):
        schedule_announcement(announcement=write(), at=timezone.now() + wait, edition=1, by=cast.kaisa)


def test_nobody_is_no_audience(cast, write, publish):
    topic = publish(cast.pontevedra, topics=["energy"]).topics.get()
    with pytest.raises(ValidationError, match="nobody whom it would reach"):
        schedule_announcement(announcement=write(topic=topic), at=None, edition=1, by=cast.kaisa)


def test_it_goes_out_at_its_time_to_everybody_once(cast, write, smtp, time_machine):
    announcement = write()
    at = timezone.now() + timedelta(hours=2)
    schedule_announcement(announcement=announcement, at=at, edition=1, by=cast.kaisa)
    assert plan_announcements() == 0
    time_machine.move_to(at + timedelta(seconds=1))
    assert plan_announcements() == 4
    assert plan_announcements() == 0
    announcement.refresh_from_db()
    assert announcement.state == State.SENDING
    assert Sender().run() == 4
    plan_announcements()
    announcement.refresh_from_db()
    assert announcement.state == State.SENT
    assert sorted(mail["To"] for mail in smtp.messages) == [
        "alice@city.example", "bob@city.example", "kaisa@network.example", "rita@city.example",
    ]  # fmt: skip


def test_crash_between_two_chunks_loses_and_doubles_nobody(cast, write, smtp, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 1)
    announcement = write(cast.bonn)
    schedule_announcement(announcement=announcement, at=None, edition=1, by=cast.ada)
    for _ in range(3):
        assert planning._plan_chunk(announcement.pk) == 1
    assert len(states(announcement)) == 3
    assert plan_announcements() == 5
    assert len(states(announcement)) == 8
    announcement.refresh_from_db()
    assert announcement.queued_at is not None


def test_stop_holds_back_what_has_not_left(cast, write, go, smtp):
    announcement = go(write())
    first, second, *_ = Message.objects.order_by("pk")
    Message.objects.filter(pk=first.pk).update(state="submitting", owner=5)
    Message.objects.filter(pk=second.pk).update(state="claimed", owner=5)
    assert stop_announcement(announcement=announcement, by=cast.kaisa) == 3
    assert sorted(states(announcement).values()) == ["submitting", "suppressed", "suppressed", "suppressed"]
    assert set(Message.objects.filter(state="suppressed").values_list("reply", "owner")) == {
        ("stopped by a coordinator", None)
    }
    assert plan_announcements() == 0
    assert Sender().run() == 0
    assert smtp.messages == []


def test_stop_while_a_sender_has_them_in_hand(cast, write, go, smtp):
    """The sender finds that what it has claimed is its own no more, and sends nothing of it."""
    announcement = go(write())
    sender = Sender()
    batch = claim(sender.owner)
    assert len(batch) == 4
    stop_announcement(announcement=announcement, by=cast.kaisa)
    assert sender.send(batch) == 0
    assert set(states(announcement).values()) == {"suppressed"}
    assert smtp.messages == []


def test_who_leaves_meanwhile_gets_none(cast, write, go, smtp):
    announcement = go(write())
    leave_announcements(user=cast.alice)
    cast.bob.is_active = False
    cast.bob.save()
    assert Sender().run() == 2
    assert states(announcement) == {
        "alice@city.example": "suppressed", "bob@city.example": "suppressed", "rita@city.example": "sent",
        "kaisa@network.example": "sent",
    }  # fmt: skip


def test_each_reads_it_in_their_language(cast, write, go, smtp):
    cast.alice.language, cast.bob.language = "fi", "mk"
    cast.alice.save()
    cast.bob.save()
    texts = {"en": ("Meeting", "Come *all*."), "mk": ("Средба на сите општини", "Дојдете **сите**.")}
    go(write(texts=texts))
    Sender().run()
    mails = {mail["To"]: mail for mail in smtp.messages}
    assert {to.partition("@")[0]: mail["Subject"] for to, mail in mails.items()} == {
        "alice": "Meeting", "bob": "Средба на сите општини", "rita": "Meeting", "kaisa": "Meeting",
    }  # fmt: skip
    bob = mails["bob@city.example"]
    assert "<strong>сите</strong>" in bob.get_body(("html",)).get_content()
    assert "Дојдете **сите**." in bob.get_body(("plain",)).get_content()
    assert re.search(r'class="preheader"[^>]*>\s*Дојдете сите\.', bob.get_body(("html",)).get_content())
    alice = mails["alice@city.example"]
    assert alice["Content-Language"] == "fi"
    assert alice["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert alice["List-Id"] == "<announcements.network.example>"


def test_important_one_cannot_be_left(cast, write, go, smtp):
    go(write(is_important=True))
    Sender().run()
    for mail in smtp.messages:
        assert mail["List-Unsubscribe"] is None
        assert "/announcements/leave/" not in mail.get_body(("html",)).get_content()
        assert "It goes to everybody" in mail.get_body(("plain",)).get_content()


def test_what_is_written_cannot_break_out(cast, write, go, smtp):
    body = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))\n\nBcc: all@city.example"
    go(write(texts={"en": ("<b>Hi</b> & \u202eyou", body)}))
    Sender().run()
    mail = smtp.messages[0]
    html = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;Hi&lt;/b&gt; &amp;" in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert mail["Bcc"] is None


def test_line_break_in_the_subject_is_refused_or_gone(cast, write, go, smtp):
    go(write(texts={"en": ("Hi\r\nBcc: all@city.example", "Text")}))
    Sender().run()
    assert smtp.messages[0]["Bcc"] is None
    assert smtp.messages[0]["Subject"] == "Hi Bcc: all@city.example"


def test_test_goes_to_its_writer_alone_in_each_language(cast, write, smtp):
    announcement = write(texts={"en": ("Hi", "Hi"), "fi": ("Hei", "Hei")}, by=cast.kaisa)
    leave_announcements(user=cast.kaisa)
    send_test(announcement=announcement, by=cast.kaisa)
    assert Sender().run() == 2
    assert sorted((mail["To"], mail["Subject"]) for mail in smtp.messages) == [
        ("kaisa@network.example", "Hei"),
        ("kaisa@network.example", "Hi"),
    ]
    assert states(announcement) == {}


def test_example_readers_are_real_and_unlike(cast, write):
    cast.rita.language = "mk"
    cast.rita.save()
    cast.bob.language = "fi"
    cast.bob.save()
    for user in (cast.alice, cast.kaisa):
        user.language = "en"
        user.save()
    announcement = write()
    found = example_readers(announcement)
    assert [one.language for one in found] == ["en", "fi", "mk"]
    assert set(found) <= set(audience_of(announcement))


@pytest.mark.parametrize("readers", [1, 3, 30])
def test_preparing_costs_the_same_for_any_number(cast, write, go, django_assert_num_queries, readers):
    for _ in range(readers):
        MemberRoleFactory(member=cast.lahti)
    go(write())
    messages = list(Message.objects.select_related("user"))
    with django_assert_num_queries(4):
        prepared = ANNOUNCEMENT.look_at(messages)
    assert [bool(one.unwanted) for one in prepared] == [False] * (readers + 4)


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_queue_everybody_once(cast, write, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 2)
    announcement = write(cast.bonn)
    schedule_announcement(announcement=announcement, at=None, edition=1, by=cast.ada)
    queued = at_once(plan_announcements, plan_announcements)
    assert sum(queued) == 8
    assert len(states(announcement)) == 8


@pytest.mark.django_db(transaction=True)
def test_stop_and_plan_at_once_leave_nothing_to_be_sent(cast, write, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 1)
    announcement = write(cast.bonn)
    schedule_announcement(announcement=announcement, at=None, edition=1, by=cast.ada)
    planning._plan_chunk(announcement.pk)
    at_once(plan_announcements, lambda: stop_announcement(announcement=announcement, by=cast.ada))
    announcement.refresh_from_db()
    assert announcement.state == State.STOPPED
    assert set(states(announcement).values()) == {"suppressed"}
