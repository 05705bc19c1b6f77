"""Inside an exchange: what is sent twice stands once, what was wrong can be mended, and whoever may not write cannot."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message
from exchange.exchanges import agreeing, ending, outcomes, services, working
from exchange.exchanges.models import Exchange, Outcome, Task
from exchange.moderation.services import decide_case, report_thing
from exchange.moderation.silences import PERSON
from exchange.peers import introducing
from exchange.peers import services as peers
from exchange.peers.models import Notice
from practices.uptake.services import record_uptake
from tests.exchange.exchanging import answer, day, facts, led_to, party, propose
from tests.exchange.invitations import send_invitations
from tests.exchange.notices import notice
from tests.factories import MemberRoleFactory
from tests.practices.acts import fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def session_facts(**changes):
    soon = timezone.now().replace(microsecond=0) + timedelta(days=31)
    said = {"title": "Tour", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "Europe/Helsinki"}
    return said | {"place": "Lahti", "link": ""} | changes


def outcome(exchange, by, **changes):
    said = {"kind": "recommendation", "text": "Buy nearer.", "publication": None, "who": "", "due_on": None} | changes
    return outcomes.add_outcome(exchange=exchange, by=by, **said)


def task(exchange, by, **changes):
    said = {"what": "Book rooms", "who": None, "due_on": None, "is_milestone": False} | changes
    return working.add_task(exchange=exchange, by=by, **said)


@pytest.mark.django_db(transaction=True)
def test_a_proposal_sent_twice_at_the_same_moment_is_one(cast):
    first, second = at_once(lambda: propose(cast), lambda: propose(cast))
    assert first == second
    assert Message.objects.filter(kind="exchanges.proposal").count() == 1
    assert propose(cast, title="Another") != first
    assert propose(cast, partners=[cast.pontevedra], member=cast.lahti, by=cast.bob) != first  # somebody else


def test_what_is_sent_twice_inside_an_exchange_stands_once(cast, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    exchange = led_to("running", cast)

    def upload():
        return SimpleUploadedFile("plan.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")

    acts = [
        lambda: working.add_session(exchange=exchange, facts=session_facts(), by=cast.alice),
        lambda: task(exchange, cast.alice),
        lambda: working.add_note(exchange=exchange, text="Bring boots.", by=cast.alice),
        lambda: working.add_file(exchange=exchange, upload=upload(), by=cast.alice),
        lambda: outcome(exchange, cast.alice),
    ]
    for act in acts:
        assert act() == act()
    counts = [getattr(exchange, name).count() for name in ("sessions", "tasks", "notes", "attachments", "outcomes")]
    assert counts == [1] * 5
    working.add_note(exchange=exchange, text="Bring boots.", by=cast.carlos)
    assert exchange.notes.count() == 2  # said by somebody else it is something else


def test_whoever_may_write_to_nobody_writes_nothing_in_asks_and_exchanges(cast, publish):
    theirs = publish(cast.lahti)
    running, proposed = led_to("running", cast), propose(cast, title="Second")
    mine = notice(cast.pontevedra, cast.carlos, "offer")
    session = working.add_session(exchange=running, facts=session_facts(), by=cast.carlos)
    what, said = task(running, cast.carlos), outcome(running, cast.carlos)
    ended = led_to("completed", cast, title="Third")
    case = report_thing(reportable=PERSON, thing=cast.carlos, reason="Rude.", by=cast.alice)
    decide_case(case=case, verdict="hide", reason="Rude.", by=cast.eva)
    mine_now = {"facts": {"title": "Other"}, "topics": [], "pathways": [], "edition": 1}
    refused = [
        lambda: propose(cast, member=cast.pontevedra, partners=[cast.lahti], by=cast.carlos, title="New"),
        lambda: services.change_exchange(exchange=proposed, format_="call", facts=facts(), edition=1, by=cast.carlos),
        lambda: agreeing.leave_exchange(party=party(running, cast.pontevedra), reason="No.", by=cast.carlos),
        lambda: ending.complete_exchange(exchange=running, report="Well.", no_outcome="", by=cast.carlos),
        lambda: ending.cancel_exchange(exchange=running, reason="No.", by=cast.carlos),
        lambda: working.add_session(exchange=running, facts=session_facts(title="X"), by=cast.carlos),
        lambda: working.change_session(session=session, facts={"title": "X"}, sequence=0, by=cast.carlos),
        lambda: task(running, cast.carlos, what="X"),
        lambda: working.change_task(task=what, what="X", who=None, due_on=None, is_milestone=False, by=cast.carlos),
        lambda: working.add_note(exchange=running, text="X", by=cast.carlos),
        lambda: working.add_file(exchange=running, upload=SimpleUploadedFile("x.pdf", b"%PDF-1.4"), by=cast.carlos),
        lambda: outcome(running, cast.carlos, text="X"),
        lambda: outcomes.change_outcome(
            outcome=said, kind="new_project", text="X", publication=None, who="", due_on=None, by=cast.carlos
        ),
        lambda: outcomes.give_feedback(party=party(ended, cast.pontevedra), useful=1, text="X", by=cast.carlos),
        lambda: notice(cast.pontevedra, cast.carlos, "ask", publication=theirs),
        lambda: peers.change_notice(notice=mine, by=cast.carlos, **mine_now),
        lambda: peers.reopen_notice(notice=mine, closes_on=day(20), edition=1, by=cast.carlos),
    ]
    for act in refused:
        with pytest.raises(ValidationError, match="cannot write to others"):
            act()
    answer(proposed, cast.pontevedra, cast.carlos, agrees=False)  # no words
    assert (Exchange.objects.count(), Notice.objects.count()) == (3, 1)


def test_coordinator_who_may_write_to_nobody_introduces_nobody(cast):
    case = report_thing(reportable=PERSON, thing=cast.kaisa, reason="Rude.", by=cast.alice)
    decide_case(case=case, verdict="hide", reason="Rude.", by=cast.ada)
    with pytest.raises(ValidationError, match="cannot write to others"):
        introducing.introduce_members(member=cast.lahti, peer=cast.pontevedra, note="You two.", by=cast.kaisa)


# Tasks ----------------------------------------------------------------------------------------------------------------


def test_tasks_are_changed_and_removed_by_those_who_take_part(cast, client):
    exchange = led_to("running", cast)
    one = task(exchange, cast.alice, who=cast.alice)
    client.force_login(cast.carlos)
    address = reverse("exchanges:task_edit", args=[one.pk])
    assert 'value="Book rooms"' in client.get(address).text
    client.post(address, {"what": "Book two rooms", "who": cast.carlos.pk, "due_on": day(5).isoformat()})
    one = fresh(one)
    assert (one.what, one.who, one.due_on) == ("Book two rooms", cast.carlos, day(5))
    working.change_task(task=one, what="Book", who=cast.alice, due_on=day(5), is_milestone=False, by=cast.carlos)
    told = Message.objects.filter(kind="exchanges.reminder", user=cast.alice)
    assert [one.payload["when"] for one in told] == ["new"]  # not whoever gave it to themselves
    with pytest.raises(PermissionDenied):
        working.remove_task(task=one, by=cast.rita)
    client.post(reverse("exchanges:task_remove", args=[one.pk]))
    assert not Task.objects.exists()
    with pytest.raises(ValidationError, match="no longer there"):
        working.tick_task(task=one, done=True, by=cast.alice)


def test_tasks_are_for_those_who_take_part_and_for_days_to_come(cast):
    exchange = led_to("running", cast)
    with pytest.raises(ValidationError, match="takes part"):
        task(exchange, cast.alice, who=cast.bob)
    with pytest.raises(ValidationError, match="has passed"):
        task(exchange, cast.alice, due_on=day(-1))


# Notes and sessions ---------------------------------------------------------------------------------------------------


def test_a_note_is_removed_after_a_question_by_its_author_and_those_who_run_it(cast, client):
    exchange = led_to("running", cast)
    note = working.add_note(exchange=exchange, text="Wrong", by=cast.carlos)
    client.force_login(cast.carlos)
    address = reverse("exchanges:note_remove", args=[note.pk])
    assert "Remove the note?" in client.get(address).text
    assert exchange.notes.exists()
    client.post(address)
    assert not exchange.notes.exists()


def test_whoever_changes_a_session_that_was_changed_meanwhile_sees_how_it_is_and_can_save_again(cast, client):
    exchange = led_to("running", cast)
    session = working.add_session(exchange=exchange, facts=session_facts(), by=cast.alice)
    client.force_login(cast.carlos)
    address = reverse("exchanges:session_edit", args=[session.pk])
    typed = {"title": "Mine", "day": day(40).isoformat(), "starts": "10:00", "ends": "11:00", "time_zone": "UTC"}
    working.change_session(session=session, facts={"title": "Theirs"}, sequence=0, by=cast.alice)
    shown = client.post(address, typed | {"sequence": "0"}).text
    assert "It says now: Theirs" in shown
    assert 'value="Mine"' in shown
    assert 'name="sequence" value="1"' in shown
    client.post(address, typed | {"sequence": "1"})
    assert (fresh(session).title, fresh(session).sequence) == ("Mine", 2)


def test_a_session_is_cancelled_after_a_question(cast, client):
    exchange = led_to("running", cast)
    session = working.add_session(exchange=exchange, facts=session_facts(), by=cast.alice)
    client.force_login(cast.carlos)
    address = reverse("exchanges:session_cancel", args=[session.pk])
    assert "Cancel the session?" in client.get(address).text
    assert fresh(session).cancelled_at is None
    client.post(address)
    assert fresh(session).cancelled_at


def test_a_moved_session_is_said_to_be_changed_with_the_readers_own_time_and_a_newer_stamp(cast, smtp):
    exchange = led_to("agreed", cast)
    session = working.add_session(exchange=exchange, facts=session_facts(), by=cast.alice)
    for person, zone in ((cast.carlos, "America/New_York"), (cast.alice, "Europe/Helsinki")):
        person.time_zone = zone
        person.save()
    first = {to: event for to, _method, event, *_ in send_invitations(smtp)}
    theirs = party(exchange, cast.pontevedra)
    colleague = MemberRoleFactory(member=cast.pontevedra, role="reader").user
    working.choose_people(party=theirs, people=[colleague], person=None, by=cast.carlos)
    working.choose_people(party=theirs, people=[cast.carlos], person=None, by=cast.carlos)
    ((_to, _method, again, *_),) = [one for one in send_invitations(smtp) if one[1] == "REQUEST"]
    assert int(again["SEQUENCE"]) == 0
    sent_last = Message.objects.filter(kind="exchanges.invitation", user=cast.carlos).order_by("-pk")[0]
    assert again["DTSTAMP"].dt == sent_last.created_at.replace(microsecond=0)
    assert again["DTSTAMP"].dt >= first["carlos@city.example"]["DTSTAMP"].dt
    later = session.starts_at + timedelta(minutes=30)
    working.change_session(session=session, facts={"starts_at": later}, sequence=0, by=cast.alice)
    mails = {to: mail for to, *_, mail in send_invitations(smtp)}
    assert mails["carlos@city.example"]["Subject"] == "Changed: Tour (School meals)"
    text = {to: mail.get_body(("plain",)).get_content() for to, mail in mails.items()}
    assert "For you:" in text["carlos@city.example"]
    assert "For you:" not in text["alice@city.example"]


# Outcomes -------------------------------------------------------------------------------------------------------------


def test_outcomes_are_corrected_and_taken_back(cast, client, publish):
    exchange = led_to("running", cast)
    theirs = publish(cast.lahti)
    with pytest.raises(ValidationError, match="which practice"):
        outcome(exchange, cast.carlos, kind="taken_up", text="We cook.")
    one = outcome(exchange, cast.carlos)
    client.force_login(cast.carlos)
    address = reverse("exchanges:outcome_edit", args=[one.pk])
    assert "Buy nearer." in client.get(address).text
    client.post(address, {"kind": "taken_up", "text": "We cook.", "publication": theirs.pk})
    assert (fresh(one).kind, fresh(one).publication) == ("taken_up", theirs)
    assert "Record what you took up" in client.get(exchange.get_absolute_url()).text
    client.force_login(cast.alice)  # whose own practice it is
    assert "Record what you took up" not in client.get(exchange.get_absolute_url()).text
    record_uptake(
        publication=theirs, member=cast.pontevedra, state="considering", since=None, facts={"language": "en"},
        by=cast.carlos,
    )  # fmt: skip
    client.force_login(cast.carlos)
    assert "Your record of it" in client.get(exchange.get_absolute_url()).text
    client.post(reverse("exchanges:outcome_remove", args=[one.pk]))
    assert not Outcome.objects.exists()


def test_the_only_outcome_of_a_report_is_corrected_but_not_removed(cast):
    exchange = led_to("completed", cast)
    with pytest.raises(ValidationError, match="only outcome"):
        outcomes.remove_outcome(outcome=exchange.outcomes.get(), by=cast.alice)
    outcome(exchange, cast.alice, text="Second")
    outcomes.remove_outcome(outcome=exchange.outcomes.first(), by=cast.alice)
    assert [one.text for one in exchange.outcomes.all()] == ["Second"]


@pytest.mark.parametrize(("by", "has_outcome", "met"), [
    ("alice", False, False), ("alice", True, True), ("carlos", False, True),
])  # fmt: skip
def test_an_ask_is_met_by_what_came_of_it_or_by_its_own_word(cast, by, has_outcome, met):
    ask = notice(cast.pontevedra, cast.carlos, "ask")
    exchange = led_to("running", cast, notice=ask)
    if has_outcome:
        outcome(exchange, cast.alice)
    ending.complete_exchange(
        exchange=exchange, report="We talked.", no_outcome="" if has_outcome else "Too early.", by=getattr(cast, by)
    )
    assert fresh(ask).is_open is not met


# Plans and pages ------------------------------------------------------------------------------------------------------


def test_an_agenda_stays_within_its_days_and_comes_back_with_its_format(cast):
    agenda = [{"day": 1, "time": "09:00", "what": "Tour", "who": ""}]
    with pytest.raises(ValidationError) as raised:
        propose(cast, plan={"agenda": [*agenda, {"day": 9, "time": "", "what": "Home", "who": ""}]})
    assert raised.value.message_dict == {"agenda": ["It has a day 9, but takes 3 days."]}
    exchange = propose(cast, plan={"agenda": agenda})
    for format_, ends in (("twinning", 90), ("study_visit", 32)):
        plan = {} if format_ == "twinning" else {"agenda": agenda}
        exchange = services.change_exchange(
            exchange=exchange, format_=format_, facts=facts(ends_on=day(ends), plan=plan), edition=exchange.edition,
            by=cast.alice,
        )  # fmt: skip
        assert exchange.plan["agenda"] == agenda


def test_forms_for_what_is_not_possible_yet_are_not_opened(cast, client):
    exchange = led_to("agreed", cast)
    client.force_login(cast.alice)
    for name, key in (("exchange_report", exchange.pk), ("outcome_add", exchange.pk),
                      ("feedback", party(exchange, cast.lahti).pk)):  # fmt: skip
        page = client.get(reverse(f"exchanges:{name}", args=[key]), follow=True)
        assert page.redirect_chain == [(exchange.get_absolute_url(), 302)]
        assert "The state is now: Agreed" in page.text


def test_a_cancelled_exchange_shows_only_the_steps_it_took(cast, client):
    exchange = led_to("cancelled", cast)
    client.force_login(cast.alice)
    assert "Running" not in client.get(exchange.get_absolute_url()).text
