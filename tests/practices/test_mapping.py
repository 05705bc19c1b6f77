"""The map of members and publications: what is close together is one mark, and nothing is lost between them."""

import json

import numpy as np
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config.kit.clusters import WORLD, ZOOMS, Box, cluster
from config.kit.countries import REGIONS, country_choices
from members.directory.models import Member
from practices.library.models import Publication
from tests.factories import MemberFactory, PublicationFactory

MAP, LIST = reverse("search:publication_map"), reverse("search:publication_list")
PLACES = {"Oulu": (65.01, 25.47), "Kempele": (64.91, 25.51), "Tampere": (61.5, 23.77), "Vigo": (42.24, -8.72)}
degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.fixture
def places(cast):
    """Put a member with a publication at each of PLACES, two at Oulu; nobody else is on the map."""
    Member.objects.update(latitude=None, longitude=None)
    made = {}
    for name, (latitude, longitude) in PLACES.items():
        country = "ES" if name == "Vigo" else "FI"
        made[name] = MemberFactory(
            name=name, country=country, latitude=latitude, longitude=longitude, office=cast.finland
        )
        for number in range(2 if name == "Oulu" else 1):
            PublicationFactory(
                owner=made[name], title=f"{name} {number}", country=country, latitude=latitude, longitude=longitude
            )
    MemberFactory(name="Nowhere", office=cast.finland)
    return made


def look(client, **query):
    return client.get(MAP, query).json()


def counts(shown):
    return sorted((spot["publications"], spot["members"]) for spot in shown["spots"])


@pytest.mark.django_db
def test_marks_come_apart_the_closer_one_looks(cast, as_person, places):
    client = as_person(cast.rita)
    far = look(client, zoom=1)
    assert counts(far) == [(1, 1), (4, 3)]
    assert far["spots"][0]["label"] == "Finland: 4 practices and projects, 3 members"
    assert far["summary"] == "5 practices and projects, 4 members"
    assert counts(look(client, zoom=4)) == [(1, 1), (1, 1), (3, 2)]
    near = look(client, zoom=9)
    assert counts(near) == [(1, 1), (1, 1), (1, 1), (2, 1)]
    tampere = Publication.objects.get(title="Tampere 0")
    (spot,) = [spot for spot in near["spots"] if spot["label"] == "Tampere 0"]
    assert spot == {
        "lat": 61.5, "lon": 23.77, "publications": 1, "members": 1, "label": "Tampere 0",
        "url": tampere.get_absolute_url(), "box": None,
    }  # fmt: skip


@pytest.mark.django_db
def test_mark_of_several_leads_to_the_list_of_what_is_there(cast, as_person, places):
    client = as_person(cast.rita)
    (oulu,) = [spot for spot in look(client, zoom=9, country="FI")["spots"] if spot["publications"] == 2]
    answer = client.get(oulu["url"])
    assert {result.publication.title for result in answer.context["results"]} == {"Oulu 0", "Oulu 1"}
    assert [facet.name for facet in answer.context["filter"].narrowed] == ["country", "area"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"country": "ES"}, [(1, 1)]),
        ({"country": "150"}, [(1, 1), (1, 1), (3, 2)]),
        ({"q": "Tampere"}, [(1, 1)]),
        ({"box": "60,20,70,30"}, [(1, 1), (3, 2)]),
        ({"box": "60,20,62,30"}, [(1, 1)]),
        ({"box": "nonsense"}, [(1, 1), (1, 1), (3, 2)]),
        ({"zoom": "0"}, [(1, 1), (4, 3)]),
        ({"zoom": "99"}, [(1, 1), (4, 3)]),
        ({"area": "62,20,70,30"}, [(3, 2)]),
        ({"area": "62,20,70,30", "box": "60,20,62,30"}, []),
        ({"kind": "project"}, []),
    ],
)
def test_map_shows_what_the_list_shows(query, found, cast, as_person, places):
    shown = look(as_person(cast.rita), **{"zoom": "4"} | query)
    assert counts(shown) == found


