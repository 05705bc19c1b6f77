"""Reading tables: encodings, delimiters, formulas, and files that are not what they say."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from config.files import tables
from config.files.tables import BadTableError, check_upload
from practices.intake.example import write_csv, write_xlsx
from practices.intake.reading import read_table
from practices.library.tables import TABLE_COLUMNS
from tests.practices.intake import ROW, as_csv, as_xlsx, checked, counts, edit_xlsx, problems
from tests.uploads import PDF, ooxml, photo

TITLE = "Kävely ja pyöräily"


def bad(data, kind="csv"):
    with pytest.raises(BadTableError) as error:
        read_table(data, kind)
    return [(one.row, one.column, one.text) for one in error.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings_are_found(delimiter, encoding):
    data = as_csv([ROW | {"title": TITLE, "results": "a,b;c\td\n\ne"}], delimiter=delimiter, encoding=encoding)

    assert check_upload(SimpleUploadedFile("a", data)) == "csv"
    (line,) = read_table(data, "csv")
    assert (line.number, line.problems) == (2, [])
    assert line.cells == ROW | {"title": TITLE, "results": "a,b;c\td\n\ne"}


def test_the_line_by_which_excel_announces_a_delimiter():
    (line,) = read_table(b"sep=|\r\n" + as_csv([ROW], delimiter="|"), "csv")

    assert line.cells == ROW


def upload(data):
    with pytest.raises(ValidationError) as error:
        check_upload(SimpleUploadedFile("list.csv", data))
    return error.value.messages


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "This file is empty."),
        (
            as_csv([ROW, ROW | {"kind": TITLE}], encoding="cp1252"),
            ("This text is not in UTF-8: line 3, byte 2. In Excel, choose “Save as” and the type “CSV UTF-8”;"
            " in LibreOffice, choose the character set “Unicode (UTF-8)”."),
        ),
        ("kind,title\n".encode("utf-16") + b"x", "This file begins as UTF-16 and does not go on so. Please save it as UTF-8."),
        (b"kind,title\npractice,a\x00b\n", "Line 2 has a character that no text has (NUL)."),
        (PDF, "This file is of the type: PDF. Please save it as XLSX or as CSV (UTF-8)."),
        (photo(), "This file is of the type: JPEG. Please save it as XLSX or as CSV (UTF-8)."),
        (
            ooxml("wordprocessingml.document"),
            "This file is of the type: Word (DOCX). Please save it as XLSX or as CSV (UTF-8).",
        ),
        (
            ooxml("spreadsheetml.sheet", **{"xl/vbaProject.bin": b"x"}),
            "This file is of the type: office file with macros. Please save it as XLSX or as CSV (UTF-8).",
        ),
        (b"x" * 20_000_001, "This file is too large. At most 20 MB are possible."),
    ],
    ids=["empty", "cp1252", "half utf-16", "nul", "pdf", "picture", "docx", "macros", "large"],
)  # fmt: skip
def test_what_is_no_table_is_refused_at_once(data, text):
    assert upload(data) == [text]


def test_a_workbook_that_unpacks_into_too_much(monkeypatch):
    file = io.BytesIO(as_xlsx([ROW]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\x00" * 3_000_000)
    monkeypatch.setattr(tables, "MOST_UNPACKED", 2_000_000)  # 200 MB would take the test's time

    assert upload(file.getvalue()) == ["This workbook is too large when it is unpacked. Please use CSV."]


def test_entities_in_a_workbook_are_not_followed():
    file = io.BytesIO(as_xlsx([ROW]))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name.endswith("sheet1.xml") else old.read(name))

    assert bad(made.getvalue(), "xlsx") == [(0, "", "This workbook cannot be read. Please save it once more as XLSX.")]


def test_the_header_is_checked_first():
    row = {name: text for name, text in ROW.items() if name not in {"summary", "kind"}}
    assert bad(as_csv([row])) == [(1, "", "These columns are missing: kind, summary.")]
    assert bad(as_csv([ROW | {"tittle": "x"}])) == [(1, "tittle", "There is no such column. Did you mean title?")]
    assert bad(b"title,title\na,b\n") == [(1, "title", "This column is there twice.")]
    assert bad(b"id,,title\n1,2,3\n") == [(1, "", "Column 2 has no name.")]
    assert bad(b"id,title\n") == [(0, "", "There are no rows in this table.")]


def test_rows_that_cannot_be_read():
    data = b'id,title\n1,"a\nb"\n2,"never closed\n3,c\n'
    text = "The row that begins in line 4 cannot be read: unexpected end of data. Is a quotation mark missing?"
    assert bad(data) == [(0, "", text)]
    (_first, second) = read_table(b"id,title\n1,a\n\n2\n", "csv")
    assert [(one.row, one.text) for one in second.problems] == [(4, "This row has 1 cells, and the header has 2.")]


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert len(read_table(as_csv([ROW] * 3), "csv")) == 3
    assert bad(as_csv([ROW] * 4)) == [(0, "", "There are more than 3 rows. Please make several files.")]
    assert bad(as_xlsx([ROW] * 4), "xlsx") == [(0, "", "There are more than 3 rows. Please make several files.")]


def test_a_workbook_that_jumps_to_the_last_row_of_all(monkeypatch):
    def jump(sheet):
        sheet.cell(1_048_576, 1, "x")

    monkeypatch.setattr(tables, "MOST_ROWS", 100)
    text = "There are more than 100 rows. Please make several files."
    assert bad(edit_xlsx(as_xlsx([ROW]), jump), "xlsx") == [(0, "", text)]


@pytest.mark.django_db
def test_formulas_and_errors_are_named(cast):
    def spoil(sheet):
        sheet["C3"] = "=HYPERLINK(1)"
        sheet["D3"] = "#REF!"
        sheet["D3"].data_type = "e"

    data = edit_xlsx(as_xlsx([ROW, ROW]), spoil)
    assert problems(checked(data, by=cast.alice, owner=cast.lahti)) == [
        (3, "title", "A formula. Please paste its value."),
        (3, "summary", "An error of the spreadsheet: #REF!."),
    ]
    data = as_csv([ROW, ROW | {"title": "=cmd|' /C calc'!A0"}])
    assert problems(checked(data, by=cast.alice, owner=cast.lahti)) == [
        (3, "title", "A formula. Please paste its value.")
    ]


@pytest.mark.django_db
def test_numbers_and_days_of_a_workbook_are_texts(cast):
    from datetime import date, datetime

    row = ROW | {"kind": "project", "start_year": 2021, "cost_amount": 12500.5, "cost_currency": "EUR"}
    data = as_xlsx([row | {"seeking_until": datetime(2027, 1, 31)}, row | {"seeking_until": date(2027, 1, 31)}])  # noqa: DTZ001
    first, second = read_table(data, "xlsx")

    assert first.cells == second.cells
    assert {name: first.cells[name] for name in ("start_year", "cost_amount", "seeking_until")} == {
        "start_year": "2021", "cost_amount": "12500.5", "seeking_until": "2027-01-31",
    }  # fmt: skip
    assert counts(checked(data, by=cast.alice, owner=cast.lahti)) == (2, 0, 0, 0)


@pytest.mark.django_db
def test_wrong_values_are_told_by_row_and_column(cast):
    rows = [
        ROW | {"status": "runing", "start_year": "in 2021", "contact_email": "nobody"},
        ROW | {"pathways": "circular;green", "costs": '[{"kind": "yearly", "amount": "x", "currency": "EUR"}]'},
        ROW | {"kind": "programme"},
        ROW | {"title": "x" * 101, "latitude": "60.9"},
        ROW | {"cost_amount": "12500,50", "country": "Finland"},
    ]
    assert problems(checked(rows, by=cast.alice, owner=cast.lahti)) == [
        (2, "status", "“runing” is none of the codes. Did you mean running?"),
        (2, "start_year", "Enter a whole number."),
        (2, "contact_email", "Enter a valid email address."),
        (3, "pathways", "“green” is none of the codes."),
        (3, "costs", "Row 1, Amount: Enter a number."),
        (4, "kind", "“programme” is none of practice, project."),
        (5, "title", "Ensure this value has at most 100 characters (it has 101)."),
        (5, "longitude", "A point needs both latitude and longitude."),
        (6, "country", "“Finland” is none of the codes."),
        (6, "cost_amount", "Enter a number."),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("write", "kind"), [(write_csv, "csv"), (write_xlsx, "xlsx")])
def test_the_empty_table_shows_how_and_its_example_is_left_out(cast, write, kind):
    data = write(cast.lahti)
    assert check_upload(SimpleUploadedFile("a", data)) == kind
    assert bad(data, kind) == [(0, "", "There are no rows in this table.")]


@pytest.mark.django_db
def test_the_example_is_right(cast):
    from practices.intake.example import example_cells

    cells = example_cells(cast.lahti)
    assert tuple(cells) == TABLE_COLUMNS
    assert cells["title"].startswith("EXAMPLE")
    batch = checked([cells | {"import_id": "mine"}], by=cast.alice, owner=cast.lahti)
    assert (problems(batch), counts(batch)) == ([], (1, 0, 0, 0))
