"""A change of what was agreed: who says what to it, and that what was agreed is never lost by a no."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.exchanges import agreeing, ending, outcomes, services, working
from exchange.exchanges.figures import read_figures
from exchange.exchanges.locking import StaleExchangeError
from exchange.exchanges.models import Exchange
from exchange.exchanges.queries import changes_of
from members.directory.models import Member, Office
from members.directory.rules import forget_roles
from tests.exchange.exchanging import answer, day, led_to, party, propose
from tests.factories import MemberFactory, MemberRoleFactory, UserFactory
from tests.practices.acts import fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("rita", "bob", "alice", "carlos", "stranger", "xavier", "kaisa", "eva", "ada", "nora")
ALICE, BOB, CARLOS, STRANGER = "alice@city.example", "bob@city.example", "carlos@city.example", "stranger@third.example"


@pytest.fixture
def cast(cast):
    """Add a third member with a liaison."""
    cast.third = MemberFactory(name_en="Third", slug="third", country="FR", office=cast.bonn)
    cast.stranger = UserFactory(email=STRANGER, name="Stranger")
    MemberRoleFactory(user=cast.stranger, member=cast.third, role="liaison")
    return cast


def told(what=None, kind="exchanges.news"):
    found = Message.objects.filter(kind=kind)
    found = found.filter(payload__what=what) if what else found
    return sorted(found.values_list("recipient", flat=True))


def plan_of(exchange):
    now = fresh(exchange)
    return {name: getattr(now, name) for name in ("format", *services.FACTS)}


def change(exchange, by, format_=None, **facts):
    """Change what is agreed, by somebody of Pontevedra unless said otherwise; return the exchange as it is then."""
    now = fresh(exchange)
    said = {name: getattr(now, name) for name in services.FACTS} | facts
    Message.objects.all().delete()
    return services.change_exchange(
        exchange=now, format_=format_ or now.format, facts=said, edition=now.edition, by=by
    )  # fmt: skip


def states(exchange):
    return [one.state for one in exchange.parties.all()]


def record_outcome(exchange, by):
    return outcomes.add_outcome(
        exchange=exchange, kind="recommendation", text="Buy nearer.", publication=None, who="", due_on=None, by=by
    )


# A no to a change -----------------------------------------------------------------------------------------------------

CHANGES = [
    {"ends_on": day(5)},
    {"costs": "host", "costs_note": "We pay all."},
    {"where": "online", "title": "At a distance", "plan": {"agenda": [{"day": 1, "time": "", "what": "x", "who": ""}]}},
    {"format_": "mentoring", "ends_on": day(180)},  # other parts, too
    {"format_": "expert_mission", "ends_on": day(3)},
]


@pytest.mark.parametrize("state", ["agreed", "running"])
@pytest.mark.parametrize("changed", CHANGES)
def test_no_to_a_change_puts_back_what_was_agreed(state, changed, cast):
    exchange = led_to(state, cast, starts_on=day(2), ends_on=day(4))
    if state == "running":
        record_outcome(exchange, cast.alice)
    before = plan_of(exchange)
    roles = [one.role for one in exchange.parties.all()]
    changing = change(exchange, cast.carlos, **{"starts_on": day(2), "ends_on": day(4)} | changed)
    assert (changing.state, changing.stands_at, states(exchange)) == ("proposed", state, ["invited", "agreed"])
    kept = answer(exchange, cast.lahti, cast.alice, agrees=False)
    assert (kept.state, fresh(kept).agreed_facts) == (state, None)
    assert (plan_of(kept), [one.role for one in kept.parties.all()]) == (before, roles)
    assert states(kept) == ["agreed", "agreed"]
    assert kept.edition == changing.edition + 1
    assert told("kept") == [CARLOS]
    assert told("declined") == told("cancelled") == []
    assert Entry.objects.filter(verb="exchange_change_refused", member_id=cast.lahti.pk).count() == 1


@pytest.mark.parametrize("state", ["agreed", "running"])
def test_whoever_wants_out_cancels_while_a_change_waits(state, cast):
    for by in (cast.alice, cast.carlos):
        exchange = led_to(state, cast)
        change(exchange, cast.carlos, costs="host")
        ended = ending.cancel_exchange(exchange=exchange, reason="Floods.", by=by)
        assert (ended.state, fresh(ended).agreed_facts) == ("cancelled", None)


def test_change_of_a_change_keeps_what_was_agreed_first(cast):
    exchange = led_to("agreed", cast)
    before = plan_of(exchange)
    change(exchange, cast.carlos, costs="host")
    again = change(exchange, cast.alice, costs="guest", ends_on=day(33))
    assert states(again) == ["agreed", "invited"]
    answer(exchange, cast.pontevedra, cast.carlos, agrees=False)
    assert plan_of(exchange) == before


def test_change_back_by_hand_is_the_old_plan_and_nobody_is_asked(cast):
    exchange = led_to("running", cast)
    change(exchange, cast.carlos, costs="host", format_="expert_mission", ends_on=day(1))
    same = change(
        exchange, cast.alice, costs="own", format_="study_visit", ends_on=fresh(exchange).as_agreed()["ends_on"]
    )  # fmt: skip
    assert (same.state, states(same), told(kind="exchanges.proposal")) == ("running", ["agreed", "agreed"], [])
    assert [one.role for one in same.parties.all()] == ["host", "guest"]
    assert told("kept") == [CARLOS]


def test_yes_to_a_change_makes_it_the_plan(cast):
    exchange = led_to("running", cast)
    change(exchange, cast.carlos, costs="host")
    agreed = answer(exchange, cast.lahti, cast.bob)
    assert (agreed.state, agreed.costs, agreed.agreed_facts) == ("running", "host", None)
    assert not takes_part(agreed, cast.bob)  # whoever answers for the side does not take part by that
    with pytest.raises(ValidationError, match="No change waits"):
        agreeing.take_back_change(exchange=agreed, by=cast.carlos)


def takes_part(exchange, person):
    return exchange.parties.filter(participants__user=person).exists()


@pytest.mark.parametrize("state", ["agreed", "running"])
def test_change_is_taken_back_by_those_who_may_change_the_plan(state, cast):
    exchange = led_to(state, cast)
    before = plan_of(exchange)
    change(exchange, cast.carlos, ends_on=day(1) if state == "running" else day(33))
    for name in set(PEOPLE) - {"alice", "bob", "carlos"}:
        with pytest.raises(PermissionDenied):
            agreeing.take_back_change(exchange=exchange, by=getattr(cast, name))
    back = agreeing.take_back_change(exchange=exchange, by=cast.carlos)
    assert (back.state, states(back), plan_of(back)) == (state, ["agreed", "agreed"], before)
    assert told("kept") == [ALICE]
    with pytest.raises(ValidationError, match="answered already"):
        answer(exchange, cast.lahti, cast.alice, agrees=False)


def test_no_to_a_plan_that_was_never_agreed_declines_it_as_before(cast):
    exchange = propose(cast)
    change(exchange, cast.alice, costs="host")
    assert fresh(exchange).agreed_facts is None
    assert answer(exchange, cast.pontevedra, cast.carlos, agrees=False).state == "cancelled"
    with pytest.raises(ValidationError):
        agreeing.take_back_change(exchange=exchange, by=cast.alice)


def test_of_three_one_no_is_enough_and_all_hear_of_it(cast):
    exchange = propose(cast, partners=[cast.pontevedra, cast.third])
    answer(exchange, cast.pontevedra, cast.carlos)
    answer(exchange, cast.third, cast.stranger)
    change(exchange, cast.alice, costs="host")
    answer(exchange, cast.pontevedra, cast.carlos)
    answer(exchange, cast.third, cast.stranger, agrees=False)
    assert (fresh(exchange).state, states(exchange)) == ("agreed", ["agreed"] * 3)
    assert told("kept") == [ALICE, CARLOS]


def test_work_goes_on_while_a_change_waits(cast):
    exchange = led_to("running", cast)
    change(exchange, cast.carlos, costs="host")
    for by in (cast.alice, cast.carlos):
        working.add_note(exchange=fresh(exchange), text="A note", by=by)
        made = record_outcome(fresh(exchange), by)
        outcomes.follow_up(outcome=made, done=True, by=by)
    with pytest.raises(ValidationError):
        ending.complete_exchange(exchange=exchange, report="Done.", no_outcome="", by=cast.carlos)
    only_agreed = led_to("agreed", cast)
    change(only_agreed, cast.carlos, costs="host")
    with pytest.raises(ValidationError):
        record_outcome(only_agreed, cast.carlos)
    with pytest.raises(ValidationError, match="once it is settled"):
        agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)


def test_change_waits_only_of_what_was_agreed_and_is_open(cast):
    exchange = led_to("agreed", cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exchange.objects.filter(pk=exchange.pk).update(agreed_facts={"costs": "own"})
    fresh_one = propose(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exchange.objects.filter(pk=fresh_one.pk).update(agreed_facts={"costs": "own"})


# What is said of it ---------------------------------------------------------------------------------------------------


def test_page_and_mail_say_what_changes(cast, client, smtp):
    exchange = led_to("running", cast)
    record_outcome(exchange, cast.alice)
    change(exchange, cast.carlos, costs="host", title="Kitchens", aim="Other.")
    assert [(one.label, one.before, one.after) for one in changes_of(fresh(exchange))] == [
        ("title", "School meals", "Kitchens"),
        ("what it is for", "", ""),
        ("who pays", "Each pays their own", "The host pays"),
    ]
    client.force_login(cast.alice)
    page = client.get(exchange.get_absolute_url()).content.decode()
    for text in ("Agree to the change", "Keep the old plan", "School meals", "Buy nearer.", "Change proposed"):
        assert text in page
    assert "Decline" not in page
    assert "Take the change back" not in page
    client.force_login(cast.carlos)
    page = client.get(exchange.get_absolute_url()).content.decode()
    assert "Take the change back" in page
    assert "Keep the old plan" not in page
    client.force_login(cast.rita)
    page = client.get(exchange.get_absolute_url()).content.decode()
    assert "A change of the plan waits for an answer" in page
    assert "Take the change back" not in page

    Sender().run()
    (mail,) = [one for one in smtp.messages if "A changed plan" in str(one["Subject"])]
    for kind in ("plain", "html"):
        text = " ".join(mail.get_body((kind,)).get_content().split())
        assert "keep the old plan" in text
        assert "before: Each pays their own" in text
        assert "before: School meals" in text


def test_buttons_of_a_change(cast, client):
    exchange = led_to("running", cast)
    change(exchange, cast.carlos, costs="host")
    client.force_login(cast.alice)
    address = reverse("exchanges:party_answer", args=[party(exchange, cast.lahti).pk])
    page = client.post(address, {"answer": "decline", "edition": "2"}, follow=True)
    assert page.redirect_chain == [(exchange.get_absolute_url(), 302)]
    assert "The plan stays as it was. The other side is told." in page.content.decode()
    change(exchange, cast.carlos, costs="host")
    client.force_login(cast.carlos)
    page = client.post(reverse("exchanges:exchange_take_back", args=[exchange.pk]), follow=True).content.decode()
    assert "The change is taken back." in page
    assert fresh(exchange).state == "running"


def test_declining_a_proposal_says_that_it_is_over(cast, smtp):
    answer(propose(cast), cast.pontevedra, cast.carlos, agrees=False)
    Sender().run()
    (mail,) = [one for one in smtp.messages if "Declined" in str(one["Subject"])]
    assert "so it is cancelled" in mail.get_body(("plain",)).get_content()


def test_outcomes_are_shown_wherever_there_are_any_and_figures_count_what_is_shown(cast, client):
    exchange = led_to("running", cast)
    record_outcome(exchange, cast.alice)
    ending.cancel_exchange(exchange=exchange, reason="Floods.", by=cast.carlos)
    client.force_login(cast.eva)
    page = client.get(exchange.get_absolute_url()).content.decode()
    assert "Buy nearer." in page
    assert reverse("exchanges:outcome_add", args=[exchange.pk]) not in page
    whole = read_figures([Office.objects.get(slug="europe")], timezone.localdate().year)[0]
    assert whole.by_kind == [1, 0, 0, 0]
    none = led_to("cancelled", cast)
    assert "What came of it" not in client.get(none.get_absolute_url()).content.decode()


# Asked to join what is agreed -----------------------------------------------------------------------------------------


def asked(cast):
    """Return what Lahti and Pontevedra agreed, to which Lahti has asked the third member; and the mail since."""
    exchange = led_to("agreed", cast)
    soon = timezone.now() + timedelta(days=3)
    said = {"title": "Call", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
    working.add_session(exchange=exchange, facts=said, by=cast.alice)
    working.add_note(exchange=exchange, text="Our budget is secret", by=cast.alice)
    Message.objects.all().delete()
    agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    return fresh(exchange)


def test_who_is_asked_reads_the_plan_alone_until_it_agrees(cast, client):
    exchange = asked(cast)
    read = lambda person: (client.force_login(person), client.get(exchange.get_absolute_url()).content.decode())[1]  # noqa: E731
    page = read(cast.stranger)
    for secret in ("Our budget is secret", ALICE, CARLOS, "Write to all who take part", "Add a task"):
        assert secret not in page, secret
    assert "Notes, files and addresses open once you agree" in page
    assert STRANGER not in read(cast.alice)
    for act in (
        lambda: working.add_note(exchange=exchange, text="Hello", by=cast.stranger),
        lambda: services.change_exchange(
            exchange=exchange, format_="study_visit", facts={"title": "Mine"}, edition=1, by=cast.stranger
        ),
        lambda: ending.cancel_exchange(exchange=exchange, reason="No.", by=cast.stranger),
    ):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(ValidationError, match="somebody who takes part"):
        working.add_task(
            exchange=exchange, what="Book", who=cast.stranger, due_on=None, is_milestone=False, by=cast.alice
        )
    assert told(kind="exchanges.invitation") == []
    answer(exchange, cast.third, cast.stranger)
    assert told(kind="exchanges.invitation") == [STRANGER]
    assert told("joined") == [ALICE, CARLOS]
    page = read(cast.stranger)
    for text in ("Our budget is secret", ALICE, CARLOS, "Write to all who take part"):
        assert text in page, text
    assert STRANGER in read(cast.carlos)


def test_who_is_asked_and_declines_was_never_in_anybodys_calendar(cast):
    exchange = asked(cast)
    declined = answer(exchange, cast.third, cast.stranger, agrees=False)
    assert (declined.state, told(kind="exchanges.invitation")) == ("agreed", [])
    assert told("declined") == [ALICE, CARLOS]


def test_files_open_once_it_agrees(cast, client):
    exchange = asked(cast)
    upload = SimpleUploadedFile("budget.csv", b"a,b\n1,2\n", "text/csv")
    file = working.add_file(exchange=exchange, upload=upload, by=cast.alice)
    client.force_login(cast.stranger)
    address = reverse("exchanges:file_download", args=[file.pk])
    assert client.get(address).status_code == 403
    answer(exchange, cast.third, cast.stranger)
    assert client.get(address).getvalue() == b"a,b\n1,2\n"


def test_asking_one_more_is_told_and_takes_no_rights(cast):
    exchange = asked(cast)
    assert told("asked") == [CARLOS]
    assert told(kind="exchanges.proposal") == [STRANGER]
    may = lambda act: {name for name in PEOPLE if getattr(cast, name).has_perm(f"exchanges.{act}_exchange", exchange)}  # noqa: E731
    assert may("lead") == may("change") == may("run") == may("work_on") == {"alice", "bob", "carlos"}
    assert may("cancel") == {"alice", "bob", "carlos", "kaisa", "eva", "ada"}
    assert may("see_inside") == {"alice", "bob", "rita", "carlos", "kaisa", "eva", "ada"}
    assert may("view") == may("see_inside") | {"stranger"}


def test_first_mail_to_who_is_asked_is_no_changed_plan(cast, smtp):
    exchange = led_to("agreed", cast)
    change(exchange, cast.alice, place="Station")
    agreeing.invite_party(exchange=exchange, member=cast.third, by=cast.alice)
    Sender().run()
    subjects = {str(one["To"]): str(one["Subject"]) for one in smtp.messages if one["To"] == STRANGER}
    assert subjects == {STRANGER: "Proposed to you: Study visit, School meals"}


def test_change_of_what_is_agreed_does_not_wait_for_who_is_only_asked(cast):
    exchange = asked(cast)
    change(exchange, cast.alice, costs="host")
    assert told(kind="exchanges.proposal") == [CARLOS, STRANGER]
    assert answer(exchange, cast.pontevedra, cast.carlos).state == "agreed"
    assert told("agreed") == [ALICE]
    assert party(exchange, cast.third).state == "invited"
    change(exchange, cast.alice, costs="guest")
    answer(exchange, cast.third, cast.stranger, agrees=False)  # of the exchange, not of the change
    assert (fresh(exchange).is_changing, party(exchange, cast.third).state) == (True, "declined")


def test_who_never_answered_is_out_when_it_is_completed(cast):
    exchange = asked(cast)
    Exchange.objects.filter(pk=exchange.pk).update(starts_on=day(0), ends_on=day(2))
    services.start_exchange(exchange=exchange, by=cast.alice)
    ending.complete_exchange(exchange=fresh(exchange), report="Done.", no_outcome="Too early.", by=cast.alice)
    assert party(exchange, cast.third).state == "left"
    assert told("completed") == [CARLOS]
    assert told("left_out") == [STRANGER]


def test_what_is_left_of_it_is_not_who_is_only_asked(cast):
    exchange = asked(cast)
    with pytest.raises(ValidationError, match="Cancel the exchange"):
        agreeing.leave_exchange(party=party(exchange, cast.pontevedra), reason="No time.", by=cast.carlos)


# Members that cannot take part now ------------------------------------------------------------------------------------


def lapse(member, *people):
    Member.objects.filter(pk=member.pk).update(standing="read_only")
    for one in people:
        forget_roles(one)


def test_lapsed_member_agrees_to_nothing_new_and_brings_to_an_end_what_it_began(cast):
    new, began, joins = propose(cast, title="New"), led_to("agreed", cast, title="Begun"), asked(cast)
    lapse(cast.pontevedra, cast.carlos)
    lapse(cast.third, cast.stranger)
    with pytest.raises(ValidationError, match="cannot take part now"):
        answer(new, cast.pontevedra, cast.carlos)
    with pytest.raises(ValidationError, match="cannot take part now"):
        change(new, cast.carlos, costs="host")  # to answer with another plan is to agree to that
    with pytest.raises(ValidationError, match="cannot take part now"):
        answer(joins, cast.third, cast.stranger)
    assert fresh(new).edition == 1
    assert answer(new, cast.pontevedra, cast.carlos, agrees=False).state == "cancelled"
    change(began, cast.alice, costs="host")
    assert answer(began, cast.pontevedra, cast.carlos).state == "agreed"


# At the same moment ---------------------------------------------------------------------------------------------------


def names(found):
    return sorted(type(one).__name__ for one in found)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("agrees", [True, False])
def test_one_answers_a_change_while_the_other_takes_it_back(agrees, cast):
    exchange = led_to("agreed", cast)
    change(exchange, cast.carlos, costs="host")
    found = at_once(
        lambda: answer(exchange, cast.lahti, cast.alice, agrees=agrees, edition=2),
        lambda: agreeing.take_back_change(exchange=exchange, by=cast.carlos),
    )
    now = fresh(exchange)
    assert (now.state, now.agreed_facts, states(now)) == ("agreed", None, ["agreed", "agreed"])
    # Whichever came first stands, and the other one hears that it was too late.
    assert names(found) == ["Exchange", "ValidationError"]
    answered = Entry.objects.filter(verb__in=["exchange_change_refused", "exchange_change_taken_back"]).exists()
    assert now.costs == ("own" if answered else "host")


def test_nobody_agrees_to_a_change_that_they_have_not_read(cast):
    exchange = led_to("agreed", cast)
    change(exchange, cast.carlos, costs="host")
    change(exchange, cast.carlos, costs="guest")
    with pytest.raises(StaleExchangeError):
        answer(exchange, cast.lahti, cast.alice, edition=2)
