"""Rows of tables: what is written is read again, whatever people have typed."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from config.files.tables import check_names
from practices.library.content import CHOICES, FILES, KNOWABLE, LISTS, ROWS, field_names, row_columns
from practices.library.tables import (
    TABLE_COLUMNS,
    TableRow,
    guard,
    read_cells,
    unguard,
    write_cells,
)

# What can be typed and kept, in the form that a working copy has it.
texts = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\"',;=+-@"), max_size=40)
    .map(str.strip)
    .filter(lambda text: not set("\ufffe\uffff") & set(text))
)  # fmt: skip
codes = st.lists(st.from_regex("[a-z0-9_-]{1,10}", fullmatch=True), unique=True, max_size=4)
words = st.from_regex("[-a-zA-Z0-9_]{0,12}", fullmatch=True)


@st.composite
def rows(draw):
    kind = draw(st.sampled_from(["practice", "project"]))
    content = {}
    for name in field_names(kind):
        if name in FILES:
            continue
        if name in ROWS:
            columns = [column.name for column in row_columns(ROWS[name])]
            row = st.fixed_dictionaries(dict.fromkeys(columns, texts)).filter(lambda row: any(row.values()))
            content[name] = draw(st.lists(row, max_size=2))
        else:
            content[name] = draw(codes if name in LISTS or name in CHOICES else texts)
        if name in KNOWABLE and not content[name] and draw(st.booleans()):
            content[name] = None
    number = draw(st.none() | st.integers(1, 10**15))
    return TableRow(number, draw(words), kind, draw(words), content)


def through_csv(cells):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([cells.keys(), cells.values()])
    head, line = csv.reader(io.StringIO(file.getvalue(), newline=""))
    return dict(zip(head, line, strict=True))


@settings(max_examples=60, deadline=None)
@given(rows())
def test_a_row_comes_back_as_it_was(row):
    cells = through_csv(write_cells(row))

    assert tuple(cells) == TABLE_COLUMNS
    assert read_cells(cells) == row


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20))
def test_no_cell_is_a_formula(text):
    guarded = guard(text)

    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert guard(unguard(guarded)) == guarded


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("-33.9", "'-33.9"),
        ("'=1", "''=1"),
        ("it's = fine", "it's = fine"),
        ("'quoted'", "'quoted'"),
        ("one\r\ntwo\x0b", "one\ntwo"),
    ],
)
def test_guard(typed, written):
    assert guard(typed) == written


def problems(kind=None, **cells):
    with pytest.raises(ValidationError) as error:
        read_cells(cells, kind=kind)
    return error.value.message_dict


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"kind": "praxis"}, {"kind": ["“praxis” is none of practice, project."]}),
        ({}, {"kind": ["This is needed: practice, project."]}),
        ({"kind": "practice", "id": "12a"}, {"id": ["Not a number. It is empty for a new publication."]}),
        (
            {"kind": "practice", "import_id": "a b"},
            {"import_id": ["Only letters from a to z, digits, - and _ are possible, at most 120."]},
        ),
        ({"kind": "practice", "seeking": "Money"}, {"seeking": ["Only a project has this."]}),
        ({"kind": "project", "offer": "A call"}, {"offer": ["Only a practice has this."]}),
        ({"kind": "practice", "costs": "100 EUR"}, {"costs": ["Not JSON: Extra data: line 1 column 5 (char 4)"]}),
        ({"kind": "practice", "costs": '{"kind": "yearly"}'}, {"costs": ["Not a list of rows, as in [{…}, {…}]."]}),
        (
            {"kind": "practice", "costs": '[{"amuont": "1"}]'},
            {"costs": ["Row 1: nobody knows “amuont”. Did you mean amount?"]},
        ),
        ({"kind": "practice", "costs": '[{"amount": [1]}]'}, {"costs": ["Row 1, amount: not a text or a number."]}),
        (
            {"kind": "practice", "costs": "[" * 32_767},
            {"costs": ["This was cut off: a cell of a spreadsheet holds 32767 characters. Please use CSV."]},
        ),
        (
            {"kind": "practice", "not_known": "costs; titel"},
            {"not_known": ["titel cannot be not known."]},
        ),
    ],
)
def test_what_cannot_be_understood_is_told(cells, expected):
    assert problems(**cells) == expected


def test_numbers_in_rows_and_lists_are_read_as_typed():
    row = read_cells(
        {"kind": "practice", "costs": '[{"kind": "yearly", "amount": 12500.50, "year": 2020}]', "topics": " food; water;food ;"}
    )  # fmt: skip

    assert row.content["costs"] == [{"kind": "yearly", "amount": "12500.5", "currency": "", "year": "2020"}]
    assert row.content["topics"] == ["food", "water"]
    assert Decimal(row.content["costs"][0]["amount"]) == Decimal("12500.50")


def test_what_is_not_known_and_has_a_value_has_the_value():
    row = read_cells({"kind": "practice", "process": "By and by.", "lessons": "", "not_known": "process;lessons"})

    assert row.content == {"process": "By and by.", "lessons": None}


def test_the_header_names_what_is_near():
    found = check_names(["title", "Sumary", "title", "xyzzy", "photos"], TABLE_COLUMNS)

    assert found == [
        ("Sumary", "There is no such column. Did you mean summary?"),
        ("title", "This column is there twice."),
        ("xyzzy", "There is no such column."),
        ("photos", "There is no such column."),
    ]
