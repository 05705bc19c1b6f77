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
    return list(_country_choices(babel_locale()))


@lru_cache(maxsize=16)
def _country_choices(locale: Locale) -> list[tuple[str, str]]:
    names = locale.territories
    countries = [(code, str(name)) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted((pair for pair in countries if pair[0] not in _NO_COUNTRIES), key=lambda pair: pair[1].casefold())


def language_name(code: str) -> str:
    """Return the name of the language with the BCP 47 tag `code`, with a capital letter, for lists and labels."""
    name = str(babel_locale().languages.get(code, code))
    return name[:1].upper() + name[1:]


def language_choices() -> list[tuple[str, str]]:
    """Return (code, name) of the languages that content may be in, those of the interface first."""
    return [(code, language_name(code)) for code in CONTENT_LANGUAGES]


def region_choices() -> list[tuple[str, str]]:
    """Return (code, name) of the parts of the world that countries are grouped by, sorted by name."""
    names = babel_locale().territories
    return sorted(((code, str(names[code])) for code in REGIONS), key=lambda pair: pair[1].casefold())


# Regions of the United Nations (M49), by their codes: continents, and the parts of America and Asia. Territories that
# M49 does not list stand with the nearest.
REGIONS = {
    code: frozenset(countries.split())
    for code, countries in {
        "002": "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EA EG EH ER ET GA GH GM GN GQ GW IC IO KE KM LR LS LY MA MG"
        " ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TF TG TN TZ UG YT ZA ZM ZW",
        "021": "BM CA GL PM US",
        "013": "BZ CP CR GT HN MX NI PA SV",
        "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
        "005": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
        "143": "KG KZ TJ TM UZ",
        "030": "CN HK JP KP KR MN MO TW",
        "035": "BN ID KH LA MM MY PH SG TH TL VN",
        "034": "AF BD BT IN IR LK MV NP PK",
        "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
        "150": "AD AL AT AX BA BE BG BY CH CQ CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD"
        " ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
        "009": "AQ AS AU CC CK CX DG FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    }.items()
}
# CLDR's territories that are not countries: outlying oceans, unions, test codes.
_NO_COUNTRIES = {"QO", "EU", "EZ", "UN", "XA", "XB", "ZZ"}
