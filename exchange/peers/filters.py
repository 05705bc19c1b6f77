"""The parameters of the lists of asks and offers: words in any language, six facets, an order.

What holds the words comes first, in whatever form and language that the field has for them; then what says the same in
other words, as far as the model can tell.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Value
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pgvector import HalfVector
from pgvector.django import MaxInnerProduct

from config.kit.countries import language_choices
from config.kit.facets import (
    ChoicesFilter,
    Facet,
    count_facets,
    countries_of,
    make_options,
    place_choices,
    with_regions,
)
from config.vocabulary.models import Pathway, Topic, read_terms
from exchange.peers.models import Format, Notice
from members.accounts.models import User
from practices.search.concepts import names_of_concepts
from practices.search.questions import Question, Unit, read_question
from practices.search.ranking import place_of

LEAST_ALIKE = 0.2  # cosine with the question, for what has none of its words: of nonsense it is up to 0.18
SHARE_OF_BEST = 0.7  # of how much alike the best is; what is less does not answer the same question
MOST_ALIKE = 10  # that have none of the words
FEW, NEAREST = 3, 5  # where fewer are found, so many more are shown as the nearest
HELD_BY = ("title", "text", "member__name", "member__name_en")  # where words are looked for
LONG = 6  # letters of what is looked for inside of compounds too
_WORD = re.compile(r"\w+")
_WITHOUT_SPACES = "\u0e00"  # scripts from here on


@dataclass(frozen=True)
class Row:
    """One open ask or offer as it is counted."""

    pk: int
    opened: Any
    closes: Any
    values: dict[str, list[str]]
    alike: float
    has_words: bool


class NoticeFilter(django_filters.FilterSet):
    """The parameters of the list of asks, or of offers, and what they lead to for somebody."""

    q = django_filters.CharFilter(label=_("Words"))
    topic = ChoicesFilter(label=_("Topic"))
    format = ChoicesFilter(label=_("Format"), choices=Format.choices)
    country = ChoicesFilter(label=_("Country or region"), choices=place_choices)
    language = ChoicesFilter(label=_("Language to work in"), choices=language_choices)
    where = ChoicesFilter(label=_("Where"), choices=Notice.Where.choices)
    pathway = ChoicesFilter(label=_("Pathway"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort"),
        empty_label=None,
        choices=(
            # Without words, the newest; what is chosen while somebody types is sent along.
            ("alike", _("Best match first")),
            ("new", _("Newest first")),
            ("ending", _("Closing soon first")),
        ),
    )
    FACETS = ("topic", "format", "country", "language", "where", "pathway")
    IN_ORDER = frozenset({"topic", "format", "where", "pathway"})

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, kind: str, user: User | AnonymousUser) -> None:
        super().__init__(data, queryset=Notice.objects.none())
        self.kind, self.user = kind, user
        terms = read_terms()
        for name in ("topic", "pathway"):
            self.filters[name].extra["choices"] = [(code, str(term)) for code, term in terms[name].items()]
        self.form.full_clean()

    @cached_property
    def question(self) -> Question:
        return read_question(self.form.cleaned_data.get("q") or "")

    @cached_property
    def _read(self) -> tuple[list[Row], list[Row]]:
        """Every open one that answers the question, with what facets count; and the others, the most alike first."""
        notices = Notice.objects.visible_to(self.user).open().filter(kind=self.kind)
        place = None
        if self.question:
            words, (place, _failed) = _holds(self.question), place_of(self.question)
            notices = notices.exclude(_any(map(_holds_unit, self.question.unwanted)))
            notices = notices.annotate(has_words=ExpressionWrapper(words, BooleanField()))
        else:
            notices = notices.annotate(has_words=Value(True))
        if place is not None:
            notices = notices.annotate(away=MaxInnerProduct("meaning", HalfVector(place)))
        columns = ["pk", "opened_at", "closes_on", "formats", "member__country", "languages", "where"]
        found = notices.annotate(
            topic_codes=_codes(Topic, Notice.topics), pathway_codes=_codes(Pathway, Notice.pathways)
        ).values_list(*columns, "topic_codes", "pathway_codes", "has_words", *([] if place is None else ["away"]))
        rows = [
            Row(pk, opened, closes, {
                "format": formats, "country": [country], "language": languages, "where": [where], "topic": topics,
                "pathway": pathways,
            }, -(away[0] or 0) if away else 0, has_words)
            for pk, opened, closes, formats, country, languages, where, topics, pathways, has_words, *away in found
        ]  # fmt: skip
        rows.sort(key=lambda row: (not row.has_words, -row.alike, -row.opened.timestamp(), row.pk))
        holding = sum(row.has_words for row in rows)
        least = max(LEAST_ALIKE, SHARE_OF_BEST * max((row.alike for row in rows), default=0))
        alike = sum(row.alike >= least for row in rows[holding : holding + MOST_ALIKE])
        return rows[: holding + alike], rows[holding + alike :]

    @cached_property
    def _chosen(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {name: found for name in self.FACETS if (found := self.form.cleaned_data.get(name))}
        if "country" in chosen:
            chosen["country"] = countries_of(chosen["country"])
        return chosen

    @cached_property
    def _counted(self) -> tuple[list[Row], dict[str, "Counter[str]"], "Counter[str]"]:
        return count_facets(self._read[0], lambda row: row.values, self._chosen, self.FACETS)

    @cached_property
    def left(self) -> list[int]:
        """The keys of what is left: as sorted; by default the best match first, and of equals the newest."""
        keys: dict[str, Any] = {
            "new": lambda row: (-row.opened.timestamp(), row.pk),
            "ending": lambda row: (row.closes, row.pk),
        }
        key, left = keys.get(self.form.cleaned_data.get("sort") or ""), self._counted[0]
        return [row.pk for row in (sorted(left, key=key) if key else left)]

    @cached_property
    def nearest(self) -> list[int]:
        """The keys of what is nearest in meaning, where little or nothing is left that answers the question."""
        if len(self.left) >= FEW:
            return []
        rows = count_facets(self._read[1], lambda row: row.values, self._chosen, self.FACETS)[0]
        return [row.pk for row in rows if row.alike > 0][:NEAREST]

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets with counts that respect the other facets and the words."""
        return [self._facet(name) for name in self.FACETS]

    @property
    def narrowed(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.selected]

    @property
    def unknown(self) -> list[str]:
        """What was asked for and is no choice of its facet."""
        return [one for name in self.FACETS for one in getattr(self.form.fields[name], "unknown", [])]

    def _facet(self, name: str) -> Facet:
        counts = dict(self._counted[1][name])
        counts = with_regions(counts) if name == "country" else counts
        chosen = set(self.form.cleaned_data.get(name) or ())
        options = make_options(self.form.fields[name].choices, counts, chosen, in_order=name in self.IN_ORDER)
        return Facet(name, self.form.fields[name].label or "", options, self._counted[2][name])


