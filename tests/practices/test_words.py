"""Words folded, taken apart, told apart by language; questions read as they were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.search.questions import LONGEST, MOST_UNITS, Unit, read_question
from practices.search.words import fold, guess_language, parts_of, split_compounds


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ÄÄNET Öljyä", "aanet oljya"),
        ("Straße", "strasse"),
        ("Вода", "voda"),
        ("Шуми и ќош", "sumi i kjos"),
        ("Đorđe Ђорђе", "djordje djordje"),
        ("općina čišćenje", "opcina ciscenje"),
        ("łódź", "lodz"),
        ("Νερό", "νερο"),
        ("naïve coöperation", "naive cooperation"),
        ("ﬁnance", "finance"),
    ],
)
def test_words_are_folded_to_what_people_type(text, folded):
    assert fold(text) == folded


def test_scripts_without_spaces_become_pairs_that_any_phrase_consists_of():
    assert fold("海绵公园").split() == ["海绵", "绵公", "公园"]
    assert fold("水").split() == ["水"]
    assert set(fold("绵公").split()) <= set(fold("建设海绵公园").split())


@given(st.text(max_size=200))
def test_folding_twice_folds_no_further_and_any_text_can_be_folded(text):
    once = fold(text)
    assert fold(once).split() == once.split() or any("\u0e00" <= one <= "\u9fff" for one in once)


@pytest.mark.parametrize(
    ("word", "language", "parts"),
    [
        ("joukkoliikenne", "fi", ["joukko", "liikenne"]),
        ("varoitusjärjestelmä", "fi", ["varoitus", "järjestelmä"]),
        ("wärmeschutzverordnung", "de", ["wärme", "schutz", "verordnung"]),
        ("skolmatsalen", "sv", ["skol", "matsalen"]),
        ("kaupunki", "fi", ["kaupunki"]),
        ("talo", "fi", ["talo"]),
        ("joukkoliikenne", "en", ["joukkoliikenne"]),
        ("x" * 4_000, "de", ["x" * 4_000]),
    ],
)
def test_compounds_are_taken_apart_where_their_parts_are_words(word, language, parts):
    assert parts_of(word, language) == parts


def test_text_without_compounds_stays_as_it_is():
    assert split_compounds("Vesi ja Talo", "fi") == "Vesi ja Talo"
    assert split_compounds("Helleaaltojen aika", "fi") == "helle aaltojen aika"
    assert split_compounds("Helleaaltojen aika", None) == "Helleaaltojen aika"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("viileät tilat ikäihmisille helteellä", "fi"),
        ("паметно улично осветлување", "mk"),
        ("Abwärme aus Rechenzentren", "de"),
        ("minska matsvinnet i skolan", "sv"),
        ("cool pavements against heat", "en"),
        ("moins tondre les pelouses", "fr"),
        ("qxzv wqkj", None),
        ("", None),
        ("123 !!!", None),
    ],
)
def test_language_of_a_few_words_is_guessed(text, language):
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("heat pumps", [Unit("heat"), Unit("pumps")]),
        ('"heat pumps" city', [Unit("heat pumps", exact=True), Unit("city")]),
        ("„топлински пумпи“", [Unit("топлински пумпи", exact=True)]),
        ("water -rain", [Unit("water"), Unit("rain", unwanted=True)]),
        ('water -"rain garden"', [Unit("water"), Unit("rain garden", exact=True, unwanted=True)]),
        ("low-emission", [Unit("low-emission")]),
        ("-", []),
        ('"" "!"', []),
        ('"open phrase', [Unit("open"), Unit("phrase")]),
        ("a\u0000b\u202ec\td", [Unit("a"), Unit("b"), Unit("c"), Unit("d")]),
        ("😀 & | !", []),
        ("42 000", [Unit("42"), Unit("000")]),
    ],
)
def test_question_is_read_as_it_was_meant(typed, units):
    question = read_question(typed)
    assert list(question.units) == units
    assert bool(question) == any(not unit.unwanted for unit in units)


@given(st.text(max_size=2_000))
def test_whatever_is_typed_is_a_question_of_bounded_size(typed):
    question = read_question(typed)
    assert len(question.text) <= LONGEST
    assert len(question.units) <= MOST_UNITS
    assert question.is_cut or not question.units or all(unit.text for unit in question.units)
