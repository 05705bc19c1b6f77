"""When groups meet: who is told and how, and what calendars make of it, read again by icalendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from config.journal.models import Entry
from config.journal.services import number_entries
from config.outbox.models import Message
from exchange.connections.blocks import block_person, unblock_person
from exchange.conversations import gathering
from exchange.conversations.delivering import choose_way
from exchange.conversations.models import Delivery, Group, GroupEvent
from exchange.digests.emails import preview_digest
from exchange.digests.models import Subscription
from exchange.digests.selection import select_for
from exchange.digests.services import build_message
from members.people.erasing import erase_person
from practices.sharing.feeds import feed_token
from tests.exchange.gathering import found, keeper, meet, own
from tests.exchange.invitations import send_invitations
from tests.practices.acts import fresh

pytestmark = pytest.mark.django_db

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def group(cast):
    """Return a group of Alice, Bob and Carlos, who all hear of it at once."""
    group = found(cast.alice)
    for person in (cast.bob, cast.carlos):
        own(group, "join", person)
    for person in (cast.alice, cast.bob, cast.carlos, cast.rita):
        Delivery.objects.create(user=person, groups="at_once")
    return group


@pytest.fixture
def sent(smtp):
    """Return a function that sends what waits, and returns (to, method, event, calendar, mail) of each invitation."""
    return lambda: [(to.partition("@")[0], *rest) for to, *rest in send_invitations(smtp)]


def brief(invitations):
    return [(to, method, int(event["SEQUENCE"])) for to, method, event, *_ in invitations]


# Mail ----------------------------------------------------------------------------------------------------------------


def test_all_others_get_the_meeting_its_changes_and_its_end(cast, group, sent, at):
    at("2034-12-01 10:00")
    starts = datetime(2035, 3, 24, 10, tzinfo=HELSINKI)  # the clocks are put forward in the night that follows
    event = meet(group, cast.alice, starts_at=starts, ends_at=starts + timedelta(hours=30))
    invited = sent()
    assert brief(invited) == [("bob", "REQUEST", 0), ("carlos", "REQUEST", 0)]
    _to, _method, entry, calendar, mail = invited[1]
    assert str(entry["UID"]) == f"{event.uid}@network.example"
    assert (str(entry["SUMMARY"]), str(entry["STATUS"])) == ("A call · Kitchens", "CONFIRMED")
    assert str(entry["LOCATION"]) == "Lahti, https://city.example/call"
    assert str(entry["ATTENDEE"]) == "mailto:carlos@city.example"  # and nobody else's address
    assert entry["DTSTART"].to_ical().decode() == "20350324T100000"
    assert entry["DTEND"].to_ical().decode() == "20350325T160000"
    (defined,) = calendar.walk("VTIMEZONE")
    for name, time in (("DTSTART", event.starts_at), ("DTEND", event.ends_at)):
        naive = entry[name].dt.replace(tzinfo=None)
        assert naive.replace(tzinfo=defined.to_tz(lookup_tzid=False)).astimezone(UTC) == time.astimezone(UTC)
    assert mail["Subject"] == "Kitchens meets: A call"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "24 Mar 2035, 10:00" in mail.get_body(("plain",)).get_content()

    own(group, "join", cast.rita)
    event = meet(group, cast.alice, event, place="Joensuu")
    changed = sent()
    assert brief(changed) == [("bob", "REQUEST", 1), ("carlos", "REQUEST", 1), ("rita", "REQUEST", 1)]
    assert changed[0][-1]["Subject"] == "A meeting of Kitchens has changed: A call"
    meet(group, cast.alice, event)
    assert brief(sent()) == []  # nothing was new
    own(group, "leave", cast.rita)
    gathering.cancel_event(event=event, by=cast.alice)
    cancelled = sent()
    assert brief(cancelled) == [("bob", "CANCEL", 2), ("carlos", "CANCEL", 2)]
    assert cancelled[0][-1]["Subject"] == "A meeting of Kitchens is cancelled: A call"
    assert {str(one["STATUS"]) for *_, one, _calendar, _mail in cancelled} == {"CANCELLED"}
    everything = [*invited, *changed, *cancelled]
    assert {str(one["UID"]) for *_, one, _calendar, _mail in everything} == {f"{event.uid}@network.example"}


def test_what_was_overtaken_is_not_sent_any_more(cast, group, sent):
    event = meet(group, cast.alice)
    event = meet(group, cast.alice, event, place="Joensuu")
    assert brief(sent()) == [("bob", "REQUEST", 1), ("carlos", "REQUEST", 1)]
    event = meet(group, cast.alice, event, place="Kuopio")
    gathering.cancel_event(event=event, by=cast.alice)
    assert brief(sent()) == [("bob", "CANCEL", 3), ("carlos", "CANCEL", 3)]
    assert Message.objects.filter(kind="conversations.meeting", state="suppressed").count() == 4


@pytest.mark.parametrize("end", ["left", "removed", "muted", "digest", "blocked", "hidden", "over"])
def test_meeting_that_is_not_for_somebody_any_more_is_not_sent(end, cast, group, sent, time_machine):
    meet(group, cast.alice)
    if end == "left":
        own(group, "leave", cast.bob)
    elif end == "removed":
        keeper(group, "remove", cast.bob, cast.alice)
    elif end == "muted":
        choose_way(user=cast.bob, thing=group, choice="mute")
    elif end == "digest":
        Delivery.objects.filter(user=cast.bob).update(groups="digest")
    elif end == "blocked":
        block_person(person=cast.alice, by=cast.bob)
    elif end == "hidden":
        Group.objects.update(hidden_at=timezone.now())
    else:
        time_machine.move_to(timezone.now() + timedelta(days=8))
    others = [] if end in {"hidden", "over"} else ["carlos"]
    assert [to for to, *_ in sent()] == others


def test_keepers_change_reaches_the_planner_and_everybody_whatever_is_between_them(cast, group, sent):
    event = meet(group, cast.bob)
    assert brief(sent()) == [("alice", "REQUEST", 0), ("carlos", "REQUEST", 0)]
    block_person(person=cast.alice, by=cast.carlos)
    event = meet(group, cast.alice, event, place="Joensuu")
    assert brief(sent()) == [("bob", "REQUEST", 1), ("carlos", "REQUEST", 1)]
    unblock_person(person=cast.alice, by=cast.carlos)
    erase_person(user=cast.bob, by=cast.bob)
    gathering.cancel_event(event=fresh(event), by=cast.alice)
    assert brief(sent()) == [("carlos", "CANCEL", 2)]


@pytest.mark.parametrize(
    ("way", "mails", "entries"),
    [("at_once", 1, 0), ("digest", 0, 1), ("never", 0, 0), (None, 0, 1), ("muted", 0, 0)],
)
def test_meetings_reach_people_as_they_choose(way, mails, entries, cast, group):
    if way == "muted":
        choose_way(user=cast.bob, thing=group, choice="mute")
    elif way:
        Delivery.objects.filter(user=cast.bob).update(groups=way)
    else:
        Delivery.objects.filter(user=cast.bob).delete()
    event = meet(group, cast.alice)
    for number in (1, 2):  # once for each edition
        assert Message.objects.filter(kind="conversations.meeting", user=cast.bob).count() == mails * number
        assert Entry.objects.filter(person=cast.bob, verb="group_meets").count() == entries * number
        event = meet(group, cast.alice, event, place="Joensuu")


@pytest.mark.parametrize("act", ["change", "cancel"])
def test_what_is_over_stays_as_it_was(act, cast, group, time_machine):
    event = meet(group, cast.alice)
    time_machine.move_to(timezone.now() + timedelta(days=8))
    acts = {
        "change": lambda: meet(group, cast.alice, event, place="Joensuu"),
        "cancel": lambda: gathering.cancel_event(event=event, by=cast.alice),
    }
    with pytest.raises(ValidationError, match="This is over already"):
        acts[act]()


# Pages and feeds -----------------------------------------------------------------------------------------------------


def test_cancelling_asks_first(cast, group, client):
    event = meet(group, cast.bob)
    place = reverse("conversations:event_cancel", args=[event.pk])
    for name, code in (("carlos", 403), ("bob", 200), ("alice", 200), ("rita", 404)):
        client.force_login(getattr(cast, name))
        answer = client.get(place)
        assert answer.status_code == code, name
        assert ("All in the group are told" in answer.text) == (code == 200)
    assert fresh(event).cancelled_at is None
    client.force_login(cast.bob)
    answer = client.post(place, follow=True)
    assert "It is cancelled, and the others in the group are told." in answer.text
    assert fresh(event).cancelled_at
    assert "It is cancelled." in client.post(place, follow=True).text


def test_own_calendar_carries_the_meetings_of_ones_groups(cast, group, client):
    event = meet(group, cast.alice)
    gathering.cancel_event(event=meet(group, cast.alice, title="Gone"), by=cast.alice)

    def feed_of(person):
        answer = client.get(reverse("exchanges:own_calendar", args=[feed_token(person)]))
        return [(str(one["SUMMARY"]), str(one["UID"])) for one in Calendar.from_ical(answer.content).walk("VEVENT")]

    one = [("A call · Kitchens", f"{event.uid}@network.example")]
    assert [feed_of(person) for person in (cast.alice, cast.carlos, cast.rita, cast.ada)] == [one, one, [], []]
    own(group, "leave", cast.carlos)
    assert feed_of(cast.carlos) == []
    Group.objects.update(hidden_at=timezone.now())
    assert feed_of(cast.alice) == []


# Digest --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def digest_of(cast, group, subscribe):
    """Return a function that gives the text of Carlos's digest as it would be sent now; None where it would be empty."""
    Delivery.objects.filter(user=cast.carlos).update(groups="digest")
    subscribe(cast.carlos, sections=[], confirmed_no=number_entries())

    def read():
        subscription = Subscription.objects.get(user=cast.carlos)
        (selection,) = select_for([subscription], highest=number_entries())
        message = build_message(subscription, selection, 0, key="x", now=timezone.now())
        mail = preview_digest(message, subscription)
        return mail and " ".join(bytes(mail.text).decode().split())

    return read


