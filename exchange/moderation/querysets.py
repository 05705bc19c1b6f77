"""Chainable reads of reports. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, Q, When

from exchange.moderation.reportables import about_things_of
from members.directory.rules import Roles, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class CaseQuerySet(models.QuerySet[Any]):
    """Reads of cases."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` decides or has a say in, and what was hidden of their own."""
        roles = roles_of(user)
        if not roles.in_network:
            return self.none()
        own = about_things_of(user)
        return self.filter(_moderated(roles) & ~own | own & ~Q(state__in=["open", "left"]))

    def not_of(self, user: "User | AnonymousUser") -> Self:
        """Leave out what `user` has written or answers for."""
        return self.exclude(about_things_of(user))

    def awaiting(self, user: "User | AnonymousUser") -> Self:
        """Return what waits for a decision of `user`, the oldest first."""
        roles = roles_of(user)
        at = Case(When(state="appealed", then=F("appealed_at")), default=F("opened_at"))
        rows = self.filter(_decides(roles, user.pk or 0)).not_of(user)
        return rows.annotate(waiting_since=at).order_by("waiting_since", "pk")

    def with_rows(self) -> Self:
        return self.select_related("content_type", "office", "author")


def _moderated(roles: Roles) -> Q:
    if roles.is_administrator:
        return Q()
    return Q(office__in=roles.coordinates) | Q(office__parent__in=roles.coordinates)


def _decides(roles: Roles, pk: int) -> Q:
    if roles.is_administrator:
        return Q(state="open") | Q(state="appealed") & ~Q(decided_by=pk)
    return Q(state="open", office__in=roles.coordinates) | (
        Q(state="appealed", office__parent__in=roles.coordinates) & ~Q(decided_by=pk)
    )
