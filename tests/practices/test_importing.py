"""Loading publications from a JSON Lines file: all of it or nothing, and every bad line is named."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.journal.models import Entry
from members.directory.models import Member
from practices.editorial.models import Revision
from practices.library.content import read_content
from practices.library.importing import BadFileError, load_file, office_for
from practices.library.models import Funding, Indicator, Partner, Publication

pytestmark = pytest.mark.django_db

SHIPPED = settings.BASE_DIR / "exchange" / "demo" / "data" / "practices.jsonl"
GOOD = {
    "id": "lahti-food",
    "kind": "practice",
    "language": "fi",
    "member": {"name": "Lahden kaupunki", "name_en": "Lahti", "country": "FI", "lat": 60.98, "lon": 25.66,
               "population": 120000, "population_year": 2021, "kind": "city"},
    "title": "Ruokaa läheltä",
    "summary": "Koulut keittävät läheltä.",
    "challenge": "Ruoka tuli kaukaa.",
    "solution": "Ostettiin läheltä.",
    "results": None,
    "pathways": ["circular"],
    "topics": ["food"],
    "sdgs": [2, 12],
    "status": "running",
    "start_year": 2021,
    "cost": {"amount": 12500.5, "currency": "EUR", "note": "vuodessa"},
    "funding": [{"source": "Kaupunki", "programme": None, "amount": 100, "currency": "EUR"}],
    "indicators": [{"metric": "Lähiruoka", "baseline": 12, "value": 54.25, "unit": "%", "year": 2024}],
    "partners": ["Viljelijät"],
    "source": {"title": "Sivu", "url": "https://lahti.fi/ruoka"},
    "editorial": ["lessons"],
}  # fmt: skip


def entry(**changes):
    return GOOD | changes


def member(**changes):
    return entry(member=GOOD["member"] | changes)


@pytest.fixture
def file(tmp_path):
    """Return a function that writes lines (objects, texts or bytes) to a file and gives back its path."""

    def file(*lines):
        path = Path(tmp_path) / "entries.jsonl"
        path.write_bytes(b"\n".join(_as_bytes(line) for line in lines))
        return path

    return file


def _as_bytes(line):
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def counts():
    return [model.objects.count() for model in (Publication, Member, Indicator, Funding, Partner, Entry)]


# The shipped file ----------------------------------------------------------------------------------------------------


def test_shipped_file_loads_whole_and_a_second_time_changes_nothing(cast):
    assert load_file(SHIPPED) == (48, 0)
    kinds = list(Publication.objects.values_list("kind", flat=True))
    assert (kinds.count("practice"), kinds.count("project")) == (41, 7)
    assert Publication.objects.filter(state="published", version=1, is_demonstration=True).count() == 48
    assert Entry.objects.filter(verb="published", audience="network", by=None).count() == 48
    assert not Revision.objects.exists()
    lahti = Publication.objects.get(import_id="lahti-citicap-liikkumisen-paastokauppa")
    assert lahti.owner == cast.lahti  # the member that was there
    Publication.objects.filter(pk=lahti.pk).update(title="By people since")
    before = counts(), list(Publication.objects.order_by("pk").values())
    assert load_file(SHIPPED) == (0, 48)
    assert (counts(), list(Publication.objects.order_by("pk").values())) == before


def test_every_entry_of_the_shipped_file_opens_for_a_reader_with_its_source(cast, as_person):
    load_file(SHIPPED)
    client = as_person(cast.rita)
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        facts = json.loads(line)
        publication = Publication.objects.get(import_id=facts["id"])
        answer = client.get(publication.get_absolute_url())
        html = answer.content.decode()
        assert answer.status_code == 200
        assert answer.context["publication"].source_url == facts["source"]["url"]
        assert f'href="{facts["source"]["url"].replace("&", "&amp;")}"' in html, facts["id"]
        assert "summary made for demonstration" in html
        assert f'lang="{facts["language"]}"' in html


def test_entry_says_the_same_after_loading(cast, file):
    assert load_file(file(GOOD, "", "  ")) == (1, 0)
    publication = Publication.objects.get()
    said = {name: value for name, value in read_content(publication).items() if value}
    assert said == {
        "language": "fi", "title": "Ruokaa läheltä", "summary": "Koulut keittävät läheltä.", "status": "running",
        "start_year": "2021", "challenge": "Ruoka tuli kaukaa.", "solution": "Ostettiin läheltä.",
        "cost_amount": "12500.5", "cost_currency": "EUR", "cost_note": "vuodessa", "source_title": "Sivu",
        "source_url": "https://lahti.fi/ruoka", "pathways": ["circular"], "topics": ["food"], "goals": ["2", "12"],
        "indicators": [{"metric": "Lähiruoka", "baseline": "12", "value": "54.25", "unit": "%", "year": "2024",
                        "source_url": "", "assurance": ""}],
        "funding": [{"source_kind": "", "source": "Kaupunki", "programme": "", "amount": "100", "currency": "EUR",
                     "share": "", "secured": ""}],
        "partners": [{"name": "Viljelijät", "support": "", "role": ""}],
        "country": "FI",
    }  # fmt: skip
    assert publication.editorial_fields == ["lessons"]
    assert (publication.country, publication.latitude, publication.longitude) == ("FI", None, None)  # as the member's


def test_new_member_belongs_to_the_office_of_its_country(cast, file):
    cast.europe.territory = ["FI", "ES", "PT"]
    cast.finland.territory = ["FI"]
    for office in (cast.europe, cast.finland):
        office.save()
    for name, country in (("A", "FI"), ("B", "PT"), ("C", "NP")):
        load_file(file(entry(id=name, member=GOOD["member"] | {"name": name, "name_en": "Ä&", "country": country})))
    found = {one.name: (one.office, one.slug, one.latitude) for one in Member.objects.filter(name__in="ABC")}
    assert found == {
        "A": (cast.finland, "a", 60.98), "B": (cast.europe, "a-2", 60.98), "C": (cast.bonn, "a-3", 60.98)
    }  # fmt: skip


@pytest.mark.parametrize("country", ["FI", "XX"])
def test_office_is_found_even_where_no_territory_is_said(country, cast):
    assert office_for(country, [cast.finland, cast.europe]) == cast.finland


def test_without_an_office_nothing_is_loaded(file):
    with pytest.raises(BadFileError, match="no office yet"):
        load_file(file(GOOD))
    assert counts() == [0] * 6


def test_mark_at_the_beginning_and_windows_line_ends_do_no_harm(cast, file):
    data = json.dumps(GOOD).encode()
    assert load_file(file(b"\xef\xbb\xbf" + data + b"\r", json.dumps(entry(id="b")).encode() + b"\r", b"")) == (2, 0)


def test_separators_of_unicode_within_a_text_do_not_end_a_line(cast, file):
    load_file(file(json.dumps(entry(challenge="a\u2028b\x85c"), ensure_ascii=False)))
    assert Publication.objects.get().challenge == "a\u2028b\x85c"


# Bad lines -----------------------------------------------------------------------------------------------------------

NOT_ONE = "is not one of the available choices"
BAD = {
    "not json": ("{", "not JSON"),
    "a list": ([1], "not an object with a member"),
    "a text": ('"x"', "not an object with a member"),
    "nothing": ("null", "not an object with a member"),
    "too long": ("x" * 500_001, "longer than 500000 characters"),
    "too deep": ("[" * 200_000, "not JSON"),
    "number too long": ('{"member": {}, "cost": {"amount": ' + "9" * 5_000 + "}}", "not JSON"),
    "nul": (entry(title="a\x00b"), "a NUL character"),
    "nul in a row": (entry(partners=["a\x00b"]), "a NUL character"),
    "half a character": (json.dumps(entry(title="x")).replace('"x"', '"\\ud800"'), "half a character"),
    "broken utf-8": (json.dumps(GOOD).encode() + b"\xff\xfe", "not UTF-8"),
    "id missing": (entry(id=None), "id: This field is required."),
    "id no slug": (entry(id="a b"), "id: Enter a valid “slug”"),
    "id wrong type": (entry(id=["a"]), "id: "),
    "kind missing": (entry(kind=None), "kind: "),
    "kind unknown": (entry(kind="policy"), "kind: "),
    "member missing": ({name: value for name, value in GOOD.items() if name != "member"}, "not an object with a member"),
    "member wrong type": (entry(member="Lahti"), "not an object with a member"),
    "member without name": (member(name=""), "member.name: This field is required."),
    "member without country": (member(country=None), "member.country: This field is required."),
    "member's name too long": (member(name="x" * 121), "member.name: Ensure this value has at most 120 characters"),
    "member's name wrong type": (member(name=["Lahti"]), "member.name: not a text"),
    "member's kind": (member(kind="village"), f"member.kind: Select a valid choice. village {NOT_ONE}"),
    "population negative": (member(population=-1), "member.population: Ensure this value is greater than or equal to 0."),
    "population wrong type": (member(population="many"), "member.population: Enter a whole number."),
    "population too high": (member(population=10**12), "member.population: "),
    "latitude": (member(lat=91), "member.lat: Ensure this value is less than or equal to 90"),
    "longitude": (member(lon="east"), "member.lon: Enter a number."),
    "title missing": (entry(title=None), "title: This field is required."),
    "title too long": (entry(title="x" * 101), "title: Ensure this value has at most 100 characters (it has 101)."),
    "title wrong type": (entry(title=["x"]), "title: not a text"),
    "title yes or no": (entry(title=True), "title: not a text"),
    "summary too long": (entry(summary="x" * 301), "summary: Ensure this value has at most 300 characters"),
    "text wrong type": (entry(challenge={"text": "x"}), "challenge: not a text"),
    "text too long": (entry(challenge="x" * 20_001), "challenge: Ensure this value has at most 20000 characters"),
    "language": (entry(language="xx"), f"language: Select a valid choice. xx {NOT_ONE}"),
    "status": (entry(status="dead"), f"status: Select a valid choice. dead {NOT_ONE}"),
    "pathway": (entry(pathways=["fast"]), f"pathways: Select a valid choice. fast {NOT_ONE}"),
    "topic": (entry(topics=["food", "sport"]), f"topics: Select a valid choice. sport {NOT_ONE}"),
    "topics none": (entry(topics=[]), "topics: This field is required."),
    "topics wrong type": (entry(topics="food"), "topics: not a list"),
    "goal": (entry(sdgs=[18]), f"sdgs: Select a valid choice. 18 {NOT_ONE}"),
    "year too high": (entry(start_year=99999), "start_year: Ensure this value is less than or equal to 2200."),
    "year wrong type": (entry(start_year="soon"), "start_year: Enter a whole number."),
    "years out of order": (entry(end_year=2000), "end_year: It cannot end before it starts."),
    "cost wrong type": (entry(cost=5), "cost: not an object"),
    "cost negative": (entry(cost={"amount": -1, "currency": "EUR"}), "cost.amount: Ensure this value is greater than"),
    "cost without currency": (entry(cost={"amount": 5}), "cost.currency: Which currency is the cost in?"),
    "cost endless": (entry(cost={"amount": float("inf"), "currency": "EUR"}), "cost.amount: Enter a number."),
    "source wrong type": (entry(source=["x"]), "source: not an object"),
    "url": (entry(source={"title": "x", "url": "javascript:alert(1)"}), "source.url: Enter a valid URL."),
    "indicators wrong type": (entry(indicators="x"), "indicators: not a list"),
    "indicator wrong type": (entry(indicators=["x"]), "indicators: not a list of objects"),
    "indicator without metric": (entry(indicators=[{"value": 1}]), "indicators.1.metric: This field is required."),
    "indicator's value": (entry(indicators=[{"metric": "x", "value": "many"}]), "indicators.1.value: Enter a number."),
    "indicator's year": (entry(indicators=[{"metric": "x", "year": 99999}]), "indicators.1.year: "),
    "indicator's url": (
        entry(indicators=[{"metric": "x", "source_url": "javascript:1"}]), "indicators.1.source_url: Enter a valid URL."
    ),
    "indicator's value wrong type": (entry(indicators=[{"metric": "x", "value": {}}]), "indicators.1.value: "),
    "indicator's metric wrong type": (entry(indicators=[{"metric": ["x"]}]), "indicators.1.metric: not a text"),
    "funding's amount": (entry(funding=[{"source": "x", "amount": 1e400}]), "funding.1.amount: "),
    "funding's currency": (entry(funding=[{"source": "x", "currency": "euros"}]), "funding.1.currency: Ensure this value"),
    "partner too long": (entry(partners=["ok", "x" * 201]), "partners.2.name: Ensure this value has at most 200"),
    "partner wrong type": (entry(partners=[{"name": "x"}]), "partners.1.name: not a text"),
    "editorial wrong type": (entry(editorial="lessons"), "editorial: not a list"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "problem"), BAD.values(), ids=BAD)
def test_bad_line_is_named_and_nothing_is_loaded(line, problem, cast, file):
    before = counts()
    with pytest.raises(BadFileError) as caught:
        load_file(file(entry(id="first"), line, entry(id="third")))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"Line 2: {problem}")
    assert len(caught.value.problems[0]) < 400
    assert counts() == before


def test_every_problem_of_every_line_is_named(cast, file):
    with pytest.raises(BadFileError) as caught:
        load_file(file(entry(title="", start_year=1), GOOD, "{", entry(id="x", topics=["sport"]), GOOD))
    assert [problem[:30] for problem in caught.value.problems] == [
        "Line 1: title: This field is r",
        "Line 1: start_year: Ensure thi",
        "Line 3: not JSON: Expecting pr",
        "Line 4: topics: Select a valid",
        "Line 5: id: the same as in lin",
    ]
    assert not Publication.objects.exists()


def test_file_that_is_not_there_is_named(cast, tmp_path):
    with pytest.raises(BadFileError, match="cannot be read"):
        load_file(tmp_path / "nowhere.jsonl")
    with pytest.raises(BadFileError, match="cannot be read"):
        load_file(tmp_path)


def test_command_says_what_it_did_or_why_not(cast, file, capsys):
    call_command("load_publications", str(file(GOOD)))
    assert capsys.readouterr().out == "1 publications loaded, 0 were there already.\n"
    with pytest.raises(CommandError) as caught:
        call_command("load_publications", str(file(entry(id="b", title=""))))
    assert str(caught.value) == "Line 1: title: This field is required.\nNothing was loaded."


@pytest.mark.parametrize(("name", "slug"), [("Lahti", "lahti-2"), ("x" * 120, "x" * 110)])
def test_slug_of_a_new_member_is_free_and_short_enough(name, slug, cast, file):
    load_file(file(member(name="Lahti II", name_en=name)))
    assert Member.objects.get(name="Lahti II").slug == slug
