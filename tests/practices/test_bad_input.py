"""What people paste, what browsers send and what attackers try: told beside the field, and nothing typed is lost."""

import html as html_module

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.kit.texts import tidy_line, tidy_text
from practices.editorial import services
from practices.editorial.models import Decision, Revision
from practices.editorial.steps import STEPS
from practices.library.content import CHOICES, LISTS, LONG_TEXTS, ROWS, field_names, read_content
from practices.library.forms import PublicationForm
from practices.library.models import Publication
from tests.factories import OfficeRoleFactory, PublicationFactory, RevisionFactory
from tests.practices.editor import Editor

pytestmark = pytest.mark.django_db

LONG = "ä" * 100_000
TRICKY = [
    "مرحبا بالعالم",
    "\u202ereversed",
    "👩‍👩‍👧‍👦 🏙️",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 1 }}{% now %}",
]
ENOUGH = {
    "basics": {"title": "T", "summary": "S", "language": "en", "status": "running", "start_year": "2021"},
    "themes": {"pathways": ["circular"], "topics": ["food"]},
    "story": {"challenge": "C", "solution": "S", "results": "R"},
    "learning": {"lessons": "L"},
    "contact": {"contact_email": "food@city.example", "country": "FI"},
    "money": {"cost_amount": "5", "cost_currency": "EUR"},
    "sources": {"source_title": "S"},
}


def read(answer):
    """Return the page as its reader sees it."""
    return html_module.unescape(answer.content.decode())


def shown(answer, name):
    """Return the errors beside a field; the page must say them twice: on top and there."""
    errors = answer.context["form"].errors.get(name, [])
    for error in errors:
        assert read(answer).count(error) >= 2
    return list(errors)


# A step of the editor ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize(("step", "name"), [("basics", "title"), ("story", "challenge"), ("money", "cost_note")])
def test_any_text_is_kept_as_typed_and_shown_as_text(step, name, text, editor):
    assert editor.post(step, ENOUGH[step] | {name: text}).status_code == 302
    assert editor.content[name] == text
    shown = tidy_text(text) if name == "challenge" else tidy_line(text)
    for page in (step, "check"):
        answer = editor.client.get(editor.url(page))
        assert shown in read(answer)
        assert "<script>alert" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()


