"""The list of publications: its facets, orders, chips and ways on."""

import html as html_module
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from members.directory.models import Member
from practices.library.models import Publication
from practices.search import ranking
from practices.search.filters import PublicationFilter
from tests.factories import MemberFactory, OfficeFactory, PublicationFactory
from tests.pages import read

pytestmark = pytest.mark.django_db

LIST = reverse("search:publication_list")


def titles(answer):
    return [result.publication.title for result in answer.context["results"]]


def facets(answer):
    return {
        facet.name: {option.value: option.count for option in facet.options}
        for facet in answer.context["filter"].facets
    }


@pytest.fixture
def shelf(cast):
    """Publish five publications, the first is the newest, and some that no list may show."""
    skopje = MemberFactory(name="Град Скопје", name_en="Skopje", country="MK", office=cast.europe, population=150_000)
    shelf = [
        {"owner": cast.lahti, "title": "Äänet alas", "language": "fi", "pathways": ["circular", "equitable"],
         "topics": ["food", "water"], "start_year": "2021", "summary": "ÖLJYÄ ja vettä."},
        {"owner": cast.lahti, "title": "Bikes", "topics": ["mobility"], "pathways": ["low_emission"],
         "start_year": "2019", "status": "completed", "challenge": "Too much 100% traffic.",
         "cost_amount": "500000", "cost_currency": "EUR", "offers": ["visit"]},
        {"owner": cast.pontevedra, "title": "Calles", "language": "es", "topics": ["mobility"],
         "pathways": ["equitable"], "start_year": "2020", "solution": "Peatones primero.",
         "goals": ["11"], "source_url": "https://city.example/calles"},
        {"owner": skopje, "title": "Дрвја", "language": "mk", "kind": "project", "topics": ["nature_and_biodiversity"],
         "pathways": ["nature_based", "equitable"], "start_year": "", "status": "planned", "results": "Сенка."},
        {"owner": cast.finland, "title": "Everybody's guide", "topics": ["food"], "pathways": ["circular"],
         "start_year": "2022", "what_went_wrong": "Nothing_at all."},
    ]  # fmt: skip
    now = timezone.now()
    for days, facts in enumerate(shelf):
        made = PublicationFactory(**facts)
        Publication.objects.filter(pk=made.pk).update(published_at=now - timedelta(days=days))
    PublicationFactory(owner=cast.lahti, title="Archived food", state="archived")
    PublicationFactory(owner=cast.lahti, title="Unpublished food", state="unpublished")


ALL = ["Äänet alas", "Bikes", "Calles", "Дрвја", "Everybody's guide"]


@pytest.mark.parametrize("person", ["alice", "rita", "carlos", "kaisa", "eva", "xavier", "ada"])
def test_list_shows_what_is_published_and_nothing_else_to_everybody_in_the_network(person, cast, as_person, shelf):
    answer = as_person(getattr(cast, person)).get(LIST)
    assert titles(answer) == ALL
    assert "5 practices and projects" in read(answer)
    for hidden in ("Archived food", "Unpublished food"):
        assert hidden not in read(answer)


