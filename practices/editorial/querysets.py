"""Chainable reads of revisions. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.rules import Roles, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class RevisionQuerySet(models.QuerySet[Any]):
    """Reads of revisions."""

    def open(self) -> Self:
        return self.filter(state__in=self.model.OPEN)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the revisions that `user` may read: of what they write, and what they may review once submitted."""
        roles = roles_of(user)
        return self.filter(_written_by(roles) | (_reviewable_by(roles, user) & Q(submitted_at__isnull=False)))

    def written_by(self, user: "User | AnonymousUser") -> Self:
        """Return the revisions of everything that `user` writes for."""
        return self.filter(_written_by(roles_of(user)))

    def awaiting_review_by(self, user: "User | AnonymousUser") -> Self:
        """Return the queue of `user`: submitted to their offices, never by their own member; the oldest first."""
        mine = self.filter(_reviewable_by(roles_of(user), user), state__in=self.model.AWAITING)
        return mine.order_by("submitted_at", "pk")


def _written_by(roles: Roles) -> Q:
    return Q(publication__owner_member__in=roles.writes_for) | Q(publication__owner_office__in=roles.coordinates)


def _reviewable_by(roles: Roles, user: "User | AnonymousUser") -> Q:
    # Negations that also hold where the column is empty, as it is for an office's own work.
    not_own = Q(publication__owner_member=None) | ~Q(publication__owner_member__in=roles.members)
    not_self = Q(submitted_by=None) | ~Q(submitted_by=user.pk)
    if roles.is_administrator:
        return not_own & not_self
    offices = roles.coordinates
    return (
        not_own
        & not_self
        & (
            Q(publication__owner_member__office__in=offices)
            | Q(publication__owner_office__parent__in=offices)
            | Q(publication__owner_office__in=offices, publication__owner_office__parent=None)
        )
    )
