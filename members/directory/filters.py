"""Finding members."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kit.countries import country_name
from members.directory.models import Member, Office
from members.directory.querysets import MemberQuerySet


class MemberFilter(django_filters.FilterSet):
    """By name, country, kind and office."""

    q = django_filters.CharFilter(label=_("Name"), method="filter_name")
    country = django_filters.ChoiceFilter(label=_("Country"), empty_label=_("All countries"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Member.Kind.choices, empty_label=_("All kinds"))
    office = django_filters.ModelChoiceFilter(
        label=_("Office"), queryset=Office.objects.none(), empty_label=_("All offices")
    )

    class Meta:
        model = Member
        fields = ("q", "country", "kind", "office")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = self.queryset.order_by().values_list("country", flat=True).distinct()
        self.filters["country"].extra["choices"] = sorted(
            ((code, country_name(code)) for code in codes), key=lambda pair: pair[1].casefold()
        )
        self.filters["office"].queryset = Office.objects.visible_to(self.request.user)

    def filter_name(self, queryset: MemberQuerySet, _name: str, value: str) -> MemberQuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(name_en__icontains=value))
