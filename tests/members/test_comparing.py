"""Members side by side, and the offices that countries have."""

from decimal import Decimal

import pytest
from django.urls import reverse

from config.vocabulary.models import Pathway
from members.directory.climate import climate_zone_at
from members.directory.models import Member
from members.directory.queries import choose_office, final_member, free_slug, office_of_country
from tests.factories import MemberFactory, OfficeFactory, PublicationFactory
from tests.pages import read

COMPARE = reverse("directory:member_compare")


@pytest.fixture
def rita(client, cast):
    client.force_login(cast.rita)
    return client


def facts(answer):
    return {str(fact.label): fact.texts for fact in answer.context["facts"]}


def test_members_stand_side_by_side(rita, cast):
    Member.objects.filter(pk=cast.lahti.pk).update(
        population=120_000, area_km2="517.60", climate_zone="Dfb", government_level="local", languages=["fi", "sv"],
        joined_year=1994,
    )  # fmt: skip
    cast.lahti.pathways.set(Pathway.objects.filter(code__in=["circular", "resilient"]))
    for owner, number in ((cast.lahti, 2), (cast.pontevedra, 1)):
        for _ in range(number):
            PublicationFactory(owner=owner)
    PublicationFactory(owner=cast.lahti, state="unpublished")
    PublicationFactory(owner=cast.lahti, state="archived")
    assert facts(rita.get(f"{COMPARE}?m=lahti&m=pontevedra")) == {
        "Kind": ["City", "City"],
        "Country": ["Finland", "Spain"],
        "Population": ["120,000", "50,000"],
        "Area (km²)": ["517.6", ""],
        "Inhabitants per km²": ["232", ""],
        "Climate zone": ["Dfb: cold, no dry season, warm summer", ""],
        "Level of government": ["Local", ""],
        "Office": ["Finnish Office", "European Office"],
        "Languages of work": ["Finnish, Swedish", ""],
        "Priorities": ["Resilient, Circular", ""],
        "Member since": ["1994", ""],
        "Practices and projects": ["2", "1"],
    }


@pytest.mark.parametrize(
    ("query", "shown", "notes"),
    [
        ("", [], []),
        ("m=lahti", ["lahti"], []),
        ("m=lahti&m=lahti", ["lahti"], []),
        ("m=lahti&m=nobody", ["lahti"], ["There is no member “nobody”, so it was left out."]),
        ("m=pontevedra&m=lahti", ["pontevedra", "lahti"], []),
        (
            "m=lahti&m=old", ["lahti", "pontevedra"],
            ["Old was merged into Concello de Pontevedra, which is shown in its place."],
        ),
        (
            "m=pontevedra&m=old", ["pontevedra"],
            ["Old was merged into Concello de Pontevedra, which is shown in its place."],
        ),
        (
            "m=a&m=b&m=c&m=lahti&m=pontevedra", ["a", "b", "c", "lahti"],
            ["Only 4 members can be compared at once. Left out: Concello de Pontevedra."],
        ),
    ],
)  # fmt: skip
def test_who_cannot_be_compared_is_named(rita, cast, query, shown, notes):
    for slug in "abc":
        MemberFactory(slug=slug, name=slug)
    MemberFactory(slug="old", name="Old", merged_into=cast.pontevedra, is_active=False)
    answer = rita.get(f"{COMPARE}?{query}")
    assert [one.slug for one in answer.context["members"]] == shown
    assert answer.context["notes"] == notes
    assert all(note in read(answer) for note in notes)
    assert bool(answer.context["facts"]) == (len(shown) > 1)
    assert ("Choose members to compare" in answer.text) == (len(shown) < 2)


def test_somebody_outside_the_network_compares_nothing(client, cast):
    client.force_login(cast.nora)
    answer = client.get(f"{COMPARE}?m=lahti&m=pontevedra")
    assert answer.context["members"] == []
    assert "Lahden" not in answer.text


@pytest.mark.parametrize("number", [2, 4])
def test_comparison_costs_the_same_for_two_and_four(rita, cast, django_assert_num_queries, number):
    pathways = list(Pathway.objects.all())
    slugs = []
    for member in MemberFactory.create_batch(number, office=cast.europe):
        member.pathways.set(pathways)
        PublicationFactory(owner=member)
        slugs.append(member.slug)
    with django_assert_num_queries(7):
        rita.get(COMPARE, {"m": slugs})


@pytest.mark.parametrize(
    ("population", "area", "density"),
    [(120_000, "517.60", 232), (500, "100", Decimal("5.0")), (7, "1000", Decimal("0.0")), (None, "5", None), (5, None, None), (5, "0", None)],
)  # fmt: skip
def test_density(population, area, density):
    assert Member(population=population, area_km2=area and Decimal(area)).density == density


@pytest.mark.django_db
def test_member_merged_twice_is_the_last_one_and_a_circle_ends():
    first, second, third = MemberFactory.create_batch(3)
    Member.objects.filter(pk=first.pk).update(merged_into=second)
    Member.objects.filter(pk=second.pk).update(merged_into=third)
    assert final_member(Member.objects.get(pk=first.pk)) == third
    assert final_member(third) == third
    Member.objects.filter(pk=third.pk).update(merged_into=first)
    assert final_member(Member.objects.get(pk=first.pk)) == third


# Offices --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("country", "office"), [("FI", "finland"), ("ES", "europe"), ("NP", "bonn"), ("", "bonn")])
def test_office_of_a_country_is_the_nearest_one(cast, country, office):
    cast.europe.territory, cast.finland.territory = ["ES", "FI"], ["FI"]
    for one in (cast.europe, cast.finland):
        one.save()
    assert office_of_country(country).slug == office


@pytest.mark.django_db
def test_country_may_have_no_office():
    assert office_of_country("FI") is None
    only = OfficeFactory(territory=["SE"])
    assert office_of_country("FI") is None
    assert choose_office("SE", [only]) == only


@pytest.mark.django_db
def test_short_name_is_free_and_never_an_address_of_something_else():
    assert free_slug("Åbo / Turku") == "abo-turku"
    MemberFactory(slug="abo-turku")
    assert free_slug("Åbo / Turku") == "abo-turku-2"
    assert free_slug("Compare") == "compare-2"
    assert free_slug("东京") == "member"
    assert free_slug("Lahti", taken={"lahti", "lahti-2"}) == "lahti-3"


# Climate --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (62.60, 29.76, "Dfc"), (60.17, 24.94, "Dfb"), (41.03, 21.33, "Cfb"), (42.43, -8.64, "Csb"),
        (-37.81, 144.96, "Cfb"), (33.45, -112.07, "BWh"), (-1.29, 36.82, "Cfb"), (-90, -180, "EF"),
        (0, -140, ""), (90, 180, ""), (None, 25, ""), (60, None, ""),
    ],
)  # fmt: skip
def test_climate_zone_of_a_point(latitude, longitude, zone):
    assert climate_zone_at(latitude, longitude) == zone


def test_map_of_climates_leaves_pillow_its_limit_and_pandas_alone():
    from PIL import Image

    climate_zone_at(60, 25)
    assert Image.MAX_IMAGE_PIXELS is not None
