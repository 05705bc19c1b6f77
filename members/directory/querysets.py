"""Chainable reads of the directory, which is open to everybody in the network."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from members.directory.rules import NOBODY, Roles, is_in_network, keep_roles, role_by_standing, roles_of

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


def role_columns(user: str) -> dict[str, ArraySubquery]:
    """Return annotations that read the roles of the user at `user` in the same query; see `read_roles`."""
    from members.directory.models import MemberRole, OfficeRole

    at_members = MemberRole.objects.filter(user=OuterRef(user), member__is_active=True)
    at_offices = OfficeRole.objects.filter(user=OuterRef(user))

    def pairs(roles: models.QuerySet[Any], place: str, role: Any) -> ArraySubquery:
        return ArraySubquery(
            roles.annotate(pair=Concat(Cast(place, models.CharField()), Value(":"), role)).values("pair")
        )

    return {
        "at_members": pairs(at_members, "member_id", role_by_standing()),
        "at_offices": pairs(at_offices, "office_id", "role"),
    }


def read_roles(user: "User", row: models.Model) -> Roles:
    """Return the roles of `user` from a row with `role_columns`, and keep them for `roles_of`: no query."""
    pairs = (
        [(int(place), role) for place, _, role in (pair.partition(":") for pair in getattr(row, name))]
        for name in ("at_members", "at_offices")
    )
    return keep_roles(user, *pairs) if user.is_active else NOBODY


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

    def listed(self) -> Self:
        """Return those that lists show: active, and not merged into another."""
        return self.filter(is_active=True, merged_into=None)

    def written_for_by(self, user: "User | AnonymousUser") -> Self:
        """Return the active members for which `user` may write publications."""
        return self.active().filter(pk__in=roles_of(user).writes_for)


class ContactCheckQuerySet(models.QuerySet[Any]):
    """Reads of the tasks about contacts."""

    def answerable_by(self, user: "User | AnonymousUser") -> Self:
        """Return the open ones: those of a liaison's own members, and of an office's members once they are handed on."""
        roles = roles_of(user)
        escalated = Q(contact__member__office__in=roles.coordinates, escalated_at__isnull=False)
        return self.filter(Q(contact__member__in=roles.liaison_of) | escalated, closed_at=None)


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


class MemberTableQuerySet(models.QuerySet[Any]):
    """Reads of imports of members."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.all() if roles_of(user).is_administrator else self.none()
