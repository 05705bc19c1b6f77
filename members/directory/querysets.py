"""Chainable reads of the directory, which is open to everybody in the network."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.rules import is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


def in_network_q(prefix: str = "") -> Q:
    """Return the condition on users, reached by `prefix`, that `is_in_network` is; rows may repeat."""
    return Q(**{f"{prefix}is_active": True}) & (
        Q(**{f"{prefix}is_administrator": True})
        | Q(**{f"{prefix}office_roles__isnull": False})
        | Q(**{f"{prefix}member_roles__member__is_active": True})
    )


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

    def written_for_by(self, user: "User | AnonymousUser") -> Self:
        """Return the active members for which `user` may write publications."""
        return self.active().filter(pk__in=roles_of(user).writes_for)


class InvitationQuerySet(models.QuerySet[Any]):
    """Reads of invitations."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those to members that `user` may invite people to; for anybody else there are none."""
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        return self.filter(Q(member__in=roles.liaison_of) | Q(member__office__in=roles.coordinates))

    def open(self) -> Self:
        """Return those neither accepted nor withdrawn; some may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)
