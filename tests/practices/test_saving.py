"""Saved searches: what is kept, what of it is shown, its feed, and what happens when a choice is gone."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.urls import reverse

from config.vocabulary.models import Topic
from practices.search.models import SavedSearch
from practices.search.saving import MOST, ask, change_search, normal_query, save_search
from practices.sharing.feeds import feed_token
from tests.factories import PublicationFactory
from tests.pages import read
from tests.threads import at_once

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("search:saved_list"), reverse("search:saved_new")


@pytest.fixture
def saved(cast):
    PublicationFactory(owner=cast.lahti, title="Rain garden", topics=["water"])
    PublicationFactory(owner=cast.lahti, title="Cycle path", topics=["mobility"])
    return save_search(query="topic=water", values={"name": "Water", "cadence": "daily"}, by=cast.rita)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("topic=water&q=rain&page=3&view=map&sort=title&box=1,2,3,4&zoom=4", "q=rain&topic=water"),
        ("topic=water&topic=food&topic=water", "topic=food&topic=water"),
        ("q=+&topic=", ""),
        ("csrfmiddlewaretoken=x&next=/evil", ""),
        ("q=a&q=b", "q=b"),
        ("area=1,2,3,4&kind=project", "kind=project&area=1%2C2%2C3%2C4"),
    ],
)
def test_question_and_choices_are_kept_in_one_order_and_nothing_else(given, kept):
    assert normal_query(QueryDict(given)) == kept
    assert normal_query(QueryDict(kept)) == kept


def test_search_is_saved_from_the_list_and_asked_again(cast, as_person, saved):
    client = as_person(cast.carlos)
    html = client.get(reverse("search:publication_list"), {"topic": "water", "q": "rain", "page": "1"}).content.decode()
    (link,) = re.findall(rf'href="({NEW}[^"]*)"', html)
    link = link.replace("&amp;", "&")
    page = client.get(link)
    assert "“rain” · Water" in read(page)
    answer = client.post(link, {"name": "Rain", "cadence": "weekly"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    made = SavedSearch.objects.get(user=cast.carlos)
    assert (made.name, made.query, made.cadence) == ("Rain", "q=rain&topic=water", "weekly")
    again = client.get(made.get_absolute_url())
    assert [one.publication.title for one in again.context["results"]] == ["Rain garden"]


def test_nothing_chosen_is_not_offered_to_be_saved_and_refused(cast, as_person):
    client = as_person(cast.rita)
    assert NEW not in client.get(reverse("search:publication_list")).content.decode()
    answer = client.post(NEW, {"name": "All", "cadence": "daily"})
    assert "Search for something or choose something first." in read(answer)
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"name": "", "cadence": "daily"}, "required"),
        ({"name": "x" * 81, "cadence": "daily"}, "at most 80"),
        ({"name": "Mine", "cadence": "hourly"}, "valid choice"),
        ({"name": "Water", "cadence": "daily"}, "of this name already"),
    ],
)
def test_bad_form_is_told_and_keeps_nothing(values, complaint, cast, as_person, saved):
    answer = as_person(cast.rita).post(f"{NEW}?topic=food", values)
    assert complaint in answer.content.decode()
    assert SavedSearch.objects.count() == 1


def test_too_long_and_too_many_are_refused(cast):
    with pytest.raises(ValidationError, match="too much"):
        save_search(query="q=" + "x" * 5_000, values={"name": "Long", "cadence": "daily"}, by=cast.rita)
    SavedSearch.objects.bulk_create(SavedSearch(user=cast.rita, name=str(n), query="q=x") for n in range(MOST))
    with pytest.raises(ValidationError, match="50 saved searches"):
        save_search(query="q=x", values={"name": "One more", "cadence": "daily"}, by=cast.rita)


def test_who_is_not_in_the_network_saves_nothing(cast):
    with pytest.raises(PermissionDenied):
        save_search(query="q=x", values={"name": "x", "cadence": "daily"}, by=cast.nora)


def test_search_is_its_owners_alone(cast, as_person, saved):
    with pytest.raises(PermissionDenied):
        change_search(saved=saved, values={"name": "Theirs"}, by=cast.alice)
    client = as_person(cast.alice)
    assert "Water" not in read(client.get(LIST)).split("Saved searches")[-1]
    for name in ("search:saved_edit", "search:saved_delete"):
        assert client.post(reverse(name, args=[saved.pk]), {"name": "x", "cadence": "daily"}).status_code == 404
    assert client.get(reverse("sharing:search_feed", args=[feed_token(cast.alice), saved.pk])).status_code == 404
    saved.refresh_from_db()
    assert saved.name == "Water"


def test_search_is_changed_and_deleted(cast, as_person, saved):
    client = as_person(cast.rita)
    client.post(reverse("search:saved_edit", args=[saved.pk]), {"name": "Rain", "cadence": "never"})
    saved.refresh_from_db()
    assert (saved.name, saved.cadence) == ("Rain", "never")
    client.post(reverse("search:saved_delete", args=[saved.pk]))
    assert not SavedSearch.objects.exists()


def test_feed_has_what_the_search_finds(cast, as_person, client, saved):
    html = as_person(cast.rita).get(LIST).content.decode()
    (address,) = re.findall(r'href="([^"]*\.atom)"', html)
    answer = client.get(address)
    assert answer["Cache-Control"] == "private, no-cache"
    entries = answer.content.decode().split("<entry>")[1:]
    assert [re.findall("<title>(.*?)</title>", one) for one in entries] == [["Rain garden"]]
    assert client.get(address.replace("-", "-0", 1)).status_code == 404


def test_search_whose_choice_is_gone_rests_and_says_so(cast, as_person, client, saved):
    Topic.objects.filter(code="water").update(code="waters")
    asked = ask(SavedSearch.objects.get())
    assert (asked.rests, asked.gone) == (True, ["water"])
    assert "There is no such choice any more: water. So this search rests" in read(as_person(cast.rita).get(LIST))
    feed = client.get(reverse("sharing:search_feed", args=[feed_token(cast.rita), saved.pk]))
    assert b"<entry>" not in feed.content
    answer = as_person(cast.rita).get(saved.get_absolute_url())
    assert "There is no such choice any more" in read(answer)


def test_search_with_another_choice_left_in_the_facet_goes_on(cast, saved):
    saved.query = "topic=gone&topic=water"
    asked = ask(saved)
    assert (asked.rests, asked.gone, asked.words) == (False, ["gone"], ["Water"])


def test_page_takes_as_many_queries_for_one_as_for_thirty(cast, as_person, django_assert_num_queries, saved):
    client = as_person(cast.rita)
    for number in range(3):
        with django_assert_num_queries(6):
            client.get(LIST)
        SavedSearch.objects.bulk_create(
            SavedSearch(user=cast.rita, name=f"{number}-{one}", query="q=rain&topic=food&country=FI")
            for one in range(10)
        )


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_save_a_name_once(cast):
    def save():
        try:
            save_search(query="topic=water", values={"name": "Water", "cadence": "daily"}, by=cast.rita)
        except ValidationError as error:
            return error.messages
        return "saved"

    assert sorted(map(str, at_once(save, save))) == ["['You have a search of this name already.']", "saved"]
