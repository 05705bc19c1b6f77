"""Chainable reads of uptake and of lists. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from members.directory.rules import Roles, roles_of
from practices.library.querysets import PublicationQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


def _readable(user: "User | AnonymousUser", column: str) -> Exists:
    """Return the condition that `user` may read the publication in `column`."""
    from practices.library.models import Publication

    rows: PublicationQuerySet = Publication.objects.visible_to(user)
    return Exists(rows.filter(pk=OuterRef(column)))


class UptakeQuerySet(models.QuerySet[Any]):
    """Reads of uptake."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may read: of every publication they read, and always that of their own members.

        What the owner has declined is for the two sides and for administrators.
        """
        roles = roles_of(user)
        heard = Q() if roles.is_administrator else Q(declined_at=None) | _written_by(roles)
        return self.filter(Q(member__in=roles.members) | (_readable(user, "publication_id") & heard))

    def editable_by(self, user: "User | AnonymousUser") -> Self:
        """Return the uptake of the members that `user` writes for."""
        return self.filter(member__in=roles_of(user).writes_for)

    def confirmable_by(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may confirm: of what they write themselves, but never their own member's uptake."""
        roles = roles_of(user)
        return self.filter(_written_by(roles)).exclude(member__in=roles.members)

    def awaiting(self) -> Self:
        """Return those that the owner has not answered yet, the oldest question first."""
        return self.filter(confirmed_at=None, declined_at=None).order_by("asked_at", "pk")

    def counted(self) -> Self:
        """Return those that count: adapting or in use, confirmed."""
        return self.filter(state__in=self.model.COUNTED, confirmed_at__isnull=False)

    def with_rows(self, user: "User | AnonymousUser") -> Self:
        """Fetch what a row shows. `publication_readable` and `own_readable` say which titles `user` may see."""
        return self.select_related(
            "member", "publication__owner_member", "publication__owner_office", "own_publication"
        ).annotate(
            publication_readable=_readable(user, "publication_id"), own_readable=_readable(user, "own_publication_id")
        )

    def most_useful_first(self) -> Self:
        """Sort by how far they got, then confirmed ones first, then the newest."""
        states = self.model.State
        ranks = {states.IN_USE: 0, states.ADAPTING: 1, states.CONSIDERING: 2, states.DROPPED: 3}
        rank = Case(*(When(state=state, then=Value(value)) for state, value in ranks.items()))
        unconfirmed = Case(When(confirmed_at=None, then=Value(1)), default=Value(0))
        return self.order_by(rank, unconfirmed, "-asked_at", "-pk")


class BookmarkListQuerySet(models.QuerySet[Any]):
    """Reads of lists."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the lists of `user`, and those shared with a member of theirs; nobody else sees a list."""
        roles = roles_of(user)
        if not roles.in_network:
            return self.none()
        return self.filter(Q(owner=user.pk) | Q(shared_with__in=roles.members))

    def owned_by(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may change."""
        return self.filter(owner=user.pk) if roles_of(user).in_network else self.none()


class BookmarkQuerySet(models.QuerySet[Any]):
    """Reads of what lists hold."""

    def with_rows(self, user: "User | AnonymousUser") -> Self:
        """Fetch what a row shows; `readable` says whether `user` may see more than that there is something."""
        return self.select_related("publication__owner_member", "publication__owner_office").annotate(
            readable=_readable(user, "publication_id")
        )


def _written_by(roles: Roles) -> Q:
    return Q(publication__owner_member__in=roles.writes_for) | Q(publication__owner_office__in=roles.coordinates)
