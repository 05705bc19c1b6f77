"""Reading publications, and taking them out of the lists."""

import html as html_module
import re
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from members.accounts.models import User
from practices.library import services
from practices.library.models import Publication, Seen
from tests.factories import PublicationFactory
from tests.pages import read, without_tokens

pytestmark = pytest.mark.django_db

LIST = reverse("search:publication_list")


def titles(answer):
    return [result.publication.title for result in answer.context["results"]]


# The page ------------------------------------------------------------------------------------------------------------

TEXTS = {
    "title": "Título del proyecto", "summary": "Resumen corto.", "challenge": "Desafío **fuerte**.",
    "solution": "Solución:\n\n- uno\n- dos", "results": "Resultados\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "lessons": "Lecciones [aquí](https://city.example/lessons).", "what_went_wrong": "Errores ~~no~~.",
    "transferability": "# Transferible", "cost_note": "sin personal", "department": "Urbanismo",
    "contact_title": "Jefa de área", "contact_email": "area@city.example", "source_title": "Informe",
    "source_url": "https://city.example/informe",
}  # fmt: skip
WHOLE = TEXTS | {
    "language": "es", "status": "scaled", "start_year": "2019", "end_year": "2024", "cost_amount": "1250000.50",
    "cost_currency": "EUR", "pathways": ["circular", "resilient"], "topics": ["food", "water"], "goals": ["2", "13"],
    "indicators": [
        {"metric": "Peatones", "baseline": "12", "value": "54.5", "unit": "%", "year": "2024",
         "source_url": "https://city.example/datos", "assurance": "verified"},
        {"metric": "Humo", "baseline": "", "value": "0.0004", "unit": "mg", "year": "", "source_url": ""},
        {"metric": "Saldo", "baseline": "-5", "value": "3", "unit": "M", "year": "", "source_url": ""},
    ],
    "funding": [
        {"source": "Fondo verde", "programme": "LIFE", "amount": "1000", "currency": "EUR"},
        {"source": "Diputación", "programme": "", "amount": "250.50", "currency": "SEK"},
    ],
    "partners": [{"name": "Universidad"}, {"name": "Vecinos"}],
}  # fmt: skip
SHOWN = [
    "Título del proyecto", "Resumen corto.", "Desafío fuerte .", "uno dos", "Lecciones aquí .", "Errores no .",
    "Transferible", "Circular", "Resilient", "Food", "Water", "Scaled up", "2019 –2024", "€1,250,000.50",
    "sin personal", "Fondo verde, LIFE", "1,000 EUR", "Diputación", "SEK", "Universidad", "Vecinos", "2. Zero hunger",
    "13. Climate action", "Spanish", "Jefa de área", "Urbanismo", "area@city.example", "Informe",
    "Concello de Pontevedra , Spain", "50,000", "Last confirmed",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "own", "shown"),
    [
        ("practice", {"offer": "Una visita."}, ["Practice", "What we can offer", "Una visita."]),
        (
            "project",
            {"seeking": "Socios.", "seeking_until": "2027-05-04"},
            ["Project", "What we are looking for", "Socios.", "4 May 2027"],
        ),
    ],
)
def test_page_shows_every_field(kind, own, shown, cast, as_person):
    publication = PublicationFactory(owner=cast.pontevedra, kind=kind, **WHOLE, **own)
    answer = as_person(cast.rita).get(publication.get_absolute_url())
    text, html = read(answer), without_tokens(answer)
    assert [
        one for one in [*SHOWN, *shown] if re.sub(r" (?=[.,:–])", "", one) not in re.sub(r" (?=[.,:–])", "", text)
    ] == []
    assert "<strong>fuerte</strong>" in html
    assert "<h3>Transferible</h3>" in html
    assert '<a href="https://city.example/lessons" rel="nofollow noopener ugc">' in html
    assert 'href="https://city.example/informe"' in html
    assert 'href="mailto:area@city.example"' in html
    assert "summary made for demonstration" not in html
    assert "XXX" not in html  # the code of no currency (ISO 4217)


