"""Members in and out of tables: what a table would do is shown first, and exactly that is done."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from config.files import tables
from config.journal.models import Entry
from config.vocabulary.models import Pathway
from members.directory import table_services
from members.directory.facts import read_facts
from members.directory.keeping import change_member
from members.directory.member_forms import Choices
from members.directory.models import Member, MemberTable
from members.directory.table_services import StaleTableError, apply_table, check_again, upload_members
from members.directory.tables import ALL_COLUMNS, MEMBER_COLUMNS
from tests.factories import MemberFactory
from tests.pages import read
from tests.uploads import PDF, ooxml, photo

CREATE = reverse("directory:table_create")


def as_csv(rows, columns=None, encoding="utf-8", delimiter=","):
    file = io.StringIO()
    writer = csv.DictWriter(file, columns or list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def upload(data, name="members.csv"):
    return SimpleUploadedFile(name, data)


@pytest.fixture
def table(cast):
    """Return a function that uploads rows as Ada."""
    return lambda *rows, **more: upload_members(upload=upload(as_csv(rows, **more)), by=cast.ada)


def judged(table):
    return [(one["row"], one["act"], one["slug"], one["changes"] or one["problems"]) for one in table.judged]


def export(client, kind="csv", query=""):
    answer = client.get(reverse("directory:member_table", args=[kind]) + query)
    return b"".join(answer)


@pytest.fixture
def filled(cast):
    """Give the cast's members every fact, and add one in every script, an association, one that left and one merged."""
    union = MemberFactory(
        name="Kuntaliitto", slug="kuntaliitto", kind="association", office=cast.finland, population=None
    )
    Member.objects.filter(pk=cast.lahti.pk).update(
        subdivision="Päijät-Häme", latitude=60.98, longitude=25.66, population_year=2024, area_km2="517.60",
        climate_zone="Dfb", government_level="local", website="https://lahti.example", about="- By\r\n- a lake; =1+1",
        languages=["sv", "fi", "se"], email_domains=["z.example", "a.example"], joined_year=1994, standing="lapsed",
    )  # fmt: skip
    cast.lahti.pathways.set(Pathway.objects.filter(code__in=["resilient", "circular"]))
    cast.lahti.associations.set([union])
    for number, name in enumerate(["القاهرة", "חיפה", "上勝町", "=SUM(A1)", "'Quoted", 'Comma, "and" ; tab\t']):
        MemberFactory(name=name, name_en=f"Odd {number}", slug=f"odd-{number}", office=cast.europe)
    MemberFactory(slug="left", office=cast.bonn, is_active=False)
    MemberFactory(slug="merged", office=cast.bonn, is_active=False, merged_into=cast.lahti)
    return cast


# Out --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_file_imports_without_changes(client, filled, kind):
    client.force_login(filled.ada)
    data = export(client, kind, "?everybody=yes")
    table = upload_members(upload=upload(data, f"members.{kind}"), by=filled.ada)
    assert [one for one in judged(table) if one[1] != "same"] == []
    assert len(table.judged) == Member.objects.count() == 11


def test_administrators_get_every_column_and_others_what_they_had(client, filled):
    client.force_login(filled.ada)
    rows = list(csv.DictReader(io.StringIO(export(client, query="?country=FI&q=lahti").decode("utf-8-sig"))))
    assert rows == [
        {
            "slug": "lahti", "name": "Lahden kaupunki", "name_en": "Lahti", "kind": "city", "country": "FI",
            "subdivision": "Päijät-Häme", "latitude": "60.98", "longitude": "25.66", "population": "50000",
            "population_year": "2024", "website": "https://lahti.example", "office": "finland", "area_km2": "517.6",
            "climate_zone": "Dfb", "government_level": "local", "pathways": "circular;resilient",
            "languages": "sv;fi;se", "associations": "kuntaliitto", "email_domains": "z.example;a.example",
            "about": "'- By\n- a lake; =1+1", "joined_year": "1994", "is_active": "yes", "standing": "lapsed",
            "merged_into": "",
        }
    ]  # fmt: skip
    assert tuple(rows[0]) == ALL_COLUMNS
    for person in (filled.rita, filled.kaisa, filled.carlos):
        client.force_login(person)
        text = export(client, query="?everybody=yes").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert tuple(rows[0]) == MEMBER_COLUMNS
        assert {"left", "merged"} & {row["slug"] for row in rows} == set()
    client.force_login(filled.ada)
    sheet = load_workbook(io.BytesIO(export(client, "xlsx"))).active
    assert tuple(cell.value for cell in sheet[1]) == ALL_COLUMNS


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_export_costs_the_same_for_any_number(client, cast, django_assert_num_queries, rows):
    pathways = list(Pathway.objects.all())
    for member in MemberFactory.create_batch(rows, office=cast.europe):
        member.pathways.set(pathways)
    client.force_login(cast.ada)
    with django_assert_num_queries(9):
        export(client)


