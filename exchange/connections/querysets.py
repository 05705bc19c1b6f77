"""Chainable reads of connections. What one of the two has declined, only they know."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.querysets import in_network_q
from members.directory.rules import is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class ConnectionQuerySet(models.QuerySet[Any]):
    """Reads of connections; nobody but the two sees one, administrators neither."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.of(user).filter(state__in=self.model.LIVE) if is_in_network(user) else self.none()

    def of(self, user: "User | AnonymousUser") -> Self:
        return self.filter(Q(asker=user.pk or 0) | Q(asked=user.pk or 0))

    def between(self, one: int, other: int) -> Self:
        return self.filter(Q(asker=one, asked=other) | Q(asker=other, asked=one))

    def live(self) -> Self:
        return self.filter(state__in=self.model.LIVE)

    def connected(self) -> Self:
        return self.filter(state=self.model.State.CONNECTED)

    def to_answer(self, user: "User | AnonymousUser") -> Self:
        """Return what waits for the answer of `user`, the oldest first."""
        return self.waiting_for([user.pk or 0]).order_by("asked_at", "pk")

    def waiting_for(self, users: Iterable[int]) -> Self:
        """Return what waits for the answers of several people; not of those who have left the network."""
        from members.accounts.models import User

        here = User.objects.filter(in_network_q()).values("pk")
        return self.filter(asked__in=users, state=self.model.State.WAITING, asker__in=here)

    def asked_by(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` has asked and sees as waiting, the newest first."""
        return self.filter(asker=user.pk or 0, state__in=self.model.UNANSWERED).order_by("-asked_at", "-pk")
