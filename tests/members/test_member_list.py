"""The list of members: facets that count, the map that shows the same, and the choice of whom to compare."""

import pytest
from django.urls import reverse

from config.vocabulary.models import Pathway
from members.directory.models import Member
from tests.factories import MemberFactory

LIST, MAP = reverse("directory:member_list"), reverse("directory:member_map")
PLACES = {"Oulu": (65.01, 25.47), "Kempele": (64.91, 25.51), "Tampere": (61.5, 23.77), "Vigo": (42.24, -8.72)}


@pytest.fixture
def network(cast):
    """Replace the cast's members by ones that differ in everything one filters by; `closed` and `merged` are not listed."""
    facts = {
        "Oulu": ("city", "FI", cast.finland, 214_000, "Dfc", "local", ["fi", "en"], ["circular", "resilient"], 1995),
        "Kempele": ("municipality", "FI", cast.finland, 19_000, "Dfc", "local", ["fi"], ["circular"], 2020),
        "Tampere": ("city", "FI", cast.finland, 250_000, "Dfb", "local", ["fi", "sv"], [], 1992),
        "Vigo": ("city", "ES", cast.europe, 293_000, "Csb", "local", ["gl", "es"], ["equitable"], 2001),
        "Uusimaa": ("region", "FI", cast.finland, 1_700_000, "", "regional", ["fi", "sv"], [], None),
    }
    Member.objects.update(is_active=False)
    Member.objects.filter(pk=cast.lahti.pk).update(is_active=True, merged_into=cast.pontevedra)
    terms = Pathway.by_code()
    made = {}
    for name, (kind, country, office, people, climate, level, languages, pathways, joined) in facts.items():
        latitude, longitude = PLACES.get(name, (None, None))
        made[name] = MemberFactory(
            name=name, name_en=name, slug=name.lower(), kind=kind, country=country, office=office, population=people,
            climate_zone=climate, government_level=level, languages=languages, joined_year=joined, latitude=latitude,
            longitude=longitude,
        )  # fmt: skip
        made[name].pathways.set([terms[code] for code in pathways])
    return made


@pytest.fixture
def rita(client, cast, network):
    client.force_login(cast.rita)
    return client


def names(answer):
    return [row.name for row in answer.context["page"]]


def counts(answer, facet):
    """Return (value, count) of a facet's options, the chosen ones marked by a star."""
    (found,) = [one for one in answer.context["filter"].facets if one.name == facet]
    return [(f"{option.value}{'*' * option.selected}", option.count) for option in found.options]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Kempele", "Oulu", "Tampere", "Uusimaa", "Vigo"]),
        ("kind=city&kind=region", ["Oulu", "Tampere", "Uusimaa", "Vigo"]),
        ("country=150", ["Kempele", "Oulu", "Tampere", "Uusimaa", "Vigo"]),
        ("country=ES", ["Vigo"]),
        ("office=europe", ["Vigo"]),
        ("size=small", ["Kempele"]),
        ("size=big&size=metropolis", ["Oulu", "Tampere", "Uusimaa", "Vigo"]),
        ("climate=Dfc", ["Kempele", "Oulu"]),
        ("level=regional", ["Uusimaa"]),
        ("pathway=circular&pathway=equitable", ["Kempele", "Oulu", "Vigo"]),
        ("language=sv", ["Tampere", "Uusimaa"]),
        ("language=sv&kind=city", ["Tampere"]),
        ("area=64,20,66,30", ["Kempele", "Oulu"]),
        ("area=nonsense", ["Kempele", "Oulu", "Tampere", "Uusimaa", "Vigo"]),
        ("sort=-population", ["Uusimaa", "Vigo", "Tampere", "Oulu", "Kempele"]),
        ("sort=population&kind=city", ["Oulu", "Tampere", "Vigo"]),
        ("sort=-joined", ["Kempele", "Vigo", "Oulu", "Tampere", "Uusimaa"]),
        ("climate=Af", []),
    ],
)
def test_list_is_narrowed_down(rita, query, found):
    answer = rita.get(f"{LIST}?{query}")
    assert names(answer) == found
    assert answer.context["heading"] == f"{len(found)} member{'' if len(found) == 1 else 's'}"


def test_counts_respect_the_other_facets_and_the_name_but_not_their_own(rita):
    answer = rita.get(f"{LIST}?kind=city&climate=Dfc")
    assert names(answer) == ["Oulu"]
    assert counts(answer, "kind") == [("city*", 1), ("municipality", 1)]
    assert counts(answer, "climate") == [("Csb", 1), ("Dfb", 1), ("Dfc*", 1)]
    assert counts(answer, "country") == [("150", 1), ("FI", 1)]
    assert counts(answer, "language") == [("en", 1), ("fi", 1)]
    assert counts(answer, "pathway") == [("resilient", 1), ("circular", 1)]
    assert [(facet.name, facet.without) for facet in answer.context["filter"].narrowed] == [("kind", 2), ("climate", 3)]
    assert counts(rita.get(f"{LIST}?q=vigo"), "kind") == [("city", 1)]


def test_choice_that_leads_nowhere_stays_to_be_taken_away(rita):
    answer = rita.get(f"{LIST}?climate=Af&kind=city")
    assert counts(answer, "climate") == [("Af*", 0), ("Csb", 1), ("Dfb", 1), ("Dfc", 1)]
    assert 'href="/members/?kind=city"' in answer.text
    assert 'href="/members/?climate=Af"' in answer.text