def test_page_of_little_has_no_empty_sections(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    text = read(as_person(cast.rita).get(publication.get_absolute_url()))
    for heading in (
        "Lessons learned",
        "What went wrong",
        "In figures",
        "Cost",
        "Funding",
        "Partners",
        "Source",
        "None",
    ):
        assert heading not in text


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"contact_email": "", "department": "Kitchens"}, "Kitchens"),
        ({"contact_email": "", "contact_title": "Head cook"}, "Head cook"),
        ({"contact_title": "", "department": "Kitchens"}, "Contact Kitchens food@city.example"),
        ({"start_year": "", "end_year": "2031"}, "2031"),
        ({"source_title": "A book of 1998"}, "A book of 1998"),
        ({"cost_note": "Own work only"}, "Own work only"),
    ],
)
def test_field_is_shown_where_its_neighbour_is_empty(facts, shown, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, **facts)
    assert shown in read(as_person(cast.rita).get(publication.get_absolute_url()))


@pytest.mark.parametrize("source", [{"source_url": "https://city.example/x"}, {"source_title": "A book"}, {}])
def test_demonstration_is_always_said(source, cast, as_person):
    facts = {"is_demonstration": True, "editorial_fields": ["transferability"]}
    publication = PublicationFactory(owner=cast.lahti, facts=facts, **source)
    text = read(as_person(cast.rita).get(publication.get_absolute_url()))
    assert "The municipality has not written or approved it." in text
    assert "hold the writer’s own judgement" in text


def test_right_to_left_text_is_marked(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, language="ar", title="حدائق", challenge="الماء قليل.")
    html = " ".join(as_person(cast.rita).get(publication.get_absolute_url()).content.decode().split())
    assert '<h1 lang="ar" dir="auto">حدائق</h1>' in html
    assert '<div class="stack" lang="ar" dir="rtl">' in html
    assert '<p dir="auto">الماء قليل.</p>' in html
    card = " ".join(as_person(cast.rita).get(LIST).content.decode().split())
    assert '<article class="card" lang="ar" dir="rtl">' in card


def test_indicators_are_a_chart_and_a_table_with_the_same_figures(cast, as_person):
    publication = PublicationFactory(owner=cast.pontevedra, **WHOLE)
    answer = as_person(cast.rita).get(publication.get_absolute_url())
    (bars,) = answer.context["bars"]  # the others cannot be compared
    assert (bars.indicator.metric, bars.before, bars.after) == ("Peatones", 70, 320)
    html = " ".join(answer.content.decode().split())
    assert html.count("<svg viewBox") == 1
    assert 'aria-label="before 12, after 54.5"' in html
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", html)]
    figures = cells[2:20]  # between the table of the text and the one of funding
    assert [figures[index : index + 6] for index in (0, 6, 12)] == [
        [figures[0], "12", "54.5", "%", "2024", "Verified"],
        ["Humo", "", "0.0004", "mg", "", "Self-reported"],
        ["Saldo", "-5", "3", "M", "", "Self-reported"],
    ]
    assert figures[0].startswith("Peatones evidence")
    assert 'href="https://city.example/datos"' in html


def test_figures_are_in_the_readers_language(cast, as_person):
    cast.rita.language = "fi"
    cast.rita.save()
    publication = PublicationFactory(owner=cast.pontevedra, **WHOLE)
    text = read(as_person(cast.rita).get(publication.get_absolute_url()))
    assert "54,5" in text
    assert "1\xa0250\xa0000,50\xa0€".replace("\xa0", " ") in text.replace("\xa0", " ")
    assert "Espanja" in text