def test_digest_tells_once_when_a_group_meets_as_it_is_planned_now(cast, group, digest_of, at):
    at("2027-12-01 10:00")
    starts = datetime(2028, 7, 3, 10, tzinfo=HELSINKI)
    event = meet(group, cast.alice, starts_at=starts, ends_at=starts + timedelta(hours=1))
    event = meet(group, cast.alice, event, starts_at=starts - timedelta(hours=1))
    text = digest_of()
    assert text.count("A call") == 1
    for part in ("Kitchens", "It meets on 3 Jul 2028, 09:00 (Europe/Helsinki)."):
        assert part in text
    gathering.cancel_event(event=event, by=cast.alice)
    assert "Cancelled: it does not meet on 3 Jul 2028, 09:00 (Europe/Helsinki)." in digest_of()
    Subscription.objects.filter(user=cast.carlos).update(confirmed_no=number_entries())
    assert digest_of() is None


@pytest.mark.parametrize("end", ["left", "muted", "blocked", "hidden", "over"])
def test_digest_leaves_out_meetings_that_are_not_for_the_reader_any_more(end, cast, group, digest_of):
    meet(group, cast.alice)
    assert digest_of()
    if end == "left":
        own(group, "leave", cast.carlos)
    elif end == "muted":
        choose_way(user=cast.carlos, thing=group, choice="mute")
    elif end == "blocked":
        block_person(person=cast.carlos, by=cast.alice)
    elif end == "hidden":
        Group.objects.update(hidden_at=timezone.now())
    else:
        GroupEvent.objects.update(starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now())
    assert digest_of() is None
