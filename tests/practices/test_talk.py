"""Internal notes, the thread of authors and reviewers, and who is told of what."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.outbox.models import Message
from config.outbox.sender import Sender
from members.accounts.models import User
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from practices.editorial import desk, services, talking
from practices.editorial.models import Note, Remark
from practices.library.models import Publication
from practices.library.queries import authors_to_tell
from tests.factories import MemberRoleFactory, OfficeRoleFactory, RevisionFactory
from tests.practices.acts import decide, fresh

pytestmark = pytest.mark.django_db
EVERYBODY = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")


def note(revision, by, text="Is this new?"):
    return talking.add_note(publication=revision.publication, revision=revision, text=text, by=by)


def remark(revision, by, text="Where is the report?"):
    return talking.add_remark(revision=revision, text=text, by=by)


def told(remark):
    keys = Message.objects.filter(kind="editorial.remark", payload={"remark": remark.pk})
    return sorted(keys.values_list("recipient", flat=True))


def review_page(revision):
    return reverse("editorial:revision_review", args=[revision.pk])


# Notes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_notes_are_of_the_reviewers_of_that_revision_alone(name, cast, write):
    revision, person = write("submitted"), getattr(cast, name)
    if name in {"kaisa", "ada"}:
        assert note(revision, person).by == person
    else:
        with pytest.raises(PermissionDenied):
            note(revision, person)
    about = note(revision, cast.ada)
    assert Note.objects.visible_to(person).filter(pk=about.pk).exists() == (name in {"kaisa", "ada"})


@pytest.mark.parametrize("role", MemberRole.Role.values)
def test_notes_are_hidden_from_reviewers_who_are_of_the_owner(role, cast, write):
    revision = write("submitted")
    note(revision, cast.kaisa)
    for person in (cast.kaisa, cast.ada):
        MemberRoleFactory(user=person, member=cast.lahti, role=role)
        forget_roles(person)
        assert not Note.objects.visible_to(person).exists()
        with pytest.raises(PermissionDenied):
            note(revision, person)


def test_notes_are_hidden_from_coordinators_who_are_authors(cast):
    """Who coordinates both offices decides on the lower one's work, and is its author."""
    both = OfficeRoleFactory(office=cast.europe).user
    OfficeRoleFactory(office=cast.finland, user=both)
    revision = RevisionFactory(owner=cast.finland, by=cast.kaisa, state="submitted")
    note(revision, cast.eva)
    assert both.has_perm("editorial.review_revision", revision)
    assert not Note.objects.visible_to(both).exists()
    with pytest.raises(PermissionDenied):
        note(revision, both)


def test_notes_go_along_to_the_office_that_decides(cast, write):
    revision = write("submitted")
    note(revision, cast.kaisa)
    desk.hand_over_revision(revision=revision, office=cast.europe, reason="Theirs.", by=cast.kaisa)
    assert Note.objects.visible_to(cast.eva).exists()
    assert not Note.objects.visible_to(cast.kaisa).exists()
    with pytest.raises(PermissionDenied):
        note(fresh(revision), cast.kaisa)


def test_notes_are_on_the_pages_of_reviewers_and_never_of_authors(cast, as_person, write, published):
    revision = write("submitted")
    url = reverse("editorial:note_add", args=[revision.pk])
    answer = as_person(cast.kaisa).post(url, {"text": "**Secret** <script>alert(1)</script> [x](javascript:alert(1))"})
    assert answer.url == f"{review_page(revision)}#notes"
    html = as_person(cast.ada).get(review_page(revision)).content.decode()
    assert "<strong>Secret</strong>" in html
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    for person, path in ((cast.alice, revision.get_absolute_url()), (cast.eva, review_page(revision))):
        assert "Secret" not in as_person(person).get(path).content.decode()
    assert not Message.objects.filter(kind="editorial.remark").exists()
    url = reverse("editorial:publication_note_add", args=[published.pk])
    assert as_person(cast.kaisa).post(url, {"text": "About the text"}).status_code == 302
    trust = reverse("editorial:publication_trust", args=[published.pk])
    assert "About the text" in as_person(cast.ada).get(trust).content.decode()
    assert "About the text" not in as_person(cast.kaisa).get(published.get_absolute_url()).content.decode()


