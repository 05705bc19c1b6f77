"""Reports: every act by everybody in every state, who is told, and what cannot be."""

import itertools

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.html import strip_tags

from config.journal.models import Entry
from config.outbox.kinds import get_kind
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.moderation import own_data, services
from exchange.moderation.models import Case, Report, Silence
from exchange.moderation.silences import PERSON, check_may_write
from exchange.moderation.transitions import TRANSITIONS
from members.people.erasing import erase_person
from tests.factories import MemberRoleFactory, OfficeRoleFactory, UserFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once, raised_at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "marta", "ada", "nora")
STATES = [str(state) for state in Case.State]
# Who may do which act about Bob of Lahti, whose office is Finland and the office above Europe; hidden by Kaisa.
TABLE = {
    ("open", "leave"): {"kaisa", "ada"},
    ("open", "hide"): {"kaisa", "ada"},
    ("hidden", "appeal"): {"bob"},
    ("appealed", "restore"): {"eva", "ada"},
    ("appealed", "keep"): {"eva", "ada"},
}
SEES = {"kaisa", "eva", "ada"}  # whatever its state
WORDS = "It is **not** <script>alert(1)</script> polite."


@pytest.fixture
def network(cast):
    """Add Marta, who coordinates the world's office: two steps above Finland."""
    cast.marta = UserFactory(email="marta@network.example", name="Marta")
    OfficeRoleFactory(user=cast.marta, office=cast.bonn)
    return cast


@pytest.fixture
def case_in(network):
    """Return a function that reports Bob, by Carlos, and leads the case to a state."""

    def case_in(state="open"):
        case = report(network.bob, network.carlos)
        if state == "left":
            return decide(case, "leave", network.kaisa)
        if state != "open":
            case = decide(case, "hide", network.kaisa)
        if state in {"appealed", "restored", "kept"}:
            case = appeal(case, network.bob)
        if state in {"restored", "kept"}:
            case = answer(case, {"restored": "restore", "kept": "keep"}[state], network.eva)
        return case

    return case_in


def report(person, by, reason=WORDS):
    return services.report_thing(reportable=PERSON, thing=person, reason=reason, by=by)


def decide(case, verdict, by, reason="Not here."):
    return services.decide_case(case=case, verdict=verdict, reason=reason, by=by)


def appeal(case, by, text="It was a joke."):
    return services.appeal_decision(case=case, text=text, by=by)


def answer(case, verdict, by, reason="We have read it."):
    return services.answer_appeal(case=case, verdict=verdict, reason=reason, by=by)


ACTS = {
    "leave": lambda case, by: decide(case, "leave", by),
    "hide": lambda case, by: decide(case, "hide", by),
    "appeal": appeal,
    "restore": lambda case, by: answer(case, "restore", by),
    "keep": lambda case, by: answer(case, "keep", by),
}


def everything():
    return [rows(model) for model in (Case, Report, Silence, Entry, Message)]


def told(kind):
    found = Message.objects.filter(kind=f"moderation.{kind}").order_by("pk")
    return [(one.recipient.partition("@")[0], one.payload["what"]) for one in found]


# States --------------------------------------------------------------------------------------------------------------


def test_state_table_names_every_act():
    assert {act for _, act in TABLE} == set(TRANSITIONS) == set(ACTS)
    assert {(state, act) for act, (states, _) in TRANSITIONS.items() for state in states} == set(TABLE)


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATES, ACTS)))
def test_act_is_possible_for_whom_and_when_the_table_says_and_else_changes_nothing(state, act, network, case_in):
    case = case_in(state)
    before = everything()
    done = set()
    for name in PEOPLE:
        with transaction.atomic():
            try:
                ACTS[act](case, getattr(network, name))
            except (PermissionDenied, ValidationError):
                assert everything() == before
            else:
                done.add(name)
                assert fresh(case).state == TRANSITIONS[act][1]
            transaction.set_rollback(True)
    assert done == TABLE.get((state, act), set())


@pytest.mark.parametrize("state", STATES)
def test_case_is_seen_by_who_decides_and_by_its_author_once_it_is_hidden(state, network, case_in):
    case = case_in(state)
    seen = {name for name in PEOPLE if Case.objects.visible_to(getattr(network, name)).exists()}
    permitted = {name for name in PEOPLE if getattr(network, name).has_perm("moderation.view_case", case)}
    assert seen == permitted == SEES | ({"bob"} if state not in {"open", "left"} else set())


