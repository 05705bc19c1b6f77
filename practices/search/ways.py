"""Where somebody can go on who has found nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from practices.search.concepts import nearest_to_question
from practices.search.filters import PublicationFilter, list_address

MOST_ALONE = 3


@dataclass(frozen=True)
class Way:
    """A link."""

    text: str
    url: str


def ways_on(found: PublicationFilter) -> list[Way]:
    """Return what to try next: without the narrowest facet, else with one choice alone; then other words."""
    best = max(found.narrowed, key=lambda facet: facet.without, default=None)
    ways = (
        [_without(found, [best.name], _("Take away “%(what)s”") % {"what": best.label}, best.without)] if best else []
    )
    if not best or not best.without:
        ways = list(_alone(found))
    return [*ways, *_other_words(found)]


def _alone(found: PublicationFilter) -> Iterator[Way]:
    """Yield each facet's choices alone, and the question alone, those that lead to something, the most first."""
    names = [name for name in found.masks if name != "q" or found.question]
    if len(names) < 2:
        return
    counts = {name: int(np.count_nonzero(found.masks[name])) for name in names}
    for name in sorted(filter(counts.get, names), key=lambda name: -counts[name])[:MOST_ALONE]:
        what = f"“{found.data['q']}”" if name == "q" else _label(found, name)
        yield _without(
            found, [one for one in names if one != name], _("Keep only %(what)s") % {"what": what}, counts[name]
        )


def _label(found: PublicationFilter, name: str) -> str:
    return next(
        ", ".join(str(option.label) for option in facet.selected) for facet in found.narrowed if facet.name == name
    )


def _other_words(found: PublicationFilter) -> Iterator[Way]:
    """Yield the question without its quotation marks, and what the field calls what is near to it."""
    if any(unit.exact for unit in found.question.wanted):
        yield _ask(found.question.about, _("Without the quotation marks"))
    for name in nearest_to_question(found.found.place if found.found else None):
        yield _ask(name, _("Search for “%(what)s”") % {"what": name})


def _without(found: PublicationFilter, names: Sequence[str], text: str, count: int) -> Way:
    query = found.data.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    fit = ngettext("%(way)s: %(count)d fits then", "%(way)s: %(count)d fit then", count)
    return Way(fit % {"way": text, "count": count}, list_address(query))


def _ask(words: str, text: str) -> Way:
    query = QueryDict(mutable=True)
    query["q"] = words
    return Way(text, list_address(query))
