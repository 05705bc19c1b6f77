"""Reviewing: who may decide, how, and what a decision changes."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from members.accounts.models import User
from members.directory.models import MemberRole, OfficeRole
from members.directory.rules import forget_roles
from practices.editorial import services
from practices.editorial.diff import diff_contents, diff_lists, diff_texts
from practices.editorial.models import Decision, Revision
from practices.editorial.steps import STEPS
from practices.editorial.transitions import TRANSITIONS
from practices.library.content import read_content
from practices.library.models import Publication
from tests.factories import (
    MemberRoleFactory,
    OfficeRoleFactory,
    PublicationFactory,
    RevisionFactory,
    complete_content,
    revision_act,
)
from tests.practices.acts import decide, fresh, review, rows, submit

pytestmark = pytest.mark.django_db

STATES = [str(state) for state in Revision.State]
# Where each act leads from each state, as DESIGN.md says it; what is not here is refused.
TABLE = {
    "submit": {"draft": "submitted", "changes_requested": "submitted"},
    "take": {"submitted": "in_review"},
    "give_back": {"in_review": "submitted"},
    "assign": {"submitted": "in_review", "in_review": "in_review"},
    "hand_over": {"submitted": "submitted", "in_review": "submitted"},
    "withdraw": dict.fromkeys(["draft", "submitted", "in_review", "changes_requested"], "withdrawn"),
    "approved": {"submitted": "approved", "in_review": "approved"},
    "changes_requested": {"submitted": "changes_requested", "in_review": "changes_requested"},
    "declined": {"submitted": "declined", "in_review": "declined"},
}


# States --------------------------------------------------------------------------------------------------------------


def test_state_table_names_every_act():
    assert set(TABLE) == set(TRANSITIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", TABLE)
def test_act_leads_where_the_table_says_or_changes_nothing(act, state, cast, write):
    revision = write(state)
    to = {"assign": OfficeRoleFactory(office=cast.finland).user, "hand_over": cast.europe}.get(act)
    target = TABLE[act].get(state)
    before = [rows(model) for model in (Revision, Publication, Decision, Entry, Message)]
    if target:
        done = revision_act(act, revision, by=cast.alice, reviewer=cast.kaisa, to=to)
        assert done.state == fresh(revision).state == target
    else:
        with pytest.raises(ValidationError, match="The state is now"):
            revision_act(act, revision, by=cast.alice, reviewer=cast.kaisa, to=to)
        assert [rows(model) for model in (Revision, Publication, Decision, Entry, Message)] == before


@pytest.mark.parametrize("state", STATES)
def test_save_is_possible_while_writing_only(state, cast, write):
    revision = write(state)
    save = {"revision": revision, "edition": revision.edition, "window": "", "final": True, "by": cast.alice}
    if state in {"draft", "changes_requested"}:
        assert services.save_revision(changes={"title": "New"}, **save).content["title"] == "New"
    else:
        with pytest.raises(ValidationError, match="cannot be changed"):
            services.save_revision(changes={"title": "New"}, **save)
        assert fresh(revision).content == revision.content


# Deciding: who -------------------------------------------------------------------------------------------------------


def may_review(person, revision):
    forget_roles(person)
    return person.has_perm("editorial.review_revision", revision)


def test_office_of_the_member_reviews_and_nobody_else(cast, write):
    revision = write("submitted")
    people = {name: one for name, one in vars(cast).items() if isinstance(one, User)}
    assert {name for name, one in people.items() if may_review(one, revision)} == {"kaisa", "ada"}
    for name, person in people.items():
        mine = Revision.objects.awaiting_review_by(person).filter(pk=revision.pk).exists()
        assert mine == may_review(person, revision), name
        seen = Revision.objects.visible_to(person).filter(pk=revision.pk).exists()
        assert (
            seen == person.has_perm("editorial.view_revision", revision) == (name in {"alice", "bob", "kaisa", "ada"})
        )


@pytest.mark.parametrize("role", MemberRole.Role.values)
def test_nobody_reviews_the_work_of_their_own_member_even_as_its_coordinator(role, cast, as_person, write):
    MemberRoleFactory(user=cast.kaisa, member=cast.lahti, role=role)
    revision = write("submitted")
    assert not may_review(cast.kaisa, revision)
    assert not Revision.objects.awaiting_review_by(cast.kaisa).exists()
    for act in ("take", "approved", "declined"):
        with pytest.raises(PermissionDenied):
            revision_act(act, revision, by=cast.alice, reviewer=cast.kaisa)
    page = as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk]))
    assert page.status_code == (404 if role == "reader" else 403)
    assert fresh(revision).state == "submitted"
    assert Message.objects.get().recipient == cast.ada.email  # who else could


def test_administrator_does_not_review_the_work_of_their_own_member(cast, write):
    MemberRoleFactory(user=cast.ada, member=cast.lahti, role="reader")
    revision = write("submitted")
    with pytest.raises(PermissionDenied):
        decide(revision, "approved", cast.ada)
    assert not Revision.objects.awaiting_review_by(cast.ada).exists()


def test_nobody_reviews_what_they_submitted_themselves(cast):
    publication = PublicationFactory(owner=cast.bonn)  # no office above: its own coordinators review
    writer, other = (OfficeRoleFactory(office=cast.bonn).user for _ in range(2))
    revision = RevisionFactory(publication=publication, by=writer, title="New", state="submitted")
    assert not may_review(writer, revision)
    assert not Revision.objects.awaiting_review_by(writer).exists()
    with pytest.raises(PermissionDenied):
        decide(revision, "approved", writer)
    assert [message.user for message in Message.objects.all()] == [other]
    decide(revision, "approved", other)
    assert fresh(publication).title == "New"


def test_work_of_an_office_is_reviewed_by_the_office_above(cast):
    revision = RevisionFactory(owner=cast.finland, by=cast.kaisa, state="submitted")
    second = OfficeRoleFactory(office=cast.finland).user
    assert [message.user for message in Message.objects.all()] == [cast.eva]
    assert not may_review(second, revision)
    assert not may_review(cast.kaisa, revision)
    assert list(Revision.objects.awaiting_review_by(cast.eva)) == [revision]
    assert not Revision.objects.awaiting_review_by(second).exists()
    decide(revision, "approved", cast.eva)
    assert Publication.objects.get().state == "published"


def test_who_left_reviews_no_more(cast, as_person, write):
    revision = write("submitted")
    OfficeRole.objects.filter(user=cast.kaisa).delete()
    with pytest.raises(PermissionDenied):
        decide(revision, "approved", User.objects.get(pk=cast.kaisa.pk))
    assert as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk])).status_code == 404
    assert as_person(cast.kaisa).get(reverse("editorial:queue")).status_code == 403


# Deciding: how -------------------------------------------------------------------------------------------------------


def test_queue_shows_what_waits_the_oldest_first(cast, as_person, write):
    made = [write("submitted", title=title) for title in ("Younger", "Older")]
    taken = write("in_review", title="Taken")
    for state in ("draft", "changes_requested", "approved", "withdrawn"):
        write(state, title=f"Not {state}")
    RevisionFactory(owner=cast.pontevedra, by=cast.carlos, state="submitted", title="Another office's")
    for revision, hours in zip((*made, taken), (1, 3, 2), strict=True):
        Revision.objects.filter(pk=revision.pk).update(submitted_at=revision.submitted_at - timedelta(hours=hours))
    page = as_person(cast.kaisa).get(reverse("editorial:queue"))
    assert [one.title for one in page.context["page"]] == ["Older", "Taken", "Younger"]
    assert "Less than a working day" in page.content.decode()
    review_page = as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[made[1].pk]))
    assert review_page.context["next"] == taken
    assert len(as_person(cast.ada).get(reverse("editorial:queue")).context["page"].object_list) == 4
    assert as_person(cast.alice).get(reverse("editorial:queue")).status_code == 403


def test_queue_takes_as_many_queries_for_one_as_for_many(cast, as_person, write, django_assert_num_queries):
    client = as_person(cast.kaisa)
    made = 0
    for number in (1, 3, 30):
        while made < number:
            write("submitted")
            made += 1
        with django_assert_num_queries(10):
            client.get(reverse("editorial:queue"))


@pytest.mark.parametrize("verdict", ["changes_requested", "declined"])
@pytest.mark.parametrize("reason", ["", "  \n "])
def test_decision_against_needs_a_reason(verdict, reason, cast, as_person, write):
    revision = write("submitted")
    answer = review(as_person(cast.kaisa), revision, verdict=verdict, reason=reason)
    assert answer.context["form"].errors == {"reason": ["Please say why: the author reads it."]}
    assert fresh(revision).state == "submitted"
    assert not Decision.objects.exists()


def test_decision_on_what_is_decided_already_is_told_with_the_words_kept(cast, as_person, write):
    revision = write("approved")
    answer = review(as_person(cast.kaisa), revision, verdict="declined", reason="I see it <differently>")
    html = answer.content.decode()
    assert "The state is now: Approved" in html
    assert "I see it &lt;differently&gt;" in html
    assert [one.verdict for one in Decision.objects.all()] == ["approved"]
    assert fresh(revision).state == "approved"


def test_decision_on_what_has_changed_since_is_refused_with_the_new_text(cast, as_person, published):
    """Another coordinator asks for changes, the author makes them: the first one's page shows what was before."""
    revision = RevisionFactory(publication=published, by=cast.bob, title="First title", state="submitted")
    opened = {"edition": revision.edition, "version": 1}
    decide(revision, "changes_requested", OfficeRoleFactory(office=cast.finland).user)
    changed = services.save_revision(
        revision=revision, changes={"title": "Second title"}, edition=revision.edition, window="", final=True,
        by=cast.bob,
    )  # fmt: skip
    services.submit_revision(revision=changed, edition=changed.edition, by=cast.bob)
    typed = {"verdict": "approved", "reason": "Fine <so>."}
    answer = as_person(cast.kaisa).post(reverse("editorial:revision_review", args=[revision.pk]), opened | typed)
    html = answer.content.decode()
    assert "It changed after you opened it" in html
    assert [str(diff.html) for diff in answer.context["diffs"]] == ["<del>Old</del><ins>Second</ins> title"]
    assert "Fine &lt;so&gt;." in html
    assert answer.context["form"]["verdict"].value() == "approved"
    assert f'name="edition" value="{changed.edition}"' in " ".join(html.split())
    assert fresh(published).title == "Old title"
    assert review(as_person(cast.kaisa), revision, **typed).status_code == 302
    assert fresh(published).title == "Second title"