def test_list_shows_nothing_to_who_has_no_place_in_the_network(cast, as_person, client, shelf):
    answer = as_person(cast.nora).get(LIST)
    assert titles(answer) == []
    assert all(not options for options in facets(answer).values())
    client.logout()
    assert client.get(LIST).status_code == 302


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bikes", ["Bikes"]),
        ("BIKES traffic", ["Bikes"]),
        ("öljyä", ["Äänet alas"]),
        ("oljya", ["Äänet alas"]),
        ("ÄÄNET", ["Äänet alas"]),
        ("ДРВЈА", ["Дрвја"]),
        ("drvja", ["Дрвја"]),
        ("сенка", ["Дрвја"]),
        ("peatones", ["Calles"]),
        ("peaton", ["Calles"]),
        ("lahden", ["Äänet alas", "Bikes"]),
        ("lahti", ["Äänet alas", "Bikes"]),
        ("skopje", ["Дрвја"]),
        ("СКОПЈЕ", ["Дрвја"]),
        ("Suomi", ["Äänet alas", "Bikes", "Everybody's guide"]),
        ("Северна Македонија", ["Дрвја"]),
        ("finnish OFFICE", ["Everybody's guide"]),
        ("nothing_at", ["Everybody's guide"]),
        ("100%", ["Bikes"]),
        ("food@city.example", ALL),
        ("bikes -traffic", []),
        ("farms -bikes", ["Äänet alas", "Everybody's guide", "Дрвја"]),
        ('"Peatones primero"', ["Calles"]),
        ('"primero Peatones"', []),
        ("„Peatones primero“", ["Calles"]),
        ("bikes peatones", []),
        ("archived", []),
        ("unpublished", []),
        ("%", ALL),
        ("\\", ALL),
        ("'", ALL),
        ("   ", ALL),
        ("!!! & | ( ) <-> :*", ALL),
        ("😀", ALL),
        ("bikes & | ! ) <->", ["Bikes"]),
        ("farms " * 50, ["Äänet alas", "Bikes", "Everybody's guide", "Дрвја"]),
    ],
)
def test_search_reads_words_as_people_mean_them(words, found, cast, as_person, shelf):
    assert sorted(titles(as_person(cast.rita).get(LIST, {"q": words}))) == sorted(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("pathway=circular", ["Äänet alas", "Everybody's guide"]),
        ("pathway=circular&pathway=equitable", ["Äänet alas", "Calles", "Дрвја", "Everybody's guide"]),
        ("topic=mobility", ["Bikes", "Calles"]),
        ("country=FI", ["Äänet alas", "Bikes", "Everybody's guide"]),
        ("country=FI&country=MK&topic=food", ["Äänet alas", "Everybody's guide"]),
        ("kind=project", ["Дрвја"]),
        ("size=large", ["Дрвја"]),
        ("size=middle&size=tiny", ["Äänet alas", "Bikes", "Calles"]),
        ("cost=middle", ["Bikes"]),
        ("cost=unknown&cost=small", ["Äänet alas", "Calles", "Дрвја", "Everybody's guide"]),
        ("offers=visit", ["Bikes"]),
        ("goal=11", ["Calles"]),
        ("evidence=documented", ["Calles"]),
        ("language=en", ["Bikes", "Everybody's guide"]),
        ("status=planned&status=completed", ["Bikes", "Дрвја"]),
        ("pathway=equitable&topic=mobility&language=es", ["Calles"]),
        ("q=lahden&pathway=circular", ["Äänet alas"]),
        ("kind=project&language=en", []),
    ],
)
def test_facets_narrow_the_list_down(query, found, cast, as_person, shelf):
    answer = as_person(cast.rita).get(f"{LIST}?{query}")
    assert titles(answer) == found
    assert answer.context["page"].paginator.count == len(found)


def test_facets_count_everything_at_first(cast, as_person, shelf):
    assert facets(as_person(cast.rita).get(LIST)) == {
        "pathway": {"equitable": 3, "circular": 2, "low_emission": 1, "nature_based": 1},
        "topic": {"food": 2, "mobility": 2, "nature_and_biodiversity": 1, "water": 1},
        "country": {"150": 5, "FI": 3, "MK": 1, "ES": 1},
        "size": {"middle": 3, "large": 1},
        "cost": {"middle": 1, "unknown": 4},
        "status": {"running": 3, "completed": 1, "planned": 1},
        "evidence": {"claimed": 4, "documented": 1},
        "offers": {"visit": 1},
        "language": {"en": 2, "fi": 1, "mk": 1, "es": 1},
        "goal": {"11": 1},
    }


def test_there_are_ten_facets_at_most():
    assert len(PublicationFilter.FACETS) <= 10


def test_facet_counts_take_the_other_facets_and_the_words_but_not_itself(cast, as_person, shelf):
    found = facets(as_person(cast.rita).get(f"{LIST}?pathway=equitable&country=FI&country=ES"))
    assert found == {
        "pathway": {"equitable": 2, "circular": 2, "low_emission": 1},
        "topic": {"food": 1, "mobility": 1, "water": 1},
        "country": {"150": 3, "FI": 1, "MK": 1, "ES": 1},
        "size": {"middle": 2},
        "cost": {"unknown": 2},
        "status": {"running": 2},
        "evidence": {"claimed": 1, "documented": 1},
        "offers": {},
        "language": {"fi": 1, "es": 1},
        "goal": {"11": 1},
    }
    found = facets(as_person(cast.rita).get(f"{LIST}?q=bikes&topic=food"))
    assert found["topic"] == {"food": 0, "mobility": 1}  # what is chosen stays, so that it can be taken away
    assert found["country"] == {}