# The thread ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_thread_is_of_authors_and_reviewers_alone(name, cast, write):
    revision, person = write("submitted"), getattr(cast, name)
    sides = {"alice": "author", "bob": "author", "kaisa": "reviewer", "ada": "reviewer"}
    if name in sides:
        assert remark(revision, person).side == sides[name]
    else:
        with pytest.raises(PermissionDenied):
            remark(revision, person)
    about = remark(revision, cast.ada)
    assert Remark.objects.visible_to(person).filter(pk=about.pk).exists() == (name in sides)


def test_thread_is_on_the_pages_of_both_sides_through_all_reviews(cast, as_person, write):
    revision = write("submitted")
    url = reverse("editorial:remark_add", args=[revision.pk])
    assert as_person(cast.alice).post(url, {"text": "The *report* is <b>there</b>."}).url == (
        f"{revision.get_absolute_url()}#thread"
    )
    assert as_person(cast.kaisa).post(url, {"text": "Thank you."}).url == f"{review_page(revision)}#thread"
    decide(revision, "declined", cast.kaisa)
    again = services.revise_publication(publication=revision.publication, by=cast.bob)
    again = services.submit_revision(revision=again, edition=again.edition, by=cast.bob)
    for person, path in (
        (cast.bob, revision.get_absolute_url()),
        (cast.kaisa, review_page(revision)),
        (cast.alice, again.get_absolute_url()),
        (cast.kaisa, review_page(again)),
    ):
        html = as_person(person).get(path).content.decode()
        assert "The <em>report</em> is &lt;b&gt;there&lt;/b&gt;." in html
        assert "Thank you." in html


def test_former_office_reads_the_thread_and_does_not_write(cast, as_person, write):
    revision = write("submitted")
    remark(revision, cast.alice)
    desk.hand_over_revision(revision=revision, office=cast.europe, reason="Theirs.", by=cast.kaisa)
    html = as_person(cast.kaisa).get(review_page(revision)).content.decode()
    assert "Where is the report?" in html
    assert reverse("editorial:remark_add", args=[revision.pk]) not in html
    with pytest.raises(PermissionDenied):
        remark(fresh(revision), cast.kaisa)


def test_nothing_is_said_before_it_is_submitted(cast, write):
    with pytest.raises(ValidationError, match="once it is submitted"):
        remark(write(), cast.alice)
    assert not Remark.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 100_000, "a\x00b"])
@pytest.mark.parametrize(("name", "model"), [("remark_add", Remark), ("note_add", Note)])
def test_bad_words_are_told_beside_the_field(name, model, text, cast, as_person, write):
    answer = as_person(cast.kaisa).post(reverse(f"editorial:{name}", args=[write("submitted").pk]), {"text": text})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["text"])
    assert not model.objects.exists()


@pytest.mark.parametrize("text", ["", "x" * 5001, "a\x00b"])
def test_services_check_the_words_themselves(text, cast, write):
    revision = write("submitted")
    for act in (note, remark):
        with pytest.raises(ValidationError) as caught:
            act(revision, cast.kaisa, text)
        assert list(caught.value.message_dict) == ["text"]


# E-mail --------------------------------------------------------------------------------------------------------------


def test_remark_is_told_to_the_other_side(cast, write):
    other = OfficeRoleFactory(office=cast.finland).user
    revision = write("submitted")
    assert told(remark(revision, cast.bob)) == sorted([cast.kaisa.email, other.email])
    services.take_revision(revision=revision, by=cast.kaisa)
    assert told(remark(fresh(revision), cast.bob)) == [cast.kaisa.email]
    assert told(remark(revision, other)) == [cast.alice.email]
    User.objects.filter(pk=cast.kaisa.pk).update(is_active=False)
    assert told(remark(fresh(revision), cast.alice)) == [other.email]


