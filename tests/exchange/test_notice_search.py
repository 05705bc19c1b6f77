"""The lists of asks and offers: what words in any language find, in which order, and what is shown where they find little."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.peers.embedding import embed_notices
from exchange.peers.filters import FEW, NEAREST
from practices.search.embedding import get_embedder
from tests.exchange.notices import notice

# In the language of each: what is asked.
ASKS = {
    "heat": ("en", "Who runs large heat pumps?", "We want to take heat from the sea for our district heating."),
    "compost": ("mk", "Компостарата стои празна", "Луѓето не го носат органскиот отпад. Како да почнеме одново?"),
    "bikes": ("fi", "Miten lyhyet matkat pyöräillään?", "Autolla mennään kilometrin matkat. Mikä sai ihmiset pyöräilemään?"),
    "meals": ("fi", "Kouluruokailun hävikki", "Kouluissa heitetään paljon ruokaa pois. Mistä aloitamme?"),
    "trees": ("en", "Trees that survive", "Half of the young trees die in their third summer. Who waters them?"),
    "budget": ("en", "A climate budget for a small town", "Who has written one without a department of its own?"),
}  # fmt: skip


@pytest.fixture
def asks(cast):
    found = {
        name: notice(cast.lahti, cast.bob, title=title, text=text, language=language)
        for name, (language, title, text) in ASKS.items()
    }
    embed_notices()
    return found


@pytest.fixture
def search(cast, client, asks):
    """Ask for words; returns the names of what is found, and of what is nearest."""
    names = {one.pk: name for name, one in asks.items()}
    client.force_login(cast.carlos)

    def ask(words, **more):
        page = client.get(reverse("peers:ask_list"), {"q": words} | more)
        return [names[one.pk] for one in page.context["notices"]], [names[one.pk] for one in page.context["nearest"]]

    return ask


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("heat pump", "heat"), ("lämpöpumppu", "heat"), ("топлинска пумпа", "heat"),
        ("compost", "compost"), ("kompostointi", "compost"), ("компост", "compost"),
        ("cycling", "bikes"), ("pyöräily", "bikes"), ("велосипеди", "bikes"),
        ("school meals", "meals"), ("kouluruoka", "meals"), ("училишни оброци", "meals"),
        ("climate budget", "budget"), ("ilmastobudjetti", "budget"), ("климатски буџет", "budget"),
    ],
)  # fmt: skip
def test_words_find_what_says_it_in_another_language(search, words, first):
    assert search(words)[0][0] == first


def test_words_come_before_meaning_and_all_of_them_count(search):
    assert search("trees")[0][0] == "trees"
    assert search("trees summer")[0][0] == "trees"
    assert search("trees -summer")[0] == []
    assert search('"young trees"')[0] == ["trees"]
    assert search('"trees young"')[0] == []
    assert search("tree")[0][0] == "trees"  # not what has a street


def test_where_little_is_found_the_nearest_are_shown(search):
    found, nearest = search("violin")
    assert (found, len(nearest)) == ([], NEAREST)
    found, nearest = search("heat pumps")
    assert len(found) < FEW
    assert not set(found) & set(nearest)
    assert search("", topic="water") == (["budget", "trees", "meals", "bikes", "compost", "heat"], [])
    assert search("violin", topic="food") == ([], [])  # facets narrow these too


def test_without_a_model_words_are_looked_for(search, settings):
    settings.EMBEDDER = "none"
    get_embedder.cache_clear()
    assert search("trees") == (["trees"], [])
    assert search("lämpöpumput") == (["heat"], [])
    get_embedder.cache_clear()


def test_best_match_is_an_order_to_choose_and_the_first(cast, client, asks, search):
    html = client.get(reverse("peers:ask_list")).content.decode()
    assert html.index('value="alike"') < html.index('value="new"')
    everything = search("", sort="alike")[0]
    assert everything == search("", sort="new")[0] == search("")[0]


@pytest.mark.parametrize("words", ["trees", "violin"])
def test_words_cost_no_query_more(search, client, django_assert_num_queries, words):
    search(words)  # where the question stands is kept from now on
    with CaptureQueriesContext(connection) as without:
        search("")
    with django_assert_num_queries(len(without)):
        search(words)