def test_decision_is_refused_where_the_published_text_has_changed_since(cast, as_person, published):
    revision = RevisionFactory(publication=published, by=cast.bob, title="New title", state="submitted")
    Publication.objects.update(version=2)  # as an import of the same text does
    typed = {"verdict": "approved", "reason": "", "edition": revision.edition, "version": 1}
    answer = as_person(cast.kaisa).post(reverse("editorial:revision_review", args=[revision.pk]), typed)
    assert "It changed after you opened it" in answer.content.decode()
    assert 'name="version" value="2"' in " ".join(answer.content.decode().split())
    assert fresh(revision).state == "submitted"


@pytest.mark.parametrize("edition", ["", "x", "-1", "9" * 30, "\x00", "0"])
def test_decision_that_does_not_say_what_was_read_is_refused(edition, cast, as_person, write):
    revision = write("submitted")
    answer = review(as_person(cast.kaisa), revision, verdict="approved", reason="", edition=edition)
    assert "It changed after you opened it" in answer.content.decode()
    assert fresh(revision).state == "submitted"


def test_reviewer_is_told_who_was_faster_and_what_they_decided(cast, as_person, write):
    revision = write("submitted")
    decide(revision, "changes_requested", OfficeRoleFactory(office=cast.finland, user__name="Olli").user)
    html = review(as_person(cast.kaisa), revision, verdict="approved", reason="Mine").content.decode()
    assert "Olli has decided already. The state is now: Changes requested." in html
    services.withdraw_revision(revision=revision, by=cast.alice)
    html = review(as_person(cast.kaisa), revision, verdict="approved", reason="Mine").content.decode()
    assert "This is not possible any more. The state is now: Withdrawn." in html


