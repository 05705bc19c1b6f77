"""The full template: rows, what is not known, and the project that becomes a practice."""

import html as html_module
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import override

from practices.editorial import services
from practices.editorial.diff import diff_contents
from practices.editorial.models import Revision
from practices.library.content import KNOWABLE, ROWS, field_names, read_content
from practices.library.forms import PublicationForm, read_posted
from practices.library.models import Publication
from practices.library.models.rows import validate_partial_date
from tests.factories import PublicationFactory, RevisionFactory
from tests.practices.acts import decide, fresh
from tests.practices.editor import Editor

pytestmark = pytest.mark.django_db

FULL = {
    "objectives": "Half by 2030.", "situation_before": "Far.", "process": "The council decided.",
    "legal_background": "Procurement act.", "what_helped": "A chef.", "beneficiaries": "Pupils.",
    "left_out": "Day-care.", "preconditions": "Farms.", "adaptable": "The menu.", "context_population": "12000",
    "government_level": "local", "climate_zone": "Dfb", "months_to_implement": "18", "lifetime_years": "10",
    "offers": ["call", "visit"], "lead_organisation": "School kitchens", "contact_person": "Matti",
    "original_language": "sv", "text_licence": "CC-BY-4.0", "subdivision": "Päijät-Häme", "latitude": "60.98",
    "longitude": "25.66",
    "key_dates": [{"when": "2019-05", "what": "Decision"}, {"when": "2020", "what": "First meal"}],
    "building_blocks": [
        {"title": "Contract", "description": "Lots of 10.", "kind": "rule", "phase": "plan", "what_worked": "Small lots",
         "lesson": "Ask early"},
    ],
    "stakeholders": [{"who": "Pupils", "participation": "consult"}],
    "partners": [{"name": "Union", "support": "technical", "role": "Logistics"}],
    "costs": [
        {"kind": "capital", "amount": "12000", "currency": "EUR", "year": "2020"},
        {"kind": "staff", "amount": "1.5", "currency": "", "year": ""},
    ],
    "funding": [
        {"source_kind": "own", "source": "", "programme": "", "amount": "6000", "currency": "EUR", "share": "50",
         "secured": "100"},
    ],
    "indicators": [
        {"metric": "Local food", "baseline": "12", "value": "54.5", "unit": "%", "year": "2024",
         "source_url": "https://city.example/r", "assurance": "verified"},
    ],
    "commitments": [{"level": "national", "title": "Food act", "url": "https://state.example/act"}],
    "links": [{"title": "Film", "url": "https://city.example/film"}],
}  # fmt: skip
MILESTONES = [{"when": "2027-03-01", "what": "All schools", "status": "ahead"}]


@pytest.mark.parametrize("kind", ["practice", "project"])
def test_everything_written_is_published_and_read_back(kind, cast):
    own = {"milestones": MILESTONES, "seeking_kinds": ["funding"]} if kind == "project" else {"offer": "Coffee."}
    revision = RevisionFactory(by=cast.alice, owner=cast.lahti, reviewer=cast.kaisa, kind=kind, state="approved",
                               **FULL, **own)  # fmt: skip
    said = {name: value for name, value in read_content(revision.publication).items() if value}
    written = {name: value for name, value in revision.content.items() if value}
    assert said == written
    assert set(FULL) | set(own) <= set(said)
    assert revision.publication.evidence == "documented"  # by its indicator


def test_page_shows_the_full_template(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, kind="project", milestones=MILESTONES, seeking_kinds=["funding"],
                                     **FULL)  # fmt: skip
    html = as_person(cast.carlos).get(publication.get_absolute_url()).content.decode()
    for text in (
        "Half by 2030.", "The council decided.", "Procurement act.", "A chef.", "Day-care.", "12,000", "Local</dd>",
        "Dfb: cold, no dry season, warm summer", "18 months", "10 years", "A call, A visit", "School kitchens", "Matti",
        "translated", "CC BY 4.0", "Päijät-Häme", "May 2019", "2020", "Small lots", "Consulted", "Technical",
        "12,000 EUR", "1.5 FTE", "Own budget", "50 %", "100 %", "Verified", "Food act", "National", "1 March 2027",
        "Funding",
    ):  # fmt: skip
        assert text in html, text