def test_list_of_what_an_association_brings_in(rita, cast, network):
    union = MemberFactory(
        name="Kuntaliitto", name_en="Union", slug="kuntaliitto", kind="association", office=cast.finland
    )
    for name in ("Oulu", "Tampere"):
        network[name].associations.add(union)
    answer = rita.get(f"{LIST}?association=kuntaliitto&climate=Dfb")
    assert names(answer) == ["Tampere"]
    assert [facet.name for facet in answer.context["filter"].narrowed] == ["climate", "association"]
    assert 'name="association"' in answer.text  # the form keeps it
    assert names(rita.get(f"{LIST}?association=nobody")) == [
        "Kempele", "Oulu", "Tampere", "Kuntaliitto", "Uusimaa", "Vigo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "name_en", "asked"),
    [
        ("Дебар", "Debar", "дебар"),
        ("Αθήνα", "Athens", "αθηνα"),
        ("القاهرة", "Cairo", "القاهرة"),
        ("חיפה", "Haifa", "חיפה"),
        ("上勝町", "Kamikatsu", "上勝"),
        ("서울특별시", "Seoul", "서울"),
        ("काठमाडौं", "Kathmandu", "काठमाडौं"),
        ("Łódź", "Lodz", "łódz"),
        ("ISPARTA", "Isparta", "isparta"),
        ("<b>Bold</b>", "Bold", "<b>"),
    ],
)
def test_names_in_every_script_are_found_and_shown(rita, cast, name, name_en, asked):
    MemberFactory(name=name, name_en=name_en, slug="searched", office=cast.europe)
    answer = rita.get(LIST, {"q": asked})
    assert names(answer) == [name]
    assert "<b>Bold" not in answer.text
    assert '<a href="/members/searched/" dir="auto">' in answer.text


# The map --------------------------------------------------------------------------------------------------------------


def look(client, **query):
    return client.get(MAP, query).json()


def test_map_shows_what_the_list_shows(rita):
    far = look(rita, zoom=1)
    assert [(spot["label"], spot["members"], spot["publications"]) for spot in far["spots"]] == [
        ("Finland: 3 members", 3, 0), ("Vigo", 1, 0),
    ]  # fmt: skip
    assert far["summary"] == "4 members"
    near = look(rita, zoom=9)
    assert [spot["members"] for spot in near["spots"]] == [1, 1, 1, 1]
    assert {spot["url"] for spot in near["spots"]} == {f"/members/{name.lower()}/" for name in PLACES}
    assert look(rita, kind="municipality")["summary"] == "1 member"
    assert look(rita, box="60,20,62,30")["summary"] == "1 member"
    assert look(rita, box="nonsense", zoom="x")["summary"] == "4 members"


def test_mark_of_several_leads_to_the_list_of_what_is_there(rita):
    (several, _vigo) = look(rita, zoom=2, country="150")["spots"]
    answer = rita.get(several["url"])
    assert names(answer) == ["Kempele", "Oulu", "Tampere"]
    assert [facet.name for facet in answer.context["filter"].narrowed] == ["country", "area"]
    assert [option.count for option in answer.context["filter"].narrowed[1].options] == [3]
    assert answer.context["filter"].narrowed[1].without == 5


def test_map_of_somebody_outside_the_network_is_empty(client, cast, network):
    client.force_login(cast.nora)
    assert look(client) == {"spots": [], "summary": "0 members", "url": "/members/?area=-90%2C-180%2C90%2C180"}


@pytest.mark.parametrize("rows", [1, 3, 300])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 8), (f"{LIST}?view=map&kind=city&q=c", 8), (MAP, 6)])
def test_list_and_map_cost_the_same_for_any_number(client, cast, django_assert_num_queries, rows, address, queries):
    pathways = list(Pathway.objects.all())
    for member in MemberFactory.create_batch(rows, office=cast.europe, latitude=60, longitude=25):
        member.pathways.set(pathways)
    client.force_login(cast.rita)
    with django_assert_num_queries(queries):
        client.get(address)


# Whom to compare ------------------------------------------------------------------------------------------------------


def test_chosen_stay_chosen_on_other_pages_of_the_list(rita):
    answer = rita.get(f"{LIST}?kind=region&m=oulu&m=uusimaa&m=nobody&m=lahti")
    assert [row.slug for row in answer.context["compared"]] == ["oulu", "uusimaa"]
    assert '<input type="hidden" name="m" value="oulu">' in answer.text
    assert '<input type="hidden" name="m" value="uusimaa">' not in answer.text  # its box is on the page
    assert 'href="/members/compare/?m=oulu&amp;m=uusimaa"' in answer.text


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ("", None),
        ("m=oulu", "Choose at least one more."),
        ("m=oulu&m=oulu", "Choose at least one more."),
        ("m=oulu&m=vigo&m=tampere&m=kempele", "Show them side by side"),
        ("m=oulu&m=vigo&m=tampere&m=kempele&m=uusimaa", "Only 4 members can be compared at once"),
    ],
)
def test_list_says_whether_the_chosen_can_be_compared(rita, chosen, says):
    page = " ".join(rita.get(f"{LIST}?{chosen}").text.split())
    all_of_it = {"Choose at least one more.", "Show them side by side", "Only 4 members can be compared at once"}
    assert {text for text in all_of_it if text in page} == ({says} if says else set())
