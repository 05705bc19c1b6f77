"""Sessions in calendars: each invitation is read again by icalendar, as the calendar programs of the invited do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from icalendar import Calendar

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.exchanges import ending, outcomes, services, working
from exchange.exchanges.models import Exchange, Invitee
from exchange.exchanges.reminding import remind
from exchange.exchanges.working import at
from practices.sharing.feeds import feed_token
from tests.exchange.exchanging import answer, day, facts, led_to, party, propose
from tests.exchange.invitations import send_invitations
from tests.practices.acts import fresh

pytestmark = pytest.mark.django_db


def meeting(exchange, by, *, starts="2035-03-24 09:00", ends="2035-03-24 16:30", zone="Europe/Helsinki", **changes):
    """Plan a session at times of the clock in a zone."""
    times = {
        name: at(datetime.strptime(text, "%Y-%m-%d %H:%M"), ZoneInfo(zone))  # noqa: DTZ007 - the zone is the next thing
        for name, text in (("starts_at", starts), ("ends_at", ends))
    }
    said = {"title": "Kitchen tour", "time_zone": zone, "place": "Lahti, Satamakatu 4", "link": ""} | times | changes
    return working.add_session(exchange=exchange, facts=said, by=by)


@pytest.fixture
def sent(smtp):
    """Return a function that sends what waits, and returns (to, method, event, calendar) of each new invitation."""
    return lambda: [one[:4] for one in send_invitations(smtp)]


def brief(found):
    return [(to, method, int(event["SEQUENCE"])) for to, method, event, _calendar in found]


CARLOS, ALICE, BOB = (f"{name}@city.example" for name in ("carlos", "alice", "bob"))


def test_invitation_goes_out_once_it_is_agreed_and_updates_and_cancellations_follow(cast, sent):
    exchange = propose(cast)
    session = meeting(exchange, cast.alice)
    assert brief(sent()) == []
    answer(exchange, cast.pontevedra, cast.carlos)
    invited = sent()
    assert brief(invited) == [(ALICE, "REQUEST", 0), (CARLOS, "REQUEST", 0)]
    _to, _method, event, calendar = invited[0]
    assert str(event["UID"]) == f"{session.uid}@network.example"
    assert event["DTSTART"].dt == datetime(2035, 3, 24, 9, tzinfo=ZoneInfo("Europe/Helsinki"))
    assert event["DTEND"].dt.astimezone(UTC) == datetime(2035, 3, 24, 14, 30, tzinfo=UTC)
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Kitchen tour · School meals", "Lahti, Satamakatu 4")
    assert sorted(str(one) for one in event["ATTENDEE"]) == [f"mailto:{ALICE}", f"mailto:{CARLOS}"]
    assert {one.params["CN"] for one in event["ATTENDEE"]} == {"Alice", "Carlos"}
    assert str(event["ORGANIZER"]).startswith("mailto:")
    assert [str(one["TZID"]) for one in calendar.walk("VTIMEZONE")] == ["Europe/Helsinki"]
    assert str(event["STATUS"]) == "CONFIRMED"

    changed = working.change_session(
        session=session, facts={"starts_at": session.starts_at + timedelta(hours=1)}, sequence=0, by=cast.carlos
    )
    updates = sent()
    assert brief(updates) == [(ALICE, "REQUEST", 1), (CARLOS, "REQUEST", 1)]
    assert {str(event["UID"]) for *_, event, _calendar in updates} == {f"{session.uid}@network.example"}
    working.change_session(session=changed, facts={"title": "Kitchen tour"}, sequence=1, by=cast.carlos)
    assert brief(sent()) == []  # nothing was new

    working.cancel_session(session=fresh(session), by=cast.alice)
    cancelled = sent()
    assert brief(cancelled) == [(ALICE, "CANCEL", 2), (CARLOS, "CANCEL", 2)]
    assert {str(event["STATUS"]) for *_, event, _calendar in cancelled} == {"CANCELLED"}
    assert not Invitee.objects.exists()


def test_who_joins_is_invited_and_who_goes_loses_it(cast, sent):
    exchange = led_to("agreed", cast)
    meeting(exchange, cast.alice)
    sent()
    ours = party(exchange, cast.lahti)
    working.choose_people(party=ours, people=[cast.bob], person=cast.bob, by=cast.alice)
    assert brief(sent()) == [(ALICE, "CANCEL", 0), (BOB, "REQUEST", 0)]
    working.choose_people(party=ours, people=[cast.bob, cast.alice], person=cast.bob, by=cast.alice)
    assert brief(sent()) == [(ALICE, "REQUEST", 0)]
    with pytest.raises(ValidationError):
        working.choose_people(party=ours, people=[cast.carlos], person=None, by=cast.alice)


def test_what_was_overtaken_is_not_sent_any_more(cast, sent):
    exchange = led_to("agreed", cast)
    session = meeting(exchange, cast.alice)
    session = working.change_session(session=session, facts={"title": "Other"}, sequence=0, by=cast.alice)
    with pytest.raises(working.StaleSessionError):
        working.change_session(session=session, facts={"title": "Third"}, sequence=0, by=cast.carlos)
    assert brief(sent()) == [(ALICE, "REQUEST", 1), (CARLOS, "REQUEST", 1)]
    ending.cancel_exchange(exchange=exchange, reason="Floods.", by=cast.carlos)
    assert brief(sent()) == [(ALICE, "CANCEL", 2), (CARLOS, "CANCEL", 2)]


def test_while_a_change_waits_for_an_answer_sessions_go_on(cast, sent):
    exchange = led_to("agreed", cast)
    session = meeting(exchange, cast.alice)
    sent()
    services.change_exchange(
        exchange=exchange, format_="study_visit", facts=facts(costs="host"), edition=1, by=cast.alice
    )
    working.change_session(session=session, facts={"title": "Later"}, sequence=0, by=cast.alice)
    invited = sent()
    assert brief(invited) == [(ALICE, "REQUEST", 1), (CARLOS, "REQUEST", 1)]
    assert {str(event["STATUS"]) for *_, event, _calendar in invited} == {"CONFIRMED"}
    answer(exchange, cast.pontevedra, cast.carlos)
    assert brief(sent()) == []


@pytest.mark.parametrize(
    ("zone", "before", "after", "hours"),
    [
        ("Europe/Helsinki", "2035-03-24 20:00", "2035-03-25 08:00", 11),  # clocks are put forward in that night
        ("Europe/Helsinki", "2035-10-27 20:00", "2035-10-28 08:00", 13),  # and back in this one
        ("America/New_York", "2035-03-10 20:00", "2035-03-11 08:00", 11),
        ("Pacific/Auckland", "2035-09-29 20:00", "2035-09-30 08:00", 11),
        ("Asia/Kathmandu", "2035-03-24 20:00", "2035-03-25 08:00", 12),
    ],
)
def test_a_night_in_which_clocks_change(zone, before, after, hours, cast, sent):
    """The times of the clock stay what they are, and the definition of the zone in the file says so too."""
    exchange = led_to("agreed", cast)
    session = meeting(exchange, cast.alice, starts=before, ends=after, zone=zone)
    assert session.ends_at - session.starts_at == timedelta(hours=hours)
    _to, _method, event, calendar = sent()[0]
    written = [event[name].to_ical().decode() for name in ("DTSTART", "DTEND")]
    assert written == [f"{text.replace('-', '').replace(' ', 'T').replace(':', '')}00" for text in (before, after)]
    assert {str(event[name].params["TZID"]) for name in ("DTSTART", "DTEND")} == {zone}
    (defined,) = calendar.walk("VTIMEZONE")
    for name, time in (("DTSTART", session.starts_at), ("DTEND", session.ends_at)):
        naive = event[name].dt.replace(tzinfo=None)
        assert naive.replace(tzinfo=defined.to_tz(lookup_tzid=False)).astimezone(UTC) == time.astimezone(UTC)


def test_times_that_do_not_come_are_refused_and_of_two_the_first_is_meant():
    helsinki = ZoneInfo("Europe/Helsinki")
    with pytest.raises(ValidationError, match="put forward"):
        at(datetime(2035, 3, 25, 3, 30), helsinki)  # noqa: DTZ001 - as it is typed
    assert at(datetime(2035, 10, 28, 3, 30), helsinki).astimezone(UTC) == datetime(2035, 10, 28, 0, 30, tzinfo=UTC)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"starts": "2035-03-24 09:00", "ends": "2035-03-24 09:00"}, "ends_at"),
        ({"starts": "2035-03-24 09:00", "ends": "2035-03-25 12:00"}, "ends_at"),
        ({"starts": "2020-03-27 09:00", "ends": "2020-03-27 12:00"}, "starts_at"),
        ({"title": "x" * 101}, "title"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_cannot_be_planned(times, field, cast):
    exchange = led_to("agreed", cast)
    with pytest.raises(ValidationError) as error:
        meeting(exchange, cast.alice, **times)
    assert set(error.value.message_dict) == {field}


def test_words_cannot_add_lines_to_an_invitation(cast, sent):
    exchange = led_to("agreed", cast)
    cast.carlos.name = 'Carlos";X-EVIL=1:\r\nATTENDEE:mailto:evil@evil.example'
    cast.carlos.save()
    evil = "Tour\r\nATTENDEE:mailto:evil@evil.example\nEND:VEVENT; , \\ ü"
    meeting(exchange, cast.alice, place=evil)
    for _to, _method, event, calendar in sent():
        assert str(event["LOCATION"]).replace("\r\n", "\n") == evil.replace("\r\n", "\n")
        assert sorted(str(one) for one in event["ATTENDEE"]) == [f"mailto:{ALICE}", f"mailto:{CARLOS}"]
        assert len(calendar.walk("VEVENT")) == 1


def test_feed_has_what_somebody_takes_part_in_and_the_file_one_session(cast, client):
    exchange, other = led_to("agreed", cast), propose(cast, title="Only proposed")
    session = meeting(exchange, cast.alice)
    meeting(other, cast.alice, title="Maybe")
    gone = meeting(exchange, cast.alice, title="Gone")
    working.cancel_session(session=gone, by=cast.alice)

    def feed_of(person):
        answer = client.get(reverse("exchanges:own_calendar", args=[feed_token(person)]))
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        return sorted((str(one["SUMMARY"]), str(one["STATUS"])) for one in events)

    both = [("Kitchen tour · School meals", "CONFIRMED"), ("Maybe · Only proposed", "TENTATIVE")]
    assert feed_of(cast.alice) == feed_of(cast.carlos) == both
    assert feed_of(cast.bob) == feed_of(cast.kaisa) == []  # they take part in nothing
    ending.cancel_exchange(exchange=other, reason="No.", by=cast.alice)
    assert feed_of(cast.alice) == both[:1]

    client.force_login(cast.rita)
    answer = client.get(reverse("exchanges:session_file", args=[session.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kitchen-tour.ics"'
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["UID"]) == f"{session.uid}@network.example"
    assert "ATTENDEE" not in event
    assert client.get(reverse("exchanges:session_file", args=[gone.pk])).status_code == 404


# Reminders ------------------------------------------------------------------------------------------------------------


def reminded(kind="exchanges.reminder", **payload):
    found = Message.objects.filter(kind=kind, **{f"payload__{name}": value for name, value in payload.items()})
    return sorted(found.values_list("recipient", flat=True))


def test_proposal_is_reminded_of_after_three_and_after_seven_days_and_only_then(cast, time_machine):
    exchange = propose(cast)
    for days, expected in ((2.9, []), (3, [3]), (5, [3]), (6.9, [3]), (7, [3, 7]), (20, [3, 7]), (60, [3, 7])):
        time_machine.move_to(exchange.proposed_at + timedelta(days=days, minutes=1), tick=False)
        remind()
        remind()
        rows = Message.objects.filter(kind="exchanges.proposal").exclude(payload__days=0).order_by("pk")
        assert [one.payload["days"] for one in rows] == expected, days
        assert {one.recipient for one in rows} <= {CARLOS}


def test_session_is_reminded_of_two_days_before_it(cast, time_machine):
    exchange = led_to("agreed", cast)
    session = meeting(exchange, cast.alice)
    time_machine.move_to(session.starts_at - timedelta(days=2, minutes=1), tick=False)
    remind()
    assert reminded() == []
    time_machine.move_to(session.starts_at - timedelta(days=2), tick=False)
    remind()
    remind()
    assert reminded(what="session") == [ALICE, CARLOS]
    time_machine.move_to(session.starts_at - timedelta(days=1), tick=False)
    assert meeting(exchange, cast.alice, title="At short notice")
    remind()
    assert reminded(what="session") == [ALICE, CARLOS]  # of what they have just heard of, nobody is reminded


def test_report_is_asked_for_a_week_after_the_last_day(cast, time_machine):
    exchange = led_to("running", cast)
    both = [ALICE, CARLOS]
    for days, expected in ((6, []), (7, both), (27, both), (28, [ALICE, *both, CARLOS]), (29, [ALICE, *both, CARLOS])):
        time_machine.move_to(
            datetime.combine(exchange.ends_on, datetime.min.time(), UTC) + timedelta(days=days, hours=12)
        )
        remind()
        assert reminded(what="report") == expected, days


def test_task_is_told_when_it_is_given_and_reminded_of_before_its_day_and_after_it(cast, time_machine):
    exchange = led_to("agreed", cast)
    said = {"exchange": exchange, "is_milestone": False, "due_on": day(9), "by": cast.alice}
    task = working.add_task(what="Book rooms", who=cast.carlos, **said)
    done = working.add_task(what="Call them", who=cast.carlos, **said)
    working.tick_task(task=done, done=True, by=cast.carlos)
    own = working.add_task(what="Buy shoes", who=cast.alice, **said | {"due_on": None})
    working.add_task(what="Nobody’s", who=None, **said)
    milestone = working.add_task(what="First kitchen", who=None, **said | {"is_milestone": True})
    assert reminded(what="task") == [CARLOS, CARLOS]
    assert not Message.objects.filter(payload__task=own.pk).exists()  # whoever gives it to themselves knows
    now = exchange.agreed_at
    for days, expected in ((5, []), (6, ["soon"]), (9, ["soon"]), (10, ["soon", "overdue"]), (20, ["soon", "overdue"])):
        time_machine.move_to(now + timedelta(days=days), tick=False)
        remind()
        remind()
        rows = Message.objects.filter(payload__task=task.pk).exclude(payload__when="new").order_by("pk")
        assert [(one.recipient, one.payload["when"]) for one in rows] == [(CARLOS, when) for when in expected]
    assert reminded(task=milestone.pk) == [ALICE, ALICE, CARLOS, CARLOS]
    assert reminded(task=done.pk) == [CARLOS]


def test_feedback_is_asked_for_after_a_week_of_whoever_has_given_none(cast, time_machine):
    exchange = led_to("completed", cast)
    outcomes.give_feedback(party=party(exchange, cast.lahti), useful=5, text="", by=cast.alice)
    for days, expected in ((6, []), (7, [CARLOS]), (12, [CARLOS])):
        time_machine.move_to(exchange.ended_at + timedelta(days=days, minutes=1), tick=False)
        remind()
        assert reminded(what="feedback") == expected


def test_recommendation_is_asked_about_on_its_day(cast, smtp, time_machine):
    exchange = led_to("completed", cast)
    Message.objects.all().delete()
    for days, expected in ((89, []), (91, [ALICE, CARLOS]), (95, [ALICE, CARLOS])):
        time_machine.move_to(exchange.ended_at + timedelta(days=days), tick=False)
        remind()
        assert reminded(what="recommendation") == expected
    Message.objects.filter(payload__what="feedback").delete()
    Sender().run()
    assert {str(one["Subject"]) for one in smtp.messages} == {"What became of it? School meals"}
    assert "Buy nearer. (Kitchens)" in smtp.messages[0].get_body(("plain",)).get_content()


def test_half_a_year_later_open_recommendations_are_asked_about(cast, time_machine):
    exchange = led_to("completed", cast)
    time_machine.move_to(exchange.ended_at + timedelta(days=181))
    remind()
    assert reminded() == []
    time_machine.move_to(exchange.ended_at + timedelta(days=183))
    remind()
    remind()
    assert reminded(what="follow_up") == [ALICE, CARLOS]


def test_reminder_that_is_settled_meanwhile_is_not_sent(cast, smtp, time_machine):
    exchange = led_to("running", cast)
    Exchange.objects.update(ends_on=day(-8), starts_on=day(-10))
    remind()
    ending.complete_exchange(exchange=exchange, report="Done.", no_outcome="Too early.", by=cast.alice)
    Sender().run()
    states = Message.objects.filter(kind="exchanges.reminder").values_list("state", flat=True)
    assert set(states) == {"suppressed"}
    assert len(states) == 2


def test_calendar_part_is_the_last_of_the_alternatives(cast, smtp):
    meeting(led_to("agreed", cast), cast.alice)
    Sender().run()
    mail = next(one for one in smtp.messages if "Invitation" in str(one["Subject"]))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    assert [part.defects for part in mail.walk()] == [[]] * 4
    assert "09:00" in mail.get_body(("plain",)).get_content() or "9:00" in mail.get_body(("plain",)).get_content()