@pytest.mark.django_db
def test_member_without_a_publication_is_there_until_something_is_chosen(cast, as_person, places):
    MemberFactory(name="Muhos", latitude=64.8, longitude=25.99, office=cast.finland)
    client = as_person(cast.rita)
    (muhos,) = [spot for spot in look(client, zoom=9)["spots"] if not spot["publications"]]
    assert (muhos["label"], muhos["url"]) == ("Muhos", Member.objects.get(name="Muhos").get_absolute_url())
    assert counts(look(client, zoom=9, country="FI")) == [(1, 1), (1, 1), (2, 1)]


@pytest.mark.django_db
def test_mark_names_the_country_with_the_most_and_counts_the_others(cast, as_person, places):
    MemberFactory(name="Haparanda", country="SE", latitude=65.83, longitude=24.13, office=cast.finland)
    labels = [spot["label"] for spot in look(as_person(cast.rita), zoom=3)["spots"]]
    assert labels[0] == "Finland and 1 other country: 3 practices and projects, 3 members"


@pytest.mark.django_db
def test_map_takes_as_many_queries_for_one_as_for_many(cast, as_person, django_assert_max_num_queries, places):
    client = as_person(cast.rita)
    look(client)
    with django_assert_max_num_queries(12):
        look(client)


@pytest.mark.django_db
def test_map_is_empty_for_who_has_no_place_in_the_network(cast, as_person, places):
    assert look(as_person(cast.nora)) == {
        "spots": [], "summary": "0 practices and projects", "url": f"{LIST}?area=-90%2C-180%2C90%2C180"
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "area", ["", ",", "1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "5,0,1,1", "0,9,1,1", "9" * 5_000]
)
def test_part_that_is_none_is_left_out_and_said(area, cast, as_person, places):
    answer = as_person(cast.rita).get(LIST, {"area": area, "view": "map"})
    assert answer.status_code == 200
    assert len(answer.context["results"]) == 5
    assert ("no such choice" in answer.content.decode()) == bool(area)


@pytest.mark.django_db
def test_map_of_what_has_no_point_shows_the_world(cast, as_person):
    PublicationFactory(owner=cast.lahti)
    Member.objects.update(latitude=None, longitude=None)
    answer = as_person(cast.rita).get(LIST, {"view": "map"})
    assert 'data-box=""' in answer.content.decode()
    assert look(as_person(cast.rita))["spots"] == []


@given(st.lists(degrees, min_size=1, max_size=50), st.sampled_from(ZOOMS))
def test_every_point_is_in_one_cluster_and_equals_are_in_the_same(points, zoom):
    latitudes, longitudes = np.array(points + points).T
    numbers = cluster(latitudes, longitudes, zoom)
    assert set(numbers.tolist()) == set(range(numbers.max() + 1))
    assert (numbers[: len(points)] == numbers[len(points) :]).all()


@given(st.lists(degrees, min_size=1, max_size=20))
def test_box_around_points_holds_them_also_when_read_again(points):
    latitudes, longitudes = np.array(points).T
    box = Box.around(latitudes, longitudes)
    assert box.holds(latitudes, longitudes).all()
    assert Box.read(str(box)).holds(latitudes, longitudes).all()


def test_point_that_is_not_known_is_nowhere():
    assert not WORLD.holds(np.array([np.nan]), np.array([0.0])).any()
    assert Box.around(np.array([]), np.array([])) is None


def test_every_country_is_in_one_region():
    listed = [country for countries in REGIONS.values() for country in countries]
    assert sorted(listed) == sorted({code for code, _ in country_choices()})


def test_answer_is_json_whatever_a_title_says(cast, as_person, db):
    Member.objects.update(latitude=None, longitude=None)
    PublicationFactory(owner=cast.lahti, title='</script><b>"\\', latitude=1, longitude=1)
    answer = as_person(cast.rita).get(MAP)
    assert answer["Content-Type"] == "application/json"
    assert [spot["label"] for spot in json.loads(answer.content)["spots"]] == ['</script><b>"\\']