# In: what would be done -------------------------------------------------------------------------------------------------


def test_table_shows_what_would_be_new_changed_and_refused(cast, table):
    made = table(
        {"slug": "lahti", "name": "Lahden kaupunki", "kind": "city", "country": "FI", "population": "120000", "latitude": "60.98", "longitude": "25.66"},
        {"slug": "pontevedra", "name": "Concello de Pontevedra", "kind": "city", "country": "ES", "population": "50000", "latitude": "", "longitude": ""},
        {"slug": "", "name": "Kemi", "kind": "town", "country": "FI", "population": "20000", "latitude": "65.74", "longitude": "24.56"},
        {"slug": "oulu", "name": "Oulu", "kind": "town", "country": "FI", "population": "0", "latitude": "", "longitude": ""},
    )  # fmt: skip
    assert judged(made) == [
        (2, "changed", "lahti", [["latitude", "", "60.98"], ["longitude", "", "25.66"], ["population", "50000", "120000"]]),
        (3, "same", "pontevedra", []),
        (4, "new", "kemi", [
            ["name", "", "Kemi"], ["name_en", "", "Kemi"], ["kind", "", "town"], ["country", "", "FI"],
            ["latitude", "", "65.74"], ["longitude", "", "24.56"], ["population", "", "20000"],
            ["climate_zone", "", "Dfc"], ["office", "", "bonn"], ["is_active", "", "yes"],
        ]),
        (5, "refused", "oulu", [["population", "It cannot be 0. Leave it empty where it is not known."]]),
    ]  # fmt: skip
    assert Member.objects.count() == 2  # nothing is written before somebody says so
    assert Member.objects.get(slug="lahti").population == 50_000


WRONG = [
    (
        {"population": "40000000"},
        "population",
        "No local government has 40 million inhabitants. Is this the number of its own people?",
    ),
    ({"population": "50 000"}, "population", "Enter a whole number."),
    ({"population_year": "2024", "population": ""}, "population", "There is a year, but no figure."),
    ({"latitude": "60.98"}, "longitude", "A point needs both latitude and longitude."),
    ({"latitude": "95", "longitude": "25"}, "latitude", "Ensure this value is less than or equal to 90."),
    ({"kind": "citty"}, "kind", "“citty” is none of the codes. Did you mean city?"),
    ({"country": "Finland"}, "country", "“Finland” is none of the codes."),
    ({"office": "finnland"}, "office", "“finnland” is none of the codes. Did you mean finland?"),
    ({"pathways": "circular;resilent"}, "pathways", "“resilent” is none of the codes. Did you mean resilient?"),
    ({"languages": "suomi"}, "languages", "“suomi” is none of the codes."),
    ({"associations": "pontevedra"}, "associations", "“pontevedra” is none of the codes."),
    ({"climate_zone": "Dfx"}, "climate_zone", "“Dfx” is none of the codes."),
    (
        {"email_domains": "gmail.com"},
        "email_domains",
        "Everybody can have an address at gmail.com, so it cannot stand for a member.",
    ),
    ({"is_active": "perhaps"}, "is_active", "“perhaps” is none of the codes."),
    ({"standing": "lapsed"}, "standing", "An import does not change this. It is: active."),
    ({"merged_into": "pontevedra"}, "merged_into", "An import does not change this. It is: –."),
    ({"name": ""}, "name", "This field is required."),
    ({"website": "javascript:x"}, "website", "Enter a valid URL."),
    ({"name": "x" * 121}, "name", "Ensure this value has at most 120 characters (it has 121)."),
    ({"name": "Concello de Pontevedra", "country": "ES"}, "name", "“pontevedra” has this name and country already."),
]


@pytest.mark.parametrize(("cells", "column", "text"), WRONG)
def test_what_cannot_be_is_refused_with_its_reason(cast, table, cells, column, text):
    (one,) = table({"slug": "lahti"} | cells).judged
    assert (one["act"], one["row"], one["slug"], one["name"]) == ("refused", 2, "lahti", "Lahden kaupunki")
    assert [problem for problem in one["problems"] if problem[0] == column] == [[column, text]]


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"name": ""}, [["name", "This is missing."]]),
        ({"kind": "", "country": ""}, [["kind", "This is missing."], ["country", "This is missing."]]),
        ({"slug": "compare"}, [["slug", "This short name is not possible. Leave it empty, and one is made."]]),
        (
            {"slug": "bad slug"},
            [["slug", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."]],
        ),
        ({"standing": "lapsed"}, [["standing", "An import does not say this of a new member."]]),
        ({"slug": "x", "name": "Lahden kaupunki"}, [["name", "“lahti” has this name and country already."]]),
    ],
)
def test_new_member_that_is_not_whole_is_refused(cast, table, cells, problems):
    row = {"slug": "", "name": "Kemi", "kind": "town", "country": "FI", "standing": ""}
    (one,) = table(row | cells).judged
    assert (one["act"], one["problems"]) == ("refused", problems)