def test_reviewer_takes_it_so_that_others_see(cast, as_person, write):
    revision = write("submitted")
    client = as_person(cast.kaisa)
    client.post(reverse("editorial:revision_take", args=[revision.pk]))
    assert (fresh(revision).state, fresh(revision).reviewer) == ("in_review", cast.kaisa)
    other = OfficeRoleFactory(office=cast.finland).user
    answer = as_person(other).post(reverse("editorial:revision_take", args=[revision.pk]), follow=True)
    assert "The state is now: In review" in answer.content.decode()
    assert fresh(revision).reviewer == cast.kaisa


def test_approval_publishes(cast, as_person, write):
    revision = write("in_review", cost_amount="12500.50", cost_currency="EUR", goals=["2", "12"], offer="A call.")
    assert review(as_person(cast.kaisa), revision, verdict="approved", reason="").url == reverse("editorial:queue")
    publication = Publication.objects.get()
    assert (publication.state, publication.version) == ("published", 1)
    assert publication.published_at == publication.updated_at == publication.confirmed_at
    said = {name: value for name, value in read_content(publication).items() if value}
    written = {name: value for name, value in fresh(revision).content.items() if value}
    assert said == written | {"cost_amount": "12500.5"}
    assert fresh(revision).closed_at is not None
    assert as_person(cast.carlos).get(publication.get_absolute_url()).status_code == 200


