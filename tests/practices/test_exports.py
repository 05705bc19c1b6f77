"""Lists as CSV and XLSX: exactly what is on the page, nothing that runs, and all that is needed to read it back."""

import csv
import io
import json

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kit.tables import TOO_LONG
from practices.library.content import FILES, read_content
from practices.library.models import Publication
from practices.library.services import archive_publication
from practices.library.tables import TABLE_COLUMNS, read_cells
from practices.sharing import table_views
from practices.uptake.bookmarks import make_list, save_bookmark
from practices.uptake.services import record_uptake
from tests.factories import PublicationFactory
from tests.practices.acts import FUNDING, INDICATORS
from tests.practices.intake import checked

pytestmark = pytest.mark.django_db


def read_csv(client, query=""):
    answer = client.get(reverse("sharing:publication_table", args=["csv"]) + query)
    return csv_rows(answer)


def csv_rows(answer):
    data = b"".join(answer)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(client, query=""):
    answer = client.get(reverse("sharing:publication_table", args=["xlsx"]) + query)
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))["publications"]
    head, *rows = sheet.iter_rows()
    return [{name.value: cell for name, cell in zip(head, row, strict=True)} for row in rows]


def back(row, kind):
    """Return the working copy that a row says, as an import reads it."""
    return read_cells(row, kind=kind).content


def in_table(publication):
    return {name: value for name, value in read_content(publication).items() if name not in FILES}


@pytest.fixture
def full(cast):
    return PublicationFactory(
        owner=cast.lahti, title="=cmd|' /C calc'!A0", summary="'quoted", challenge='Line\nline; "quoted", comma',
        solution="@SUM(1)", results="-2 degrees", indicators=INDICATORS, funding=FUNDING, offers=["call", "visit"],
        pathways=["circular", "resilient"], longitude="-8.64", latitude="42.43", partners=None, lessons=None,
        offer="+1", cost_amount="12500.50", cost_currency="EUR",
    )  # fmt: skip


def test_row_holds_the_working_copy_and_reads_back_as_it_was(cast, full, as_person):
    client = as_person(cast.carlos)
    (row,) = read_csv(client)
    assert tuple(row) == TABLE_COLUMNS
    assert {name: row[name] for name in ("id", "kind", "owner", "title", "summary", "solution")} == {
        "id": str(full.pk),
        "kind": "practice",
        "owner": "lahti",
        "title": "'=cmd|' /C calc'!A0",
        "summary": "'quoted",
        "solution": "'@SUM(1)",
    }
    assert (row["longitude"], row["offers"], row["pathways"]) == ("'-8.64", "call;visit", "resilient;circular")
    assert (row["results"], row["not_known"]) == ("'-2 degrees", "lessons;partners")
    assert json.loads(row["indicators"])[0]["value"] == "54.5"
    assert back(row, "practice") == in_table(full)

    (cells,) = read_xlsx(client)
    assert {cell.data_type for cell in cells.values() if cell.value is not None} == {"s"}
    assert cells["title"].value == "'=cmd|' /C calc'!A0"
    assert back({name: cell.value or "" for name, cell in cells.items()}, "practice") == in_table(full)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exporting_and_importing_again_changes_nothing(kind, cast, full, as_person):
    PublicationFactory(owner=cast.lahti, kind="project", seeking_kinds=["funding"], milestones=[])
    answer = as_person(cast.alice).get(reverse("sharing:publication_table", args=[kind]))
    batch = checked(b"".join(answer), by=cast.alice, owner=cast.lahti, name=f"list.{kind}")
    assert (batch.state, batch.unchanged_count, batch.new_count, batch.changed_count) == ("checked", 2, 0, 0)


def test_project_of_an_office_is_a_row(cast, as_person):
    milestones = [{"when": "2027", "what": "Open", "status": ""}]
    project = PublicationFactory(
        owner=cast.finland, kind="project", milestones=milestones, seeking_kinds=["funding"],
        seeking_until="2027-01-31",
    )  # fmt: skip
    (row,) = read_csv(as_person(cast.rita))
    assert (row["kind"], row["owner"], row["offer"]) == ("project", "office:finland", "")
    assert back(row, "project") == in_table(project)


