"""Asks and offers: who may do what in which state, what cannot be, two at once, and what time and leaving do to them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from config.vocabulary.models import Pathway, Topic
from exchange.connections.blocks import block_person
from exchange.peers import own_data, services
from exchange.peers.dismissing import dismiss
from exchange.peers.introducing import introduce_members
from exchange.peers.models import Notice
from exchange.peers.people import people_to_tell
from exchange.peers.services import (
    StaleNoticeError,
    change_notice,
    close_notice,
    close_overdue_notices,
    fulfil_notice,
    open_notice,
    reopen_notice,
    warn_of_closing,
)
from members.accounts.models import User
from members.directory.merging import merge_member
from members.directory.models import Member
from members.people.roles import remove_person
from tests.exchange.notices import age, facts, notice, terms
from tests.factories import PublicationFactory
from tests.threads import at_once

PEOPLE = ("rita", "bob", "alice", "carlos", "xavier", "kaisa", "eva", "ada", "nora")


def later(days=60):
    return timezone.localdate() + timedelta(days=days)


ACTS = {
    "change": lambda one, by: change_notice(notice=one, facts=facts(title="Other"), **terms(), edition=one.edition, by=by),
    "close": lambda one, by: close_notice(notice=one, by=by),
    "reopen": lambda one, by: reopen_notice(notice=one, closes_on=later(), edition=one.edition, by=by),
}  # fmt: skip
# Who may, and from which state; everybody else is refused, from every other state it is not possible.
MAY = {
    "change": ({"bob", "alice"}, "open"),
    "close": ({"bob", "alice", "kaisa", "ada"}, "open"),
    "reopen": ({"bob", "alice"}, "closed"),
}


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_do_what_in_which_state(cast, person, act, state):
    one = notice(cast.lahti, cast.bob)
    if state == "closed":
        close_notice(notice=one, by=cast.bob)
        one.refresh_from_db()
    people, possible = MAY[act]
    by = getattr(cast, person)
    if person not in people:
        with pytest.raises(PermissionDenied):
            ACTS[act](one, by)
        outcome = state
    elif state != possible:
        with pytest.raises(ValidationError, match="not possible any more"):
            ACTS[act](one, by)
        outcome = state
    else:
        ACTS[act](one, by)
        outcome = {"change": "open", "close": "closed", "reopen": "open"}[act]
    assert Notice.objects.get().state == outcome


@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_open_one(cast, person):
    by = getattr(cast, person)
    if person in {"bob", "alice"}:
        assert notice(cast.lahti, by).person == by
    else:
        with pytest.raises(PermissionDenied):
            notice(cast.lahti, by)
        assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_on": timezone.localdate() - timedelta(days=1)}, "closes_on"),
        ({"closes_on": timezone.localdate() + timedelta(days=367)}, "closes_on"),
        ({"starts_on": timezone.localdate() + timedelta(days=5), "ends_on": timezone.localdate()}, "ends_on"),
        ({"ends_on": timezone.localdate() - timedelta(days=1)}, "ends_on"),
        ({"starts_on": timezone.localdate() - timedelta(days=1)}, "starts_on"),
        ({"starts_on": date(2020, 1, 1)}, "starts_on"),
        ({"starts_on": date(9999, 12, 31)}, "starts_on"),
        ({"ends_on": date(9999, 12, 31)}, "ends_on"),
        ({"formats": []}, "formats"),
        ({"formats": ["carrier_pigeon"]}, "formats"),
        ({"languages": []}, "languages"),
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"places": 0}, "places"),
        ({"places": 501}, "places"),
        ({"where": "moon"}, "where"),
    ],
)
def test_what_cannot_be(cast, changes, field):
    with pytest.raises(ValidationError) as error:
        notice(cast.lahti, cast.bob, **changes)
    assert list(error.value.message_dict) == [field]
    assert not Notice.objects.exists()


def test_topic_is_needed_and_person_belongs_to_the_member(cast):
    with pytest.raises(ValidationError, match="at least one topic"):
        notice(cast.lahti, cast.bob, topics=())
    with pytest.raises(ValidationError, match="at least one pathway"):
        notice(cast.lahti, cast.bob, pathways=())
    with pytest.raises(ValidationError, match="does not write for"):
        notice(cast.lahti, cast.bob, person=cast.rita)
    with pytest.raises(ValidationError, match="does not write for"):
        notice(cast.lahti, cast.bob, person=cast.carlos)


def test_opening_is_written_down_for_the_network(cast):
    one = notice(cast.lahti, cast.bob, "offer", topics=("water", "energy"))
    entry = Entry.objects.get(verb="offer_opened")
    assert (entry.audience, entry.member_id, sorted(entry.topics), entry.pathways, entry.object_id) == (
        "network", cast.lahti.pk, ["energy", "water"], ["resilient"], one.pk,
    )  # fmt: skip


def test_who_saved_older_words_is_told(cast):
    one = notice(cast.lahti, cast.bob)
    change_notice(notice=one, facts=facts(title="First"), **terms(), edition=1, by=cast.alice)
    with pytest.raises(StaleNoticeError) as error:
        change_notice(notice=one, facts=facts(title="Second"), **terms(), edition=1, by=cast.bob)
    assert (error.value.notice.title, error.value.notice.edition) == ("First", 2)


@pytest.mark.django_db(transaction=True)
def test_change_and_close_at_once(cast):
    one = notice(cast.lahti, cast.bob)
    found = at_once(
        lambda: change_notice(notice=one, facts=facts(title="Other"), **terms(), edition=1, by=cast.bob),
        lambda: close_notice(notice=one, by=cast.alice),
    )
    now = Notice.objects.get()
    assert now.state == "closed"
    changed = not isinstance(found[0], Exception)
    assert (now.title == "Other") is changed
    assert changed or "Closed" in str(found[0])


@pytest.mark.django_db(transaction=True)
def test_two_close_at_once(cast):
    one = notice(cast.lahti, cast.bob)
    found = at_once(*[lambda: close_notice(notice=one, by=cast.bob)] * 2)
    assert sorted(type(each).__name__ for each in found) == ["NoneType", "ValidationError"]
    assert Entry.objects.filter(verb="ask_closed").count() == 1


def test_most_that_are_open(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_OPEN", 1)
    first = notice(cast.lahti, cast.bob)
    notice(cast.lahti, cast.bob, "offer")
    with pytest.raises(ValidationError, match="close one first"):
        notice(cast.lahti, cast.bob, title="Second")
    close_notice(notice=first, by=cast.bob)
    second = notice(cast.lahti, cast.bob, title="Second")
    first.refresh_from_db()
    with pytest.raises(ValidationError, match="close one first"):
        reopen_notice(notice=first, closes_on=later(), edition=first.edition, by=cast.bob)
    assert Notice.objects.filter(state="open", kind="ask").get() == second


@pytest.mark.parametrize(
    ("zone", "hour", "closes"),
    [
        ("America/Vancouver", "2026-11-30T07:59Z", False),  # the minute before midnight there
        ("America/Vancouver", "2026-11-30T08:01Z", True),
        ("Pacific/Auckland", "2026-11-29T10:59Z", False),
        ("Pacific/Auckland", "2026-11-29T11:01Z", True),
        ("", "2026-11-29T23:59Z", False),  # nobody is in charge
        ("", "2026-11-30T00:01Z", True),
    ],
)
def test_last_day_ends_where_the_person_in_charge_is(cast, zone, hour, closes):
    with time_machine.travel("2026-11-01T12:00Z", tick=False):
        one = notice(cast.lahti, cast.bob, closes_on=date(2026, 11, 29))
    User.objects.filter(pk=cast.bob.pk).update(time_zone=zone or "Asia/Tokyo")
    if not zone:
        Notice.objects.update(person=None)
    with time_machine.travel(hour, tick=False):
        assert close_overdue_notices() == closes
    one.refresh_from_db()
    assert one.is_open is not closes


def test_first_day_that_has_passed_meanwhile_may_stay(cast):
    one = notice(cast.lahti, cast.bob, starts_on=later(0), ends_on=later(30))
    Notice.objects.update(starts_on=later(-5))
    changed = change_notice(notice=one, facts=facts(starts_on=later(-5)), **terms(), edition=1, by=cast.bob)
    assert changed.starts_on == later(-5)
    with pytest.raises(ValidationError, match="has passed"):
        change_notice(notice=one, facts=facts(starts_on=later(-4)), **terms(), edition=2, by=cast.bob)


def test_overdue_ones_close_once_and_say_so(cast):
    over, still = notice(cast.lahti, cast.bob), notice(cast.lahti, cast.bob, title="Later")
    age(over, days=31)
    assert (close_overdue_notices(), close_overdue_notices()) == (1, 0)
    over.refresh_from_db()
    still.refresh_from_db()
    assert (over.state, over.closed_because, still.state) == ("closed", "expired", "open")
    message = Message.objects.get(kind="peers.closed")
    assert (message.recipient, message.payload) == (cast.bob.email, {"notice": over.pk})


def test_a_week_before_it_closes_who_is_in_charge_hears_once_what_could_help(cast, smtp):
    soon, short = (
        notice(cast.lahti, cast.bob, closes_on=later(7)),
        notice(cast.lahti, cast.alice, title="Short", closes_on=later(5)),
    )
    notice(cast.lahti, cast.bob, title="Later", closes_on=later(8))
    Notice.objects.exclude(pk=short.pk).update(opened_at=timezone.now() - timedelta(days=20))
    warn_of_closing()
    warn_of_closing()
    assert Message.objects.get(kind="peers.closing").payload["notice"] == soon.pk
    Sender().run()
    (mail,) = [one for one in smtp.messages if "Closes on" in str(one["Subject"])]
    assert mail["To"] == cast.bob.email
    assert "Nothing that fits was found yet" in mail.get_body(("plain",)).get_content()


def test_its_last_day_is_open(cast):
    one = notice(cast.lahti, cast.bob, closes_on=timezone.localdate())
    assert close_overdue_notices() == 0
    one.refresh_from_db()
    assert one.is_open


def test_fulfilled_one_closes_and_a_closed_one_stays(cast):
    one = notice(cast.lahti, cast.bob)
    fulfil_notice(notice=one, by=cast.carlos)
    fulfil_notice(notice=one, by=cast.carlos)
    one.refresh_from_db()
    assert (one.state, one.closed_because) == ("closed", "fulfilled")
    assert Entry.objects.filter(verb="ask_closed").count() == 1


def test_opened_again_it_forgets_a_period_that_has_passed(cast):
    one = notice(cast.lahti, cast.bob, starts_on=later(1), ends_on=later(2))
    close_notice(notice=one, by=cast.bob)
    Notice.objects.update(starts_on=later(-3), ends_on=later(-2))
    one.refresh_from_db()
    with pytest.raises(ValidationError, match="has passed"):
        reopen_notice(notice=one, closes_on=later(-1), edition=one.edition, by=cast.bob)
    again = reopen_notice(notice=one, closes_on=later(10), edition=one.edition, by=cast.alice)
    assert (again.state, again.closed_because, again.starts_on, again.ends_on) == ("open", "", None, None)
    assert (again.closes_on, again.matched_at, again.person) == (later(10), None, cast.bob)


def test_who_only_reads_now_is_told_and_so_are_who_may_answer(cast):
    one = notice(cast.lahti, cast.bob)
    assert people_to_tell(cast.lahti, one) == [cast.bob]
    cast.bob.member_roles.update(role="reader")
    one = Notice.objects.get()
    assert people_to_tell(cast.lahti, one) == [cast.alice, cast.bob]
    assert people_to_tell(cast.lahti) == [cast.alice]
    cast.bob.member_roles.update(role="liaison")
    cast.alice.member_roles.update(role="reader")
    assert people_to_tell(cast.lahti, Notice.objects.get()) == [cast.bob]


def test_who_leaves_is_in_charge_no_more(cast):
    one = notice(cast.lahti, cast.bob)
    remove_person(role=cast.bob.member_roles.get(), by=cast.bob)
    one.refresh_from_db()
    assert (one.person, one.edition, one.is_open) == (None, 2, True)
    age(one, days=31)
    close_overdue_notices()
    assert Message.objects.get(kind="peers.closed").recipient == cast.alice.email


def test_member_that_only_reads_rests(cast):
    one = notice(cast.lahti, cast.bob)
    Member.objects.filter(pk=cast.lahti.pk).update(standing="read_only")
    assert list(Notice.objects.open()) == []
    assert one in Notice.objects.visible_to(cast.carlos)
    fresh = type(cast.bob).objects.get(pk=cast.bob.pk)
    with pytest.raises(PermissionDenied):
        close_notice(notice=Notice.objects.get(), by=fresh)


def test_merging_moves_them(cast):
    one = notice(cast.lahti, cast.bob)
    merge_member(member=cast.lahti, into=cast.pontevedra, by=cast.ada)
    one.refresh_from_db()
    assert (one.member, one.edition) == (cast.pontevedra, 2)


def test_publication_is_one_that_the_asker_may_read(cast, client):
    text = PublicationFactory(owner=cast.pontevedra, by=cast.carlos)
    one = notice(cast.lahti, cast.bob, publication=text)
    assert one.publication == text
    client.force_login(cast.bob)
    page = client.get(reverse("peers:ask_create") + f"?publication={text.pk}")
    assert page.context["form"].initial["publication"] == text
    assert [topic.code for topic in page.context["form"].initial["topics"]] == [
        topic.code for topic in text.topics.all()
    ]


@pytest.fixture
def asked(cast):
    """A practice of Pontevedra that a member may ask about."""
    return PublicationFactory(owner=cast.pontevedra, by=cast.carlos, title="Rain gardens", offers=["visit", "call"])


def test_owner_is_asked_by_mail_once_a_day(cast, asked, smtp):
    one = notice(cast.lahti, cast.bob, publication=asked)
    notice(cast.lahti, cast.alice, publication=asked, title="And what did it cost?")
    close_notice(notice=one, by=cast.bob)
    one.refresh_from_db()
    reopen_notice(notice=one, closes_on=later(), edition=one.edition, by=cast.bob)
    message = Message.objects.get(kind="peers.asked")
    assert (message.recipient, message.payload) == (
        cast.carlos.email,
        {"notice": one.pk, "owner": cast.pontevedra.pk},
    )
    Sender().run()
    (mail,) = [one for one in smtp.messages if one["To"] == cast.carlos.email]
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == f"{cast.lahti.name} asks about: Rain gardens"
    assert one.text in text
    assert one.get_absolute_url() in text
    assert reverse("exchanges:exchange_create") + f"?notice={one.pk}" in text


def test_nobody_is_asked_about_what_is_not_theirs_or_by_whom_they_have_blocked(cast, asked):
    own = PublicationFactory(owner=cast.lahti, by=cast.bob)
    notice(cast.lahti, cast.bob)
    notice(cast.lahti, cast.bob, publication=own, title="Ours")
    notice(cast.lahti, cast.bob, "offer", publication=asked)
    block_person(person=cast.bob, by=cast.carlos)
    notice(cast.lahti, cast.bob, publication=asked, title="Theirs")
    assert not Message.objects.filter(kind="peers.asked").exists()


def test_closed_question_is_not_sent(cast, asked, smtp):
    one = notice(cast.lahti, cast.bob, publication=asked)
    close_notice(notice=one, by=cast.bob)
    Sender().run()
    assert Message.objects.get(kind="peers.asked").state == "empty"


def test_question_begins_with_what_is_known(cast, asked, client):
    client.force_login(cast.bob)
    address = reverse("peers:ask_create") + f"?publication={asked.pk}"
    initial = client.get(address).context["form"].initial
    assert (initial["title"], initial["formats"]) == ("About “Rain gardens”", ["study_visit", "call"])
    bare = PublicationFactory(owner=cast.pontevedra, by=cast.carlos, title="x" * 100)
    initial = client.get(reverse("peers:ask_create") + f"?publication={bare.pk}").context["form"].initial
    assert (len(initial["title"]), initial["formats"]) == (100, ["call"])
    said = facts(title="About", publication=asked.pk, person=cast.bob.pk) | {
        name: [one.pk for one in found] for name, found in terms().items()
    }
    page = client.post(address, said, follow=True).content.decode()
    assert f"{cast.pontevedra.name} hears of it by e-mail." in page


def test_the_same_twice_is_one(cast):
    one = notice(cast.lahti, cast.bob)
    assert notice(cast.lahti, cast.alice, costs="host") == one
    assert notice(cast.lahti, cast.bob, "offer") != one
    assert notice(cast.lahti, cast.bob, title="Another") != one
    assert notice(cast.pontevedra, cast.carlos) != one
    close_notice(notice=one, by=cast.bob)
    assert notice(cast.lahti, cast.bob) != one
    assert Entry.objects.filter(verb="ask_opened").count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_same_twice_at_once_is_one(cast):
    found = at_once(*[lambda: notice(cast.lahti, cast.bob)] * 2)
    assert found[0] == found[1] == Notice.objects.get()
    assert Entry.objects.filter(verb="ask_opened").count() == 1


def test_dates_are_complained_of_with_the_rest(cast, client):
    client.force_login(cast.bob)
    typed = {"title": "", "text": "", "starts_on": "2020-01-01", "ends_on": "9999-12-31", "closes_on": "2020-01-01"}
    errors = client.post(reverse("peers:ask_create"), typed).context["form"].errors
    assert {"title", "text", "topics", "pathways", "starts_on", "ends_on", "closes_on"} <= set(errors)


def test_closed_ones_say_what_is_possible(cast, client):
    one = notice(cast.lahti, cast.bob)
    edit, reopen = reverse("peers:notice_edit", args=[one.pk]), reverse("peers:notice_reopen", args=[one.pk])
    client.force_login(cast.bob)
    page = client.get(reopen, follow=True)
    assert (page.redirect_chain[0][0], "It is open." in page.content.decode()) == (one.get_absolute_url(), True)
    shown = client.get(edit).context["form"].initial
    close_notice(notice=one, by=cast.alice)
    html = client.get(edit, follow=True).content.decode()
    assert "Open it again to change it." in html
    assert reopen in html
    assert "What you can do" not in html
    assert "<dt>Open until" not in html
    typed = facts(title="Typed", person=cast.bob.pk, edition=shown["edition"]) | {
        name: [each.pk for each in found] for name, found in terms().items()
    }
    html = client.post(edit, typed).content.decode()
    assert 'value="Typed"' in html
    assert "not possible any more" in html
    assert "save again to replace it" not in html
    assert reopen in html


def test_only_who_writes_is_offered_as_person_in_charge(cast, client):
    client.force_login(cast.bob)
    form = client.get(reverse("peers:ask_create")).context["form"]
    assert set(form.fields["person"].queryset) == {cast.alice, cast.bob}
    one = notice(cast.lahti, cast.alice)
    edit = reverse("peers:notice_edit", args=[one.pk])
    assert client.get(edit).context["form"].initial["person"] == cast.alice
    cast.alice.member_roles.update(role="reader")
    assert client.get(edit).context["form"].initial["person"] == cast.bob


@pytest.mark.parametrize(
    ("person", "acts"),
    [
        ("bob", {"edit", "close"}),
        ("kaisa", {"close", "propose"}),
        ("eva", {"propose"}),
        ("carlos", set()),
        ("rita", set()),
    ],
)
def test_what_the_page_of_an_open_one_offers(cast, client, person, acts):
    one = notice(cast.lahti, cast.bob)
    client.force_login(getattr(cast, person))
    html = client.get(one.get_absolute_url()).content.decode()
    addresses = {
        "edit": reverse("peers:notice_edit", args=[one.pk]),
        "close": reverse("peers:notice_close", args=[one.pk]),
        "propose": reverse("peers:introduction_create") + f"?notice={one.pk}",
    }
    assert {act for act, address in addresses.items() if address in html} == acts
    assert ("What you can do" in html) is bool(acts)
    assert reverse("people:person_detail", args=[cast.bob.pk]) in html


def test_what_is_typed_is_kept_when_something_is_wrong(cast, client):
    client.force_login(cast.bob)
    typed = {"title": "How?", "text": "<script>alert(1)</script>", "closes_on": "2020-01-01", "language": "en"}
    page = client.post(reverse("peers:ask_create"), typed)
    html = page.content.decode()
    assert (page.status_code, Notice.objects.count()) == (200, 0)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html
    assert 'value="How?"' in html


def test_form_opens_one(cast, client):
    client.force_login(cast.bob)
    said = facts(text="**Bold** <img src=x onerror=alert(1)>") | {
        "topics": [Topic.objects.get(code="water").pk], "pathways": [Pathway.objects.get(code="resilient").pk],
        "person": cast.alice.pk, "costs_note": "",
    }  # fmt: skip
    page = client.post(reverse("peers:offer_create"), said, follow=True)
    one = Notice.objects.get()
    assert (one.kind, one.member, one.person) == ("offer", cast.lahti, cast.alice)
    assert "<strong>Bold</strong>" in page.content.decode()
    assert "<img src=x" not in page.content.decode()


def test_open_notice_needs_an_active_member(cast):
    Member.objects.filter(pk=cast.lahti.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        open_notice(
            kind="ask", member=Member.objects.get(pk=cast.lahti.pk), facts=facts(), **terms(),
            by=type(cast.bob).objects.get(pk=cast.bob.pk),
        )  # fmt: skip


def test_own_data_holds_what_they_asked_refused_and_proposed(cast):
    one = notice(cast.lahti, cast.bob)
    dismiss(member=cast.lahti, target=cast.pontevedra, reason="size", note="Too small.", by=cast.bob)
    introduce_members(member=cast.lahti, peer=cast.pontevedra, note="Rain.", by=cast.kaisa)
    assert list(own_data.read_notices(cast.bob)) == [
        {"kind": "ask", "member": cast.lahti.name, "title": one.title, "text": one.text, "state": "open"}
    ]
    (refused,) = own_data.read_dismissals(cast.bob)
    assert (refused["what"], refused["reason"], refused["note"]) == (cast.pontevedra.name, "size", "Too small.")
    (proposed,) = own_data.read_introductions(cast.kaisa)
    assert (proposed["member"], proposed["peer"], proposed["note"]) == (cast.lahti.name, cast.pontevedra.name, "Rain.")
    assert not [*own_data.read_notices(cast.alice), *own_data.read_dismissals(cast.alice)]