def _holds(question: Question) -> Q:
    """Return whether a notice holds every word, in whatever form, or what the field calls it in other languages."""
    holds = _all(map(_holds_unit, question.wanted))
    if concepts := names_of_concepts(question.about):
        holds |= _all(_any(map(_holds_words, names)) for names in concepts)
    return holds


def _holds_unit(unit: Unit) -> Q:
    if unit.exact:
        return _any(Q(**{f"{name}__icontains": unit.text}) for name in HELD_BY)
    return _holds_words(unit.text)


def _holds_words(text: str) -> Q:
    """Return whether every word stands there, by the beginning that its forms share; a long one also in a compound."""
    found = []
    for word in _WORD.findall(text):
        stem = word[: len(word) - min(3, (len(word) - 2) // 3)]
        anywhere = len(stem) >= LONG or max(stem) >= _WITHOUT_SPACES
        found.append(_any(Q(**{f"{name}__iregex": stem if anywhere else rf"\m{stem}"}) for name in HELD_BY))
    return _all(found)


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q(pk__in=[]))


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions, ~Q(pk__in=[]))


def _codes(term: Any, pairs: Any) -> ArraySubquery:
    """Return the codes of a notice's terms, as an annotation."""
    rows = pairs.through.objects.filter(notice=OuterRef("pk"))
    return ArraySubquery(rows.values(f"{term._meta.model_name}__code"))
