"""Finding a message."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from config.outbox.kinds import all_kinds
from config.outbox.models import Message
from members.outgoing.queries import find_messages
from members.outgoing.words import STATES


class MessageFilter(django_filters.FilterSet):
    """By address or name, state and kind."""

    q = django_filters.CharFilter(label=_("Address or name"), method="filter_text", max_length=254)
    state = django_filters.ChoiceFilter(label=_("State"), empty_label=_("All states"), method="filter_state")
    kind = django_filters.ChoiceFilter(label=_("Kind"), empty_label=_("All kinds"))

    class Meta:
        model = Message
        fields = ("q", "state", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Claimed and submitting are one to a reader.
        self.filters["state"].extra["choices"] = [one for one in STATES.items() if one[0] != Message.State.CLAIMED]
        self.filters["kind"].extra["choices"] = [(kind.name, kind.label) for kind in all_kinds()]

    def filter_text(self, queryset: "QuerySet[Message]", _name: str, value: str) -> "QuerySet[Message]":
        return find_messages(queryset, value.strip())

    def filter_state(self, queryset: "QuerySet[Message]", _name: str, value: str) -> "QuerySet[Message]":
        in_hand = value == Message.State.SUBMITTING
        return queryset.filter(state__in=[value, Message.State.CLAIMED]) if in_hand else queryset.filter(state=value)
