"""Finding invoices."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.directory.models import Office
from members.fees.models import Invoice
from members.fees.querysets import InvoiceQuerySet

STATES = (
    ("open", _("To be paid")),
    ("overdue", _("Overdue")),
    ("paid", _("Paid")),
    ("over", _("Paid too much")),
    ("credited", _("Taken back")),
)


class InvoiceFilter(django_filters.FilterSet):
    """By number or member, state, year and office."""

    q = django_filters.CharFilter(label=_("Member or payment reference"), method="filter_text", max_length=120)
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, empty_label=_("All states"), method="filter_state"
    )
    year = django_filters.ChoiceFilter(label=_("Year"), empty_label=_("All years"))
    office = django_filters.ModelChoiceFilter(
        label=_("Office"), queryset=Office.objects.none(), empty_label=_("All offices")
    )

    class Meta:
        model = Invoice
        fields = ("q", "state", "year", "office")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = self.queryset.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(year, str(year)) for year in years]
        self.filters["office"].queryset = Office.objects.visible_to(self.request.user)

    def filter_text(self, queryset: InvoiceQuerySet, _name: str, value: str) -> InvoiceQuerySet:
        member = Q(member__name__icontains=value) | Q(member__name_en__icontains=value)
        return queryset.filter(member | Q(reference__iexact=value.replace(" ", "")))

    def filter_state(self, queryset: InvoiceQuerySet, _name: str, value: str) -> InvoiceQuerySet:
        asked = {
            "open": Q(kind="invoice", open_amount__gt=0),
            "overdue": Q(kind="invoice", open_amount__gt=0, due_on__lt=timezone.localdate()),
            "paid": Q(kind="invoice", credited=False, open_amount=0),
            "over": Q(kind="invoice", open_amount__lt=0),
            "credited": Q(credited=True) | Q(kind="credit_note"),
        }
        return queryset.filter(asked[value])
