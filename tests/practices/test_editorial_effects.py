"""What the editorial room leaves behind: under contention, in the journal, by e-mail."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, override

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.accounts.models import User
from members.directory.models import OfficeRole
from practices.editorial import services
from practices.editorial.models import Revision
from tests.factories import (
    OfficeRoleFactory,
    PublicationFactory,
    RevisionFactory,
    UserFactory,
)
from tests.practices.acts import decide, fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db

# At once -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_who_decide_at_once_make_one_decision(cast, write):
    other = OfficeRoleFactory(office=cast.finland).user
    for verdicts in (("approved", "declined"), ("declined", "changes_requested")):
        revision = write("submitted")
        found = at_once(
            lambda r=revision, v=verdicts[0]: decide(r, v, cast.kaisa),
            lambda r=revision, v=verdicts[1]: decide(r, v, other),
        )
        (error,) = [one for one in found if isinstance(one, Exception)]
        assert isinstance(error, ValidationError)
        (decision,) = revision.decisions.all()
        assert fresh(revision).state == decision.verdict == verdicts[0 if found[1] is error else 1]
        assert error.messages == [
            f"{decision.by} has decided already. The state is now: {fresh(revision).get_state_display()}."
        ]
        assert fresh(revision.publication).version == (decision.verdict == "approved")
        assert Message.objects.filter(key=f"editorial.decision:{decision.pk}:{cast.alice.pk}").count() == 1
    assert Message.objects.filter(kind="editorial.decision").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_who_begin_revising_at_once_share_one_revision(cast):
    publication = PublicationFactory(owner=cast.lahti)
    first, second = at_once(
        lambda: services.revise_publication(publication=publication, by=cast.alice),
        lambda: services.revise_publication(publication=publication, by=cast.bob),
    )
    assert first == second == Revision.objects.get()


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_save_at_once_do_not_overwrite_each_other(cast, write):
    revision = write()

    def save(title, window):
        return services.save_revision(
            revision=revision,
            changes={"title": title},
            edition=revision.edition,
            window=window,
            final=True,
            by=cast.alice,
        )

    found = at_once(lambda: save("One", "w1"), lambda: save("Two", "w2"))
    assert [type(one) for one in found].count(services.StaleEditionError) == 1
    assert fresh(revision).edition == revision.edition + 1
    assert fresh(revision).content["title"] == ("Two" if isinstance(found[0], Exception) else "One")


# The journal ---------------------------------------------------------------------------------------------------------


def test_journal_says_who_did_what_and_who_may_know(cast, write):
    revision = write("changes_requested")
    services.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    services.take_revision(revision=revision, by=cast.kaisa)
    decide(revision, "approved", cast.kaisa)
    publication = fresh(revision.publication)
    services.withdraw_revision(revision=services.revise_publication(publication=publication, by=cast.bob), by=cast.bob)
    entries = Entry.objects.order_by("pk")
    assert [(entry.verb, entry.by, entry.audience) for entry in entries] == [
        ("drafted", cast.alice, "nobody"),
        ("submitted", cast.alice, "office"),
        ("changes_requested", cast.kaisa, "member"),
        ("submitted", cast.bob, "office"),
        ("review_taken", cast.kaisa, "nobody"),
        ("published", cast.kaisa, "network"),
        ("drafted", cast.bob, "nobody"),
        ("withdrawn", cast.bob, "office"),
    ]
    assert {(entry.object, entry.member_id, entry.office_id) for entry in entries} == {
        (publication, cast.lahti.pk, cast.finland.pk)
    }
    published = entries.get(verb="published")
    assert (published.topics, published.pathways, published.version) == (["food"], ["circular"], 1)


def test_journal_tells_a_first_from_a_later_version(cast, published):
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, title="New", state="approved")
    entries = Entry.objects.filter(verb__in=["published", "updated"]).order_by("pk")
    assert [(entry.verb, entry.version, entry.audience) for entry in entries] == [
        ("published", 1, "network"),
        ("updated", 2, "network"),
    ]


# E-mail --------------------------------------------------------------------------------------------------------------


def in_finnish(text, **values):
    with override("fi"):
        return gettext(text) % values


def test_coordinators_are_told_in_their_language(cast, write, smtp):
    finnish = OfficeRoleFactory(office=cast.finland, user=UserFactory(email="fi@network.example", language="fi")).user
    OfficeRoleFactory(office=cast.finland, role="expert")
    OfficeRoleFactory(office=cast.finland, user=UserFactory(is_active=False))
    revision = write("submitted", title="Meals & “farms”")
    assert Sender().run() == 2
    (english,) = smtp.to(cast.kaisa.email)
    (finnish_mail,) = smtp.to(finnish.email)
    assert english["Subject"] == "For review: Meals & “farms” (Lahden kaupunki)"
    assert finnish_mail["Subject"] == in_finnish(
        "For review: %(title)s (%(owner)s)", title="Meals & “farms”", owner="Lahden kaupunki"
    )
    text = english.get_body(("plain",)).get_content()
    assert "Alice (Lahden kaupunki) submitted “Meals & “farms”” for review." in text
    assert '<html lang="fi"' in finnish_mail.get_body(("html",)).get_content()
    link = reverse("editorial:revision_review", args=[revision.pk])
    assert text.count(link) == english.get_body(("html",)).get_content().count(link) == 1


def test_administrators_are_told_where_an_office_has_nobody_to_review(cast, write, smtp):
    OfficeRole.objects.filter(user=cast.kaisa).delete()
    UserFactory(is_administrator=True, is_active=False)
    write("submitted")
    assert Sender().run() == 1
    assert [mail["To"] for mail in smtp.messages] == [cast.ada.email]


@pytest.mark.parametrize("left", ["decided", "withdrawn", "gone"])
def test_coordinator_is_not_told_of_what_does_not_wait_any_more(left, cast, write, smtp):
    revision = write("submitted")
    if left == "decided":
        decide(revision, "declined", cast.kaisa)
    elif left == "withdrawn":
        services.withdraw_revision(revision=revision, by=cast.alice)
    else:
        OfficeRole.objects.filter(user=cast.kaisa).delete()
    Sender().run()
    assert smtp.to(cast.kaisa.email) == []


@pytest.mark.parametrize(
    ("verdict", "subject"),
    [
        ("approved", "Published: %(title)s"),
        ("changes_requested", "Please change: %(title)s"),
        ("declined", "Declined: %(title)s"),
    ],
)
def test_author_is_told_in_their_language_with_the_reason(verdict, subject, cast, write, smtp):
    cast.alice.language = "fi"
    cast.alice.save()
    revision = write("submitted")
    decide(revision, verdict, cast.kaisa, "Kerro <hinta> & vuosi.\n\nKiitos!")
    Message.objects.filter(kind="editorial.waiting").delete()
    assert Sender().run() == 1
    (mail,) = smtp.messages
    assert (mail["To"], mail["Subject"]) == (cast.alice.email, in_finnish(subject, title=revision.title))
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Kerro <hinta> & vuosi.\n\nKiitos!" in text
    assert '<html lang="fi"' in mail.get_body(("html",)).get_content()
    assert escape("Kerro <hinta> & vuosi.") in mail.get_body(("html",)).get_content()
    target = revision.publication if verdict == "approved" else revision
    assert target.get_absolute_url() in text


def test_author_who_left_is_not_written_to(cast, write, smtp):
    revision = write("submitted")
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    decide(revision, "approved", cast.kaisa)
    Sender().run()
    assert smtp.to(cast.alice.email) == []


def test_whoever_submitted_is_told_and_not_who_began(cast, write):
    revision = write()
    services.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    decide(revision, "declined", cast.kaisa)
    assert [message.user for message in Message.objects.filter(kind="editorial.decision")] == [cast.bob]