def test_country_without_an_office_is_refused_unless_one_is_named(cast, table):
    cast.bonn.kind = "national"
    cast.bonn.save()
    row = {"name": "Kathmandu", "kind": "city", "country": "NP", "office": ""}
    first, second = table(row, row | {"name": "Lalitpur", "office": "europe"}).judged
    assert (first["act"], first["problems"]) == (
        "refused",
        [["office", "No office looks after this country. Please name one."]],
    )
    assert second["act"] == "new"


def test_empty_office_is_that_of_the_country(cast, table):
    cast.europe.territory = ["FI"]
    cast.europe.save()
    (one,) = table({"slug": "lahti", "office": ""}).judged
    assert one["changes"] == [["office", "finland", "europe"]]


def test_same_member_twice_is_refused_the_second_time(cast, table):
    new = {"slug": "", "name": "Kemi", "kind": "town", "country": "FI"}
    rows = table(
        new, new, new | {"slug": "lahti", "name": "Lahti"}, new | {"slug": "", "name": "Lahden kaupunki"}
    ).judged
    assert [(one["act"], one["problems"]) for one in rows] == [
        ("new", []),
        ("refused", [["", "The same member as in row 2."]]),
        ("changed", []),
        ("refused", [["", "The same member as in row 4."]]),
    ]


def test_row_without_a_short_name_finds_the_member_by_name_and_country(cast, table):
    (one,) = table({"slug": "", "name": "Lahden kaupunki", "country": "FI", "kind": "town"}).judged
    assert (one["act"], one["slug"], one["changes"]) == ("changed", "lahti", [["kind", "city", "town"]])


def test_merged_member_is_not_changed(cast, table):
    MemberFactory(slug="old", merged_into=cast.lahti, is_active=False)
    (one,) = table({"slug": "old", "population": "7"}).judged
    assert one["problems"] == [["", "It was merged into “lahti”."]]


def test_association_does_not_bring_itself_in(cast, table):
    union = MemberFactory(slug="union", kind="association", office=cast.finland)
    (one,) = table({"slug": "union", "associations": "union"}).judged
    assert one["problems"] == [["associations", "An association does not bring itself in."]]
    with pytest.raises(ValidationError, match="An association does not bring itself in"):
        change_member(member=union, values={"associations": ["union"]}, choices=Choices.read(), by=cast.ada)
    assert not union.associations.exists()


def test_new_short_names_do_not_meet(cast, table):
    new = {"name": "Åbo", "name_en": "Turku", "kind": "city", "country": "FI"}
    rows = table(new, new | {"name": "Turku"}, new | {"name": "Lahti", "name_en": "Lahti"}).judged
    assert [one["slug"] for one in rows] == ["turku", "turku-2", "lahti-2"]


# In: files that are no tables -------------------------------------------------------------------------------------------


def post(client, data, name="members.csv"):
    return client.post(CREATE, {"file": upload(data, name)})


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "members.csv", "The submitted file is empty."),
        (b"slug\n", "members.csv", "There are no rows in this table."),
        (b"a,b\n1,2\n", "members.csv", "a: There is no such column."),
        (b"slug,slug\nx,y\n", "members.csv", "slug: This column is there twice."),
        (b"slug,populaton\nx,1\n", "members.csv", "populaton: There is no such column. Did you mean population?"),
        (b"name,country\nx,FI\n", "members.csv", "These columns are missing: kind."),
        (
            as_csv([{"slug": "x", "name": "Jyväskylä"}], encoding="latin-1"),
            "members.csv",
            "This text is not in UTF-8: line 2, byte",
        ),
        (b'slug,name\nx,"open\n', "members.csv", "Is a quotation mark missing?"),
        (PDF, "members.xlsx", "This file is of the type: PDF."),
        (photo(), "members.csv", "This file is of the type: JPEG."),
        (ooxml("wordprocessingml.document"), "members.xlsx", "This file is of the type: Word (DOCX)."),
        (ooxml("spreadsheetml.sheet"), "members.xlsx", "This workbook cannot be read."),
        (b"slug,name\nx,a\x00b\n", "members.csv", "Line 2 has a character that no text has (NUL)."),
    ],
)
def test_what_is_no_table_is_told_in_words(client, cast, data, name, says):
    client.force_login(cast.ada)
    answer = post(client, data, name)
    assert answer.status_code == 200
    assert says in read(answer)
    assert not MemberTable.objects.exists()


