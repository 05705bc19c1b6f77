"""What somebody may mean who has typed the beginning of it: publications, members, topics, places."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kit.countries import REGIONS, country_name, region_choices
from config.vocabulary.models import read_terms
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.search.catalogue import Catalogue, read_catalogue
from practices.search.models import Document
from practices.search.words import fold, words_of

SHORTEST, LONGEST, MOST_WORDS = 2, 60, 5
TITLES, MEMBERS, TERMS, PLACES = 5, 3, 3, 2
LOOKED_AT = 300  # titles that match; of more, these have to do


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box. `language` is that of the label where it is not that of the page."""

    label: str
    kind: str | Promise
    url: str
    language: str = ""


def suggest(typed: str, user: User) -> list[Suggestion]:
    """Return what begins like `typed`; nothing before two letters of it. Four queries."""
    words = words_of(fold(typed[:LONGEST]))[:MOST_WORDS]
    if not words or len("".join(words)) < SHORTEST or not roles_of(user).in_network:
        return []
    catalogue = read_catalogue()
    return [
        *_topics(words),
        *_places(words, catalogue),
        *_members(typed.strip()[:LONGEST], user),
        *_titles(words, catalogue),
    ]


def _begins(label: str, words: list[str]) -> bool:
    """Whether each word begins a word of the label."""
    known = words_of(fold(label))
    return all(any(one.startswith(word) for one in known) for word in words)


def _topics(words: list[str]) -> Iterator[Suggestion]:
    terms = read_terms()
    found = [
        (facet, kind, term)
        for facet, kind in (("topic", _("Topic")), ("pathway", _("Pathway")), ("goal", _("Goal")))
        for term in terms[facet].values()
        if any(_begins(label, words) for label in term.labels.values())
    ]
    for facet, kind, term in found[:TERMS]:
        yield Suggestion(str(term), kind, f"{reverse('search:publication_list')}?{facet}={term.code}")


def _places(words: list[str], catalogue: Catalogue) -> Iterator[Suggestion]:
    codes = catalogue.counts("country", np.ones(len(catalogue), np.bool_))
    regions = [(code, name) for code, name in region_choices() if REGIONS[code] & codes.keys()]
    names = [*((code, country_name(code)) for code in codes), *regions]
    for code, name in [pair for pair in names if _begins(pair[1], words)][:PLACES]:
        yield Suggestion(
            name,
            _("Region") if code in REGIONS else _("Country"),
            f"{reverse('search:publication_list')}?country={code}",
        )


def _members(typed: str, user: User) -> Iterator[Suggestion]:
    begins = Q(name__istartswith=typed) | Q(name_en__istartswith=typed) | Q(name__icontains=f" {typed}")
    for member in Member.objects.visible_to(user).active().filter(begins).order_by("name_en", "pk")[:MEMBERS]:
        yield Suggestion(member.name, _("Member"), member.get_absolute_url())


def _titles(words: list[str], catalogue: Catalogue) -> Iterator[Suggestion]:
    *whole, begun = words
    query = SearchQuery(" & ".join([*whole, f"{begun}:*"]), search_type="raw", config="simple")
    rows = Document.objects.filter(title_words=query, is_original=True).values_list("publication", flat=True)
    at = catalogue.positions(list(rows[:LOOKED_AT]))
    columns = catalogue.columns
    for one in at[np.lexsort((-columns["published"][at], -columns["used"][at]))][:TITLES].tolist():
        pk = int(catalogue.pks[one])
        yield Suggestion(
            columns["title"][one],
            Publication.Kind(catalogue.value("kind", one)).label,
            reverse("library:publication_detail", args=[pk]),
            catalogue.value("original", one),
        )
