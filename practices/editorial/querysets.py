"""Chainable reads of revisions."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.rules import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class RevisionQuerySet(models.QuerySet[Any]):
    """Reads of revisions."""

    def open(self) -> Self:
        return self.filter(state__in=self.model.OPEN)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the revisions that `user` may read: of what they write, and what they may review once submitted."""
        raise NotImplementedError

    def awaiting_review_by(self, user: "User | AnonymousUser") -> Self:
        """Return the queue of `user`: submitted to their offices, never by their own member; the oldest first."""
        roles = roles_of(user)
        queue = self.filter(state__in=self.model.AWAITING).exclude(publication__owner_member__in=roles.members)
        if not roles.is_administrator:
            queue = queue.filter(
                Q(publication__owner_member__office__in=roles.coordinates)
                | Q(publication__owner_office__parent__in=roles.coordinates)
                | Q(publication__owner_office__in=roles.coordinates, publication__owner_office__parent=None)
            )
        return queue.order_by("submitted_at", "pk")