@pytest.mark.parametrize(
    ("step", "name", "value", "error"),
    [
        ("basics", "title", LONG, "Ensure this value has at most 100 characters (it has 100000)."),
        ("basics", "summary", LONG, "Ensure this value has at most 300 characters (it has 100000)."),
        ("story", "challenge", LONG, "Ensure this value has at most 20000 characters (it has 100000)."),
        ("basics", "language", "xx", "Select a valid choice. xx is not one of the available choices."),
        ("basics", "status", "stopped", "Select a valid choice. stopped is not one of the available choices."),
        ("basics", "start_year", "99999", "Ensure this value is less than or equal to 2200."),
        ("basics", "start_year", "-1", "Ensure this value is greater than or equal to 1900."),
        ("basics", "start_year", "last year", "Enter a whole number."),
        ("basics", "start_year", "9" * 5_000, "Enter a whole number."),
        ("basics", "end_year", "2020", "It cannot end before it starts."),
        ("money", "cost_amount", "-5", "Ensure this value is greater than or equal to 0."),
        ("money", "cost_amount", "1e400", "Ensure that there are no more than 15 digits in total."),
        ("money", "cost_amount", "NaN", "Enter a number."),
        ("money", "cost_amount", "Infinity", "Enter a number."),
        ("money", "cost_amount", "about ten", "Enter a number."),
        ("money", "cost_amount", "1.234", "Ensure that there are no more than 2 decimal places."),
        ("money", "cost_currency", "", "Which currency is the cost in?"),
        ("money", "cost_currency", "EU", "Three capital letters, for example EUR."),
        ("contact", "contact_email", "food@", "Enter a valid email address."),
        ("sources", "source_url", "javascript:alert(1)", "Enter a valid URL."),
        ("sources", "source_url", "http://[", "Enter a valid URL."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bad_value_is_told_beside_its_field_and_kept(step, name, value, error, editor):
    answer = editor.post(step, ENOUGH[step] | {name: value})
    assert answer.status_code == 200
    assert shown(answer, name) == [error]
    assert editor.content[name] == value
    assert editor.client.get(editor.url("check")).status_code == 200
    if name not in {"language", "status"}:
        assert value in read(answer)
        assert value in read(editor.client.get(editor.url(step)))


@pytest.mark.parametrize(("value", "error"), [("soon", "Enter a valid date."), ("2026-02-30", "Enter a valid date.")])
def test_bad_date_is_told_beside_its_field_and_kept(value, error, as_person, cast, write):
    editor = Editor(as_person(cast.alice), write(kind="project"))
    answer = editor.post("learning", {"seeking": "Partners", "seeking_until": value})
    assert shown(answer, "seeking_until") == [error]
    assert f'value="{value}"' in answer.content.decode()
    assert editor.content["seeking_until"] == value


@pytest.mark.parametrize(
    ("name", "codes", "bad", "ticked"),
    [
        ("pathways", ["circular", "imaginary"], "imaginary", 2),
        ("topics", ["", "food", "water"], "", 3),
        ("goals", ["18", "2"], "18", 3),
        ("topics", ["x" * 5_000], "x" * 5_000, 1),
        ("topics", ["<b>", "food"], "<b>", 2),
    ],
    ids=["pathway", "empty", "goal", "long", "html"],
)
def test_unknown_code_is_told_beside_its_field_and_the_known_stay_ticked(name, codes, bad, ticked, editor):
    answer = editor.post("themes", ENOUGH["themes"] | {name: codes})
    assert answer.status_code == 200
    assert shown(answer, name) == [f"Select a valid choice. {bad} is not one of the available choices."]
    assert answer.content.decode().count(" checked") == ticked
    assert editor.content[name] == codes


@pytest.mark.parametrize(
    ("step", "name", "value"),
    [("basics", "title", "a\x00b"), ("story", "challenge", "\x00"), ("money", "cost_amount", "5\x00")],
)
def test_nul_is_told_beside_its_field_and_everything_stays_on_the_page(step, name, value, editor):
    before = editor.content
    typed = ENOUGH[step] | {name: value}
    answer = editor.post(step, typed)
    assert answer.status_code == 200
    assert shown(answer, name)
    form = answer.context["form"]
    assert {one: form[one].value() for one in typed} == typed
    assert editor.content == before
    answer = editor.post(step, typed, htmx=True)
    assert answer.status_code == 422
    assert "Not saved" in read(answer)
    assert editor.content == before


@pytest.mark.parametrize("name", LISTS)
def test_nul_in_a_code_is_told_and_the_other_boxes_stay_ticked(name, editor):
    before = editor.content
    typed = {"pathways": ["circular", "resilient"], "topics": ["food", "water"], "goals": ["2", "13"]}
    answer = editor.post("themes", typed | {name: [*typed[name], "fo\x00od"]})
    assert answer.status_code == 200
    assert shown(answer, name)
    assert answer.content.decode().count(" checked") == 6
    assert editor.content == before


@pytest.mark.parametrize("own", [{"window": "w\x00"}, {"window": "w" * 500}, {"window": "<b>"}, {"window": ""}])
def test_odd_name_of_a_window_does_no_harm(own, editor):
    assert editor.post("story", ENOUGH["story"], **own).status_code == 302
    assert editor.content["challenge"] == "C"


@pytest.mark.parametrize("edition", ["", "0", "-1", "x", "1e3", "٣٣", "²", "9" * 400, "\x00"])
@pytest.mark.parametrize("htmx", [True, False])
def test_stale_or_unreadable_edition_overwrites_nothing_and_keeps_the_text_on_the_page(edition, htmx, editor):
    before = editor.content
    answer = editor.post("story", ENOUGH["story"] | {"challenge": "Kept & safe"}, htmx=htmx, edition=edition)
    assert answer.status_code == (422 if htmx else 200)
    assert "Alice saved" in read(answer)
    assert htmx or "Kept & safe</textarea>" in read(answer)
    assert editor.content == before


def test_missing_edition_and_window_overwrite_nothing(editor):
    before = editor.content
    answer = editor.client.post(editor.url("story"), {"challenge": "Kept"})
    assert answer.status_code == 200
    assert "Kept</textarea>" in read(answer)
    assert editor.content == before


@pytest.mark.parametrize("step", ENOUGH)
def test_step_sent_empty_empties_its_fields_only(step, editor):
    before = editor.content
    answer = editor.post(step, {})
    assert answer.status_code == 302
    changed = {name for name in before if editor.content[name] != before[name]}
    assert changed == {name for name in STEPS[step].names("practice") if before.get(name)}


def test_fields_that_a_step_does_not_have_are_left_alone(editor):
    own = {"state": "approved", "owner_member": "1", "title": "Not here", "indicators": "x", "version": "9"}
    assert editor.post("story", ENOUGH["story"], **own).status_code == 302
    assert editor.content["title"] == "School meals from farms nearby"
    assert set(editor.content) <= set(field_names("practice"))
    assert editor.revision.state == "draft"


@pytest.mark.parametrize("htmx", [True, False])
def test_too_many_fields_or_too_much_is_refused_and_changes_nothing(htmx, editor, settings):
    before = editor.content
    many = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)}
    assert editor.post("story", many, htmx=htmx).status_code == 400
    body = f"edition={editor.edition}&challenge=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = editor.client.post(editor.url("story"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {400, 413}
    assert editor.content == before


def test_bytes_that_are_no_utf_8_are_kept_as_replacement_characters(editor):
    body = f"edition={editor.edition}&window=w1&challenge=a%FF%EDb&solution=S&results=R"
    answer = editor.client.post(editor.url("story"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert editor.content["challenge"] == "a��b"


def test_submit_of_bad_values_names_each_and_its_step(cast, as_person, write):
    revision = write(start_year="99999", source_url="ftp:/x", topics=["imaginary"], cost_amount="5")
    client = as_person(cast.alice)
    url = reverse("editorial:revision_submit", args=[revision.pk])
    answer = client.post(url, {"edition": revision.edition}, follow=True)
    assert [(one["name"], one["step"]) for one in answer.context["missing"]] == [
        ("start_year", "basics"), ("source_url", "sources"), ("topics", "themes"), ("cost_currency", "money"),
    ]  # fmt: skip
    assert Revision.objects.get().state == "draft"


# Beginning, deciding, archiving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": LONG}, {"title": ["Ensure this value has at most 100 characters (it has 100000)."]}),
        ({"title": "a\x00b"}, {"title": ["Null characters are not allowed."]}),
        ({"title": " \n"}, {"title": ["This field is required."]}),
        (
            {"owner": "member-999999"},
            {"owner": ["Select a valid choice. member-999999 is not one of the available choices."]},
        ),
        ({"owner": "office-1"}, {"owner": ["Select a valid choice. office-1 is not one of the available choices."]}),
        ({"owner": "\x00"}, None),
        ({"owner": ""}, {"owner": ["This field is required."]}),
        ({"language": "xx"}, {"language": ["Select a valid choice. xx is not one of the available choices."]}),
        ({"kind": "policy"}, {"kind": ["Select a valid choice. policy is not one of the available choices."]}),
        ({"kind": ["practice", "x"]}, {"kind": ["Select a valid choice. x is not one of the available choices."]}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_beginning_is_told_and_makes_nothing(changes, errors, cast, as_person):
    typed = {
        "kind": "practice",
        "owner": f"member-{cast.lahti.pk}",
        "language": "fi",
        "title": "Ruokaa & läheltä",
    } | changes
    answer = as_person(cast.alice).post(reverse("editorial:publication_create"), typed)
    assert answer.status_code == 200
    if errors is None:
        assert list(answer.context["form"].errors) == list(changes)
    else:
        assert answer.context["form"].errors == errors
    assert answer.context["form"]["title"].value() == typed["title"]
    assert not Publication.objects.exists()
    answer = as_person(cast.alice).post(reverse("editorial:publication_create"), typed, headers={"HX-Request": "true"})
    assert answer.status_code == 422


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_title_is_begun_with_and_shown_as_text(text, cast, as_person):
    client = as_person(cast.alice)
    typed = {"kind": "practice", "owner": f"member-{cast.lahti.pk}", "language": "fi", "title": text}
    answer = client.post(reverse("editorial:publication_create"), typed, follow=True)
    assert Publication.objects.get().title == tidy_line(text)
    assert tidy_line(text) in read(answer)
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (
            {"verdict": "approve", "reason": "R"},
            {"verdict": ["Select a valid choice. approve is not one of the available choices."]},
        ),
        (
            {"verdict": "take", "reason": "R"},
            {"verdict": ["Select a valid choice. take is not one of the available choices."]},
        ),
        ({"reason": "R"}, {"verdict": ["This field is required."]}),
        ({"verdict": "declined", "reason": "R\x00"}, {"reason": ["Null characters are not allowed."]}),
        (
            {"verdict": "declined", "reason": LONG},
            {"reason": ["Ensure this value has at most 5000 characters (it has 100000)."]},
        ),
    ],
    ids=["spelling", "act", "none", "nul", "long"],
)
def test_bad_decision_is_told_and_decides_nothing(typed, errors, cast, as_person, write):
    revision = write("submitted")
    client = as_person(cast.kaisa)
    url = reverse("editorial:revision_review", args=[revision.pk])
    answer = client.post(url, typed)
    assert (answer.status_code, answer.context["form"].errors) == (200, errors)
    assert answer.context["form"]["reason"].value() == typed["reason"]
    assert client.post(url, typed, headers={"HX-Request": "true"}).status_code == 422
    assert Revision.objects.get().state == "submitted"
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("", "This field is required."),
        ("\n ", "This field is required."),
        ("R\x00", "Null characters are not allowed."),
        (LONG, "Ensure this value has at most 2000 characters (it has 100000)."),
    ],
    ids=["empty", "blank", "nul", "long"],
)
def test_bad_reason_to_archive_is_told_and_archives_nothing(reason, error, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    url = reverse("library:publication_archive", args=[publication.pk])
    answer = as_person(cast.kaisa).post(url, {"reason": reason})
    assert (answer.status_code, shown(answer, "reason")) == (200, [error])
    assert as_person(cast.kaisa).post(url, {"reason": reason}, headers={"HX-Request": "true"}).status_code == 422
    assert Publication.objects.get().state == "published"


# Addresses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["/publications/?q=a%00b", "/publications/?country=%00", "/write/?x=%00", "/review/?page=%00"]
)
def test_nul_in_the_query_is_a_bad_request(url, cast, as_person):
    assert as_person(cast.ada).get(url).status_code == 400