def test_nobody_decides_about_themselves_or_their_own_decision(network):
    case = report(network.kaisa, network.carlos)
    with pytest.raises(PermissionDenied):
        decide(case, "leave", network.kaisa)
    assert told("office") == [("ada", "open")]  # the office has nobody else
    case = decide(case, "hide", network.ada)
    case = appeal(case, network.kaisa)
    with pytest.raises(PermissionDenied):
        answer(case, "keep", network.ada)
    assert answer(case, "restore", network.eva).state == "restored"


# What it does --------------------------------------------------------------------------------------------------------


def test_person_who_is_hidden_writes_to_nobody_until_an_appeal_lifts_it(network, case_in):
    case = case_in("hidden")
    with pytest.raises(ValidationError, match=f"You cannot write to others for now.*/reports/{case.pk}/"):
        check_may_write(network.bob)
    case = appeal(case, network.bob)
    with pytest.raises(ValidationError):
        check_may_write(network.bob)
    answer(case, "restore", network.eva)
    check_may_write(network.bob)


def test_those_concerned_are_told(network, case_in):
    case = case_in("kept")
    assert told("office") == [("kaisa", "open"), ("eva", "appealed")]
    assert told("author") == [("bob", "hidden"), ("bob", "kept")]
    assert told("reporter") == [("carlos", "hidden"), ("carlos", "kept")]
    verbs = Entry.objects.filter(object_id=case.pk, verb__startswith="report").order_by("pk")
    assert [(one.verb, one.by.name, one.audience, one.details["reason"]) for one in verbs] == [
        ("reported", "Carlos", "nobody", WORDS),
        ("report_hidden", "Kaisa", "nobody", "Not here."),
        ("report_appealed", "Bob", "nobody", "It was a joke."),
        ("report_kept", "Eva", "nobody", "We have read it."),
    ]


def test_mails_say_what_was_decided_and_nobody_who_reported(network, case_in, smtp):
    case_in("hidden")
    Sender().run()
    mails = {mail["To"]: mail for mail in smtp.messages}
    assert set(mails) == {network.bob.email, network.carlos.email}  # for Kaisa nothing waits any more
    said = mails[network.bob.email].get_body(("plain",)).get_content()
    assert "Not here." in said
    assert "Carlos" not in said
    assert f"/reports/{Case.objects.get().pk}/" in said


def test_second_report_joins_the_first_and_both_are_told(network):
    case = report(network.bob, network.carlos)
    assert report(network.bob, network.rita, "So I think too.") == case
    with pytest.raises(ValidationError, match="You have reported this already"):
        report(network.bob, network.rita)
    assert told("office") == [("kaisa", "open")]
    decide(case, "leave", network.kaisa, reason="")
    assert told("reporter") == [("rita", "left"), ("carlos", "left")]
    assert told("author") == []
    assert report(network.bob, network.carlos).pk != case.pk  # what was left may be reported anew


def test_bad_reports_are_refused(network, case_in):
    for person, by, reason, error in (
        (network.bob, network.bob, WORDS, "This is your own"),
        (network.bob, network.carlos, "\u200b", "This field cannot be blank"),
        (network.bob, network.carlos, "x" * 2_001, "at most 2000"),
    ):
        with pytest.raises(ValidationError, match=error):
            report(person, by, reason)
    with pytest.raises(PermissionDenied):
        report(network.bob, network.nora)
    with pytest.raises(PermissionDenied):
        report(network.nora, network.bob)
    assert not Report.objects.exists()
    case_in("hidden")
    with pytest.raises(ValidationError, match="A coordinator has acted on this already"):
        report(network.bob, network.rita)


def test_reasons_are_mandatory(network, case_in):
    case = case_in()
    with pytest.raises(ValidationError, match="Please say why"):
        decide(case, "hide", network.kaisa, "\u200b ")
    case = decide(case, "hide", network.kaisa)
    with pytest.raises(ValidationError, match="Please say why"):
        appeal(case, network.bob, "\u200b ")
    case = appeal(case, network.bob)
    with pytest.raises(ValidationError, match="Please say why"):
        answer(case, "restore", network.eva, "\u200b ")
    assert fresh(case).state == "appealed"


