"""Writing, submitting, reviewing: who may do what when, and what comes of it."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, override

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.accounts.models import User
from members.directory.models import MemberRole, OfficeRole
from members.directory.rules import forget_roles
from practices.editorial import services
from practices.editorial.diff import diff_contents, diff_lists, diff_texts
from practices.editorial.models import Decision, Revision
from practices.editorial.transitions import TRANSITIONS
from practices.library.content import SNAPSHOT, read_content
from practices.library.models import Publication
from practices.library.services import archive_publication
from tests.factories import (
    MemberRoleFactory,
    OfficeRoleFactory,
    PublicationFactory,
    RevisionFactory,
    UserFactory,
    complete_content,
    revision_act,
)
from tests.practices.editor import Editor

pytestmark = pytest.mark.django_db

STATES = [str(state) for state in Revision.State]
# Where each act leads from each state, as DESIGN.md says it; what is not here is refused.
TABLE = {
    "submit": {"draft": "submitted", "changes_requested": "submitted"},
    "take": {"submitted": "in_review"},
    "withdraw": dict.fromkeys(["draft", "submitted", "in_review", "changes_requested"], "withdrawn"),
    "approved": {"submitted": "approved", "in_review": "approved"},
    "changes_requested": {"submitted": "changes_requested", "in_review": "changes_requested"},
    "declined": {"submitted": "declined", "in_review": "declined"},
}


def rows(model):
    return list(model.objects.order_by("pk").values())


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def decide(revision, verdict, by, reason="Figures are missing."):
    return services.decide_revision(revision=revision, verdict=verdict, reason=reason, by=by)


# States --------------------------------------------------------------------------------------------------------------


def test_state_table_names_every_act():
    assert set(TABLE) == set(TRANSITIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", TABLE)
def test_act_leads_where_the_table_says_or_changes_nothing(act, state, cast, write):
    revision = write(state)
    target = TABLE[act].get(state)
    before = [rows(model) for model in (Revision, Publication, Decision, Entry, Message)]
    if target:
        done = revision_act(act, revision, by=cast.alice, reviewer=cast.kaisa)
        assert done.state == fresh(revision).state == target
    else:
        with pytest.raises(ValidationError, match="The state is now"):
            revision_act(act, revision, by=cast.alice, reviewer=cast.kaisa)
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


# Beginning -----------------------------------------------------------------------------------------------------------


def begin(client, **changes):
    data = {"kind": "project", "language": "fi", "title": "Kouluruokaa läheltä"} | changes
    return client.post(reverse("editorial:publication_create"), data)


def test_begun_publication_is_a_draft_that_only_its_member_sees(cast, as_person):
    answer = begin(as_person(cast.bob), owner=f"member-{cast.lahti.pk}")
    revision = Revision.objects.get()
    publication = revision.publication
    assert answer.url == revision.get_absolute_url()
    assert (revision.state, revision.created_by, revision.base_version) == ("draft", cast.bob, 0)
    assert revision.content == {"title": "Kouluruokaa läheltä", "language": "fi", "status": "running"}
    assert (publication.kind, publication.state, publication.owner) == ("project", "unpublished", cast.lahti)
    assert publication.country == "FI"
    for person, status in (("alice", 200), ("rita", 404), ("carlos", 404), ("kaisa", 404), ("ada", 404)):
        assert as_person(getattr(cast, person)).get(revision.get_absolute_url()).status_code == status, person


@pytest.mark.parametrize("person", ["rita", "xavier", "ada", "nora"])
def test_begin_is_refused_to_who_writes_for_nobody(person, cast, as_person):
    assert begin(as_person(getattr(cast, person)), owner=f"member-{cast.lahti.pk}").status_code == 403
    with pytest.raises(PermissionDenied):
        services.begin_publication(
            kind="practice", owner=cast.lahti, language="fi", title="X", by=getattr(cast, person)
        )
    assert not Publication.objects.exists()


def test_begin_for_somebody_elses_member_is_refused(cast, as_person):
    answer = begin(as_person(cast.carlos), owner=f"member-{cast.lahti.pk}")
    assert "Select a valid choice" in answer.content.decode()
    assert 'value="Kouluruokaa läheltä"' in answer.content.decode()
    with pytest.raises(PermissionDenied):
        services.begin_publication(kind="practice", owner=cast.lahti, language="fi", title="X", by=cast.carlos)
    assert not Publication.objects.exists()


# Saving --------------------------------------------------------------------------------------------------------------


def test_autosave_keeps_what_is_typed_and_tells_the_new_edition(editor):
    answer = editor.post("story", {"challenge": "Far away.", "solution": "", "results": "R\r\n\r\nS "}, htmx=True)
    assert answer.status_code == 200
    assert answer.templates[0].name == "practices/editorial/saved.html"
    assert f'value="{editor.edition + 1}"' in answer.content.decode()
    assert {name: editor.content[name] for name in ("challenge", "solution", "results", "title")} == {
        "challenge": "Far away.",
        "solution": "",
        "results": "R\n\nS",
        "title": "School meals from farms nearby",
    }
    assert (editor.revision.edition, editor.revision.saved_from) == (editor.edition + 1, "w1")


def test_autosave_without_a_change_saves_nothing(editor):
    before = rows(Revision)
    typed = {name: editor.content[name] for name in ("challenge", "solution", "results")}
    assert editor.post("story", typed, htmx=True).status_code == 200
    assert rows(Revision) == before


@pytest.mark.parametrize(("button", "target"), [({}, "learning"), ({"later": "1"}, "my_work")])
def test_button_saves_and_goes_on(button, target, editor):
    answer = editor.post("story", {"challenge": "C", "solution": "S", "results": "R"} | button)
    assert answer.url == (editor.url(target) if target != "my_work" else reverse("editorial:my_work"))
    assert editor.content["challenge"] == "C"


def test_every_step_is_saved_and_shown_again(editor):
    steps = {
        "basics": {"title": "T", "summary": "S", "language": "fi", "status": "scaled", "start_year": "2019",
                   "end_year": "2020"},
        "themes": {"pathways": ["circular", "equitable"], "topics": ["food", "water"], "goals": ["2", "13"]},
        "story": {"challenge": "C1", "solution": "S1", "results": "R1"},
        "learning": {"lessons": "L1", "what_went_wrong": "W1", "transferability": "T1", "offer": "O1"},
        "practical": {"cost_amount": "12500.50", "cost_currency": "EUR", "cost_note": "N1", "contact_title": "CT1",
                      "contact_email": "role@city.example", "department": "D1", "source_title": "ST1",
                      "source_url": "https://city.example/report"},
    }  # fmt: skip
    for step, typed in steps.items():
        assert editor.post(step, typed).status_code == 302, step
        editor.edition += 1
        html = editor.client.get(editor.url(step)).content.decode()
        for name, value in typed.items():
            for one in value if isinstance(value, list) else [value]:
                assert one in html, (step, name)
    assert editor.content == {name: value for typed in steps.values() for name, value in typed.items()}


def test_second_window_that_is_behind_is_told_and_overwrites_nothing(cast, editor, client):
    other = Editor(editor.client, editor.revision, window="w2")
    editor.post("story", {"challenge": "Mine", "solution": "S", "results": "R"})
    before = rows(Revision)
    typed = {"challenge": "Theirs & new", "solution": "S", "results": "R"}

    answer = other.post("story", typed, htmx=True)
    assert answer.status_code == 422
    assert "Alice saved a newer" in answer.content.decode()
    assert rows(Revision) == before

    answer = other.post("story", typed)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Somebody saved a newer text meanwhile" in html
    assert "Theirs &amp; new</textarea>" in html  # still in the form
    assert answer.context["theirs"] == [("Challenge", "Mine")]
    assert "Mine</span>" in html
    assert f'name="edition" id="edition" value="{editor.edition + 1}"' in " ".join(html.split())
    assert rows(Revision) == before

    other.edition = editor.revision.edition  # "Save mine instead"
    assert other.post("story", typed).status_code == 302
    assert editor.content["challenge"] == "Theirs & new"


def test_stale_choices_are_shown_by_their_labels(editor):
    other = Editor(editor.client, editor.revision, window="w2")
    editor.post("themes", {"pathways": ["circular"], "topics": ["food", "water"], "goals": ["13"]})
    answer = other.post("themes", {"pathways": ["circular"], "topics": ["energy"]})
    assert answer.context["theirs"] == [("Topics", "Food · Water"), ("Goals", "Climate action")]
    assert "Food · Water</span>" in answer.content.decode()


def test_late_autosave_of_the_same_window_does_not_undo_the_button(editor):
    typed = {"solution": "S", "results": "R"}
    assert editor.post("story", typed | {"challenge": "Whole sentence."}).status_code == 302
    answer = editor.post("story", typed | {"challenge": "Whole sent"}, htmx=True)
    assert answer.status_code == 422
    assert editor.content["challenge"] == "Whole sentence."


def test_button_may_follow_an_autosave_of_its_own_window_that_it_has_not_heard_of(editor):
    typed = {"solution": "S", "results": "R"}
    editor.post("story", typed | {"challenge": "Whole"}, htmx=True)
    assert editor.post("story", typed | {"challenge": "Whole sentence."}).status_code == 302
    assert editor.content["challenge"] == "Whole sentence."


def test_button_of_another_window_may_not(editor):
    other = Editor(editor.client, editor.revision, window="w2")
    typed = {"solution": "S", "results": "R"}
    editor.post("story", typed | {"challenge": "First"}, htmx=True)
    assert other.post("story", typed | {"challenge": "Second"}).status_code == 200
    assert editor.content["challenge"] == "First"


def test_save_while_it_is_reviewed_keeps_the_text_on_the_page(cast, editor):
    services.submit_revision(revision=editor.revision, edition=editor.edition, by=cast.bob)
    answer = editor.post("story", {"challenge": "Too late", "solution": "S", "results": "R"})
    html = answer.content.decode()
    assert "This cannot be changed while it is reviewed" in html
    assert "Too late</textarea>" in html
    assert editor.content["challenge"] == "Meals came from far away."


@pytest.mark.parametrize(
    ("person", "status"),
    [("alice", 302), ("bob", 302), ("rita", 404), ("carlos", 404), ("kaisa", 404), ("xavier", 404), ("ada", 404)],
)
def test_only_who_writes_for_the_member_saves(person, status, cast, as_person, write):
    revision = write()
    editor = Editor(as_person(getattr(cast, person)), revision)
    assert editor.post("story", {"challenge": "By another"}).status_code == status
    assert (editor.content["challenge"] == "By another") == (status == 302)


def test_reviewer_reads_but_does_not_change_what_was_submitted(cast, as_person, write):
    revision = write("changes_requested")
    editor = Editor(as_person(cast.kaisa), revision)
    assert editor.post("story", {"challenge": "By Kaisa"}).url == reverse(
        "editorial:revision_review", args=[revision.pk]
    )
    assert editor.content == revision.content


def test_last_step_has_nothing_to_save(editor):
    before = rows(Revision)
    assert editor.post("check", {}).status_code == 200
    assert rows(Revision) == before


def test_unknown_step_leads_to_the_first(editor):
    assert editor.client.get(editor.url("nonsense")).url == editor.revision.get_absolute_url()


# Submitting ----------------------------------------------------------------------------------------------------------


def submit(client, revision, edition=None):
    url = reverse("editorial:revision_submit", args=[revision.pk])
    return client.post(url, {"edition": edition or revision.edition}, follow=True)


def test_incomplete_revision_names_what_is_missing(cast, as_person):
    revision = services.begin_publication(
        kind="practice", owner=cast.lahti, language="fi", title="Kouluruokaa läheltä", by=cast.alice
    )
    answer = submit(as_person(cast.alice), revision)
    assert [one["name"] for one in answer.context["missing"]] == [
        "summary", "start_year", "challenge", "solution", "results", "contact_email", "pathways", "topics"
    ]  # fmt: skip
    assert fresh(revision).state == "draft"
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", [*SNAPSHOT, "language"])
def test_each_field_of_the_snapshot_is_required(name, cast, write):
    revision = (
        write(**{name: [] if name in {"pathways", "topics"} else ""}) if name not in {"title", "language"} else write()
    )
    Revision.objects.filter(pk=revision.pk).update(content=revision.content | {name: ""})
    with pytest.raises(ValidationError) as caught:
        services.submit_revision(revision=revision, edition=revision.edition, by=cast.alice)
    assert set(caught.value.message_dict) == {name}


def test_snapshot_is_enough_to_submit(cast, as_person, write):
    revision = write()
    assert set(revision.content) == {*SNAPSHOT, "language"}
    answer = submit(as_person(cast.alice), revision)
    assert "It is submitted" in answer.content.decode()
    now = fresh(revision)
    assert (now.state, now.submitted_by, now.reviewer) == ("submitted", cast.alice, None)


def test_second_submit_is_told_and_tells_nobody_twice(cast, as_person, write):
    revision = write("submitted")
    before = [rows(model) for model in (Revision, Message, Entry)]
    answer = submit(as_person(cast.alice), revision)
    assert "The state is now: Submitted" in answer.content.decode()
    assert [rows(model) for model in (Revision, Message, Entry)] == before


@pytest.mark.parametrize("edition", [1, "x", "-1", "9" * 30, "²"])
def test_submit_of_a_text_that_was_not_seen_is_refused(edition, cast, as_person, write):
    revision = write()
    answer = submit(as_person(cast.alice), revision, edition=edition)
    assert "Somebody saved a newer text meanwhile" in answer.content.decode()
    assert fresh(revision).state == "draft"


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


def review(client, revision, **typed):
    return client.post(reverse("editorial:revision_review", args=[revision.pk]), typed)


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
    assert "3\xa0hours ago" in page.content.decode()
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
        with django_assert_num_queries(7):
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
    assert said == fresh(revision).content | {"cost_amount": "12500.5"}
    assert fresh(revision).closed_at is not None
    assert as_person(cast.carlos).get(publication.get_absolute_url()).status_code == 200


def test_requested_changes_are_made_and_submitted_again(cast, editor):
    submit(editor.client, editor.revision)
    decide(editor.revision, "changes_requested", cast.kaisa, "Say <what> it cost.")
    html = editor.client.get(editor.url("practical")).content.decode()
    assert "Say &lt;what&gt; it cost." in html
    typed = {"contact_email": "food@city.example", "cost_amount": "100", "cost_currency": "EUR"}
    assert editor.post("practical", typed).status_code == 302
    submit(editor.client, editor.revision)
    decide(editor.revision, "approved", cast.kaisa, "")
    assert Publication.objects.get().cost_amount == 100
    assert [one.verdict for one in editor.revision.decisions.all()] == ["changes_requested", "approved"]


# A second revision ---------------------------------------------------------------------------------------------------

INDICATORS = [
    {"metric": "Food from nearby", "baseline": "12", "value": "54.5", "unit": "%", "year": "2024",
     "source_url": "https://city.example/report"},
    {"metric": "Waste", "baseline": "", "value": "0.0004", "unit": "kg", "year": "", "source_url": ""},
]  # fmt: skip
FUNDING = [{"source": "Own budget", "programme": "", "amount": "12500.5", "currency": "EUR"}]
PARTNERS = [{"name": "Farmers' union"}, {"name": "Kitchen"}]


@pytest.fixture
def published(cast):
    """Return a published practice of Lahti with rows."""
    return PublicationFactory(
        owner=cast.lahti,
        title="Old title",
        indicators=INDICATORS,
        funding=FUNDING,
        partners=PARTNERS,
        lessons="Start small.",
    )


def test_page_stays_the_same_until_a_second_revision_is_approved(cast, as_person, published):
    def page():
        html = as_person(cast.rita).get(published.get_absolute_url()).content.decode()
        return html[html.index("<article") : html.index("</article>")]

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
    diffs = diff_contents(content, dict.fromkeys(content, new), kind="practice")
    assert [diff.name for diff in diffs] == list(content)


# Withdrawing and beginning again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "changes_requested"])
def test_withdrawn_text_is_kept_and_begun_from_again(state, cast, as_person, write):
    revision = write(state, lessons="Start small.")
    client = as_person(cast.bob)
    answer = client.post(reverse("editorial:revision_withdraw", args=[revision.pk]), follow=True)
    assert "The text is kept: you can begin from it again." in answer.content.decode()
    assert client.get(revision.get_absolute_url()).status_code == 200
    again = client.post(reverse("editorial:publication_revise", args=[revision.publication_id]))
    second = Revision.objects.latest("pk")
    assert again.url == second.get_absolute_url()
    assert (second.state, second.content) == ("draft", revision.content)
    assert second.pk != revision.pk


def test_withdrawn_text_of_a_published_page_is_begun_from_again_while_the_page_has_not_changed(cast, published):
    RevisionFactory(publication=published, by=cast.bob, title="Withdrawn title", state="withdrawn")
    again = services.revise_publication(publication=published, by=cast.alice)
    assert again.content["title"] == "Withdrawn title"
    assert again.content["indicators"] == INDICATORS
    services.withdraw_revision(revision=again, by=cast.alice)
    Publication.objects.filter(pk=published.pk).update(version=2)
    assert services.revise_publication(publication=published, by=cast.alice).content["title"] == "Old title"


def test_after_a_refusal_a_published_page_is_revised_from_what_readers_see(cast, published):
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, title="Refused", state="declined")
    assert services.revise_publication(publication=published, by=cast.alice).content["title"] == "Old title"


def test_revise_leads_to_the_open_revision(cast, published):
    first = services.revise_publication(publication=published, by=cast.alice)
    assert services.revise_publication(publication=published, by=cast.bob) == first
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "status"), [("rita", 403), ("carlos", 403), ("kaisa", 403), ("ada", 403), ("nora", 404)]
)
def test_only_who_writes_for_the_owner_revises_and_withdraws(person, status, cast, as_person, published):
    client = as_person(getattr(cast, person))
    assert client.post(reverse("editorial:publication_revise", args=[published.pk])).status_code == status
    with pytest.raises(PermissionDenied):
        services.revise_publication(publication=published, by=getattr(cast, person))
    assert not Revision.objects.exists()
    revision = RevisionFactory(publication=published, by=cast.bob)
    with pytest.raises(PermissionDenied):
        services.withdraw_revision(revision=revision, by=getattr(cast, person))
    with pytest.raises(PermissionDenied):
        services.submit_revision(revision=revision, edition=revision.edition, by=getattr(cast, person))
    assert fresh(revision).state == "draft"


def test_approval_of_what_was_archived_meanwhile_is_refused_in_words(cast, as_person, published):
    revision = RevisionFactory(publication=published, by=cast.bob, state="submitted", title="New title")
    archive_publication(publication=published, reason="Not true any more.", by=cast.kaisa)
    answer = review(as_person(cast.kaisa), revision, verdict="approved", reason="")
    assert answer.context["form"].non_field_errors() == [
        "This is not possible now: the publication has been changed meanwhile."
    ]
    assert (fresh(revision).state, fresh(published).state, fresh(published).title) == (
        "submitted", "archived", "Old title"
    )  # fmt: skip


def test_archived_publication_cannot_be_revised(cast, as_person, published):
    archive_publication(publication=published, reason="Out of date", by=cast.kaisa)
    client = as_person(cast.alice)
    revise = reverse("editorial:publication_revise", args=[published.pk])
    assert revise not in client.get(published.get_absolute_url()).content.decode()
    answer = client.post(revise, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["This is archived. Lists do not show it."]
    assert not Revision.objects.exists()


# At once -------------------------------------------------------------------------------------------------------------


def at_once(*acts):
    """Run functions in threads that start together; return what each gave or raised, in order."""
    found = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(number, act):
        try:
            barrier.wait(10)
            found[number] = act()
        except Exception as error:  # noqa: BLE001 - is what the test looks at
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


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
            f"This is not possible any more. The state is now: {fresh(revision).get_state_display()}."
        ]
        assert fresh(revision.publication).version == (decision.verdict == "approved")
        assert Message.objects.filter(key=f"editorial.decision:{decision.pk}").count() == 1
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
    for step in ("basics", "themes", "story", "learning", "practical", "check"):
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


@pytest.mark.django_db(transaction=True)
def test_double_click_on_begin_makes_one_publication(cast):
    def begin(kind="practice"):
        facts = {"kind": kind, "owner": cast.lahti, "language": "fi", "title": "Kerran"}
        return services.begin_publication(**facts, by=cast.alice)

    first, second = at_once(begin, begin)
    assert first == second
    assert Publication.objects.get().title == "Kerran"
    assert begin("project") != first