def test_file_of_200_megabytes_is_refused_without_being_kept(client, cast, settings, monkeypatch):
    """In small: the limits lowered, since 200 MB would take the test's time."""
    client.force_login(cast.ada)
    settings.MAX_IMAGE_MB = settings.MAX_DOCUMENT_MB = 1
    assert "This file is too large. At most 1 MB are possible." in read(post(client, b"slug\n" + b"x\n" * 600_000))
    settings.MAX_DOCUMENT_MB = 25
    monkeypatch.setattr(tables, "MOST_BYTES", 1_000_000)
    assert "This file is too large. At most 1 MB are possible." in read(post(client, b"slug\n" + b"x\n" * 600_000))
    assert not MemberTable.objects.exists()


def test_too_many_rows_are_refused(client, cast, monkeypatch):
    client.force_login(cast.ada)
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert "There are more than 2 rows." in read(post(client, b"slug\na\nb\nc\n"))


def test_too_many_changes_at_once_are_refused_and_unchanged_rows_do_not_count(cast, table, monkeypatch):
    monkeypatch.setattr(table_services, "MOST", 1)
    rows = [{"slug": "lahti", "population": "7"}, {"slug": "pontevedra", "population": "50000"}]
    assert [one["act"] for one in table(*rows).judged] == ["changed", "same"]
    rows[1]["population"] = "8"
    with pytest.raises(ValidationError, match="At most 1 members can be new or changed at once"):
        table(*rows)
    assert MemberTable.objects.count() == 1  # the earlier one waits


