"""The parameters of the list: a question, ten facets, a few that only links set, and an order."""

from functools import cached_property
from typing import Any

import django_filters
import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kit.clusters import Box
from config.kit.countries import language_choices
from config.kit.facets import ChoicesFilter, Facet, Option, countries_of, make_options, place_choices, with_regions
from config.vocabulary.models import Term, read_terms
from config.vocabulary.sizes import SIZE_LABELS
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.search.bands import COST_LABELS
from practices.search.boosts import boost
from practices.search.catalogue import Catalogue, Ints, Mask, read_catalogue
from practices.search.likeness import likeness
from practices.search.questions import Question, read_question
from practices.search.ranking import Found, SlowSearchError, find

Terms = dict[str, dict[str, Term]]


def list_address(query: QueryDict) -> str:
    """Return the address of the list with the parameters of `query`."""
    return f"{reverse('search:publication_list')}?{query.urlencode()}"


class PublicationFilter(django_filters.FilterSet):
    """The parameters of the list, and what they lead to for somebody.

    What is published is the same for everybody in the network, so the catalogue answers which publications there are
    and how many. Rows that are shown are read by `read_results`, as their reader may see them.

    `terms` are every pathway, topic and goal by its code, under the name of its facet; they are read where not given.
    """

    q = django_filters.CharFilter(label=_("Search"))
    pathway = ChoicesFilter(label=_("Pathway"))
    topic = ChoicesFilter(label=_("Topic"))
    country = ChoicesFilter(label=_("Country or region"), choices=place_choices)
    size = ChoicesFilter(label=_("Size of the municipality"), choices=SIZE_LABELS)
    cost = ChoicesFilter(label=_("Cost"), choices=COST_LABELS)
    status = ChoicesFilter(label=_("Status"), choices=Publication.Status.choices)
    evidence = ChoicesFilter(label=_("Evidence"), choices=Publication.Evidence.choices)
    offers = ChoicesFilter(label=_("Offers exchange"), choices=Publication.Offer.choices)
    language = ChoicesFilter(label=_("Language"), choices=language_choices)
    goal = ChoicesFilter(label=_("Goal"))
    # Not drawn as facets: links from elsewhere set them, and their chips take them away.
    kind = ChoicesFilter(label=_("Kind"), choices=Publication.Kind.choices)
    confirmed = ChoicesFilter(
        label=_("Confirmed by the owner"), choices=(("yes", _("Confirmed")), ("no", _("Not confirmed in time")))
    )
    area = django_filters.CharFilter(label=_("Part of the map"))
    sort = django_filters.ChoiceFilter(label=_("Sort"), empty_label=None)
    FACETS = ("pathway", "topic", "country", "size", "cost", "status", "evidence", "offers", "language", "goal")
    ALL = (*FACETS, "kind", "confirmed")
    IN_ORDER = frozenset({"size", "cost", "status", "evidence", "goal"})  # of the scale, instead of the most first

    class Meta:
        model = Publication
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, user: User | AnonymousUser, terms: Terms | None = None) -> None:
        super().__init__(data, queryset=Publication.objects.none())
        self.user = user
        self.terms = terms or read_terms()
        for name, by_code in self.terms.items():
            self.filters[name].extra["choices"] = [(code, str(term)) for code, term in by_code.items()]
        self.filters["sort"].extra["choices"] = self._orders()
        self.form.full_clean()

    @cached_property
    def member(self) -> Member | None:
        """The reader's own member, the first where there are several."""
        mine = Member.objects.filter(pk__in=roles_of(self.user).members)
        return mine.select_related("office").order_by("pk").first()

    def _orders(self) -> list[tuple[str, Any]]:
        mine = [("like-mine", _("Cities like mine first"))] if roles_of(self.user).members else []
        return [
            ("best", _("Best first")),  # without words, the newest; what is chosen while somebody types is sent along
            ("-published", _("Newest first")),
            ("published", _("Oldest first")),
            ("title", _("By title")),
            ("-year", _("By start year, latest first")),
            ("-used", _("Most used first")),
            *mine,
        ]

    @cached_property
    def question(self) -> Question:
        return read_question(self.data.get("q", "") if self.data else "")

    @cached_property
    def catalogue(self) -> Catalogue:
        return read_catalogue() if roles_of(self.user).in_network else Catalogue()

    @cached_property
    def found(self) -> Found | None:
        """What the question finds; None where there is no question, or it took too long (see `is_slow`)."""
        self.is_slow = False
        if not self.question:
            return None
        try:
            return find(self.question, reads=self.reads)
        except SlowSearchError:
            self.is_slow = True
            return Found(scores={})

    @property
    def reads(self) -> list[str]:
        """The languages that the reader reads, theirs first."""
        user = self.user
        return list(dict.fromkeys([user.language, *user.languages_read])) if user.is_authenticated else []

    @cached_property
    def scores(self) -> dict[int, float]:
        return boost(self.found.scores, self.catalogue, self.reads) if self.found else {}

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """The choices that count, by facet."""
        return {name: values for name in self.ALL if (values := self.form.cleaned_data.get(name))}

    @property
    def unknown(self) -> list[str]:
        """What was asked for and is no choice of its facet, or no order."""
        choices = [one for name in self.ALL for one in getattr(self.form.fields[name], "unknown", [])]
        choices += [self.data.get("sort", "")] * ("sort" in self.form.errors)
        return choices + [self.data.get("area", "")] * bool(self.data.get("area") and not self.box)

    @cached_property
    def box(self) -> Box | None:
        """The part of the map that is looked at; None where that is all of it."""
        return Box.read(self.form.cleaned_data.get("area") or "")

    @cached_property
    def masks(self) -> dict[str, Mask]:
        """Which publications each facet's choices leave, and under "q" those that the question finds."""
        found = np.ones(len(self.catalogue), np.bool_)
        if self.found is not None:
            found[:] = False
            found[self.catalogue.positions(list(self.scores))] = True
        masks = {"q": found} | {name: self._having(name, values) for name, values in self.chosen.items()}
        if self.box:
            masks["area"] = self.box.holds(self.catalogue.columns["latitude"], self.catalogue.columns["longitude"])
        return masks

    def _having(self, name: str, values: list[str]) -> Mask:
        if name == "country":
            values = countries_of(values)
        return self.catalogue.having(name, values)

    def _left_by(self, *, without: str = "") -> Mask:
        left = self.masks["q"]
        for name, mask in self.masks.items():
            if name not in {"q", without}:
                left = left & mask
        return left

    @cached_property
    def left(self) -> Mask:
        """Which publications the question and every choice leave."""
        return self._left_by()

    @cached_property
    def ids(self) -> list[int]:
        """Every publication that is left, in order."""
        at = np.flatnonzero(self.left)
        ordered: list[int] = self.catalogue.pks[at[np.lexsort(self._keys(at))]].tolist()
        return ordered

    def _keys(self, at: Ints) -> tuple[Any, ...]:
        """Return what to sort by, the last counts most; equals are in one order always, so that no page repeats any."""
        columns, newest = self.catalogue.columns, (-self.catalogue.pks[at], -self.catalogue.columns["published"][at])
        sort = self.form.cleaned_data.get("sort") or "best"
        if sort == "best" and self.question:
            return (*newest, -np.array([self.scores[pk] for pk in self.catalogue.pks[at].tolist()], np.float64))
        if sort == "like-mine" and self.member:
            return (*newest, -likeness(self.catalogue, self.member)[at])
        keys: dict[str, tuple[Any, ...]] = {
            "published": (self.catalogue.pks[at], columns["published"][at]),
            "title": (self.catalogue.by_title[at],) if sort == "title" else (),
            "-year": (*newest, -np.nan_to_num(columns["year"][at], nan=-1)),
            "-used": (*newest, -columns["used"][at]),
        }
        return keys.get(sort, newest)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets with counts that respect the other facets and the question."""
        return [self._facet(name) for name in self.FACETS]

    @cached_property
    def narrowed(self) -> list[Facet]:
        """The facets, drawn or not, in which something is chosen."""
        narrowed = [facet for facet in self.facets if facet.selected]
        narrowed += [self._facet(name) for name in self.ALL[len(self.FACETS) :] if name in self.chosen]
        if self.box:
            left = self._left_by(without="area")
            option = Option(self.data["area"], _("On this part of the map"), int(np.count_nonzero(self.left)), True)
            narrowed.append(Facet("area", _("Part of the map"), [option], int(np.count_nonzero(left))))
        return narrowed

    def _facet(self, name: str) -> Facet:
        left = self._left_by(without=name)
        counts, chosen = self.catalogue.counts(name, left), set(self.chosen.get(name, ()))
        if name == "country":
            counts = with_regions(counts)
        options = make_options(self.form.fields[name].choices, counts, chosen, in_order=name in self.IN_ORDER)
        return Facet(name, self.form.fields[name].label or "", options, int(np.count_nonzero(left)))