@pytest.mark.parametrize("language", ["en", "fi", "mk"])
def test_degrees_have_no_thousands_in_any_language(language):
    posted = QueryDict("latitude=41.031&longitude=-8,6413")
    with override(language):
        read = read_posted(posted, kind="practice", names=["latitude", "longitude"])
    assert read == {"latitude": "41.031", "longitude": "-8.6413"}


@pytest.mark.parametrize("language", ["en", "fi", "mk"])
def test_step_sent_back_as_it_was_shown_changes_no_number(language):
    rows = [{"metric": "Energy", "value": "1.125", "unit": "GWh"}]
    with override(language):
        form = PublicationForm({"cost_amount": "12.345", "indicators": rows}, kind="practice", bound=False)
        page = str(form["cost_amount"]) + "".join(str(field) for field in form["indicators"].rows[0])
        post = QueryDict(mutable=True)
        for tag in re.findall("<input[^>]*>", page):
            post[re.search('name="([^"]*)"', tag)[1]] = re.search('value="([^"]*)"|$', tag)[1] or ""
        read = read_posted(post, kind="practice", names=["cost_amount", "indicators"])
    assert (read["cost_amount"], read["indicators"][0]["value"]) == ("12.345", "1.125")
    assert post["cost_amount"] == ("12.345" if language == "en" else "12,345")


def test_rows_are_typed_and_shown_again_and_a_blank_one_follows(editor):
    typed = {
        "costs-0-kind": "capital", "costs-0-amount": "12,000", "costs-0-currency": "eur", "costs-0-year": "2020",
        "costs-1-kind": "", "costs-2-kind": "staff", "costs-2-amount": "0.5",
    }  # fmt: skip
    assert editor.post("money", typed).status_code == 302
    assert editor.content["costs"] == [
        {"kind": "capital", "amount": "12000", "currency": "EUR", "year": "2020"},
        {"kind": "staff", "amount": "0.5", "currency": "", "year": ""},
    ]
    html = editor.client.get(editor.url("money")).content.decode()
    assert 'name="costs-2-amount"' in html
    assert 'value="12000"' in html
    assert 'name="costs-3-amount"' not in html


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ("links:remove:0", ["B", "C"]),
        ("links:up:2", ["A", "C", "B"]),
        ("links:up:0", ["A", "B", "C"]),
        ("links:first:2", ["C", "A", "B"]),
        ("links:first:0", ["A", "B", "C"]),
        ("links:add:0", ["A", "B", "C"]),
        ("links:remove:99", ["A", "B", "C"]),
        ("links:explode:1", ["A", "B", "C"]),
        ("costs:remove:0", ["A", "B", "C"]),
        ("links:remove:x", ["A", "B", "C"]),
        ("", ["A", "B", "C"]),
    ],
)
def test_buttons_of_rows_remove_and_move(act, left, editor):
    typed = {f"links-{n}-{column}": value for n, title in enumerate("ABC")
             for column, value in (("title", title), ("url", f"https://city.example/{title}"))}  # fmt: skip
    answer = editor.post("sources", typed | {"act": act})
    assert answer.status_code == 302
    assert answer.url.startswith(editor.url("sources"))
    assert [row["title"] for row in editor.content["links"]] == left


