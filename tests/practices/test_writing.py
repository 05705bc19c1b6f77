"""Writing: nothing is lost, and only complete texts are submitted."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from practices.editorial import services
from practices.editorial.models import Revision
from practices.library.content import SNAPSHOT
from practices.library.models import Publication
from practices.library.services import archive_publication
from tests.factories import (
    RevisionFactory,
)
from tests.practices.acts import INDICATORS, begin, fresh, review, rows, submit
from tests.practices.editor import Editor
from tests.threads import at_once

pytestmark = pytest.mark.django_db

# Beginning -----------------------------------------------------------------------------------------------------------


def test_begun_publication_is_a_draft_that_only_its_member_sees(cast, as_person):
    answer = begin(as_person(cast.bob), owner=f"member-{cast.lahti.pk}")
    revision = Revision.objects.get()
    publication = revision.publication
    assert answer.url == revision.get_absolute_url()
    assert (revision.state, revision.created_by, revision.base_version) == ("draft", cast.bob, 0)
    said = {name: value for name, value in revision.content.items() if value}
    assert said == {"title": "Kouluruokaa läheltä", "language": "fi", "status": "running", "country": "FI"}
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


@pytest.mark.parametrize(("button", "target"), [({}, "contact"), ({"later": "1"}, "my_work")])
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
        "learning": {"lessons": "L1", "what_helped": "H1", "what_went_wrong": "W1", "transferability": "T1",
                     "preconditions": "P1", "adaptable": "A1", "offers": ["call", "visit"], "offer": "O1"},
        "contact": {"contact_title": "CT1", "contact_email": "role@city.example", "contact_person": "CP1",
                    "lead_organisation": "LO1", "department": "D1", "country": "FI", "subdivision": "SD1",
                    "latitude": "60.98", "longitude": "-25.5"},
        "context": {"context_population": "120000", "government_level": "local", "climate_zone": "Dfb",
                    "legal_background": "LB1", "situation_before": "SB1", "objectives": "OB1"},
        "people": {"beneficiaries": "B1", "left_out": "LE1"},
        "money": {"cost_amount": "12500.50", "cost_currency": "EUR", "cost_note": "N1", "months_to_implement": "18",
                  "lifetime_years": "25"},
        "sources": {"source_title": "ST1", "source_url": "https://city.example/report", "original_language": "sv",
                    "text_licence": "CC-BY-4.0"},
    }  # fmt: skip
    for step, typed in steps.items():
        assert editor.post(step, typed).status_code == 302, step
        editor.edition += 1
        html = editor.client.get(editor.url(step)).content.decode()
        for name, value in typed.items():
            for one in value if isinstance(value, list) else [value]:
                assert one in html, (step, name)
    said = {name: value for name, value in editor.content.items() if value}
    assert said == {name: value for typed in steps.values() for name, value in typed.items()}


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
    assert [(one.label, one.html) for one in answer.context["diffs"]] == [
        ("Challenge", "<del>Theirs &amp; new</del><ins>Mine</ins>")
    ]
    assert "<del>Theirs &amp; new</del><ins>Mine</ins>" in html
    assert f'name="edition" id="edition" value="{editor.edition + 1}"' in " ".join(html.split())
    assert rows(Revision) == before

    other.edition = editor.revision.edition  # "Save mine instead"
    assert other.post("story", typed).status_code == 302
    assert editor.content["challenge"] == "Theirs & new"


def test_stale_choices_are_shown_by_their_labels(editor):
    other = Editor(editor.client, editor.revision, window="w2")
    editor.post("themes", {"pathways": ["circular"], "topics": ["food", "water"], "goals": ["13"]})
    answer = other.post("themes", {"pathways": ["circular"], "topics": ["energy"]})
    assert [(one.label, one.html) for one in answer.context["diffs"]] == [
        ("Topics", "<del>Energy</del> · <ins>Food</ins> · <ins>Water</ins>"),
        ("Goals", "<ins>Climate action</ins>"),
    ]


def test_stale_text_is_marked_word_by_word_and_only_where_it_differs(editor):
    other = Editor(editor.client, editor.revision, window="w2")
    editor.post("story", {"challenge": "Meals came from farms far away.", "solution": "S", "results": "R"})
    typed = {"challenge": "Meals came from shops far away.", "solution": "S", "results": "R"}
    answer = other.post("story", typed)
    marked = "Meals came from <del>shops</del><ins>farms</ins> far away."
    assert [(one.name, one.html) for one in answer.context["diffs"]] == [("challenge", marked)]
    assert marked in answer.content.decode()


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
    assert {name for name, value in revision.content.items() if value} == {*SNAPSHOT, "language"}
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


@pytest.mark.django_db(transaction=True)
def test_double_click_on_begin_makes_one_publication(cast):
    def begin(kind="practice"):
        facts = {"kind": kind, "owner": cast.lahti, "language": "fi", "title": "Kerran"}
        return services.begin_publication(**facts, by=cast.alice)

    first, second = at_once(begin, begin)
    assert first == second
    assert Publication.objects.get().title == "Kerran"
    assert begin("project") != first
