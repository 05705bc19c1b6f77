"""Every string of the interface is in both catalogues, translated."""

import re

import pytest

from config.kit.catalogues import LANGUAGES, find_strings, read_catalogue

# Strings that are the same in the other language, with the reason.
SAME = {
    "fi": {
        "Talkoo": "the name",
        "%(area)s km²": "a unit",
        "%(who)s: %(subject)s": "no words",
    },
    "mk": {
        "Talkoo": "the name",
        "%(who)s: %(subject)s": "no words",
    },
}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request):
    return read_catalogue(request.param)


def test_catalogue_holds_exactly_the_strings_of_the_code(catalogue):
    found = {
        (text[0] if isinstance(text, tuple) else text, context)
        for _, _, text, context in find_strings(str(catalogue.locale))
    }
    kept = {(m.id[0] if isinstance(m.id, tuple) else m.id, m.context) for m in catalogue if m.id}
    assert kept == found, "run `make messages` and translate what is new"


def test_no_translation_is_empty_or_fuzzy(catalogue):
    empty = [m.id for m in catalogue if m.id and not all([m.string] if isinstance(m.string, str) else m.string)]
    assert empty == []
    assert [m.id for m in catalogue if m.id and m.fuzzy] == []


def test_no_translation_is_the_english_text(catalogue):
    same = {m.id for m in catalogue if m.id and m.string == m.id}
    assert same == same & set(SAME[str(catalogue.locale)])


def test_translations_keep_the_placeholders(catalogue):
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = [set(PLACEHOLDERS.findall(text)) for text in ids]
        assert all(set(PLACEHOLDERS.findall(string)) in wanted for string in strings if message.id), message.id
