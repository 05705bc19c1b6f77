"""Earlier versions, who else is editing, and who looks after a text."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.directory.models import MemberRole
from practices.editorial.history import compare, restore_version, versions_of
from practices.editorial.models import Revision
from practices.editorial.responsibility import reassign_publication
from practices.library.models import Publication
from tests.factories import MemberRoleFactory, PublicationFactory, RevisionFactory
from tests.practices.acts import decide, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice(cast, published):
    """Return a practice that was loaded by an import and changed by an approved revision."""
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, state="approved", title="New title",
                    contact_person="Bob", links=[{"title": "L", "url": "https://city.example/"}])  # fmt: skip
    return fresh(published)


def url(name, *args):
    return reverse(f"editorial:{name}", args=args)


def test_imported_text_and_each_approved_one_are_versions(cast, twice):
    assert [(one.version, one.content["title"], one.submitted_by) for one in versions_of(twice)] == [
        (2, "New title", cast.bob), (1, "Old title", None),
    ]  # fmt: skip
    RevisionFactory(publication=twice, by=cast.bob, reviewer=cast.kaisa, state="declined", title="Declined")
    RevisionFactory(publication=twice, by=cast.bob, state="draft", title="Draft")
    assert [one.version for one in versions_of(twice)] == [2, 1]


def test_every_reader_reads_and_compares_versions(cast, as_person, twice):
    client = as_person(cast.carlos)
    page = client.get(url("publication_history", twice.pk))
    assert [(one.name, str(one.html)) for one in page.context["diffs"]] == [
        ("title", "<del>Old</del><ins>New</ins> title"),
        ("links", '<ul class="diff-rows"><li><ins>L · https://city.example/</ins></li></ul>'),
    ]
    back = client.get(url("publication_history", twice.pk), {"old": "2", "new": "1"})
    assert str(back.context["diffs"][0].html) == "<del>New</del><ins>Old</ins> title"
    old = client.get(url("publication_version", twice.pk, 1)).content.decode()
    assert "Old title" in old
    assert "Begin a revision from this version" not in old
    assert "Bob" not in client.get(url("publication_version", twice.pk, 2)).content.decode().partition("<article")[2]


@pytest.mark.parametrize("query", ["old=1&new=9", "old=x&new=1", "old=1", "old=99999999999999&new=1"])
def test_comparing_what_is_not_there_is_not_found(query, cast, as_person, twice):
    assert as_person(cast.rita).get(f"{url('publication_history', twice.pk)}?{query}").status_code == 404


def test_history_of_what_one_may_not_read_is_not_found(cast, as_person, twice):
    Publication.objects.filter(pk=twice.pk).update(state="archived", archived_reason="x")
    for name, args in (("publication_history", ()), ("publication_version", (1,))):
        assert as_person(cast.carlos).get(url(name, twice.pk, *args)).status_code == 404
        assert as_person(cast.alice).get(url(name, twice.pk, *args)).status_code == 200


def test_earlier_version_is_begun_from_again_and_reviewed(cast, as_person, twice):
    answer = as_person(cast.alice).post(url("version_restore", twice.pk, 1))
    revision = Revision.objects.open().get()
    assert answer.url == url("revision_edit", revision.pk, "check")
    assert (revision.content["title"], revision.content["links"], revision.base_version) == ("Old title", [], 2)
    assert revision.content["contact_person"] == "Bob"  # the name of today, not of then
    assert fresh(twice).title == "New title"
    assert Entry.objects.filter(verb="drafted").last().details == {"revision": revision.pk, "restored": 1}
    with pytest.raises(ValidationError, match="A revision is in progress"):
        restore_version(publication=twice, version=2, by=cast.bob)


def test_what_cannot_be_restored_says_why(cast, twice):
    for person in ("rita", "carlos", "kaisa", "ada", "eva"):
        with pytest.raises(PermissionDenied):
            restore_version(publication=twice, version=1, by=getattr(cast, person))
    with pytest.raises(ValidationError, match="no such version"):
        restore_version(publication=twice, version=7, by=cast.alice)
    Publication.objects.filter(pk=twice.pk).update(state="archived", archived_reason="x")
    with pytest.raises(ValidationError, match="archived"):
        restore_version(publication=twice, version=1, by=cast.alice)


def test_history_takes_as_many_queries_for_one_version_as_for_many(cast, as_person, twice, django_assert_num_queries):
    client = as_person(cast.rita)
    with django_assert_num_queries(7):
        client.get(url("publication_history", twice.pk))
    for number in range(4):
        RevisionFactory(
            publication=fresh(twice), by=cast.bob, reviewer=cast.kaisa, state="approved", title=f"T{number}"
        )
    with django_assert_num_queries(7):
        client.get(url("publication_history", twice.pk))


def test_compare_of_a_version_with_itself_is_empty(twice):
    version = versions_of(twice).first()
    assert compare(version, version) == []


# Who else is editing -------------------------------------------------------------------------------------------------


def test_others_who_have_the_text_open_are_named(cast, client, write):
    revision = write()

    def ping(person, step):
        client.force_login(person)
        return " ".join(client.post(url("revision_presence", revision.pk, step)).content.decode().split())

    assert ping(cast.alice, "story") == ""
    assert "Alice has this text open too, at the step “The story”." in ping(cast.bob, "money")
    assert "Bob has this text open too, at the step “Money and time”." in ping(cast.alice, "story")
    client.force_login(cast.carlos)
    assert client.post(url("revision_presence", revision.pk, "story")).status_code == 404
    client.force_login(cast.bob)
    assert client.post(url("revision_presence", revision.pk, "nowhere")).status_code == 403
    other = RevisionFactory(by=cast.alice, owner=cast.lahti)
    assert client.post(url("revision_presence", other.pk, "story")).content.decode().strip() == ""


# Who looks after it --------------------------------------------------------------------------------------------------


def test_text_of_somebody_who_left_is_shown_to_colleagues_and_reassigned(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, by=cast.bob)
    assert publication.responsible == cast.bob
    client = as_person(cast.alice)
    assert list(client.get(url("my_work")).context["forsaken"]) == []
    MemberRole.objects.filter(user=cast.bob).delete()
    assert list(client.get(url("my_work")).context["forsaken"]) == [publication]
    page = client.get(url("publication_assign", publication.pk))
    assert list(page.context["form"].fields["to"].queryset) == [cast.alice]
    answer = client.post(url("publication_assign", publication.pk), {"to": cast.alice.pk}, follow=True)
    assert "Alice looks after it now." in answer.content.decode()
    assert fresh(publication).responsible == cast.alice
    assert list(client.get(url("my_work")).context["forsaken"]) == []
    assert Entry.objects.filter(verb="reassigned").get().details == {"to": cast.alice.pk}


@pytest.mark.parametrize("left", ["closed", "reader", "nobody"])
def test_person_who_does_not_write_any_more_looks_after_nothing(left, cast):
    publication = PublicationFactory(owner=cast.lahti, by=cast.bob)
    assert list(Publication.objects.without_responsible()) == []
    if left == "closed":
        cast.bob.is_active = False
        cast.bob.save()
    elif left == "reader":
        MemberRole.objects.filter(user=cast.bob).update(role="reader")
    else:
        Publication.objects.update(responsible=None)
    assert list(Publication.objects.without_responsible()) == [publication]


@pytest.mark.parametrize(
    ("person", "may"),
    [("alice", True), ("bob", True), ("kaisa", True), ("ada", True), ("rita", False), ("carlos", False), ("eva", False),
     ("xavier", False), ("nora", False)],
)  # fmt: skip
def test_who_says_who_looks_after_a_text(person, may, cast):
    publication = PublicationFactory(owner=cast.lahti)
    by = getattr(cast, person)
    if may:
        assert reassign_publication(publication=publication, to=cast.bob, by=by).responsible == cast.bob
    else:
        with pytest.raises(PermissionDenied):
            reassign_publication(publication=publication, to=cast.bob, by=by)


def test_only_somebody_who_writes_for_the_owner_looks_after_it(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    for person in (cast.carlos, cast.rita, MemberRoleFactory(member=cast.lahti, role="reader").user):
        with pytest.raises(ValidationError):
            reassign_publication(publication=publication, to=person, by=cast.alice)
        answer = as_person(cast.alice).post(url("publication_assign", publication.pk), {"to": person.pk})
        assert answer.context["form"].errors["to"]
    assert fresh(publication).responsible is None


def test_whoever_looks_after_a_text_now_is_told_by_whom(cast, smtp, settings):
    publication = PublicationFactory(owner=cast.lahti, title="School meals", by=cast.alice)
    reassign_publication(publication=publication, to=cast.bob, by=cast.kaisa)
    reassign_publication(publication=publication, to=cast.bob, by=cast.alice)  # he does already
    Sender().run()
    (mail,) = smtp.messages
    assert (mail["To"], mail["Subject"]) == ("bob@city.example", "You look after this now: School meals")
    for part in ("plain", "html"):
        text = " ".join(mail.get_body(preferencelist=(part,)).get_content().split())
        assert "Kaisa has made you the person who looks after “School meals” (Lahden kaupunki)." in text
        assert f"{settings.BASE_URL}{publication.get_absolute_url()}" in text


def test_nobody_is_told_what_they_took_on_themselves_or_do_not_look_after_any_more(cast, smtp):
    publication = PublicationFactory(owner=cast.lahti)
    reassign_publication(publication=publication, to=cast.alice, by=cast.alice)
    assert Message.objects.count() == 0
    reassign_publication(publication=publication, to=cast.bob, by=cast.alice)
    reassign_publication(publication=publication, to=cast.alice, by=cast.bob)
    MemberRole.objects.filter(user=cast.alice).update(role="reader")
    Sender().run()
    assert [(one.recipient, one.state) for one in Message.objects.order_by("pk")] == [
        ("bob@city.example", "suppressed"), ("alice@city.example", "suppressed"),
    ]  # fmt: skip
    assert smtp.messages == []


def test_approving_keeps_one_version_of_each(cast, published):
    """An import's text is kept once, whatever happens after."""
    for title in ("Two", "Three"):
        revision = RevisionFactory(publication=fresh(published), by=cast.bob, title=title, state="submitted")
        decide(revision, "approved", cast.kaisa, "")
    assert [(one.version, one.content["title"]) for one in versions_of(published)] == [
        (3, "Three"), (2, "Two"), (1, "Old title"),
    ]  # fmt: skip
