"""The parameters of the list of members: a name, eight facets, a few that only links set, and an order."""

from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kit.clusters import Box
from config.kit.countries import language_choices
from config.kit.facets import (
    ChoicesFilter,
    Facet,
    Option,
    count_facets,
    countries_of,
    make_options,
    place_choices,
    with_regions,
)
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Pathway
from config.vocabulary.sizes import SIZE_LABELS
from members.accounts.models import User
from members.directory.catalogue import Row, fold, read_rows
from members.directory.models import Member, Office
from members.directory.querysets import MemberQuerySet

LONGEST_NAME = 120  # characters of what is searched for


class MemberFilter(django_filters.FilterSet):
    """The parameters of the list, and what they lead to for somebody."""

    q = django_filters.CharFilter(label=_("Name"))
    kind = ChoicesFilter(label=_("Kind"), choices=Member.Kind.choices)
    country = ChoicesFilter(label=_("Country or region"), choices=place_choices)
    office = ChoicesFilter(label=_("Office"))
    size = ChoicesFilter(label=_("Size of the municipality"), choices=SIZE_LABELS)
    pathway = ChoicesFilter(label=_("Priorities"))
    climate = ChoicesFilter(label=_("Climate zone"), choices=CLIMATE_ZONES)
    level = ChoicesFilter(label=_("Level of government"), choices=Level.choices)
    language = ChoicesFilter(label=_("Language of work"), choices=language_choices)
    # Not drawn as facets: links from elsewhere set them, and their chips take them away.
    association = ChoicesFilter(label=_("Association"))
    area = django_filters.CharFilter(label=_("Part of the map"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort"),
        empty_label=None,
        choices=(
            ("name", _("By name")),
            ("-population", _("Largest first")),
            ("population", _("Smallest first")),
            ("-joined", _("Newest members first")),
        ),
    )
    FACETS = ("kind", "country", "office", "size", "pathway", "climate", "level", "language")
    IN_ORDER = frozenset({"kind", "size", "pathway", "climate", "level"})  # of the scale, instead of the most first

    class Meta:
        model = Member
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, user: User | AnonymousUser) -> None:
        super().__init__(data, queryset=Member.objects.none())
        self.user = user
        self.terms = Pathway.by_code()
        self.offices = list(Office.objects.visible_to(user).order_by("name"))
        self.filters["pathway"].extra["choices"] = [(code, str(term)) for code, term in self.terms.items()]
        self.filters["office"].extra["choices"] = [(one.slug, one.name) for one in self.offices]
        asked = data.getlist("association") if data else []
        found = Member.objects.visible_to(user).filter(slug__in=asked).values_list("slug", "name") if asked else ()
        self.filters["association"].extra["choices"] = list(found)
        self.form.full_clean()

    @cached_property
    def members(self) -> MemberQuerySet:
        """Those whom lists show at all to this reader."""
        members = Member.objects.visible_to(self.user).listed()
        associations = self.form.cleaned_data.get("association")
        return members.filter(associations__slug__in=associations).distinct() if associations else members

    @cached_property
    def rows(self) -> list[Row]:
        return read_rows(self.members, pathways={term.pk: code for code, term in self.terms.items()})

    @cached_property
    def words(self) -> list[str]:
        """What a name must hold, in any order."""
        return fold((self.form.cleaned_data.get("q") or "")[:LONGEST_NAME]).split()

    @cached_property
    def chosen(self) -> dict[str, set[str]]:
        """The choices that count, by facet; regions are the countries in them."""
        chosen = {name: values for name in self.FACETS if (values := self.form.cleaned_data.get(name))}
        if "country" in chosen:
            chosen["country"] = countries_of(chosen["country"])
        return {name: set(values) for name, values in chosen.items()}

    @cached_property
    def box(self) -> Box | None:
        """The part of the map that is looked at; None where that is all of it."""
        return Box.read(self.form.cleaned_data.get("area") or "")

    @property
    def unknown(self) -> list[str]:
        """What was asked for and is no choice of its facet, or no order."""
        names = (*self.FACETS, "association")
        choices = [one for name in names for one in getattr(self.form.fields[name], "unknown", [])]
        choices += [self.data.get("sort", "")] * ("sort" in self.form.errors)
        return choices + [self.data.get("area", "")] * bool(self.data.get("area") and not self.box)

    @cached_property
    def _counted(self) -> tuple[list[Row], dict[str, "Counter[str]"], "Counter[str]"]:
        """Those that are left; how many each facet finds by value; and in all. The part of the map is one: "area"."""
        words, box = self.words, self.box
        rows = (row for row in self.rows if all(word in row.folded for word in words))
        away: Callable[[Row], list[str]] = lambda row: ["area"] if box and not _is_inside(row, box) else []  # noqa: E731
        return count_facets(rows, lambda row: row.values, self.chosen, (*self.FACETS, "area"), away)

    @cached_property
    def left(self) -> list[Row]:
        """Every member that is left, in order."""
        return sorted(self._counted[0], key=self._key)

    def _key(self, row: Row) -> tuple[Any, ...]:
        """Return what to sort by; equals are in one order always, so that no page repeats any."""
        by_name = (fold(row.name_en), row.pk)
        number = {
            "-population": -(row.population or 0),
            "population": row.population or float("inf"),
            "-joined": -(row.joined_year or 0),
        }.get(self.form.cleaned_data.get("sort") or "", 0)
        return (number, *by_name)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets with counts that respect the other facets and the search."""
        return [self._facet(name) for name in self.FACETS]

    @cached_property
    def narrowed(self) -> list[Facet]:
        """The facets, drawn or not, in which something is chosen."""
        narrowed = [facet for facet in self.facets if facet.selected]
        if slugs := self.form.cleaned_data.get("association"):
            names = dict(self.form.fields["association"].choices)
            options = [Option(slug, names[slug], len(self.left), True) for slug in slugs]
            narrowed.append(Facet("association", _("Association"), options, len(self.left)))
        if self.box:
            option = Option(self.data["area"], _("On this part of the map"), len(self.left), True)
            narrowed.append(Facet("area", _("Part of the map"), [option], self._counted[2]["area"]))
        return narrowed

    def _facet(self, name: str) -> Facet:
        counts = dict(self._counted[1][name])
        if name == "country":
            counts = with_regions(counts)
        chosen = set(self.form.cleaned_data.get(name) or ())
        options = make_options(self.form.fields[name].choices, counts, chosen, in_order=name in self.IN_ORDER)
        return Facet(name, self.form.fields[name].label or "", options, self._counted[2][name])

    @property
    def qs(self) -> MemberQuerySet:
        """Every member that is left, as rows of the database in the order of names."""
        return Member.objects.filter(pk__in=[row.pk for row in self.left]).order_by("name_en", "pk")


def member_list_url(query: QueryDict, **changes: str) -> str:
    """Return the address of the list with the parameters of `query`, from its first page, and with `changes`."""
    kept = query.copy()
    for name in ("page", "view", "box", "zoom"):
        kept.pop(name, None)
    for name, value in changes.items():
        kept[name] = value
    return f"{reverse('directory:member_list')}?{kept.urlencode()}"


def _is_inside(row: Row, box: Box) -> bool:
    if row.latitude is None or row.longitude is None:
        return False
    return box.south <= row.latitude <= box.north and box.west <= row.longitude <= box.east
