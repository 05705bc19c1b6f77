"""Chainable reads of subscriptions."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Greatest

from config.outbox.models import Message
from members.accounts.models import User
from members.directory.querysets import in_network_q, role_columns

if TYPE_CHECKING:
    from exchange.digests.models import Subscription


class SubscriptionQuerySet(models.QuerySet[Any]):
    """Reads of subscriptions."""

    def deliverable(self) -> Self:
        """Return those of people who are in the network, and who want a digest."""
        return self.exclude(cadence="never").filter(user__in=User.objects.filter(in_network_q()).values("pk"))

    def due(self, now: datetime) -> Self:
        """Return those whose time has come by `now`, and those whose reader asked for theirs at once."""
        return self.filter(Q(next_due__lte=now) | Q(asked_at__isnull=False))

    def with_ledger(self) -> Self:
        """Say in `read_to` up to which number of the journal the reader has been told.

        That is derived from the messages that were sent, so it moves with `sent` and with nothing else; the planner
        keeps it in `confirmed_no`, so that old messages may be forgotten. One that a coordinator has sent again moves
        nothing: it may be older than the last.
        """
        digests = Message.objects.filter(user=OuterRef("user"), kind="digests.digest", state=Message.State.SENT)
        sent = digests.exclude(payload__has_key="again")
        last = sent.order_by("-id").values(high=Cast(KT("payload__high"), models.BigIntegerField()))[:1]
        return self.annotate(read_to=Greatest("confirmed_no", Subquery(last)))

    def with_followed(self) -> Self:
        """Say in `topic_codes` and `pathway_codes` what the reader follows."""
        return self.annotate(
            topic_codes=ArraySubquery(_followed("topic")), pathway_codes=ArraySubquery(_followed("pathway"))
        )

    def for_readers(self, users: Collection[int]) -> "dict[int, Subscription]":
        """Return the subscriptions of those of `users` who want a digest, by user, with their roles; one query."""
        rows = self.exclude(cadence="never").filter(user__in=users).select_related("user")
        return {row.user_id: row for row in rows.annotate(**role_columns("user"))}


def _followed(name: str) -> models.QuerySet[Any, Any]:
    from exchange.digests.models import Subscription

    through: Any = getattr(Subscription, f"{name}s").through
    rows: models.QuerySet[Any, Any] = through.objects.filter(subscription=OuterRef("pk"))
    return rows.values(f"{name}__code")