def test_remark_reaches_with_its_words_and_a_link_to_the_reader_s_own_page(cast, write, smtp):
    revision = write("in_review")
    remark(revision, cast.alice, "See <page> 4 & 5.")
    remark(revision, cast.kaisa, "Thank you.")
    Message.objects.exclude(kind="editorial.remark").delete()
    assert Sender().run() == 2
    (mail,) = smtp.to(cast.kaisa.email)
    assert mail["Subject"] == f"About the review of: {revision.title}"
    text = mail.get_body(("plain",)).get_content()
    assert "See <page> 4 & 5." in text
    assert f"{review_page(revision)}#thread" in text
    assert "See &lt;page&gt; 4 &amp; 5." in mail.get_body(("html",)).get_content()
    (mail,) = smtp.to(cast.alice.email)
    assert f"{revision.get_absolute_url()}#thread" in mail.get_body(("plain",)).get_content()


def test_remark_is_not_sent_to_who_has_left_meanwhile(cast, write, smtp):
    revision = write("in_review")
    remark(revision, cast.alice)
    cast.kaisa.office_roles.all().delete()
    Message.objects.exclude(kind="editorial.remark").delete()
    Sender().run()
    assert smtp.messages == []


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("", ["bob"]),
        ("inactive", ["alice"]),
        ("another member", ["alice"]),
        ("reader now", ["alice"]),
        ("responsible", ["rita"]),
        ("nobody", []),
    ],
)
def test_authors_to_tell_are_the_submitter_the_responsible_or_the_liaisons(gone, found, cast, published):
    if gone == "inactive":
        User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    elif gone:
        cast.bob.member_roles.update(role="reader") if gone == "reader now" else cast.bob.member_roles.all().delete()
    if gone == "responsible":
        cast.rita.member_roles.update(role="contributor")
        Publication.objects.update(responsible=cast.rita)
    if gone == "nobody":
        cast.alice.member_roles.all().delete()
        Publication.objects.update(responsible=cast.rita)  # a reader by now
    submitter = User.objects.get(pk=cast.bob.pk)
    assert authors_to_tell(fresh(published), submitter) == [getattr(cast, name) for name in found]


def test_authors_to_tell_are_those_who_may_of_each_role_in_turn(cast, published):
    """Who may not do what the mail is about gets none; contributors are asked where the caller names them."""
    both = ("liaison", "contributor")
    second = MemberRoleFactory(member=cast.lahti, role="contributor").user
    Publication.objects.update(responsible=cast.bob)
    assert authors_to_tell(fresh(published), None) == [cast.bob]
    assert authors_to_tell(fresh(published), cast.alice) == [cast.alice]
    assert authors_to_tell(fresh(published), cast.alice, roles=both, may=lambda one: one == second) == [second]
    assert authors_to_tell(fresh(published), cast.alice, roles=both, may=lambda _one: False) == []
    Publication.objects.update(responsible=None)
    cast.alice.member_roles.all().delete()
    assert authors_to_tell(fresh(published), None) == []
    assert authors_to_tell(fresh(published), None, roles=both) == [cast.bob, second]


def test_authors_to_tell_of_an_office_are_its_coordinators(cast):
    revision = RevisionFactory(owner=cast.finland, by=cast.kaisa, state="submitted")
    other = OfficeRoleFactory(office=cast.finland).user
    assert authors_to_tell(revision.publication, None) == [cast.kaisa, other]


def test_decision_is_told_to_the_liaisons_where_who_submitted_has_left(cast, write):
    revision = write(by=cast.bob)
    services.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    cast.bob.member_roles.all().delete()
    second = MemberRoleFactory(member=cast.lahti, role="liaison").user
    decide(revision, "declined", cast.kaisa)
    told_of_it = Message.objects.filter(kind="editorial.decision").order_by("pk")
    assert [message.user for message in told_of_it] == [cast.alice, second]