def test_rows_are_those_of_the_list_as_it_is_narrowed_down_and_sorted(cast, as_person):
    for number in range(25):
        PublicationFactory(owner=cast.lahti, title=f"Number {number:02}", topics=["food" if number % 5 else "water"])
    PublicationFactory(owner=cast.lahti, title="Hidden", state="unpublished")
    PublicationFactory(owner=cast.lahti, title="Over", state="archived")
    client = as_person(cast.alice)
    query = "?topic=water&sort=title&page=2"
    expected = [f"Number {number:02}" for number in range(0, 25, 5)]
    assert [row["title"] for row in read_csv(client, query)] == expected
    assert [row["title"].value for row in read_xlsx(client, query)] == expected
    assert len(read_csv(client)) == 25
    text = client.get(f"{reverse('search:publication_list')}?topic=water&q=Number&page=1").text
    assert f'href="{reverse("sharing:publication_table", args=["csv"])}?topic=water&amp;q=Number"' in text
    assert read_csv(client, "?q=Hidden") == []
    assert read_csv(as_person(cast.nora)) == []
    assert len(read_xlsx(as_person(cast.bob))) == 25


def test_number_of_queries_does_not_grow_with_the_rows(cast, as_person):
    counts = []
    for number in (1, 3, 30):
        while Publication.objects.count() < number:
            PublicationFactory(owner=cast.lahti, indicators=INDICATORS, facts={})
        client = as_person(cast.rita)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(read_csv(client)) == number
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_list_too_long_for_a_workbook_leads_back_to_it(cast, as_person, monkeypatch):
    monkeypatch.setattr(table_views, "MOST_XLSX_ROWS", 1)
    for _ in range(2):
        PublicationFactory(owner=cast.lahti)
    client = as_person(cast.rita)
    answer = client.get(reverse("sharing:publication_table", args=["xlsx"]) + "?topic=food", follow=True)
    assert answer.redirect_chain == [(reverse("search:publication_list") + "?topic=food", 302)]
    assert "An XLSX file takes 1 rows at most. Narrow the list down, or take CSV." in answer.text
    assert len(read_csv(client)) == 2


def test_what_no_spreadsheet_can_hold(cast, as_person):
    blocks = [{"title": f"Block {n}", "description": "x" * 4900} for n in range(8)]
    PublicationFactory(owner=cast.lahti, building_blocks=blocks, challenge="Bell\x07 rings")
    client = as_person(cast.rita)
    (row,), (cells,) = read_csv(client), read_xlsx(client)
    assert len(json.loads(row["building_blocks"])) == 8
    assert cells["building_blocks"].value == TOO_LONG
    assert (row["challenge"], cells["challenge"].value) == ("Bell rings", "Bell rings")


def test_members_are_sent_as_the_list_is_narrowed_down(cast, as_person):
    cast.lahti.website = "=cmd"
    cast.lahti.save()
    client = as_person(cast.rita)
    address = reverse("directory:member_table", args=["csv"])
    assert [row["slug"] for row in csv_rows(client.get(address))] == ["lahti", "pontevedra"]
    (row,) = csv_rows(client.get(f"{address}?country=FI"))
    assert (row["name_en"], row["office"], row["website"], row["latitude"]) == ("Lahti", "finland", "'=cmd", "")
    assert f'href="{address}?country=FI"' in client.get(reverse("directory:member_list") + "?country=FI").text
    assert csv_rows(as_person(cast.nora).get(address)) == []


def test_saved_list_is_sent_without_what_its_reader_may_not_read(cast, as_person):
    shown, gone = PublicationFactory(owner=cast.pontevedra, title="Shown"), PublicationFactory(owner=cast.pontevedra)
    mine = make_list(name="Heat", by=cast.alice)
    for one in (shown, gone):
        save_bookmark(publication=one, bookmark_list=mine, note="", by=cast.alice)
    archive_publication(publication=gone, reason="Old.", by=cast.eva)
    address = reverse("uptake:list_table", args=[mine.pk, "csv"])
    assert [row["title"] for row in csv_rows(as_person(cast.alice).get(address))] == ["Shown"]
    assert as_person(cast.bob).get(address).status_code == 404


def test_uptake_is_sent_as_its_lists_show_it(cast, as_person, django_assert_num_queries):
    publication = PublicationFactory(owner=cast.lahti, title="Heat")
    record_uptake(
        publication=publication, member=cast.pontevedra, state="in_use", since=None, facts={"language": "en", "changed": "=1+1"},
        by=cast.carlos,
    )  # fmt: skip
    client = as_person(cast.rita)
    address = reverse("uptake:publication_table", args=[publication.pk, "csv"])
    with django_assert_num_queries(5):
        (row,) = csv_rows(client.get(address))
    assert (row["member"], row["title"], row["state"]) == ("Concello de Pontevedra", "Heat", "in_use")
    assert row["changed"] == "'=1+1"
    taken = reverse("uptake:member_table", args=["pontevedra", "csv"])
    assert csv_rows(client.get(taken)) == [row]
    assert csv_rows(client.get(f"{taken}?way=given")) == []
    assert csv_rows(client.get(reverse("uptake:member_table", args=["lahti", "csv"]) + "?way=given")) == [row]
