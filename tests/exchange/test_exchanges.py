"""Exchanges: every act by everybody in every state, what a format asks for, and what happens at the same moment."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.connections.blocks import block_person
from exchange.conversations.messaging import write_post
from exchange.exchanges import agreeing, ending, outcomes, services, working
from exchange.exchanges.figures import read_figures
from exchange.exchanges.locking import StaleExchangeError
from exchange.exchanges.models import Exchange, Feedback, Invitee, Note, Outcome, Participant, Party, Session, Task
from exchange.exchanges.plans import TEMPLATES, check_plan, is_whole
from exchange.exchanges.talking import open_talk
from exchange.exchanges.transitions import TRANSITIONS
from exchange.peers import introducing
from exchange.peers.models import Format, Notice
from exchange.peers.services import close_overdue_notices, reopen_notice
from members.directory.merging import merge_member
from members.directory.models import Member
from members.directory.rules import forget_roles
from members.people.roles import remove_person
from tests.exchange.exchanging import STATES, answer, day, facts, led_to, party, propose
from tests.exchange.notices import notice
from tests.factories import MemberFactory, MemberRoleFactory, UserFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("rita", "bob", "alice", "carlos", "stranger", "xavier", "kaisa", "eva", "ada", "nora")
SIDES = {"alice", "bob", "carlos"}
# Acts of those who have agreed; Carlos has not in these states.
OF_AGREED = {"invite", "start", "complete", "cancel", "session", "outcome"}
UNANSWERED = {"proposed", "cancelled"}
ROOM = (Exchange, Party, Participant, Session, Task, Note, Outcome, Feedback, Entry, Message)


@pytest.fixture
def cast(cast):
    """Add a third member, in the office of one of the parties, with a liaison who must see nothing."""
    cast.third = MemberFactory(name_en="Third", slug="third", country="FR", office=cast.bonn)
    cast.stranger = UserFactory(email="stranger@third.example", name="Stranger")
    MemberRoleFactory(user=cast.stranger, member=cast.third, role="liaison")
    return cast


def everything():
    return [rows(model) for model in ROOM]


def told(what=None, kind="exchanges.news"):
    found = Message.objects.filter(kind=kind)
    found = found.filter(payload__what=what) if what else found
    return sorted(found.values_list("recipient", flat=True))


# Every act, by everybody, in every state ------------------------------------------------------------------------------


def change(exchange, by):
    return services.change_exchange(
        exchange=exchange, format_="study_visit", facts=facts(title="Other"), edition=fresh(exchange).edition, by=by
    )


def tell(exchange, by):
    return working.add_note(exchange=exchange, text="A note", by=by)


def add_task(exchange, by):
    return working.add_task(exchange=exchange, what="Book rooms", who=None, due_on=None, is_milestone=False, by=by)


def meet(exchange, by):
    soon = timezone.now() + timedelta(days=3)
    said = {"title": "Call", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
    return working.add_session(exchange=exchange, facts=said, by=by)


def add_outcome(exchange, by):
    return outcomes.add_outcome(
        exchange=exchange, kind="new_project", text="A bid", publication=None, who="", due_on=None, by=by
    )


def complete(exchange, by):
    return ending.complete_exchange(exchange=exchange, report="Done.", no_outcome="Too early.", by=by)


def cancel(exchange, by):
    return ending.cancel_exchange(exchange=exchange, reason="No time.", by=by)


OPEN = {"proposed", "agreed", "running"}
# Each act: who may, and from which states, to which; None leaves the state.
ACTS = {
    "change": (
        change,
        SIDES,
        {"proposed": None, "agreed": None, "running": "proposed"},
    ),  # of its days, which have begun
    "agree": (lambda one, by: answer_own(one, by, agrees=True), {"carlos"}, {"proposed": "agreed"}),
    "decline": (lambda one, by: answer_own(one, by, agrees=False), {"carlos"}, {"proposed": "cancelled"}),
    "invite": (None, SIDES, dict.fromkeys(OPEN)),
    "start": (lambda one, by: services.start_exchange(exchange=one, by=by), SIDES, {"agreed": "running"}),
    "complete": (complete, SIDES, {"running": "completed"}),
    "cancel": (cancel, SIDES | {"kaisa", "eva", "ada"}, dict.fromkeys(OPEN, "cancelled")),
    "note": (tell, SIDES, dict.fromkeys(STATES)),
    "task": (add_task, SIDES, dict.fromkeys(OPEN)),
    "session": (meet, SIDES, dict.fromkeys(OPEN)),
    "outcome": (add_outcome, SIDES, dict.fromkeys(("running", "completed"))),
    "feedback": (None, SIDES, {"completed": None}),
}


def answer_own(exchange, by, *, agrees):
    return answer(exchange, exchange.parties.get(member__slug="pontevedra").member, by, agrees=agrees)


def act_of(name, cast):
    if name == "invite":
        return lambda one, by: agreeing.invite_party(exchange=one, member=cast.third, by=by)
    if name == "feedback":
        return lambda one, by: outcomes.give_feedback(
            party=party(one, cast.pontevedra if by == cast.carlos else cast.lahti), useful=4, text="", by=by
        )
    return ACTS[name][0]


def test_table_names_every_state_and_every_act_leads_where_it_may():
    assert set().union(*(allowed for allowed, _ in TRANSITIONS.values())) <= set(STATES)
    assert {target for _, target in TRANSITIONS.values()} - {None} == set(STATES)
    assert {act for act, (allowed, _) in TRANSITIONS.items() if "cancelled" in allowed} == set()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ACTS)
def test_act_by_everybody_in_a_state(name, state, cast):
    exchange = led_to(state, cast)
    if name == "start" and state == "agreed":
        Exchange.objects.filter(pk=exchange.pk).update(starts_on=day(0), ends_on=day(2))
    _function, may, targets = ACTS[name]
    by = cast.carlos
    if name in OF_AGREED and state in UNANSWERED:
        may, by = may - {"carlos"}, cast.alice
    act = act_of(name, cast)
    for person in PEOPLE:
        before, other = everything(), getattr(cast, person)
        if person not in may:
            with pytest.raises(PermissionDenied):
                act(exchange, other)
            assert everything() == before, person
    if state not in targets:
        before = everything()
        with pytest.raises(ValidationError):
            act(exchange, by)
        assert everything() == before
        return
    act(exchange, by)
    assert fresh(exchange).state == (targets[state] or state)


def answer_for_lahti(exchange, by, *, agrees):
    return answer(exchange, exchange.parties.get(member__slug="lahti").member, by, agrees=agrees)


# While a change by Pontevedra of what runs waits for Lahti: who may, and which state it is in then; None: nobody can.
WHILE_CHANGING = {
    "agree": (lambda one, by: answer_for_lahti(one, by, agrees=True), {"alice", "bob"}, "running"),
    "decline": (lambda one, by: answer_for_lahti(one, by, agrees=False), {"alice", "bob"}, "running"),
    "take_back": (lambda one, by: agreeing.take_back_change(exchange=one, by=by), SIDES, "running"),
    "change": (change, SIDES, "proposed"),
    "invite": (None, SIDES, None),
    "start": (ACTS["start"][0], SIDES, None),
    "complete": (complete, SIDES, None),
    "cancel": (cancel, SIDES | {"kaisa", "eva", "ada"}, "cancelled"),
    "note": (tell, SIDES, "proposed"),
    "task": (add_task, SIDES, "proposed"),
    "session": (meet, SIDES, "proposed"),
    "outcome": (add_outcome, SIDES, "proposed"),
    "feedback": (None, SIDES, None),
}


@pytest.mark.parametrize("name", WHILE_CHANGING)
def test_act_by_everybody_while_a_change_waits(name, cast):
    running = led_to("running", cast)
    said = {one: getattr(running, one) for one in services.FACTS} | {"costs": "host"}
    exchange = services.change_exchange(
        exchange=running, format_=running.format, facts=said, edition=running.edition, by=cast.carlos
    )  # fmt: skip
    function, may, state = WHILE_CHANGING[name]
    act = function or act_of(name, cast)
    for person in set(PEOPLE) - may:
        before = everything()
        with pytest.raises(PermissionDenied):
            act(exchange, getattr(cast, person))
        assert everything() == before, person
    for person in sorted(may):
        before, point = everything(), transaction.savepoint()
        if state is None:
            with pytest.raises(ValidationError):
                act(exchange, getattr(cast, person))
            assert everything() == before, person
        else:
            act(exchange, getattr(cast, person))
            assert fresh(exchange).state == state, person
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize("state", STATES)
def test_who_sees_it_in_a_state(state, cast):
    exchange = led_to(state, cast)
    sees = {name for name in PEOPLE if Exchange.objects.visible_to(getattr(cast, name)).filter(pk=exchange.pk).exists()}
    assert sees == {"rita", "bob", "alice", "carlos", "kaisa", "eva", "ada"}


def test_who_declined_sees_nothing_of_it_any_more(cast):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    answer(exchange, cast.third, cast.stranger, agrees=False)
    with pytest.raises(ValidationError, match="has declined"):
        agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    assert not Exchange.objects.visible_to(cast.stranger).exists()
    assert not cast.stranger.has_perm("exchanges.view_exchange", fresh(exchange))
    with pytest.raises(PermissionDenied):
        tell(fresh(exchange), cast.stranger)


def test_participant_who_only_reads_works_on_it_but_does_not_speak_for_the_member(cast):
    exchange = led_to("agreed", cast)
    working.choose_people(party=party(exchange, cast.lahti), people=[cast.alice, cast.rita], person=None, by=cast.alice)
    tell(fresh(exchange), cast.rita)
    task = add_task(fresh(exchange), cast.rita)
    working.tick_task(task=task, done=True, by=cast.rita)
    assert fresh(task).done_by == cast.rita
    for act in (change, complete, cancel, meet):
        with pytest.raises(PermissionDenied):
            act(fresh(exchange), cast.rita)


# Proposing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
def test_only_writers_of_a_member_propose_for_it(name, cast):
    by = getattr(cast, name)
    if name in {"alice", "bob"}:
        assert propose(cast, by=by).state == "proposed"
        return
    with pytest.raises(PermissionDenied):
        propose(cast, by=by)
    assert not Exchange.objects.exists()


def test_proposal_asks_the_other_side_alone(cast):
    exchange = propose(cast)
    assert told(kind="exchanges.proposal") == ["carlos@city.example"]
    assert [(one.member, one.role, one.state, one.person) for one in exchange.parties.select_related("member")] == [
        (cast.lahti, "host", "agreed", cast.alice),
        (cast.pontevedra, "guest", "invited", cast.carlos),
    ]


def test_from_an_ask_whoever_is_in_charge_of_it_is_asked_and_it_is_fulfilled_in_the_end(cast):
    ask = notice(cast.pontevedra, cast.carlos)
    exchange = propose(cast, notice=ask)
    with pytest.raises(ValidationError, match="already"):
        propose(cast, notice=ask, by=cast.bob)
    answer(exchange, cast.pontevedra, cast.carlos)
    Exchange.objects.update(starts_on=day(0), ends_on=day(2))
    services.start_exchange(exchange=exchange, by=cast.carlos)
    assert Notice.objects.get().state == "open"
    complete(fresh(exchange), cast.carlos)
    assert (Notice.objects.get().state, Notice.objects.get().closed_because) == ("closed", "fulfilled")


def test_ask_whose_time_is_over_during_its_exchange_is_met_and_stays_so_when_opened_again(cast, time_machine):
    ask = notice(cast.pontevedra, cast.carlos)
    exchange = led_to("running", cast, notice=ask)
    time_machine.move_to(timezone.now() + timedelta(days=400))
    assert close_overdue_notices() == 1
    complete(exchange, cast.carlos)
    now = fresh(ask)
    assert (now.state, now.closed_because, now.made_at) == ("closed", "fulfilled", ask.made_at)
    reopen_notice(notice=now, closes_on=day(30), edition=now.edition, by=cast.carlos)
    assert read_figures([cast.europe], ask.made_at.year)[0].met == 1
    assert read_figures([cast.europe], fresh(ask).opened_at.year)[0].asks == 0


def test_from_what_is_closed_or_of_others_nothing_is_proposed(cast):
    ask = notice(cast.pontevedra, cast.carlos)
    other = notice(cast.third, cast.stranger)
    with pytest.raises(ValidationError, match="of another member"):
        propose(cast, notice=other)
    Notice.objects.filter(pk=ask.pk).update(state="closed", closed_because="withdrawn", closed_at=timezone.now())
    with pytest.raises(ValidationError, match="closed meanwhile"):
        propose(cast, notice=fresh(ask))


def test_from_an_introduction_once_both_are_interested(cast):
    made = introducing.introduce_members(member=cast.lahti, peer=cast.pontevedra, note="You fit.", by=cast.kaisa)
    with pytest.raises(ValidationError, match="not both"):
        propose(cast, introduction=made)
    for member, by in ((cast.lahti, cast.alice), (cast.pontevedra, cast.carlos)):
        introducing.answer_introduction(introduction=made, member=member, interested=True, by=by)
    with pytest.raises(ValidationError, match="of others"):
        propose(cast, introduction=fresh(made), partners=[cast.third])
    assert propose(cast, introduction=fresh(made)).introduction == made


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_on": day(-1), "ends_on": day(2)}, "starts_on"),
        ({"starts_on": day(3), "ends_on": day(2)}, "ends_on"),
        ({"starts_on": None, "ends_on": day(2)}, "starts_on"),
        ({"starts_on": day(3), "ends_on": None}, "ends_on"),
        ({"starts_on": day(1), "ends_on": day(1)}, "ends_on"),
        ({"starts_on": day(1), "ends_on": day(6)}, "ends_on"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"aim": "x" * 5001}, "aim"),
        ({"costs": "magic"}, "costs"),
        ({"plan": {"agenda": [{"day": 11, "time": "", "what": "x", "who": ""}]}}, "agenda"),
        ({"plan": {"agenda": [{"day": 1, "time": "25:00", "what": "x", "who": ""}]}}, "agenda"),
        ({"plan": {"agenda": [{"day": 1, "time": "9:00", "what": "", "who": ""}]}}, "agenda"),
        ({"plan": {"agenda": ["x"]}}, "agenda"),
        ({"plan": {"agenda": "x"}}, "agenda"),
        ({"partners": "twice"}, "partners"),
        ({"partners": "self"}, "partners"),
        ({"partners": "closed"}, "partners"),
        ({"partners": "unpaid"}, "partners"),
    ],
)
def test_what_cannot_be_proposed(wrong, field, cast):
    Member.objects.filter(pk=cast.third.pk).update(
        is_active=wrong.get("partners") != "closed",
        standing="read_only" if wrong.get("partners") == "unpaid" else "active",
    )
    cast.third.refresh_from_db()
    if isinstance(wrong.get("partners"), str):
        partners = {"twice": [cast.pontevedra] * 2, "self": [cast.lahti]}
        wrong = {"partners": partners.get(wrong["partners"], [cast.third])}
    with pytest.raises(ValidationError) as error:
        propose(cast, **wrong)
    assert set(error.value.message_dict) == {field}
    assert not Exchange.objects.exists()
    assert not Message.objects.filter(kind__startswith="exchanges.").exists()


def test_days_are_completed_as_a_format_has_them(cast):
    start = day(10)
    for format_, days in {"call": 0, "peer_review": 1, "mentoring": 181}.items():
        made = propose(cast, gives=False, format_=format_, starts_on=start, ends_on=None)
        assert made.ends_on == start + timedelta(days=days)


def test_a_member_has_a_bounded_number_of_proposals_that_nobody_answered(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_WAITING", 2)
    first = propose(cast)
    propose(cast, title="Second")
    with pytest.raises(ValidationError, match="wait for an answer"):
        propose(cast, title="Third")
    answer(first, cast.pontevedra, cast.carlos)
    assert propose(cast, title="Third").state == "proposed"
    assert propose(
        cast, member=cast.pontevedra, partners=[cast.lahti], by=cast.carlos
    )  # what it is asked does not count


def test_at_most_eight_receive(cast):
    many = [MemberFactory(country="SE", office=cast.bonn) for _ in range(9)]
    said = {"format_": "transfer_network", "starts_on": day(1), "ends_on": day(400)}
    with pytest.raises(ValidationError, match="At most 8"):
        propose(cast, partners=many, **said)
    exchange = propose(cast, partners=many[:8], **said)
    with pytest.raises(ValidationError, match="At most 8"):
        agreeing.invite_party(exchange=exchange, member=many[8], by=cast.alice)
    with pytest.raises(ValidationError, match="At most 1"):
        propose(cast, partners=many[:2], gives=False, **said)


# Agreeing -------------------------------------------------------------------------------------------------------------


def test_all_have_to_agree(cast):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    assert answer(exchange, cast.pontevedra, cast.carlos).state == "proposed"
    assert answer(exchange, cast.third, cast.stranger).state == "agreed"
    assert told("agreed") == ["alice@city.example", "carlos@city.example"]
    with pytest.raises(ValidationError, match="answered already"):
        answer(exchange, cast.third, cast.stranger)


def test_with_some_left_it_goes_on_and_with_nobody_it_is_over(cast):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    assert answer(exchange, cast.third, cast.stranger, agrees=False).state == "proposed"
    assert told("declined") == ["alice@city.example", "carlos@city.example"]
    answer(exchange, cast.pontevedra, cast.carlos, agrees=False)
    assert (fresh(exchange).state, fresh(exchange).reason, fresh(exchange).why) == (
        "cancelled",
        "",
        "The other side has declined.",
    )
    with override("fi"):
        assert fresh(exchange).why == "Toinen osapuoli on kieltäytynyt."


def network(cast):
    """Lahti gives, and asks Pontevedra, which has agreed, and a third member, which has not."""
    exchange = propose(
        cast, partners=[cast.pontevedra, cast.third], format_="transfer_network", starts_on=day(1), ends_on=day(400)
    )
    answer(exchange, cast.pontevedra, cast.carlos)
    Message.objects.all().delete()
    return fresh(exchange)


def test_whoever_gives_leads_a_network_and_goes_on_without_who_never_answers(cast):
    exchange = network(cast)
    for by in (cast.carlos, cast.stranger, cast.rita, cast.kaisa):
        for act in (change, complete, lambda one, by: services.start_exchange(exchange=one, by=by),
                    lambda one, by: agreeing.leave_out(party=party(one, cast.third), by=by)):  # fmt: skip
            with pytest.raises(PermissionDenied):
                act(exchange, by)
    for by in (cast.carlos, cast.stranger):
        with pytest.raises(PermissionDenied):
            cancel(exchange, by)
    assert meet(exchange, cast.carlos).pk
    agreeing.leave_out(party=party(exchange, cast.third), by=cast.bob)
    assert (fresh(exchange).state, party(exchange, cast.third).state) == ("agreed", "left")
    assert told("left_out") == ["stranger@third.example"]
    assert not Exchange.objects.visible_to(cast.stranger).exists()
    with pytest.raises(ValidationError, match="answered"):
        answer(exchange, cast.third, cast.stranger)
    agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    assert party(exchange, cast.third).state == "invited"
    assert told(kind="exchanges.proposal") == ["stranger@third.example"]


def test_side_leaves_a_network_with_a_reason_and_the_rest_goes_on(cast):
    exchange = network(cast)
    answer(exchange, cast.third, cast.stranger)
    session = meet(fresh(exchange), cast.alice)
    own = party(exchange, cast.pontevedra)
    for by in (cast.alice, cast.stranger, cast.eva, cast.nora):
        with pytest.raises(PermissionDenied):
            agreeing.leave_exchange(party=own, reason="No time.", by=by)
    with pytest.raises(ValidationError, match="Say why"):
        agreeing.leave_exchange(party=own, reason=" ", by=cast.carlos)
    with pytest.raises(ValidationError, match="Cancel the exchange"):
        agreeing.leave_exchange(party=party(exchange, cast.lahti), reason="No time.", by=cast.alice)
    agreeing.leave_exchange(party=own, reason="Floods.", by=cast.carlos)
    assert (fresh(exchange).state, fresh(own).state) == ("agreed", "left")
    assert told("left") == ["alice@city.example", "stranger@third.example"]
    assert set(session.invitees.values_list("user", flat=True)) == {cast.alice.pk, cast.stranger.pk}
    with pytest.raises(ValidationError, match="takes part no more"):
        agreeing.leave_exchange(party=own, reason="Again.", by=cast.carlos)
    with pytest.raises(ValidationError, match="Cancel the exchange"):
        agreeing.leave_exchange(party=party(exchange, cast.third), reason="Me too.", by=cast.stranger)


def test_until_whoever_gives_has_agreed_all_who_have_lead(cast):
    exchange = propose(
        cast, gives=False, format_="transfer_network", partners=[cast.pontevedra], starts_on=day(1), ends_on=day(400)
    )
    agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    answer(exchange, cast.third, cast.stranger)
    assert cast.stranger.has_perm("exchanges.lead_exchange", fresh(exchange))
    assert not cast.carlos.has_perm("exchanges.change_exchange", fresh(exchange))
    answer(exchange, cast.pontevedra, cast.carlos)
    assert {name for name in PEOPLE if getattr(cast, name).has_perm("exchanges.lead_exchange", fresh(exchange))} == {
        "carlos"
    }


def test_in_charge_is_somebody_who_has_not_blocked_the_asker(cast):
    block_person(person=cast.carlos, by=cast.alice)
    colleague = MemberRoleFactory(member=cast.pontevedra, role="liaison").user
    assert party(propose(cast), cast.pontevedra).person == colleague
    block_person(person=colleague, by=cast.bob)
    block_person(person=cast.carlos, by=cast.bob)
    assert party(propose(cast, by=cast.bob), cast.pontevedra).person == cast.carlos  # the member must hear of it


def test_review_needs_peers_from_two_other_countries(cast):
    finnish = MemberFactory(country="FI", office=cast.finland)
    liaison = MemberRoleFactory(member=finnish, role="liaison").user
    exchange = propose(
        cast, gives=False, format_="peer_review", partners=[cast.pontevedra, finnish], starts_on=day(9), ends_on=None
    )
    answer(exchange, cast.pontevedra, cast.carlos)
    assert answer(exchange, finnish, liaison).state == "proposed"
    assert not is_whole("peer_review", list(exchange.parties.select_related("member")))
    agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    assert answer(exchange, cast.third, cast.stranger).state == "agreed"


@pytest.mark.parametrize("state", ["agreed", "running"])
@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({"starts_on": day(40), "ends_on": day(42)}, True),
        ({"costs": "host"}, True),
        ({"costs_note": "Half each."}, True),
        ({"where": "online"}, True),
        ({"time_zone": "Europe/Madrid"}, True),
        ({"title": "Another"}, False),
        ({"place": "Station"}, False),
        ({"plan": {"agenda": [{"day": "1", "time": "9:00", "what": "Welcome", "who": ""}]}}, False),
    ],
)
def test_what_was_agreed_to_is_agreed_to_anew_and_the_rest_is_told(state, changed, anew, cast):
    exchange = led_to(state, cast)
    Message.objects.all().delete()
    said = {name: getattr(exchange, name) for name in services.FACTS}
    services.change_exchange(
        exchange=exchange, format_=exchange.format, facts=said | changed, edition=exchange.edition, by=cast.carlos
    )
    now = fresh(exchange)
    assert now.state == ("proposed" if anew else state)
    assert now.edition == exchange.edition + 1
    assert told(kind="exchanges.proposal") == (["alice@city.example"] if anew else [])
    assert told("changed") == ([] if anew else ["alice@city.example"])
    assert [one.state for one in now.parties.all()] == (["invited", "agreed"] if anew else ["agreed", "agreed"])
    if anew and state == "running" and "starts_on" not in changed:
        assert answer(now, cast.lahti, cast.alice).state == "running"


def test_change_that_changes_nothing_asks_nobody(cast):
    exchange = led_to("agreed", cast)
    said = {name: getattr(exchange, name) for name in services.FACTS}
    services.change_exchange(
        exchange=exchange, format_=exchange.format, facts=said, edition=exchange.edition, by=cast.carlos
    )
    assert (fresh(exchange).state, fresh(exchange).edition) == ("agreed", 1)


def test_nobody_agrees_to_a_plan_that_they_have_not_read(cast):
    exchange = propose(cast)
    change(exchange, cast.alice)
    with pytest.raises(StaleExchangeError):
        answer(exchange, cast.pontevedra, cast.carlos, edition=1)
    with pytest.raises(StaleExchangeError):
        services.change_exchange(
            exchange=exchange, format_="call", facts=facts(starts_on=None, ends_on=None), edition=1, by=cast.carlos
        )
    assert fresh(exchange).state == "proposed"


def test_another_format_keeps_who_gives(cast):
    exchange = propose(cast, gives=False)
    services.change_exchange(
        exchange=exchange, format_="mentoring", facts=facts(starts_on=day(5), ends_on=None), edition=1, by=cast.alice
    )
    assert [one.role for one in exchange.parties.all()] == ["mentee", "mentor"]


def test_every_format_has_a_template_and_plans_keep_only_their_own_parts():
    assert set(TEMPLATES) == set(Format.values)
    everything = {"agenda": [{"day": "2", "time": "9:05", "what": " Tour ", "who": ""}], "questions": "Why?", "x": "y"}
    assert check_plan("study_visit", everything, 2) == {
        "agenda": [{"day": 2, "time": "09:05", "what": "Tour", "who": ""}]
    }
    assert check_plan("peer_review", everything, 0)["questions"] == "Why?"
    assert check_plan("call", everything, 1) == {}


# Beginning and ending -------------------------------------------------------------------------------------------------


def test_it_begins_on_its_first_day_where_it_is(cast, time_machine):
    exchange = led_to("agreed", cast)
    Exchange.objects.update(starts_on="2027-03-10", ends_on="2027-03-12", time_zone="Pacific/Auckland")
    time_machine.move_to("2027-03-09T10:59:00+00:00", tick=False)
    assert services.start_due_exchanges() == 0
    with pytest.raises(ValidationError, match="still to come"):
        services.start_exchange(exchange=exchange, by=cast.alice)
    time_machine.move_to("2027-03-09T11:01:00+00:00", tick=False)  # midnight in Auckland
    assert services.start_due_exchanges() == 1
    assert services.start_due_exchanges() == 0
    assert fresh(exchange).state == "running"


def test_without_days_it_begins_when_somebody_says_so(cast):
    for format_, ends in {"call": day(0), "study_visit": None}.items():
        exchange = propose(cast, format_=format_, starts_on=None, ends_on=None, time_zone="UTC")
        answer(exchange, cast.pontevedra, cast.carlos)
        if ends:
            assert services.start_exchange(exchange=exchange, by=cast.carlos).ends_on == ends
        else:
            with pytest.raises(ValidationError, match="first and the last day"):
                services.start_exchange(exchange=exchange, by=cast.carlos)


def test_report_says_what_happened_and_what_came_of_it_or_why_nothing(cast):
    exchange = led_to("running", cast)
    for report, no_outcome, field in ((" ", "Too early.", "report"), ("Done.", " ", "no_outcome")):
        with pytest.raises(ValidationError) as error:
            ending.complete_exchange(exchange=exchange, report=report, no_outcome=no_outcome, by=cast.carlos)
        assert set(error.value.message_dict) == {field}
    done = complete(exchange, cast.carlos)
    assert (done.reason, done.report, done.ended_by) == ("Too early.", "Done.", cast.carlos)
    assert told("completed") == ["alice@city.example"]


def test_cancelling_needs_a_reason_and_tells_the_others(cast):
    exchange = led_to("agreed", cast)
    with pytest.raises(ValidationError, match="Say why"):
        ending.cancel_exchange(exchange=exchange, reason="  ", by=cast.kaisa)
    ending.cancel_exchange(exchange=exchange, reason="Floods.", by=cast.kaisa)
    assert told("cancelled") == ["alice@city.example", "carlos@city.example"]


def test_feedback_is_read_by_the_others_once_all_gave_theirs_or_after_fourteen_days(cast, time_machine):
    exchange = led_to("completed", cast)
    ours, theirs = {cast.lahti.pk}, {cast.pontevedra.pk}
    outcomes.give_feedback(party=party(exchange, cast.lahti), useful=4, text="Good.", by=cast.alice)
    outcomes.give_feedback(party=party(exchange, cast.lahti), useful=5, text="Very good.", by=cast.bob)
    seen = lambda members: [one.useful for one in outcomes.feedback_for(fresh(exchange), members)]  # noqa: E731
    assert (seen(ours), seen(theirs)) == ([5], [])
    time_machine.move_to(exchange.ended_at + timedelta(days=14, minutes=-1))
    assert seen(theirs) == []
    time_machine.move_to(exchange.ended_at + timedelta(days=14))
    assert seen(theirs) == [5]
    time_machine.move_to(exchange.ended_at + timedelta(days=2))
    outcomes.give_feedback(party=party(exchange, cast.pontevedra), useful=2, text="", by=cast.carlos)
    assert seen(ours) == seen(theirs) == [5, 2]
    with pytest.raises(ValidationError, match="read it already"):
        outcomes.give_feedback(party=party(exchange, cast.lahti), useful=1, text="", by=cast.alice)
    for useful in (0, 6):
        with pytest.raises(ValidationError):
            outcomes.give_feedback(
                party=party(led_to("completed", cast), cast.lahti), useful=useful, text="", by=cast.bob
            )


def test_recommendations_are_ticked_and_other_outcomes_are_not(cast):
    exchange = led_to("completed", cast)
    made = exchange.outcomes.get()
    outcomes.follow_up(outcome=made, done=True, by=cast.carlos)
    at = fresh(made).done_at
    outcomes.follow_up(outcome=made, done=True, by=cast.carlos)
    assert fresh(made).done_at == at
    with pytest.raises(ValidationError, match="Only recommendations"):
        outcomes.follow_up(outcome=add_outcome(exchange, cast.alice), done=True, by=cast.carlos)


# At the same moment ---------------------------------------------------------------------------------------------------


def names(found):
    return sorted(type(one).__name__ for one in found)


@pytest.mark.django_db(transaction=True)
def test_both_sides_answer_at_the_same_moment(cast):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    at_once(lambda: answer(exchange, cast.pontevedra, cast.carlos), lambda: answer(exchange, cast.third, cast.stranger))
    assert fresh(exchange).state == "agreed"
    assert Entry.objects.filter(verb="exchange_agreed").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [True, False])
def test_two_of_a_side_answer_at_the_same_moment(first, cast):
    colleague = MemberRoleFactory(member=cast.pontevedra, role="contributor").user
    exchange = propose(cast)
    found = at_once(
        lambda: answer(exchange, cast.pontevedra, cast.carlos, agrees=True),
        lambda: answer(exchange, cast.pontevedra, colleague, agrees=not first),
    )
    assert names(found) == ["Exchange", "ValidationError"]
    assert Entry.objects.filter(verb__in=["exchange_accepted", "exchange_declined"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_both_sides_cancel_at_the_same_moment(cast):
    exchange = led_to("agreed", cast)
    found = at_once(lambda: cancel(exchange, cast.alice), lambda: cancel(exchange, cast.carlos))
    assert names(found) == ["Exchange", "ValidationError"]
    assert Entry.objects.filter(verb="exchange_cancelled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_agrees_while_the_other_cancels(cast):
    exchange = propose(cast)
    found = at_once(lambda: answer(exchange, cast.pontevedra, cast.carlos), lambda: cancel(exchange, cast.alice))
    assert fresh(exchange).state == "cancelled"
    assert names(found) in (["Exchange", "Exchange"], ["Exchange", "ValidationError"])


@pytest.mark.django_db(transaction=True)
def test_one_agrees_while_the_other_changes_the_days(cast):
    exchange = propose(cast)
    later = facts(starts_on=day(50), ends_on=day(52))
    act = lambda: services.change_exchange(  # noqa: E731
        exchange=exchange, format_="study_visit", facts=later, edition=1, by=cast.alice
    )
    found = at_once(lambda: answer(exchange, cast.pontevedra, cast.carlos, edition=1), act)
    now = fresh(exchange)
    # Whichever came first, nobody has agreed to days that they have not read.
    assert (now.state, now.starts_on) == ("proposed", day(50))
    assert names(found) in (["Exchange", "Exchange"], ["Exchange", "StaleExchangeError"])


@pytest.mark.django_db(transaction=True)
def test_two_complete_and_one_cancels_at_the_same_moment(cast):
    exchange = led_to("running", cast)
    found = at_once(
        lambda: complete(exchange, cast.alice),
        lambda: complete(exchange, cast.carlos),
        lambda: cancel(exchange, cast.ada),
    )
    assert names(found) == ["Exchange", "ValidationError", "ValidationError"]
    assert fresh(exchange).state in {"completed", "cancelled"}


# Whoever goes ---------------------------------------------------------------------------------------------------------


def test_what_somebody_looked_after_goes_to_the_liaison(cast):
    exchange = propose(cast, by=cast.bob)
    answer(exchange, cast.pontevedra, cast.carlos)
    meet(fresh(exchange), cast.bob)
    task = working.add_task(
        exchange=fresh(exchange), what="Book", who=cast.bob, due_on=None, is_milestone=False, by=cast.bob
    )
    assert set(Invitee.objects.values_list("user", flat=True)) == {cast.bob.pk, cast.carlos.pk}
    remove_person(role=cast.bob.member_roles.get(), by=cast.alice)
    ours = party(exchange, cast.lahti)
    assert (ours.person, fresh(task).who) == (cast.alice, cast.alice)
    assert [one.user for one in ours.participants.all()] == [cast.alice]
    assert set(Invitee.objects.values_list("user", flat=True)) == {cast.alice.pk, cast.carlos.pk}
    cancelled = Message.objects.filter(kind="exchanges.invitation", payload__method="CANCEL")
    assert list(cancelled.values_list("recipient", flat=True)) == ["bob@city.example"]
    forget_roles(cast.bob)
    assert not Exchange.objects.visible_to(cast.bob).exists()


def test_liaison_of_a_member_that_lapses_brings_to_an_end_what_was_begun(cast):
    exchange = led_to("running", cast)
    Member.objects.filter(pk=cast.lahti.pk).update(standing="read_only")
    for one in (cast.alice, cast.bob):
        forget_roles(one)
    with pytest.raises(PermissionDenied):
        complete(exchange, cast.bob)
    with pytest.raises(PermissionDenied):
        propose(cast)
    assert complete(exchange, cast.alice).state == "completed"


def test_merged_member_leaves_its_exchanges_to_the_other(cast):
    with_third = propose(cast, partners=[cast.third])
    between = propose(cast)
    merge_member(member=cast.lahti, into=cast.pontevedra, by=cast.ada)
    assert [one.member for one in with_third.parties.select_related("member")] == [cast.pontevedra, cast.third]
    assert (fresh(between).state, fresh(between).why) == ("cancelled", "The two members have become one.")


def test_mail_says_who_is_asked_and_is_not_sent_any_more_once_they_have_answered(cast, smtp):
    exchange = propose(cast, title="Meals <b>bold</b>")
    Sender().run()
    (sent,) = [one for one in smtp.messages if "Proposed to you" in str(one["Subject"])]
    assert sent["To"] == "carlos@city.example"
    html = sent.get_body(("html",)).get_content()
    assert "Meals &lt;b&gt;bold&lt;/b&gt;" in html
    assert "<b>bold" not in html
    services.change_exchange(
        exchange=exchange, format_="study_visit", facts=facts(costs="host"), edition=1, by=cast.alice
    )
    answer(exchange, cast.pontevedra, cast.carlos)
    Sender().run()
    states = Message.objects.filter(kind="exchanges.proposal").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "suppressed"]


def test_those_who_take_part_write_to_each_other(cast):
    exchange = led_to("agreed", cast)
    thread = open_talk(exchange=exchange, by=cast.alice)
    assert open_talk(exchange=exchange, by=cast.carlos) == thread
    assert set(thread.readers.filter(left_at=None).values_list("user__name", flat=True)) == {"Alice", "Carlos"}
    write_post(thread=thread, text="When do you arrive?", by=cast.alice)
    with pytest.raises(ValidationError, match="Choose yourself first"):
        open_talk(exchange=exchange, by=cast.bob)
    for person in (cast.rita, cast.kaisa, cast.eva, cast.xavier, cast.nora):
        with pytest.raises(PermissionDenied):
            open_talk(exchange=exchange, by=person)
    working.choose_people(party=party(exchange, cast.lahti), people=[cast.bob], person=cast.bob, by=cast.alice)
    assert cast.bob.has_perm("conversations.view_thread", thread)
    assert not cast.alice.has_perm("conversations.view_thread", thread)