def test_percent_sign_before_zeros_is_no_nul(cast, as_person):
    assert as_person(cast.ada).get("/publications/?q=%2500").status_code == 200


@pytest.mark.parametrize("number", ["99999999999999999999", "0"])
@pytest.mark.parametrize(
    "path",
    [
        "/publications/{}/",
        "/publications/{}/archive/",
        "/revisions/{}/",
        "/revisions/{}/review/",
        "/revisions/{}/story/",
    ],
)
def test_number_of_nothing_is_not_found(path, number, cast, as_person):
    assert as_person(cast.ada).get(path.format(number)).status_code == 404


# Any text ------------------------------------------------------------------------------------------------------------

_ANY = st.text(max_size=40) | st.sampled_from(
    ["", "1e400", "-1", "99999", "NaN", "2026-02-30", "x" * 400, "\x00", "http://["]
)
_LIST = st.lists(st.text(max_size=12) | st.sampled_from(["circular", "food", "2"]), max_size=4)

_ROWS = st.lists(
    st.dictionaries(st.sampled_from(["title", "kind", "amount", "when", "file", "metric", "value", "url"]), _ANY),
    max_size=3,
)


@st.composite
def contents(draw, text=_ANY, codes=_LIST, rows=_ROWS):
    """Return a kind and a working copy of it, with any strings in any of its fields."""
    kind = draw(st.sampled_from(["practice", "project"]))
    names = draw(st.sets(st.sampled_from(field_names(kind))))
    return kind, {
        name: draw(codes if name in (*LISTS, *CHOICES) else rows if name in ROWS else text) for name in sorted(names)
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=contents())
def test_form_takes_any_strings(case, db):
    kind, content = case
    form = PublicationForm(content, kind=kind)
    assert form.is_valid() == (not form.errors)
    assert set(form.cleaned_data) | set(form.errors) >= set(form.fields)
    assert str(form)


_STORABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=contents(text=_STORABLE, codes=st.lists(_STORABLE, max_size=4), rows=st.just([{"title": "T"}])))
def test_saved_text_is_read_back_as_it_was(case, cast):
    kind, content = case
    revision = services.begin_publication(kind=kind, owner=cast.lahti, language="en", title="T", by=cast.alice)
    before = revision.content
    services.save_revision(
        revision=revision, changes=content, edition=revision.edition, window="", final=True, by=cast.alice
    )
    said = Revision.objects.get(pk=revision.pk).content
    assert {name: value for name, value in said.items() if value} == {
        name: value for name, value in (before | content).items() if value
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_approved_text_is_what_was_typed(data, cast):
    texts = {name: data.draw(_STORABLE.filter(tidy_line)) for name in (*LONG_TEXTS[:6], "title", "summary")}
    typed = {
        name: (tidy_line if name == "title" else tidy_text)(text.replace("\r\n", "\n")) for name, text in texts.items()
    }
    reviewer = OfficeRoleFactory(office=cast.finland).user
    revision = RevisionFactory(by=cast.alice, owner=cast.lahti, reviewer=reviewer, state="approved", **typed)
    said = read_content(revision.publication)
    assert {name: said[name] for name in typed} == typed