def test_requested_changes_are_made_and_submitted_again(cast, editor):
    submit(editor.client, editor.revision)
    decide(editor.revision, "changes_requested", cast.kaisa, "Say <what> it cost.")
    html = editor.client.get(editor.url("money")).content.decode()
    assert "Say &lt;what&gt; it cost." in html
    typed = {"cost_amount": "100", "cost_currency": "EUR"}
    assert editor.post("money", typed).status_code == 302
    submit(editor.client, editor.revision)
    decide(editor.revision, "approved", cast.kaisa, "")
    assert Publication.objects.get().cost_amount == 100
    assert [one.verdict for one in editor.revision.decisions.all()] == ["changes_requested", "approved"]


# A second revision ---------------------------------------------------------------------------------------------------


def test_page_stays_the_same_until_a_second_revision_is_approved(cast, as_person, published):
    def page():
        html = as_person(cast.rita).get(published.get_absolute_url()).content.decode()
        article = html[html.index("<article") : html.index("</article>")]
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", article)  # another one each time

    before, said = page(), read_content(published)
    revision = RevisionFactory(publication=published, by=cast.bob, title="New title", topics=["water", "food"])
    assert revision.base_version == 1
    assert page() == before
    services.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    assert page() == before
    decide(revision, "approved", cast.kaisa, "")
    now = fresh(published)
    assert read_content(now) == said | {"title": "New title", "topics": ["water", "food"]}
    assert now.version == 2
    assert now.published_at == published.published_at
    assert now.updated_at > published.updated_at
    assert "New title" in page()


@pytest.mark.parametrize("verdict", ["declined", "changes_requested"])
def test_page_stays_the_same_when_a_revision_is_not_approved(verdict, cast, published):
    before = [rows(Publication), read_content(published)]
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, title="New title", state=verdict)
    assert [rows(Publication), read_content(published)] == before


