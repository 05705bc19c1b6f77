"""Ways to narrow a list down: several choices at once, each with how much it leads to."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import django_filters
from django.forms import MultipleChoiceField
from django.utils.functional import Promise

from config.kit.countries import REGIONS, country_choices, region_choices

Row = TypeVar("Row")


@dataclass(frozen=True)
class Option:
    """One choice of a facet: how many rows it leads to, together with the other facets' choices."""

    value: str
    label: str | Promise
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """A way to narrow the list down.

    Attributes:
        options: only those that lead somewhere, or are chosen.
        without: how many rows there would be without what is chosen here.
    """

    name: str
    label: str | Promise
    options: list[Option]
    without: int

    @property
    def selected(self) -> list[Option]:
        return [option for option in self.options if option.selected]


class ChoicesField(MultipleChoiceField):
    """Several choices. What is no choice is left out and remembered: an old link still leads to the rest."""

    def clean(self, value: Any) -> list[str]:
        typed = list(dict.fromkeys(map(str, value or [])))
        self.unknown = [one for one in typed if not self.valid_value(one)]
        return [one for one in typed if one not in self.unknown]


class ChoicesFilter(django_filters.MultipleChoiceFilter):
    field_class = ChoicesField


def place_choices() -> list[tuple[str, str]]:
    """Return (code, name) of regions, then of countries."""
    return [*region_choices(), *country_choices()]


def make_options(
    choices: list[tuple[Any, Any]], counts: dict[str, int], chosen: set[str], *, in_order: bool
) -> list[Option]:
    """Return the options of a facet that lead somewhere, or are chosen.

    Args:
        choices: (value, label) of all there are.
        in_order: as in `choices`, instead of regions first, then the most first.
    """
    options = [
        Option(str(value), str(label), counts.get(value, 0), value in chosen)
        for value, label in choices
        if value in counts or value in chosen
    ]
    if not in_order:
        options.sort(key=lambda option: (option.value not in REGIONS, -option.count, str(option.label).casefold()))
    return options


def count_facets(
    rows: Iterable[Row],
    values_of: Callable[[Row], Mapping[str, Collection[str]]],
    chosen: Mapping[str, Collection[str]],
    names: Collection[str],
    also_misses: Callable[[Row], list[str]] = lambda _row: [],
) -> tuple[list[Row], dict[str, "Counter[str]"], "Counter[str]"]:
    """Go through rows in memory once: what every facet but one leaves, that one counts.

    Args:
        values_of: what a row has, by facet.
        chosen: what is chosen, by facet; nothing where a facet is not there.
        also_misses: names of further facets that leave a row out, such as the part of a map.

    Returns:
        Those that are left; how many each facet finds by value; and in all, by facet.
    """
    left: list[Row] = []
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    without: Counter[str] = Counter()
    wanted = {name: set(values) for name, values in chosen.items()}
    for row in rows:
        has = values_of(row)
        missed = [name for name, values in wanted.items() if values.isdisjoint(has[name])] + also_misses(row)
        if len(missed) > 1:
            continue
        if not missed:
            left.append(row)
        for name in missed or names:
            without[name] += 1
            counted = counts[name]
            for value in has.get(name, ()):
                counted[value] += 1
    return left, counts, without


def with_regions(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts of countries, and of the regions that they are in."""
    sums = {region: sum(counts.get(one, 0) for one in countries) for region, countries in REGIONS.items()}
    return counts | {region: count for region, count in sums.items() if count}


def countries_of(values: list[str]) -> list[str]:
    """Return the countries that chosen countries and regions stand for."""
    return [country for value in values for country in REGIONS.get(value, [value])]
