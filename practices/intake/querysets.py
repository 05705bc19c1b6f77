"""Chainable reads of imports. `rules.py` says the same object by object; tests hold them together."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone

from members.directory.models import Member, Office
from members.directory.rules import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User

STALE = timedelta(minutes=5)  # of silence, after which a worker is taken for dead


class BatchQuerySet(models.QuerySet[Any]):
    """Reads of imports."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return a person's own; an administrator sees all."""
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        return self.filter(uploaded_by=user.pk) if roles.in_network else self.none()

    def forsaken(self) -> Self:
        """Return those at which somebody should work but nobody does."""
        return self.filter(state__in=self.model.WORKING, touched_at__lt=timezone.now() - STALE)


def members_to_import_for(user: "User | AnonymousUser") -> models.QuerySet[Member]:
    """Return the members whose publications `user` may import: their own, those of their offices, or all."""
    roles, active = roles_of(user), Member.objects.active()
    if roles.is_administrator:
        return active
    return active.filter(models.Q(pk__in=roles.writes_for) | models.Q(office__in=roles.coordinates))


def offices_to_import_for(user: "User | AnonymousUser") -> models.QuerySet[Office]:
    """Return the offices whose own projects `user` may import."""
    roles = roles_of(user)
    return Office.objects.all() if roles.is_administrator else Office.objects.filter(pk__in=roles.coordinates)