def test_one_person_reports_at_most_twenty_things_a_day(network):
    for _ in range(services.MOST_A_DAY):
        report(MemberRoleFactory(member=network.lahti).user, network.carlos)
    with pytest.raises(ValidationError, match="20 things in a day"):
        report(network.bob, network.carlos)


def test_erased_persons_leave_no_words(network, case_in):
    case = case_in("appealed")
    assert [row.get("reason") for row in own_data.read(network.bob)] == ["Not here."]
    erase_person(user=network.bob, by=network.bob)
    found = fresh(case)
    assert (found.excerpt, found.appeal, found.decision) == ("", "", "Not here.")
    erase_person(user=network.carlos, by=network.carlos)
    assert Report.objects.get().by is None


ABOUT_TEXTS = (
    "Something",
    "something you wrote",
    "author",
    "hidden",
    "Hidden",
    "shown again",
    "Show it",
    "What it says",
)


@pytest.mark.parametrize("state", STATES)
def test_words_for_a_person_are_not_those_for_a_text(state, network, case_in, client, smtp):
    case = case_in(state)
    pages = [
        case.get_absolute_url(),
        reverse("moderation:queue"),
        reverse("moderation:report_create", args=["person", network.bob.pk]),
    ]
    texts = []
    for name in ("kaisa", "eva", "ada", "bob"):
        client.force_login(getattr(network, name))
        answers = [client.get(page) for page in pages]
        texts += [strip_tags(one.text.partition("<main")[2]) for one in answers if one.status_code == 200]
    for message in Message.objects.filter(kind__startswith="moderation."):
        mail = get_kind(message.kind).render(message)
        texts += [mail.subject, mail.text]
    assert len(texts) > 4
    assert [(bad, text) for text in texts for bad in ABOUT_TEXTS if bad in text] == []


# At once -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_report_at_once_share_a_case(network):
    found = at_once(lambda: report(network.bob, network.carlos), lambda: report(network.bob, network.rita))
    assert found[0] == found[1] == Case.objects.get()
    assert Report.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_report_each_other_at_once_do_not_wait_for_ever(network):
    found = at_once(lambda: report(network.bob, network.carlos), lambda: report(network.carlos, network.bob))
    assert {one.author for one in found} == {network.bob, network.carlos}


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_once(network, case_in):
    case = case_in()
    raised = raised_at_once(
        lambda: decide(case, "hide", network.kaisa), lambda: decide(case, "leave", network.ada)
    )  # fmt: skip
    assert raised == ["ValidationError"]
    assert len(told("reporter")) == 1


# Pages ---------------------------------------------------------------------------------------------------------------


def test_from_the_report_to_the_answer_on_pages(network, client):
    client.force_login(network.carlos)
    page = reverse("moderation:report_create", args=["person", network.bob.pk])
    assert "Finnish Office" in client.get(page).text
    assert client.post(page, {"reason": ""}).context["form"].errors
    assert client.post(page, {"reason": WORDS}).url == reverse("people:person_detail", args=[network.bob.pk])
    client.force_login(network.kaisa)
    assert "Bob" in client.get(reverse("moderation:queue")).text
    case = Case.objects.get()
    text = client.get(case.get_absolute_url()).text
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    decide_url = reverse("moderation:case_decide", args=[case.pk])
    sent = client.post(decide_url, {"verdict": "hide", "reason": ""})
    assert sent.context["verdict"].errors == {"reason": ["Please say why: the person reads it."]}
    assert client.post(decide_url, {"verdict": "hide", "reason": "Not here."}).status_code == 302
    client.force_login(network.bob)
    text = client.get(case.get_absolute_url()).text
    assert ("Not here." in text, "Carlos" in text, "Kaisa" in text, "<strong>not" in text or "**not**" in text) == (
        True,
        False,
        False,
        False,
    )
    sent = client.post(reverse("moderation:case_appeal", args=[case.pk]), {"text": "It was a joke."})
    assert sent.status_code == 302
    client.force_login(network.eva)
    assert client.post(decide_url, {"verdict": "restore", "reason": "Right."}).status_code == 302
    assert fresh(case).state == "restored"
    assert client.post(decide_url, {"verdict": "restore", "reason": "Right."}).url == case.get_absolute_url()
