"""Chainable reads of the directory. `User.is_in_network` is the rule: the directory is open to everybody in it."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from members.directory.rules import is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class OfficeQuerySet(models.QuerySet[Any]):
    """Reads of offices."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.all() if is_in_network(user) else self.none()


class MemberQuerySet(models.QuerySet[Any]):
    """Reads of members."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.all() if is_in_network(user) else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)

    def written_for_by(self, user: "User") -> Self:
        """Return the active members for which `user` may write publications."""
        return self.active().filter(roles__user=user, roles__role__in=["liaison", "contributor"])