@pytest.mark.parametrize(("kind", "owner", "queries"), [("practice", "lahti", 8), ("project", "finland", 9)])
def test_page_takes_as_many_queries_for_one_row_as_for_many(
    kind, owner, queries, cast, as_person, django_assert_num_queries
):
    client = as_person(cast.rita)
    for number in (1, 3, 30):
        rows = {
            "indicators": [{"metric": f"M{row}", "baseline": "1", "value": "2"} for row in range(number)],
            "funding": [{"source": f"F{row}"} for row in range(number)],
            "partners": [{"name": f"P{row}"} for row in range(number)],
        }
        publication = PublicationFactory(owner=getattr(cast, owner), kind=kind, goals=["2"], **rows)
        with django_assert_num_queries(queries):
            client.get(publication.get_absolute_url())


# Who reads what ------------------------------------------------------------------------------------------------------

PEOPLE = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")


@pytest.mark.parametrize(
    ("state", "owner", "readers"),
    [
        ("published", "lahti", {"alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada"}),
        ("archived", "lahti", {"alice", "bob", "kaisa", "ada"}),
        ("unpublished", "lahti", {"alice", "bob", "kaisa", "ada"}),
        ("unpublished", "pontevedra", {"carlos", "eva", "ada"}),
        ("unpublished", "finland", {"kaisa", "eva", "ada"}),
        ("archived", "bonn", {"ada"}),
    ],
)
def test_page_opens_for_who_may_read_it(state, owner, readers, cast, as_person):
    publication = PublicationFactory(owner=getattr(cast, owner), state=state)
    for name in PEOPLE:
        person = User.objects.get(pk=getattr(cast, name).pk)
        may = name in readers
        assert as_person(person).get(publication.get_absolute_url()).status_code == (200 if may else 404), name
        assert person.has_perm("library.view_publication", publication) == may, name
        assert Publication.objects.visible_to(person).filter(pk=publication.pk).exists() == may, name


