"""Finding publications: a search box and seven facets with counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import django_filters
from django.db.models import Count, F, Q
from django.db.models.expressions import OrderBy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kit.countries import country_choices, language_choices
from config.vocabulary.models import Pathway, Term, Topic
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet

SEARCHED = (
    "title", "summary", "challenge", "solution", "results", "lessons", "what_went_wrong", "transferability",
    "owner_member__name", "owner_member__name_en", "owner_office__name",
)  # fmt: skip
MOST_WORDS = 8
# The last column makes each order a whole one: pages of equals would repeat some and leave others out.
ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "-published": ("-published_at", "-pk"),
    "published": ("published_at", "pk"),
    "title": ("title", "-pk"),
    "-year": (F("start_year").desc(nulls_last=True), "-pk"),
    "-used": ("-uptake_count", "-published_at", "-pk"),
}


@dataclass(frozen=True)
class Option:
    """One choice of a facet: how many publications it leads to, together with the other facets' choices."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """A way to narrow the list down. `options` has only those that lead somewhere, or are chosen."""

    name: str
    label: str | Promise
    options: list[Option]

    @property
    def selected(self) -> list[Option]:
        return [option for option in self.options if option.selected]


def _terms(model: type[Term]) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [(code, str(term)) for code, term in model.by_code().items()]


class PublicationFilter(django_filters.FilterSet):
    """The list's parameters. Give it the publications that the reader may see."""

    q = django_filters.CharFilter(label=_("Search"), method="filter_words")
    pathway = django_filters.MultipleChoiceFilter(
        label=_("Pathway"), field_name="pathways__code", choices=_terms(Pathway)
    )
    topic = django_filters.MultipleChoiceFilter(label=_("Topic"), field_name="topics__code", choices=_terms(Topic))
    country = django_filters.MultipleChoiceFilter(label=_("Country"), choices=country_choices)
    kind = django_filters.MultipleChoiceFilter(label=_("Kind"), choices=Publication.Kind.choices)
    language = django_filters.MultipleChoiceFilter(label=_("Language"), choices=language_choices)
    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=Publication.Status.choices)
    confirmed = django_filters.MultipleChoiceFilter(
        label=_("Confirmed by the owner"),
        field_name="confirmation",
        choices=(("yes", _("Confirmed")), ("no", _("Not confirmed in time"))),
    )
    sort = django_filters.ChoiceFilter(
        label=_("Sort"),
        method="sort_by",
        choices=(
            ("-published", _("Newest first")),
            ("published", _("Oldest first")),
            ("title", _("By title")),
            ("-year", _("By start year, latest first")),
            ("-used", _("Most used first")),
        ),
        empty_label=None,
    )
    FACETS = ("pathway", "topic", "country", "kind", "language", "status", "confirmed")

    class Meta:
        model = Publication
        fields = ("q", "pathway", "topic", "country", "kind", "language", "status")

    def __init__(self, *args: Any, queryset: PublicationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, queryset=queryset.with_confirmation(), **kwargs)

    def filter_words(self, queryset: PublicationQuerySet, _name: str, value: str) -> PublicationQuerySet:
        """Keep what has every word somewhere, whatever the case."""
        words = value.split()[:MOST_WORDS]
        found = (reduce(lambda q, column: q | Q(**{f"{column}__icontains": word}), SEARCHED, Q()) for word in words)
        result: PublicationQuerySet = queryset.filter(reduce(and_, found, Q()))
        return result

    def sort_by(self, queryset: PublicationQuerySet, _name: str, value: str) -> PublicationQuerySet:
        return queryset.order_by(*ORDERS[value])

    def facets(self) -> list[Facet]:
        """Return the facets with counts: one query each."""
        self.form.full_clean()
        return [self._facet(name) for name in self.FACETS]

    def _facet(self, name: str) -> Facet:
        one = self.filters[name]
        chosen = set(self.form.cleaned_data.get(name) or [])
        rows = self._filtered_without(name).order_by().values_list(one.field_name)
        counts = dict(rows.annotate(found=Count("pk", distinct=True)))
        options = [
            Option(str(value), str(label), counts.get(value, 0), value in chosen)
            for value, label in one.field.choices
            if value in counts or value in chosen
        ]
        options.sort(key=lambda option: (-option.count, option.label.casefold()))
        return Facet(name, one.label, options)

    def _filtered_without(self, name: str) -> PublicationQuerySet:
        queryset: PublicationQuerySet = self.queryset.all()
        for other, value in self.form.cleaned_data.items():
            if other not in {name, "sort"}:
                queryset = self.filters[other].filter(queryset, value)
        return queryset
