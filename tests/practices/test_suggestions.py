"""What is suggested under the search box."""

import pytest
from django.urls import reverse

from practices.search.suggestions import suggest
from tests.factories import MemberFactory, PublicationFactory
from tests.pages import read

pytestmark = pytest.mark.django_db

SUGGEST = reverse("search:suggest_publications")
LIST = reverse("search:publication_list")


@pytest.fixture
def shelf(cast):
    PublicationFactory(owner=cast.lahti, title="Water from waste", topics=["water"])
    PublicationFactory(owner=cast.pontevedra, title="Agua de lluvia", language="es")
    PublicationFactory(owner=cast.lahti, title="Watermills", state="archived")


def labels(typed, person):
    return [str(one.label) for one in suggest(typed, person)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("wat", ["Water", "Clean water and sanitation", "Life below water", "Water from waste"]),
        ("WATER FROM", ["Water from waste"]),
        ("water was", ["Water from waste"]),
        ("Вода", ["Water", "Clean water and sanitation", "Life below water"]),
        ("águ", ["Agua de lluvia"]),
        ("laht", ["Lahden kaupunki"]),
        ("kaupunki", ["Lahden kaupunki"]),
        ("Spa", ["Spain"]),
        ("Germ", []),  # nothing of there is published
        ("w", []),
        ("", []),
        ("watermi", []),  # archived
        ("& | ! :* ' \\", []),
        ("wat:*|x", []),
        ("x" * 5_000, []),
    ],
)
def test_suggestions_begin_like_what_is_typed(typed, found, cast, shelf):
    assert labels(typed, cast.rita) == found


def test_suggestion_leads_to_what_it_names(cast, as_person, shelf):
    answer = as_person(cast.rita).get(SUGGEST, {"q": "wat"})
    assert f'data-href="{LIST}?topic=water"' in answer.text
    assert "Water Topic" in read(answer)
    assert "Water from waste Practice" in read(answer)
    assert 'lang="es" dir="ltr"' in as_person(cast.rita).get(SUGGEST, {"q": "agua"}).text


def test_who_has_no_place_in_the_network_is_suggested_nothing(cast, shelf):
    assert labels("wat", cast.nora) == []


def test_suggestions_are_escaped_and_few(cast, as_person):
    for number in range(12):
        PublicationFactory(owner=cast.lahti, title=f"Trams <b>{number}</b>")
        MemberFactory(name=f"Tramtown <i>{number}</i>")
    text = as_person(cast.rita).get(SUGGEST, {"q": "tram"}).text
    assert "<b>" not in text
    assert "<i>" not in text
    assert text.count('role="option"') == 3 + 5


def test_suggestions_take_as_many_queries_for_many_as_for_one(cast, as_person, django_assert_num_queries):
    client = as_person(cast.rita)
    for count in (1, 30):
        for number in range(count):
            PublicationFactory(owner=cast.lahti, title=f"Trams {number}")
        with django_assert_num_queries(12):
            client.get(SUGGEST, {"q": "tram"})