def test_page_marks_what_its_reader_has_seen(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    for person, version in ((cast.rita, 1), (cast.rita, 1), (cast.carlos, 1)):
        as_person(person).get(publication.get_absolute_url())
        assert Seen.objects.get(user=person, publication=publication).version == version
    Publication.objects.update(version=2)
    as_person(cast.rita).get(publication.get_absolute_url())
    assert list(Seen.objects.order_by("user_id").values_list("user__name", "version")) == [("Rita", 2), ("Carlos", 1)]


@pytest.mark.parametrize("state", ["archived", "unpublished"])
def test_what_is_not_published_is_not_marked_as_seen(state, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, state=state)
    assert as_person(cast.alice).get(publication.get_absolute_url()).status_code == 200
    assert not Seen.objects.exists()


def test_who_may_not_read_leaves_no_mark(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    assert as_person(cast.nora).get(publication.get_absolute_url()).status_code == 404
    assert not Seen.objects.exists()


# Archive and restore -------------------------------------------------------------------------------------------------


def test_archive_with_a_reason_and_restore(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    client = as_person(cast.kaisa)
    archive = reverse("library:publication_archive", args=[publication.pk])
    assert archive in client.get(publication.get_absolute_url()).content.decode()
    assert client.post(archive, {"reason": "  The school is closed & gone. "}).url == publication.get_absolute_url()
    publication.refresh_from_db()
    assert (publication.state, publication.archived_reason) == ("archived", "The school is closed & gone.")
    assert titles(client.get(LIST)) == []
    page = as_person(cast.bob).get(publication.get_absolute_url())
    assert "The school is closed & gone." in read(page)
    assert "Publish it again" not in read(page)
    assert as_person(cast.rita).get(publication.get_absolute_url()).status_code == 404

    client = as_person(cast.kaisa)
    assert "Publish it again" in read(client.get(publication.get_absolute_url()))
    client.post(reverse("library:publication_restore", args=[publication.pk]))
    publication.refresh_from_db()
    assert (publication.state, publication.archived_reason, publication.version) == ("published", "", 1)
    entries = Entry.objects.filter(verb__in=["archived", "restored"]).order_by("pk")
    assert [(entry.verb, entry.by, entry.audience, entry.details) for entry in entries] == [
        ("archived", cast.kaisa, "nobody", {"reason": "The school is closed & gone."}),
        ("restored", cast.kaisa, "nobody", {}),
    ]


@pytest.mark.parametrize("reason", ["", " \n\t "])
def test_archive_without_a_reason_is_refused(reason, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    with pytest.raises(ValidationError) as caught:
        services.archive_publication(publication=publication, reason=reason, by=cast.kaisa)
    assert caught.value.message_dict == {"reason": ["Please say why."]}
    assert Publication.objects.get().state == "published"


@pytest.mark.parametrize(
    ("person", "status"),
    [("alice", 403), ("bob", 403), ("rita", 403), ("carlos", 403), ("eva", 403), ("xavier", 403), ("nora", 404)],
)
@pytest.mark.parametrize("act", ["archive", "restore"])
def test_archive_and_restore_are_the_reviewing_offices(act, person, status, cast, as_person):
    state = "published" if act == "archive" else "archived"
    publication = PublicationFactory(owner=cast.lahti, state=state)
    person = getattr(cast, person)
    may_read = Publication.objects.visible_to(person).exists()
    answer = as_person(person).post(reverse(f"library:publication_{act}", args=[publication.pk]), {"reason": "R"})
    assert answer.status_code == (status if may_read else 404)
    reason = {"reason": "R"} if act == "archive" else {}
    with pytest.raises(PermissionDenied):
        getattr(services, f"{act}_publication")(publication=publication, by=person, **reason)
    assert Publication.objects.get().state == state


@pytest.mark.parametrize("state", ["unpublished", "archived"])
def test_archive_of_what_is_not_published_is_told(state, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, state=state)
    answer = as_person(cast.ada).post(
        reverse("library:publication_archive", args=[publication.pk]), {"reason": "Kept words"}
    )
    assert "This is not possible now" in read(answer)
    assert "Kept words" in read(answer)
    assert Publication.objects.get().state == state


def test_restore_of_what_is_published_is_told(cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    answer = as_person(cast.ada).post(reverse("library:publication_restore", args=[publication.pk]), follow=True)
    assert "This is not possible now" in read(answer)
    assert as_person(cast.ada).get(reverse("library:publication_restore", args=[publication.pk])).status_code == 405


# On other pages ------------------------------------------------------------------------------------------------------


def test_page_of_a_member_or_office_shows_its_newest_six(cast, as_person):
    for number in range(8):
        PublicationFactory(owner=cast.lahti, title=f"Number {number}")
    PublicationFactory(owner=cast.lahti, title="Unpublished one", state="unpublished")
    PublicationFactory(owner=cast.finland, title="Office's own")
    text = read(as_person(cast.alice).get(cast.lahti.get_absolute_url()))
    shown = text.partition("History")[0]
    assert re.findall(r"Number \d", shown) == [f"Number {number}" for number in (7, 6, 5, 4, 3, 2)]
    assert "Show all" in text
    assert "Unpublished one" not in text
    assert "Office's own" not in text
    text = read(as_person(cast.alice).get(cast.finland.get_absolute_url()))
    assert "Office's own" in text
    assert "Number 7" not in text


def test_show_all_leads_to_a_search_that_finds_them(cast, as_person):
    for number in range(7):
        PublicationFactory(owner=cast.lahti, title=f"Number {number}")
    PublicationFactory(owner=cast.pontevedra)
    client = as_person(cast.rita)
    html = client.get(cast.lahti.get_absolute_url()).content.decode()
    (link,) = re.findall(r'href="(/publications/\?[^"]+)"', html)
    assert len(titles(client.get(html_module.unescape(link)))) == 7


def test_cost_is_kept_exactly(cast):
    publication = PublicationFactory(owner=cast.lahti, cost_amount="9999999999999.99", cost_currency="EUR")
    assert publication.cost_amount == Decimal("9999999999999.99")
