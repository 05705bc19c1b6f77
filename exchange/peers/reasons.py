"""Why two fit, in plain words. What is kept are codes and what they are about; words are found when they are read."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.countries import country_name, language_name
from config.kit.templatetags.kit import number, when
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Term
from exchange.peers.lists import Found, Task
from exchange.peers.models import Format, Match
from exchange.peers.scoring import distance, is_asked
from exchange.peers.sides import FORMATS, LEVELS, NEVER, UNKNOWN, ZONES, Column, Reader

MOST = 4
NEAR = 400  # km: near enough to be a reason
SAME_SIZE = 0.6  # of the part: up to 2.3 times as many or few
VERY_ALIKE = 0.6  # of the part
ORDER = (
    "asked", "meaning", "topics", "uptake", "level", "size", "climate", "country", "distance", "time", "languages", "formats",
    "pathways",
)  # fmt: skip
ZONE_CODES, LEVEL_CODES = list(ZONES), list(LEVELS)
COMMON_LEVELS = {UNKNOWN, LEVELS[Level.LOCAL]}  # nearly all are local, so that it says nothing
FORMAT_CODES = list(FORMATS)


def reasons_for(task: Task, found: Found, reader: Reader) -> list[list[Any]]:
    """Return why a pair fits: [code, ...what it is about], the strongest first, `MOST` of them.

    Codes: asked; meaning; topics [codes]; pathways [codes]; size population; climate zone; country code; distance km;
    languages [codes]; formats [codes]; uptake; level; time first
    and last day (ISO 8601), without a last one where neither names any.
    """
    found_reasons = _in_common(task, found, reader) | _around(task, found, reader)
    return [[code, *found_reasons[code]] for code in ORDER if code in found_reasons][:MOST]


def _in_common(task: Task, found: Found, reader: Reader) -> dict[str, list[Any]]:
    """Return what both say: the text, topics, pathways, languages, formats."""
    reasons: dict[str, list[Any]] = {}
    if is_asked(task.subjects.take([found.subject]), task.candidates.take([found.candidate]))[0, 0]:
        reasons["asked"] = []
    elif found.parts["meaning"] >= VERY_ALIKE:
        reasons["meaning"] = []
    values = {
        "topics": reader.topics.values, "pathways": reader.pathways.values, "languages": reader.languages.values,
        "formats": FORMAT_CODES,
    }  # fmt: skip
    for column, codes in values.items():
        ours, theirs = getattr(task.subjects, column)[found.subject], getattr(task.candidates, column)[found.candidate]
        if both := np.flatnonzero(ours * theirs)[:3].tolist():
            reasons[column] = [[codes[at] for at in both]]
    return reasons


def _around(task: Task, found: Found, reader: Reader) -> dict[str, list[Any]]:
    """Return what is alike around them: size, climate, country or distance, and whether they know each other's work."""
    ours, theirs, us, them = task.subjects, task.candidates, found.subject, found.candidate
    reasons: dict[str, list[Any]] = {}
    if found.parts["size"] >= SAME_SIZE and not np.isnan(ours.size[us] + theirs.size[them]):
        reasons["size"] = [round(2 ** float(theirs.size[them]))]
    if ours.zone[us] == theirs.zone[them] != UNKNOWN:
        reasons["climate"] = [ZONE_CODES[theirs.zone[them]]]
    if ours.country[us] == theirs.country[them] != UNKNOWN:
        reasons["country"] = [reader.countries.values[theirs.country[them]]]
    elif (away := _kilometres(ours.point[us], theirs.point[them])) <= NEAR:
        reasons["distance"] = [max(10, round(away, -1))]
    if ours.level[us] == theirs.level[them] not in COMMON_LEVELS:
        reasons["level"] = [LEVEL_CODES[theirs.level[them]]]
    if ours.begins[us] and theirs.begins[them] and found.parts.get("availability"):
        days = max(ours.begins[us], theirs.begins[them]), min(ours.ends[us], theirs.ends[them])
        reasons["time"] = [date.fromordinal(int(one)).isoformat() for one in days if one != NEVER]
    if found.parts["uptake"] > 0:
        reasons["uptake"] = [task.target]
    return reasons


def _kilometres(ours: Column, theirs: Column) -> float:
    away = float(distance(ours[None], theirs[None])[0, 0])
    return float("inf") if np.isnan(away) else away


def name_reasons(match: Match, terms: Mapping[str, Mapping[str, Term]]) -> list[str]:
    """Return the reasons of a match in the active language.

    Args:
        terms: see `config.vocabulary.models.read_terms`.
    """
    named = (_asked(match) if code == "asked" else _name(code, about, terms) for code, *about in match.reasons)
    return [words for words in named if words]


def _asked(match: Match) -> str:
    """Say that an ask is about what one of the two has published: to the owner of that, else of them."""
    ask = match.to_notice if match.to_notice and match.to_notice.is_ask else None
    if ask is None:
        return _("They published what you ask about")
    title = ask.publication.title if ask.publication else ""
    return _("It is about what you published: %(title)s") % {"title": title} if title else ""


def _name(code: str, about: list[Any], terms: Mapping[str, Mapping[str, Term]]) -> str:
    if code in {"topics", "pathways"}:
        what = ", ".join(str(terms[code[:-1]][one]) for one in about[0] if one in terms[code[:-1]])
        words = _("Both work on: %(what)s") if code == "topics" else _("The same pathway: %(what)s")
        return words % {"what": what} if what else ""
    if code == "languages":
        return _("A language in common: %(what)s") % {"what": ", ".join(map(language_name, about[0]))}
    if code == "formats":
        return _("The format fits: %(what)s") % {"what": ", ".join(str(Format(one).label) for one in about[0])}
    return _WORDS[code](*about)


def _after_code(label: Any) -> str:
    """Return the words of a climate zone without its code, which only climatologists know."""
    return str(label).partition(": ")[2]


def _day(iso: str) -> str:
    return when(date.fromisoformat(iso))


_WORDS: dict[str, Callable[..., str]] = {
    "meaning": lambda: _("Both texts are about nearly the same"),
    "size": lambda people: _("About the same size: %(people)s inhabitants") % {"people": number(people)},
    "climate": lambda zone: _("The same climate: %(zone)s") % {"zone": _after_code(dict(CLIMATE_ZONES)[zone])},
    "level": lambda level: _("The same level of government: %(level)s") % {"level": Level(level).label},
    "time": lambda first, last=None: (
        _("Both have time: %(first)s – %(last)s") % {"first": _day(first), "last": _day(last)}
        if last
        else _("Both have time from %(day)s on") % {"day": _day(first)}
    ),
    "country": lambda country: _("In the same country: %(country)s") % {"country": country_name(country)},
    "distance": lambda away: ngettext("%(away)d km away", "%(away)d km away", int(away)) % {"away": away},
    "uptake": lambda target: (
        _("Both use the same practices, or each other’s") if target == "to_member" else _("Others use what they did")
    ),
}
PART_NAMES: dict[str, Callable[[], str]] = {
    "meaning": lambda: _("what is written"),
    "topics": lambda: _("topics"),
    "pathways": lambda: _("pathways"),
    "size": lambda: _("size"),
    "climate": lambda: _("climate"),
    "place": lambda: _("part of the world and distance"),
    "language": lambda: _("language"),
    "level": lambda: _("level of government"),
    "format": lambda: _("format"),
    "availability": lambda: _("time"),
    "uptake": lambda: _("taken up by others"),
}
