"""Names of countries and languages in the reader's language, from the CLDR that Babel carries."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

# Languages that members write in and people read, in the order of a form's choices: those of the interface, then
# others by code.
CONTENT_LANGUAGES = (
    "en", "fi", "mk", "ar", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "es", "et", "fa", "fr", "gl", "he", "hi",
    "hr", "hu", "id", "is", "it", "ja", "ka", "ko", "lt", "lv", "nb", "ne", "nl", "pl", "pt", "ro", "ru", "sk", "sl",
    "sq", "sr", "sv", "sw", "th", "tl", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def babel_locale(language: str | None = None) -> Locale:
    """Return Babel's locale for `language` (default: the active one), English where it knows none.

    English is that of Europe: 25 November 2026.
    """
    code = language or get_language() or "en"
    return _locale("en-GB" if code == "en" else code)


def country_name(code: str) -> str:
    """Return the name of the country with the ISO 3166-1 alpha-2 `code`, or the code where nobody knows it."""
    return str(babel_locale().territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every country in the active language, sorted by name."""
    names = babel_locale().territories
    countries = [(code, str(name)) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted((pair for pair in countries if pair[0] not in _NO_COUNTRIES), key=lambda pair: pair[1].casefold())


def language_name(code: str) -> str:
    """Return the name of the language with the BCP 47 tag `code`, with a capital letter, for lists and labels."""
    name = str(babel_locale().languages.get(code, code))
    return name[:1].upper() + name[1:]


def language_choices() -> list[tuple[str, str]]:
    """Return (code, name) of the languages that content may be in, those of the interface first."""
    return [(code, language_name(code)) for code in CONTENT_LANGUAGES]


# CLDR's territories that are not countries: outlying oceans, unions, test codes.
_NO_COUNTRIES = {"QO", "EU", "EZ", "UN", "XA", "XB", "ZZ"}
