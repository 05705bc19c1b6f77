"""Chainable reads of subscriptions."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from members.accounts.models import User
from members.directory.querysets import in_network_q


class SubscriptionQuerySet(models.QuerySet[Any]):
    """Reads of subscriptions."""

    def deliverable(self) -> Self:
        """Return those of people who are in the network, and who want a digest."""
        return self.exclude(cadence="never").filter(user__in=User.objects.filter(in_network_q()).values("pk"))

    def due(self, now: datetime) -> Self:
        """Return those whose time has come by `now`, and those whose reader asked for theirs at once."""
        return self.filter(Q(next_due__lte=now) | Q(asked_at__isnull=False))
