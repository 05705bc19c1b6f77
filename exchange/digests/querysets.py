"""Chainable reads of subscriptions."""

from typing import Any, Self

from django.db import models

from members.accounts.models import User
from members.directory.querysets import in_network_q


class SubscriptionQuerySet(models.QuerySet[Any]):
    """Reads of subscriptions."""

    def deliverable(self) -> Self:
        """Return those of people who are in the network, and who want a digest."""
        return self.exclude(cadence="never").filter(user__in=User.objects.filter(in_network_q()).values("pk"))