def test_chosen_options_are_chips_that_take_one_away(cast, as_person, shelf):
    query = "?q=e&pathway=circular&pathway=equitable&country=FI&sort=title&page=1"
    html = as_person(cast.rita).get(f"{LIST}{query}").content.decode()
    (listed,) = re.findall(r'<ul class="chips">(.*?)</ul>', html, re.DOTALL)
    chips = [html_module.unescape(link) for link in re.findall(r'href="([^"]*)"', listed)]
    assert chips == [
        f"{LIST}?q=e&pathway=equitable&country=FI&sort=title",
        f"{LIST}?q=e&pathway=circular&country=FI&sort=title",
        f"{LIST}?q=e&pathway=circular&pathway=equitable&sort=title",
        f"{LIST}?pathway=circular&pathway=equitable&country=FI&sort=title",
    ]
    assert html.count(" checked") == 3
    assert 'value="title" selected' in html


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("", ALL),
        ("-published", ALL),
        ("published", ALL[::-1]),
        ("title", ["Bikes", "Calles", "Everybody's guide", "Äänet alas", "Дрвја"]),
        ("-year", ["Everybody's guide", "Äänet alas", "Calles", "Bikes", "Дрвја"]),  # without a year at the end
        ("-used", ["Calles", "Bikes", "Äänet alas", "Дрвја", "Everybody's guide"]),  # the newest of those used alike
        ("nonsense", ALL),
    ],
)
def test_list_is_sorted(sort, found, cast, as_person, shelf):
    for title, count in (("Bikes", 1), ("Calles", 11)):
        Publication.objects.filter(title=title).update(uptake_count=count)
    assert titles(as_person(cast.rita).get(LIST, {"sort": sort})) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("confirmed=no", ["Calles"]),
        ("confirmed=yes", ["Äänet alas", "Bikes", "Дрвја"]),
        ("confirmed=yes&confirmed=no", ["Äänet alas", "Bikes", "Calles", "Дрвја"]),
        ("confirmed=no&topic=food", []),
        ("confirmed=maybe", ALL),
    ],
)
def test_what_was_not_confirmed_in_time_is_found(query, found, cast, as_person, shelf):
    """A summary made for demonstration is neither: its owner has never said a word about it."""
    Publication.objects.filter(title="Calles").update(unconfirmed_at=timezone.now())
    Publication.objects.filter(title="Everybody's guide").update(is_demonstration=True)
    assert titles(as_person(cast.rita).get(f"{LIST}?{query}")) == found


