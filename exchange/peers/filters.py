"""The parameters of the lists of asks and offers: words in any language, six facets, an order."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
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
from practices.search.embedding import EmbeddingError, get_embedder
from practices.search.space import place_question

LONGEST_QUESTION = 200  # characters
LEAST_ALIKE = 0.25  # cosine with the question, for what has none of its words


@dataclass(frozen=True)
class Row:
    """One open ask or offer as it is counted."""

    pk: int
    opened: Any
    closes: Any
    values: dict[str, list[str]]
    alike: float


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
        choices=(("new", _("Newest first")), ("ending", _("Closing soon first"))),
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
    def question(self) -> str:
        return (self.form.cleaned_data.get("q") or "").replace("\0", " ").strip()[:LONGEST_QUESTION]

    @cached_property
    def rows(self) -> list[Row]:
        """Every open one that has the words or says the same in another language, with what facets count."""
        notices = Notice.objects.visible_to(self.user).open().filter(kind=self.kind)
        alike = None
        if self.question:
            words = Q(title__icontains=self.question) | Q(text__icontains=self.question)
            words |= Q(member__name__icontains=self.question) | Q(member__name_en__icontains=self.question)
            try:
                alike = HalfVector(place_question(get_embedder(), self.question))
            except EmbeddingError:
                notices = notices.filter(words)
            else:
                notices = notices.annotate(away=MaxInnerProduct("meaning", alike))
                notices = notices.filter(words | Q(away__lte=-LEAST_ALIKE))
        columns = ["pk", "opened_at", "closes_on", "formats", "member__country", "languages", "where"]
        found = notices.annotate(
            topic_codes=_codes(Topic, Notice.topics), pathway_codes=_codes(Pathway, Notice.pathways)
        ).values_list(*columns, "topic_codes", "pathway_codes", *(["away"] if alike else []))
        return [
            Row(pk, opened, closes, {
                "format": formats, "country": [country], "language": languages, "where": [where], "topic": topics,
                "pathway": pathways,
            }, -(away[0] or 0) if away else 0)
            for pk, opened, closes, formats, country, languages, where, topics, pathways, *away in found
        ]  # fmt: skip

    @cached_property
    def _counted(self) -> tuple[list[Row], dict[str, "Counter[str]"], "Counter[str]"]:
        chosen = {name: values for name in self.FACETS if (values := self.form.cleaned_data.get(name))}
        if "country" in chosen:
            chosen["country"] = countries_of(chosen["country"])
        return count_facets(self.rows, lambda row: row.values, chosen, self.FACETS)

    @cached_property
    def left(self) -> list[int]:
        """The keys of what is left: as sorted; by default the most alike first where there are words, else the newest."""
        order = self.form.cleaned_data.get("sort") or ("alike" if self.question else "new")
        key = {
            "new": lambda row: (-row.opened.timestamp(), row.pk),
            "ending": lambda row: (row.closes, row.pk),
            "alike": lambda row: (-row.alike, row.pk),
        }[order]
        return [row.pk for row in sorted(self._counted[0], key=key)]

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


def _codes(term: Any, pairs: Any) -> ArraySubquery:
    """Return the codes of a notice's terms, as an annotation."""
    rows = pairs.through.objects.filter(notice=OuterRef("pk"))
    return ArraySubquery(rows.values(f"{term._meta.model_name}__code"))