def test_formulas_and_cells_without_a_column_are_refused_in_their_row(cast):
    book = Workbook()
    for row in (["slug", "population"], ["lahti", "=1+1"], ["pontevedra", 50_000.0, "more"]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    table = upload_members(upload=upload(file.getvalue(), "m.xlsx"), by=cast.ada)
    assert [(one["act"], one["problems"]) for one in table.judged] == [
        ("refused", [["population", "A formula. Please paste its value."]]),
        ("refused", [["", "This row has 200 cells, and the header has 2."]]),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings_are_found(cast, table, delimiter, encoding):
    (one,) = table({"slug": "lahti", "name": "Città, 上勝町; Скопје"}, delimiter=delimiter, encoding=encoding).judged
    assert one["changes"] == [["name", "Lahden kaupunki", "Città, 上勝町; Скопје"]]


# In: done -----------------------------------------------------------------------------------------------------------------


def test_exactly_what_was_shown_is_done_and_the_refused_left_out(client, cast, table):
    union = MemberFactory(slug="union", kind="association", office=cast.finland)
    made = table(
        {"slug": "lahti", "name": "Lahden kaupunki", "kind": "city", "country": "FI", "pathways": "circular;resilient", "associations": "union", "languages": "fi;sv", "about": "=1+1"},
        {"slug": "", "name": "Kemi", "kind": "town", "country": "FI", "pathways": "equitable", "associations": "union", "languages": "fi", "about": ""},
        {"slug": "", "name": "Bad", "kind": "nothing", "country": "FI", "pathways": "", "associations": "", "languages": "", "about": ""},
    )  # fmt: skip
    made = MemberTable.objects.get(pk=made.pk)
    # The cell begins as a formula does, so it is refused: an export would have written an apostrophe before it.
    assert [one["act"] for one in made.judged] == ["refused", "new", "refused"]
    assert apply_table(table=made, by=cast.ada) == (1, 0)
    kemi = Member.objects.get(slug="kemi")
    assert (kemi.name, kemi.office, kemi.languages) == ("Kemi", cast.bonn, ["fi"])
    assert ([one.code for one in kemi.pathways.all()], list(kemi.associations.all())) == (["equitable"], [union])
    assert not Member.objects.filter(name="Bad").exists()
    made.refresh_from_db()
    assert (made.applied_by, made.lines) == (cast.ada, [])
    (entry,) = Entry.objects.filter(verb__in=["member_added", "member_changed"])
    assert (entry.verb, entry.member_id, entry.by) == ("member_added", kemi.pk, cast.ada)
    with pytest.raises(ValidationError, match="imported already"):
        apply_table(table=made, by=cast.ada)


def test_changes_are_written_and_told_in_the_history(cast, table):
    made = table({"slug": "lahti", "population": "120000", "pathways": "circular", "email_domains": "lahti.example"})
    assert apply_table(table=made, by=cast.ada) == (0, 1)
    facts = read_facts(Member.objects.get(slug="lahti"))
    assert (facts["population"], facts["pathways"], facts["email_domains"]) == ("120000", "circular", "lahti.example")
    entry = Entry.objects.get(verb="member_changed")
    assert entry.details == {"fields": ["population", "pathways", "email_domains"]}


def test_what_changed_meanwhile_is_said_and_nothing_is_done(client, cast, table):
    made = table({"slug": "lahti", "population": "120000"}, {"slug": "pontevedra", "population": "80000"})
    change_member(member=cast.lahti, values={"population": 70_000}, choices=Choices.read(), by=cast.alice)
    with pytest.raises(StaleTableError) as error:
        apply_table(table=made, by=cast.ada)
    assert [(one["row"], one["changes"]) for one in error.value.rows] == [(2, [["population", "70000", "120000"]])]
    client.force_login(cast.ada)
    answer = client.post(reverse("directory:table_apply", args=[made.pk]), follow=True)
    assert "these rows come to something else now: 2 (Lahden kaupunki)." in read(answer)
    assert sorted(Member.objects.values_list("population", flat=True)) == [50_000, 70_000]
    # What they see now is what is done next.
    answer = client.post(reverse("directory:table_apply", args=[made.pk]), follow=True)
    assert "Imported: 0 new, 2 changed." in read(answer)
    assert sorted(Member.objects.values_list("population", flat=True)) == [80_000, 120_000]


def test_change_of_another_fact_meanwhile_does_not_matter(cast, table):
    made = table({"slug": "lahti", "population": "120000"})
    change_member(member=cast.lahti, values={"about": "New."}, choices=Choices.read(), by=cast.alice)
    assert apply_table(table=made, by=cast.ada) == (0, 1)
    lahti = Member.objects.get(slug="lahti")
    assert (lahti.population, lahti.about) == (120_000, "New.")


def test_new_member_that_somebody_made_meanwhile_is_not_made_twice(cast, table):
    made = table({"name": "Kemi", "kind": "town", "country": "FI"})
    MemberFactory(name="Kemi", country="FI", kind="town", slug="kemi-of-others")
    with pytest.raises(StaleTableError):
        apply_table(table=made, by=cast.ada)
    check_again(table=made, by=cast.ada)
    made.refresh_from_db()
    assert [(one["act"], one["slug"]) for one in made.judged] == [("same", "kemi-of-others")]


def test_another_table_takes_the_place_of_one_that_waits(cast, table):
    first = table({"slug": "lahti", "population": "1"})
    second = table({"slug": "lahti", "population": "2"})
    assert list(MemberTable.objects.all()) == [second]
    apply_table(table=second, by=cast.ada)
    third = table({"slug": "lahti", "population": "3"})
    assert list(MemberTable.objects.order_by("pk")) == [second, third]
    assert first != third


@pytest.mark.parametrize("person", ["alice", "kaisa", "eva", "xavier", "carlos", "rita", "nora"])
def test_only_administrators_import(client, cast, table, person):
    user = getattr(cast, person)
    made = table({"slug": "lahti", "population": "120000"})
    for act in (
        lambda: upload_members(upload=upload(b"slug\nlahti\n"), by=user),
        lambda: check_again(table=made, by=user),
        lambda: apply_table(table=made, by=user),
    ):
        with pytest.raises(PermissionDenied):
            act()
    client.force_login(user)
    assert client.get(made.get_absolute_url()).status_code == 404
    assert Member.objects.get(slug="lahti").population == 50_000


def test_page_shows_rows_of_every_sort(client, cast, table):
    made = table(
        {"slug": "lahti", "name": "<b>Lahti</b>", "kind": "city", "country": "FI", "population": "120000"},
        {"slug": "", "name": "القاهرة", "kind": "city", "country": "EG", "population": ""},
        {"slug": "", "name": "Bad", "kind": "city", "country": "EG", "population": "0"},
    )
    client.force_login(cast.ada)
    answer = client.get(made.get_absolute_url())
    page = read(answer)
    assert "New 1 Changed 1 Unchanged 0 Refused 1" in page
    assert "4 Bad population It cannot be 0." in page
    assert "2 Lahden kaupunki population 50000 120000" in page
    assert "القاهرة Row 3" in page
    assert "Import all but the refused" in page
    assert "<b>Lahti" not in answer.text
    assert "waits to be imported" in client.get(CREATE).text