@pytest.mark.parametrize(
    ("step", "typed", "field", "error"),
    [
        ("money", {"costs-0-kind": "capital", "costs-0-amount": "5"}, "costs", "Row 1, Currency: Which currency is the cost in?"),
        ("money", {"costs-0-kind": "staff", "costs-0-amount": "5", "costs-0-currency": "EUR"}, "costs",
         "Row 1, Currency: Staff time is counted in full-time equivalents, not in money."),
        ("money", {"costs-0-kind": "capital", "costs-0-amount": "-5", "costs-0-currency": "EUR"}, "costs",
         "Row 1, Amount: Ensure this value is greater than or equal to 0."),
        ("money", {"funding-0-programme": "LIFE"}, "funding", "Row 1, Source: Say at least the kind of source or its name."),
        ("money", {"funding-0-source": "EU", "funding-0-share": "101"}, "funding",
         "Row 1, Share of the whole, %: Ensure this value is less than or equal to 100."),
        ("process", {"key_dates-0-when": "May 2019", "key_dates-0-what": "x"}, "key_dates",
         "Row 1, When: A year, a month or a day, for example 2019, 2019-05 or 2019-05-31."),
        ("process", {"building_blocks-0-lesson": "x"}, "building_blocks", "Row 1, Title: This field is required."),
        ("sources", {"links-0-title": "x", "links-0-url": "javascript:1"}, "links", "Row 1, Address: Enter a valid URL."),
        ("sources", {"photos-0-file": "999", "photos-0-alt": "x", "photos-0-credit": "x", "photos-0-licence": "CC0-1.0"},
         "photos", "Row 1, Picture: Select a valid choice. That choice is not one of the available choices."),
    ],
)  # fmt: skip
def test_bad_row_is_told_and_kept(step, typed, field, error, editor):
    answer = editor.post(step, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors[field] == [error]
    assert len(editor.content[field]) == 1
    assert error in html_module.unescape(answer.content.decode())


def test_at_most_five_key_dates(editor):
    typed = {f"key_dates-{n}-{column}": value for n in range(8) for column, value in (("when", "2020"), ("what", "x"))}
    answer = editor.post("process", typed)
    assert answer.context["form"].errors["key_dates"] == ["At most 5 rows."]
    assert len(editor.content["key_dates"]) == 6  # one too many is kept, so that nothing is lost without a word


@pytest.mark.parametrize("name", KNOWABLE)
def test_everything_of_the_full_template_may_be_not_known(name, cast):
    kind = "project" if name == "milestones" else "practice"
    post = QueryDict(f"not_known={name}&not_known=title")
    assert read_posted(post, kind=kind, names={name, "title"}) == {name: None, "title": ""}
    revision = RevisionFactory(by=cast.alice, owner=cast.lahti, reviewer=cast.kaisa, kind=kind, state="approved",
                               **{name: None})  # fmt: skip
    assert revision.publication.not_known == [name]
    assert read_content(revision.publication)[name] is None
    assert services.revise_publication(publication=revision.publication, by=cast.bob).content[name] is None


def test_what_has_a_value_is_known(editor):
    editor.post("context", {"not_known": ["objectives", "legal_background"], "objectives": "Half."})
    assert (editor.content["objectives"], editor.content["legal_background"]) == ("Half.", None)
    html = " ".join(editor.client.get(editor.url("context")).content.decode().split())
    assert 'value="legal_background" checked' in html
    assert 'value="objectives" checked' not in html


def test_reader_is_told_what_is_not_known(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, costs=None, lifetime_years=None)
    html = " ".join(as_person(cast.rita).get(publication.get_absolute_url()).content.decode().split())
    assert "<dt>Not known</dt> <dd>Lifetime in years, Costs</dd>" in html or "<dd>Costs, Lifetime in years</dd>" in html


def test_diff_of_rows_marks_what_went_came_and_changed(cast):
    publication = PublicationFactory(owner=cast.lahti, links=[])
    old = {"links": [{"title": "A", "url": "https://a.example"}, {"title": "B", "url": "https://b.example"}],
           "offers": ["call"], "lifetime_years": "10", "costs": []}  # fmt: skip
    new = {"links": [{"title": "A", "url": "https://a.example"}, {"title": "B two", "url": "https://b.example"},
                     {"title": "<C>", "url": "https://c.example"}],
           "offers": ["call", "visit"], "lifetime_years": None, "costs": None}  # fmt: skip
    diffs = {one.name: str(one.html) for one in diff_contents(old, new, publication=publication)}
    assert diffs == {
        "links": '<ul class="diff-rows"><li class="meta">1 row as before</li>'
        "<li><span>Title: B<ins> two</ins></span> · <span>Address: https://b.example</span></li>"
        "<li><ins>&lt;C&gt; · https://c.example</ins></li></ul>",
        "offers": "<span>A call</span> · <ins>A visit</ins>",
        "lifetime_years": "<del>10</del><ins>not known</ins>",
        "costs": "<ins>not known</ins>",
    }


@pytest.mark.parametrize("value", ["2019", "2019-05", "2019-05-31", "2024-02-29"])
def test_partial_date_is_accepted(value):
    validate_partial_date(value)


@pytest.mark.parametrize("value", ["", "19", "2019-13", "2023-02-29", "2019-5", "1899", "2019-05-31T00:00", "x" * 9])
def test_other_dates_are_refused(value):
    with pytest.raises(ValidationError):
        validate_partial_date(value)


def test_every_field_of_each_kind_has_a_step_and_a_form_field(cast):
    from practices.editorial.steps import STEPS

    for kind in ("practice", "project"):
        in_steps = [name for step in STEPS.values() for name in step.names(kind) if name in field_names(kind)]
        assert sorted(in_steps) == sorted(field_names(kind))
        assert set(PublicationForm({}, kind=kind).fields) == set(field_names(kind))
    assert set(ROWS) <= set(field_names("project"))


# A finished project --------------------------------------------------------------------------------------------------


@pytest.fixture
def project(cast):
    return PublicationFactory(owner=cast.lahti, kind="project", status="completed", milestones=MILESTONES,
                              seeking="Money", **FULL)  # fmt: skip


def test_finished_project_becomes_a_practice(cast, as_person, project):
    answer = as_person(cast.bob).post(reverse("editorial:project_continue", args=[project.pk]))
    revision = Revision.objects.get()
    assert answer.url == revision.get_absolute_url()
    practice = revision.publication
    assert (practice.kind, practice.state, practice.owner) == ("practice", "unpublished", cast.lahti)
    known = read_content(project)
    assert revision.content == {name: known[name] for name in revision.content}
    assert {"milestones", "seeking", "seeking_until"}.isdisjoint(revision.content)
    assert practice.child.from_project == project.child

    again = services.continue_as_practice(project=project, by=cast.alice)
    assert again == revision
    assert Publication.objects.count() == 2

    Editor(as_person(cast.alice), revision).post("story", {"challenge": "C", "solution": "S", "results": "R"})
    services.submit_revision(revision=fresh(revision), edition=fresh(revision).edition, by=cast.bob)
    decide(fresh(revision), "approved", cast.kaisa, "")
    for page, other in ((practice, project), (project, practice)):
        html = as_person(cast.carlos).get(page.get_absolute_url()).content.decode()
        assert f'href="{other.get_absolute_url()}"' in html


@pytest.mark.parametrize("person", ["rita", "carlos", "kaisa", "ada", "xavier"])
def test_others_do_not_continue_a_project(person, cast, project):
    with pytest.raises(PermissionDenied):
        services.continue_as_practice(project=project, by=getattr(cast, person))


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"kind": "practice", "status": "completed"}, "Only a published project can become a practice."),
        ({"kind": "project", "status": "running"}, "The project is not finished"),
        ({"kind": "project", "status": "completed", "state": "archived"}, "Only a published project"),
    ],
)
def test_only_a_finished_project_becomes_a_practice(facts, text, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, **facts)
    url = reverse("editorial:project_continue", args=[publication.pk])
    assert text in as_person(cast.alice).post(url, follow=True).content.decode()
    assert Revision.objects.count() == 0