def test_pages_of_equals_show_each_once(cast, as_person):
    for _ in range(25):
        PublicationFactory(owner=cast.lahti, title="Same")
    Publication.objects.update(published_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = as_person(cast.rita)
    for sort in ("", "-published", "published", "title", "-year", "-used"):
        pages = [client.get(LIST, {"page": number, "sort": sort}).context["page"] for number in (1, 2)]
        found = [pk for page in pages for pk in page]
        assert found == sorted(found, reverse=sort != "published"), sort
        assert len(set(found)) == 25


def test_pages_are_linked_with_the_choices_kept(cast, as_person):
    for number in range(21):
        PublicationFactory(owner=cast.lahti, title=f"Food {number:02}")
    client = as_person(cast.rita)
    html = html_module.unescape(client.get(f"{LIST}?q=food&country=FI").content.decode())
    assert 'rel="next" href="?q=food&country=FI&page=2"' in " ".join(html.split())
    assert "Page 1 of 2" in " ".join(html.split())
    last = client.get(f"{LIST}?q=food&country=FI&page=2")
    assert titles(last) == ["Food 00"]
    assert 'rel="prev" href="?q=food&country=FI&page=1"' in " ".join(
        html_module.unescape(last.content.decode()).split()
    )


def test_htmx_gets_the_results_alone(cast, as_person, shelf):
    answer = as_person(cast.rita).get(f"{LIST}?topic=mobility", headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert "<form" not in html
    assert "2 practices and projects" in html
    assert 'id="topic-mobility"' in html


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-1", "page=99999999999999999999", "page=last", "page=x", "country=XX", "country=FI&country=",
        "topic=%F0%9F%98%80", "pathway=" + "x" * 3000, "sort=-password", "sort=title&sort=year", "q=" + "ä" * 5000,
        "q=%FF%FE", "q=%E2%80%AE", "kind=practice%27--", "language=..%2F..", "status[]=1", "a=b&a=c", "=", "&&&", "q",
        "created_by=1", "owner_member__name=x", "q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ],
)  # fmt: skip
def test_nonsense_gives_a_page(query, cast, as_person):
    PublicationFactory(owner=cast.lahti)
    for headers in ({}, {"HX-Request": "true"}):
        answer = as_person(cast.rita).get(f"{LIST}?{query}", headers=headers)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_nothing_found_offers_a_way_out(cast, as_person, shelf):
    answer = as_person(cast.rita).get(LIST, {"q": "nowhere"})
    assert "Nothing fits" in read(answer)
    assert f'href="{LIST}"' in answer.content.decode()


def test_list_takes_as_many_queries_for_one_as_for_thirty(cast, as_person, django_assert_num_queries):
    client = as_person(cast.rita)
    made = 0
    for number in (1, 3, 30):
        while made < number:
            PublicationFactory(owner=MemberFactory(office=cast.europe) if made % 2 else OfficeFactory())
            made += 1
        with django_assert_num_queries(12):
            client.get(LIST)
        with django_assert_num_queries(17):
            client.get(LIST, {"q": '"farms nearby"'})


def test_what_is_no_choice_is_left_out_and_said(cast, as_person, shelf):
    answer = as_person(cast.rita).get(f"{LIST}?topic=food&topic=gone&sort=nonsense&country=QQ")
    assert titles(answer) == ["Äänet alas", "Everybody's guide"]
    assert "There is no such choice any more, so it was left out: gone, QQ, nonsense" in read(answer)


def test_where_nothing_is_left_the_facet_that_takes_the_most_is_offered(cast, as_person, shelf):
    answer = as_person(cast.rita).get(f"{LIST}?topic=food&country=ES&status=running")
    assert "Take away “Country or region”: 2 fit then" in read(answer)
    assert f'href="{LIST}?topic=food&amp;status=running"' in answer.content.decode()
    assert titles(as_person(cast.rita).get(f"{LIST}?topic=food&status=running")) == ["Äänet alas", "Everybody's guide"]


def test_where_no_facet_alone_is_to_blame_each_is_offered_alone(cast, as_person, shelf):
    answer = as_person(cast.rita).get(f"{LIST}?topic=food&country=ES&status=planned")
    shown = read(answer)
    assert re.findall(r"Keep only ([^:]+): (\d)", shown) == [("Food", "2"), ("Spain", "1"), ("Planned", "1")]
    assert f'href="{LIST}?topic=food"' in answer.content.decode()


def test_phrase_that_nobody_wrote_is_offered_as_words_and_the_office_is_named(cast, as_person, shelf):
    answer = as_person(cast.rita).get(LIST, {"q": '"traffic of bikes"'})
    assert f'href="{LIST}?q=traffic+of+bikes"' in answer.content.decode()
    assert f"the coordinators of {cast.lahti.office.name} know who works on what" in read(answer)
    assert "coordinators of" not in read(as_person(cast.kaisa).get(LIST, {"q": '"traffic of bikes"'}))


def test_broad_words_say_that_there_is_more(cast, as_person, shelf, monkeypatch):
    for most, is_said in ((2, False), (1, True)):
        monkeypatch.setattr(ranking, "MOST_BY_WORDS", most)
        answer = as_person(cast.rita).get(LIST, {"q": '"peatones"'})
        assert titles(answer) == ["Calles"]
        assert ("These words stand in more texts than can be ranked" in read(answer)) == is_said


def test_cities_like_mine_come_first(cast, as_person):
    """Rita's Lahti: a Finnish city of as many people, then the same size abroad, then a large one, hers last."""
    Member.objects.filter(pk=cast.lahti.pk).update(population=120_000, latitude=61.0, longitude=25.7)
    places = {
        "Near and alike": ("FI", 100_000, 60.9, 26.9),
        "Far and alike": ("PT", 120_000, 41.4, -8.3),
        "Far and small": ("PT", 900, 41.4, -8.3),
        "Unknown": ("PT", None, None, None),
    }
    PublicationFactory(owner=Member.objects.get(pk=cast.lahti.pk), title="Our own")
    for title, (country, population, latitude, longitude) in reversed(places.items()):
        owner = MemberFactory(country=country, population=population, latitude=latitude, longitude=longitude)
        PublicationFactory(owner=owner, title=title)
    found = titles(as_person(cast.rita).get(LIST, {"sort": "like-mine"}))
    assert found == [*places, "Our own"]
    assert "Cities like mine" in read(as_person(cast.rita).get(LIST))
    assert "Cities like mine" not in read(as_person(cast.kaisa).get(LIST))  # she works for an office


def test_question_that_is_too_long_is_cut_and_says_so(cast, as_person, shelf):
    answer = as_person(cast.rita).get(LIST, {"q": "bikes " + "x" * 10_000})
    assert answer.status_code == 200
    assert "Only the beginning of what you typed was searched for." in read(answer)


def test_word_with_a_letter_wrong_finds_and_says_what_was_searched_for(
    cast, as_person, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        PublicationFactory(owner=cast.pontevedra, title="Calles", language="es", solution="Peatones primero.")
    assert titles(as_person(cast.rita).get(LIST, {"q": "petones"})) == ["Calles"]
    text = read(as_person(cast.rita).get(LIST, {"q": "petones"}))
    assert "Nothing says “petones”. Searched for as well: peatones" in text


@pytest.mark.django_db(transaction=True)
def test_search_that_takes_too_long_is_stopped_with_a_word(cast, as_person, shelf, monkeypatch):
    """Somebody holds the table for a moment longer than a search may take."""
    monkeypatch.setattr(ranking, "TIMEOUT_MS", 200)
    client = as_person(cast.rita)
    held, over = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE search_document IN ACCESS EXCLUSIVE MODE")
            held.set()
            over.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(20)
    try:
        answer = client.get(LIST, {"q": "bikes"})
    finally:
        over.set()
        holder.join()
    assert answer.status_code == 200
    assert "This search took too long and was stopped." in read(answer)
    assert titles(client.get(LIST, {"q": "bikes"})) == ["Bikes"]
