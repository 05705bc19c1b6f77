"""Still true? The yearly question, its links, and what comes of it."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.kit.templatetags.kit import when
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.directory.models import MemberRole, OfficeRole
from practices.editorial.services import revise_publication
from practices.library.models import Publication
from practices.library.services import archive_publication, restore_publication
from practices.upkeep.models import Check
from practices.upkeep.recipients import people_to_ask
from practices.upkeep.services import answer_check, ask_due, confirm_as_author, lapse_overdue
from practices.upkeep.tasks import ask_whether_true_task
from practices.upkeep.tokens import answer_token, answer_url
from tests.factories import (
    MemberRoleFactory,
    OfficeRoleFactory,
    PublicationFactory,
    RevisionFactory,
    UserFactory,
)
from tests.practices.acts import fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db
YEAR, LONG_AGO = timedelta(days=365), timedelta(days=400)
TRUE, UPDATE = Check.Answer.STILL_TRUE, Check.Answer.NEEDS_UPDATE
CONTACT = "food@city.example"


def confirmed(publication, ago):
    """Move the day on which it was confirmed last into the past."""
    Publication.objects.filter(pk=publication.pk).update(confirmed_at=timezone.now() - ago)
    return fresh(publication)


@pytest.fixture
def old(cast):
    """Return a practice of Lahti that nobody has confirmed for more than a year."""
    return confirmed(PublicationFactory(owner=cast.lahti, title="Meals & “farms”"), LONG_AGO)


@pytest.fixture
def check(old):
    """Return the question about it."""
    ask_due()
    return Check.objects.get(publication=old)


@pytest.fixture
def stranger():
    """A browser that has never been here and is held to CSRF checks."""
    return Client(enforce_csrf_checks=True)


def link(check, answer=TRUE, address=CONTACT):
    return answer_url(check, answer, address)


def queued(kind):
    return sorted(Message.objects.filter(kind=f"upkeep.{kind}").values_list("recipient", flat=True))


# Asking --------------------------------------------------------------------------------------------------------------


def test_what_nobody_confirmed_for_a_year_is_asked_about_once(cast, old):
    confirmed(PublicationFactory(owner=cast.lahti), YEAR - timedelta(hours=1))
    confirmed(PublicationFactory(owner=cast.lahti, state="archived"), LONG_AGO)
    PublicationFactory(owner=cast.lahti, state="unpublished")
    assert (ask_due(), ask_due()) == (1, 0)
    check = Check.objects.get()
    assert (check.publication, check.confirmed_at, check.answer) == (old, old.confirmed_at, "")
    assert queued("question") == ["alice@city.example", CONTACT]
    assert Entry.objects.filter(verb="confirmation_asked").count() == 1


def test_batches_begin_with_the_oldest_and_go_on(cast):
    rows = [confirmed(PublicationFactory(owner=cast.lahti), LONG_AGO + timedelta(days=n)) for n in range(3)]
    assert ask_due(limit=2) == 2
    assert {one.publication for one in Check.objects.all()} == {rows[1], rows[2]}
    assert ask_due(limit=2) == 1


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_ask_once(old):
    assert sorted(at_once(ask_due, ask_due)) == [0, 1]
    assert Check.objects.count() == 1
    assert queued("question") == ["alice@city.example", CONTACT]


def test_two_open_questions_about_one_text_cannot_be(check):
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.create(publication=check.publication, confirmed_at=check.confirmed_at, asked_at=timezone.now())


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, ["alice@city.example", CONTACT]),
        ({"responsible": "bob"}, ["bob@city.example", CONTACT]),
        ({"responsible": "rita"}, ["alice@city.example", CONTACT]),  # she only reads there
        ({"responsible": "carlos"}, ["alice@city.example", CONTACT]),
        ({"contact_email": ""}, ["alice@city.example"]),
        ({"contact_email": "ALICE@city.example"}, ["alice@city.example"]),
        ({"contact_email": "Bob@city.example", "responsible": "bob"}, ["bob@city.example"]),
        ({"is_demonstration": True}, [CONTACT]),
        ({"is_demonstration": True, "responsible": "bob"}, ["bob@city.example", CONTACT]),
        ({"is_demonstration": True, "contact_email": "", "responsible": "bob"}, ["bob@city.example"]),
    ],
)
def test_who_is_asked(facts, asked, cast, old):
    values = facts | {"responsible": getattr(cast, facts.get("responsible", ""), None)}
    Publication.objects.filter(pk=old.pk).update(**values)
    ask_due()
    assert queued("question") == asked


def test_demonstration_that_nobody_can_answer_is_not_asked_about(old):
    Publication.objects.filter(pk=old.pk).update(is_demonstration=True, contact_email="")
    assert ask_due() == 0


def test_somebody_who_left_is_not_asked_and_what_nobody_looks_after_lapses(cast, old):
    cast.alice.is_active = False
    cast.alice.save()
    Publication.objects.filter(pk=old.pk).update(responsible=cast.alice, contact_email="")
    assert ask_due() == 1
    assert queued("question") == []
    Check.objects.update(asked_at=timezone.now() - timedelta(days=61))
    assert lapse_overdue() == 1
    assert fresh(old).unconfirmed_at


def test_an_offices_own_work_is_asked_of_its_coordinators(cast):
    other = OfficeRoleFactory(office=cast.finland, user=UserFactory(email="other@network.example")).user
    OfficeRoleFactory(office=cast.finland, role="expert")
    confirmed(PublicationFactory(owner=cast.finland, contact_email="info@network.example"), LONG_AGO)
    ask_due()
    assert queued("question") == ["info@network.example", "kaisa@network.example", other.email]


@pytest.mark.parametrize(("language", "written"), [("fi", "fi"), ("mk", "mk"), ("fi-FI", "fi"), ("de", "en")])
def test_contact_is_written_to_in_the_language_of_the_text(language, written, cast, old):
    Publication.objects.filter(pk=old.pk).update(language=language)
    cast.alice.language = "mk"
    cast.alice.save()
    languages = {one.address: (one.language, one.user) for one in people_to_ask(fresh(old))}
    assert languages == {"alice@city.example": ("mk", cast.alice), CONTACT: (written, None)}


def test_mail_says_what_it_is_about_and_has_two_links(check, smtp):
    Publication.objects.filter(pk=check.publication_id).update(summary="Forty schools <cook>.")
    Sender().run()
    (mail,) = smtp.to(CONTACT)
    assert mail["Subject"] == "Still true? Meals & “farms”"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for answer in (TRUE, UPDATE):
        assert text.count(link(check, answer)) == html.count(link(check, answer)) == 1
    assert "Forty schools <cook>." in text
    assert "Forty schools &lt;cook&gt;." in html
    day = when(timezone.localdate(check.confirmed_at))
    assert f"It was last confirmed on {day}. Is it still true?" in text
    assert link(check, TRUE, "alice@city.example") not in text
    assert "you look after “Meals & “farms””" in text


@pytest.mark.parametrize("left", ["answered", "confirmed", "revised", "archived"])
def test_mail_is_not_sent_once_there_is_nothing_to_ask(left, cast, check, smtp):
    if left == "answered":
        answer_check(check=check, answer=TRUE, address=CONTACT, by=None)
    elif left == "confirmed":
        confirm_as_author(publication=check.publication, by=cast.bob)
    elif left == "revised":
        RevisionFactory(publication=check.publication, by=cast.bob, reviewer=cast.kaisa, state="approved", title="New")
    else:
        archive_publication(publication=check.publication, reason="Over.", by=cast.kaisa)
    Sender().run()
    assert smtp.to(CONTACT) == []


def test_author_is_asked_on_the_page_itself_and_readers_are_not(cast, check, as_person):
    page = check.publication.get_absolute_url()
    form = f'<form method="post" action="{page}still-true/">'
    assert form in as_person(cast.bob).get(page).text
    for name in ("rita", "kaisa"):
        text = as_person(getattr(cast, name)).get(page).text
        assert (form in text, "&lt;" in text.partition("<main")[2].partition("<article")[0]) == (False, False)


# The links -----------------------------------------------------------------------------------------------------------


def test_still_true_without_signing_in(check, stranger):
    page = stranger.get(link(check))
    assert page.status_code == 200
    assert "Is this still true?" in page.text
    assert page.text.partition("<main")[2].count("<button") == 1
    assert fresh(check).answered_at is None
    answer = stranger.post(link(check))
    assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)
    assert "It is confirmed today." in answer.text
    check, publication = fresh(check), fresh(check.publication)
    assert (check.answer, check.answered_by, check.answered_from) == (TRUE, None, CONTACT)
    assert timezone.now() - publication.confirmed_at < timedelta(minutes=1)
    entry = Entry.objects.get(verb="confirmed")
    assert (entry.object, entry.by, entry.details, entry.audience) == (
        publication, None, {"check": check.pk}, "nobody",
    )  # fmt: skip
    assert ask_due() == 0


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_a_link_changes_nothing(method, check, stranger):
    before = Check.objects.values().get(), Publication.objects.values().get()
    for answer in (TRUE, UPDATE):
        assert getattr(stranger, method)(link(check, answer)).status_code == 200
    assert (Check.objects.values().get(), Publication.objects.values().get()) == before


def test_needs_an_update_tells_who_looks_after_it_and_changes_nothing_yet(cast, check, stranger, smtp):
    Message.objects.all().delete()
    answer = stranger.post(link(check, UPDATE))
    assert "We have told the people who look after it." in answer.text
    assert "Revise" not in answer.text
    publication = fresh(check.publication)
    assert (publication.confirmed_at, publication.unconfirmed_at) == (check.confirmed_at, None)
    assert Entry.objects.get(verb="update_wanted").audience == "member"
    Sender().run()
    (mail,) = smtp.messages
    assert (mail["To"], mail["Subject"]) == ("alice@city.example", "Needs an update: Meals & “farms”")
    text = mail.get_body(("plain",)).get_content()
    assert f"Somebody at {CONTACT} says that" in text
    assert publication.get_absolute_url() in text


def test_author_who_is_signed_in_is_led_to_revising(cast, as_person, check):
    Message.objects.all().delete()
    answer = as_person(cast.alice).post(link(check, UPDATE, "alice@city.example"))
    assert f'action="{reverse("editorial:publication_revise", args=[check.publication_id])}"' in answer.text
    assert fresh(check).answered_by == cast.alice
    assert queued("update_wanted") == []


def test_reader_who_is_signed_in_is_not_led_to_revising(cast, as_person, check):
    answer = as_person(cast.carlos).post(link(check, UPDATE))
    assert "Revise" not in answer.text
    assert queued("update_wanted") == ["alice@city.example"]


def test_used_link_says_what_was_answered_and_changes_nothing(check, stranger):
    stranger.post(link(check, UPDATE))
    before = Check.objects.values().get(), Message.objects.count(), Entry.objects.count()
    for answer in (TRUE, UPDATE):
        for method in (stranger.get, stranger.post):
            page = method(link(check, answer))
            assert page.status_code == 200
            assert "This question is closed" in page.text
            assert "it needs an update." in page.text
            assert "<button>" not in page.text.partition("<main")[2]
    assert (Check.objects.values().get(), Message.objects.count(), Entry.objects.count()) == before


@pytest.mark.parametrize("left", ["revised", "archived", "asked anew"])
def test_outdated_link_says_so_and_changes_nothing(left, cast, check, stranger):
    if left == "revised":
        RevisionFactory(publication=check.publication, by=cast.bob, reviewer=cast.kaisa, state="approved", title="New")
    elif left == "archived":
        archive_publication(publication=check.publication, reason="Over.", by=cast.kaisa)
    else:
        Check.objects.update(asked_at=timezone.now() - LONG_AGO)
        assert ask_due() == 1
    before = Publication.objects.values().get(), list(Check.objects.values())
    for method in (stranger.get, stranger.post):
        page = method(link(check))
        assert (page.status_code, "There is nothing to do." in page.text) == (200, True)
        assert "Meals" not in page.text
    assert (Publication.objects.values().get(), list(Check.objects.values())) == before


@pytest.mark.parametrize(
    "forged", ["1", "x", "{token}x", "x{token}", "{pk}:still_true:food@city.example", "{other}", "😀", "%00", "a" * 900]
)
def test_forged_link_is_told_to_be_none(forged, check, stranger):
    token = answer_token(check, TRUE, CONTACT)
    rest = token.split(":", 1)[1]
    other = answer_token(check, UPDATE, CONTACT).split(":", 1)[0] + ":" + rest
    bad = forged.format(token=token, pk=check.pk, other=other)
    for method in (stranger.get, stranger.post):
        page = method(f"/still-true/{bad}/")
        assert page.status_code in ({400, 404} if bad == "%00" else {404})
    assert "This link does not work" in stranger.get("/still-true/x/").text
    assert fresh(check).answered_at is None


def test_link_of_a_text_that_is_gone_is_told_to_be_none(check, stranger):
    url = link(check)
    check.publication.delete()
    assert stranger.post(url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_make_one(check):
    answers = [lambda a=a: answer_check(check=check, answer=a, address=CONTACT, by=None) for a in (TRUE, UPDATE)]
    found = at_once(*answers)
    (error,) = [one for one in found if isinstance(one, Exception)]
    assert error.messages == ["This question is closed."]
    won = (UPDATE, TRUE)[found.index(error) == 1]
    assert fresh(check).answer == won
    assert (fresh(check.publication).confirmed_at > check.confirmed_at) == (won == TRUE)


def test_page_speaks_the_language_of_the_mail(cast, check, stranger, as_person):
    Publication.objects.filter(pk=check.publication_id).update(language="fi")
    assert '<html lang="fi"' in stranger.get(link(check)).text
    cast.carlos.language = "mk"
    cast.carlos.save()
    assert '<html lang="mk"' in as_person(cast.carlos).get(link(check)).text
    stranger.cookies["django_language"] = "en"
    assert '<html lang="en"' in stranger.get(link(check)).text


# Nobody answers ------------------------------------------------------------------------------------------------------


def asked(check, ago):
    Check.objects.filter(pk=check.pk).update(asked_at=timezone.now() - ago)


@pytest.mark.parametrize(("days", "answer", "lapses"), [(59, "", 0), (60, "", 1), (60, UPDATE, 1), (400, TRUE, 0)])
def test_what_is_not_confirmed_in_60_days_lapses(days, answer, lapses, check):
    if answer:
        answer_check(check=check, answer=answer, address=CONTACT, by=None)
    asked(check, timedelta(days=days, minutes=1))
    assert (lapse_overdue(), lapse_overdue()) == (lapses, 0)
    assert bool(fresh(check.publication).unconfirmed_at) == bool(fresh(check).lapsed_at) == bool(lapses)
    assert queued("lapsed") == ["alice@city.example"] * lapses
    assert Entry.objects.filter(verb="lapsed").count() == lapses


def test_lapsed_question_can_still_be_answered_and_that_clears_it(check, stranger, smtp):
    asked(check, timedelta(days=61))
    lapse_overdue()
    Message.objects.exclude(kind="upkeep.lapsed").delete()
    Sender().run()
    (mail,) = smtp.messages
    url = re.search(r"http\S+/still-true/\S+", mail.get_body(("plain",)).get_content()).group()
    stranger.post(url)
    assert fresh(check.publication).unconfirmed_at is None
    assert fresh(check).answer == TRUE


@pytest.mark.parametrize("act", ["confirm", "revise"])
def test_later_confirmation_or_revision_clears_it(act, cast, check, smtp):
    asked(check, timedelta(days=61))
    lapse_overdue()
    publication = fresh(check.publication)
    if act == "confirm":
        confirm_as_author(publication=publication, by=cast.bob)
    else:
        RevisionFactory(publication=publication, by=cast.bob, reviewer=cast.kaisa, state="approved", title="New")
    assert fresh(publication).unconfirmed_at is None
    Sender().run()
    assert [mail["To"] for mail in smtp.messages if mail["Subject"].startswith("Not confirmed")] == []
    assert (lapse_overdue(), ask_due()) == (0, 0)


def test_archived_text_does_not_lapse_before_it_is_published_again(cast, check):
    archive_publication(publication=check.publication, reason="Over.", by=cast.kaisa)
    asked(check, timedelta(days=61))
    assert lapse_overdue() == 0
    restore_publication(publication=fresh(check.publication), by=cast.kaisa)
    assert lapse_overdue() == 1


def test_a_year_later_it_is_asked_again_and_told_only_once(check):
    asked(check, LONG_AGO)
    lapse_overdue()
    ask_whether_true_task()
    first, second = Check.objects.order_by("pk")
    assert (bool(first.overtaken_at), bool(second.overtaken_at)) == (True, False)
    asked(second, timedelta(days=61))
    assert lapse_overdue() == 1
    assert queued("lapsed") == ["alice@city.example"]


@pytest.mark.django_db(transaction=True)
def test_lapsing_and_confirming_at_once_end_as_confirmed(cast, check):
    asked(check, timedelta(days=61))
    lapsed, _ = at_once(lapse_overdue, lambda: confirm_as_author(publication=check.publication, by=cast.bob))
    assert lapsed in {0, 1}
    assert fresh(check.publication).unconfirmed_at is None


# On the page ---------------------------------------------------------------------------------------------------------


def page(as_person, who, publication):
    return " ".join(as_person(who).get(publication.get_absolute_url()).text.split())


CONFIRM = "It is still true"


def test_authors_confirm_at_any_time_and_others_do_not(cast, as_person):
    publication = confirmed(PublicationFactory(owner=cast.lahti), timedelta(days=10))
    before = publication.confirmed_at
    for name in ("rita", "carlos", "kaisa", "eva", "ada", "xavier"):
        person = getattr(cast, name)
        assert CONFIRM not in page(as_person, person, publication)
        with pytest.raises(PermissionDenied):
            confirm_as_author(publication=publication, by=person)
    assert CONFIRM in page(as_person, cast.bob, publication)
    answer = as_person(cast.bob).post(reverse("upkeep:publication_confirm", args=[publication.pk]), follow=True)
    assert "It is confirmed today." in answer.text
    assert fresh(publication).confirmed_at > before
    assert Entry.objects.get(verb="confirmed").by == cast.bob


def test_confirming_on_the_page_answers_the_question(cast, check):
    confirm_as_author(publication=check.publication, by=cast.bob)
    check = fresh(check)
    assert (check.answer, check.answered_by, check.answered_from) == (TRUE, cast.bob, "")


@pytest.mark.parametrize("state", ["unpublished", "archived"])
def test_only_what_is_published_is_confirmed(state, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, state=state)
    assert CONFIRM not in page(as_person, cast.bob, publication)
    with pytest.raises(ValidationError):
        confirm_as_author(publication=publication, by=cast.bob)


def test_readers_see_since_when_it_is_not_confirmed(cast, as_person, check):
    text = "Not confirmed since"
    assert text not in page(as_person, cast.carlos, check.publication)
    asked(check, timedelta(days=61))
    lapse_overdue()
    shown = page(as_person, cast.carlos, check.publication)
    assert f"{text} {when(timezone.localdate(check.confirmed_at))}" in shown
    assert CONFIRM not in shown
    assert CONFIRM in page(as_person, cast.alice, check.publication)
    assert text in as_person(cast.carlos).get(reverse("search:publication_list")).text
    confirm_as_author(publication=check.publication, by=cast.bob)
    assert text not in page(as_person, cast.carlos, check.publication)


def test_readers_hear_of_an_update_once_somebody_writes_it(cast, as_person, check):
    asks, under_way = "We were told on", "An update is under way."
    answer_check(check=check, answer=UPDATE, address=CONTACT, by=None)
    assert asks in page(as_person, cast.bob, check.publication)
    for who in (cast.bob, cast.carlos):
        assert under_way not in page(as_person, who, check.publication)
    revise_publication(publication=check.publication, by=cast.bob)
    shown = page(as_person, cast.carlos, check.publication)
    assert (under_way in shown, asks in shown) == (True, False)


def test_roles_are_asked_when_the_mail_is_sent(cast, check, smtp):
    answer_check(check=check, answer=UPDATE, address=CONTACT, by=None)
    MemberRole.objects.filter(user=cast.alice).update(role="reader")
    OfficeRole.objects.all().delete()
    MemberRoleFactory(member=cast.lahti, role="liaison")
    Sender().run()
    assert [mail["To"] for mail in smtp.messages if mail["Subject"].startswith("Needs")] == []
