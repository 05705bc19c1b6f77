"""Narrowing the queue down."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.countries import country_name, language_name
from members.directory.models import Office
from members.directory.rules import roles_of
from practices.editorial.models import Revision
from practices.editorial.pending import overdue_q
from practices.editorial.querysets import RevisionQuerySet
from practices.library.models import Publication


class QueueFilter(django_filters.FilterSet):
    """The queue's parameters. Give it `awaiting_review_by(user)`, and the request."""

    office = django_filters.ChoiceFilter(label=_("Office"), field_name="desk", empty_label=_("All"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), field_name="publication__kind", choices=Publication.Kind.choices, empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(state.value, state.label) for state in Revision.AWAITING],
        empty_label=_("All"),
    )
    age = django_filters.ChoiceFilter(
        label=_("Age"), method="filter_age", choices=[("over", _("Over 5 working days"))], empty_label=_("All")
    )
    whose = django_filters.ChoiceFilter(
        label=_("Reviewer"),
        method="filter_whose",
        choices=[("mine", _("I review it")), ("nobody", _("Nobody yet"))],
        empty_label=_("All"),
    )
    what = django_filters.ChoiceFilter(
        label=_("New or changed"),
        method="filter_what",
        choices=[("new", _("New")), ("change", _("Change of a published text"))],
        empty_label=_("All"),
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), field_name="publication__language", empty_label=_("All")
    )
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="publication__country", empty_label=_("All"))

    class Meta:
        model = Revision
        fields = ("office", "kind", "state", "age", "whose", "what", "language", "country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = _offices_of(self.request.user)
        self.filters["office"].extra["choices"] = [(one.pk, str(one)) for one in self.offices.values()]
        places = set(self.queryset.order_by().values_list("publication__language", "publication__country"))
        for number, (name, label) in enumerate((("language", language_name), ("country", country_name))):
            choices = [(code, label(code)) for code in {place[number] for place in places}]
            self.filters[name].extra["choices"] = sorted(choices, key=lambda pair: pair[1].casefold())

    def filter_age(self, queryset: RevisionQuerySet, _name: str, _value: str) -> RevisionQuerySet:
        return queryset.filter(overdue_q(self.offices.values(), timezone.now()))

    def filter_whose(self, queryset: RevisionQuerySet, _name: str, value: str) -> RevisionQuerySet:
        mine = Q(reviewer=self.request.user) if value == "mine" else Q(reviewer=None)
        return queryset.filter(mine)

    def filter_what(self, queryset: RevisionQuerySet, _name: str, value: str) -> RevisionQuerySet:
        return queryset.filter(publication__version=0) if value == "new" else queryset.exclude(publication__version=0)


def _offices_of(user: Any) -> dict[int, Office]:
    """Return the offices whose queue `user` sees, by their keys: all of them for an administrator."""
    roles = roles_of(user)
    rows = Office.objects.all() if roles.is_administrator else Office.objects.filter(pk__in=roles.coordinates)
    return {one.pk: one for one in rows}