def test_reviewer_sees_exactly_the_changed_fields_with_their_words_marked(cast, as_person, published):
    revision = RevisionFactory(
        publication=published, by=cast.bob, state="submitted",
        title="Old & newer title", topics=["food", "water"], status="scaled", lessons="", start_year="2021",
    )  # fmt: skip
    page = as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk]))
    assert [(diff.label, str(diff.html)) for diff in page.context["diffs"]] == [
        ("Title", "Old <ins>&amp; newer </ins>title"),
        ("Status", "<del>Running</del><ins>Scaled up</ins>"),
        ("Lessons learned", "<del>Start small.</del>"),
        ("Topics", "<span>Food</span> · <ins>Water</ins>"),
    ]
    assert "<ins>&amp; newer </ins>" in page.content.decode()


@pytest.mark.parametrize(
    ("old", "new", "html"),
    [
        ("", "", ""),
        ("", "a b", "<ins>a b</ins>"),
        ("a <b> c", "a <i> c", "a <del>&lt;b&gt;</del><ins>&lt;i&gt;</ins> c"),
        ("a b c d", "a x y d", "a <del>b c</del><ins>x y</ins> d"),
        ("one\n\ntwo", "one\n\ntwo three", "one\n\ntwo<ins> three</ins>"),
        ("مرحبا بالعالم", "مرحبا", "مرحبا<del> بالعالم</del>"),
    ],
)
def test_diff_of_texts_marks_words(old, new, html):
    assert diff_texts(old, new) == html


def test_diff_of_lists_marks_what_went_and_what_came():
    assert diff_lists(["A", "B"], ["B", "<C>"]) == "<del>A</del> · <span>B</span> · <ins>&lt;C&gt;</ins>"


@pytest.mark.timeout(20)
def test_diff_of_the_longest_texts_is_soon_there():
    old, new = (" ".join(f"w{(number * step) % 997}" for number in range(4_000)) for step in (1, 7))
    content = dict.fromkeys(("challenge", "solution", "results", "lessons"), old)
    diffs = diff_contents(content, dict.fromkeys(content, new), publication=Publication(kind="practice"))
    assert [diff.name for diff in diffs] == list(content)


# Pages ---------------------------------------------------------------------------------------------------------------


def test_my_work_shows_what_my_members_and_offices_write(cast, as_person, write):
    write(title="Open one")
    write("withdrawn", title="Closed one")
    write("approved", title="Published one")
    RevisionFactory(owner=cast.pontevedra, by=cast.carlos, title="Another member's")
    RevisionFactory(owner=cast.finland, by=cast.kaisa, title="The office's")

    def titles(person):
        context = as_person(person).get(reverse("editorial:my_work")).context
        return tuple([one.title for one in context[name]] for name in ("revisions", "closed", "publications"))

    assert titles(cast.bob) == (["Open one"], ["Published one", "Closed one"], ["Published one"])
    assert titles(cast.kaisa) == (["The office's"], [], [])
    assert titles(cast.rita) == titles(cast.nora) == ([], [], [])


@pytest.mark.parametrize("state", STATES)
def test_every_page_of_a_revision_opens_in_every_state(state, cast, as_person, write):
    revision = write(state, **complete_content(language="ar", title="مرحبا", goals=["2"]))
    for step in STEPS:
        answer = as_person(cast.alice).get(reverse("editorial:revision_edit", args=[revision.pk, step]))
        assert answer.status_code == 200
        assert "مرحبا" in answer.content.decode()
    seen = revision.submitted_at is not None
    answer = as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk]))
    assert answer.status_code == (200 if seen else 404)


@pytest.mark.parametrize(
    ("person", "links"),
    [("alice", ["revision_edit"]), ("kaisa", ["revision_review"]), ("rita", []), ("carlos", [])],
)
def test_page_of_a_publication_leads_authors_and_reviewers_to_its_open_revision(
    person, links, cast, as_person, published
):
    revision = RevisionFactory(publication=published, by=cast.bob, state="submitted", title="New title")
    html = as_person(getattr(cast, person)).get(published.get_absolute_url()).content.decode()
    for name in ("revision_edit", "revision_review"):
        assert (reverse(f"editorial:{name}", args=[revision.pk]) + '"' in html) == (name in links)
    assert "New title" not in html
