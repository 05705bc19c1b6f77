"""Chainable reads of what people write. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef

from members.directory.rules import is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class CommentQuerySet(models.QuerySet[Any]):
    """Reads of comments."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those on what `user` may read. Of those deleted or hidden, pages show only that they were there."""
        from practices.library.models import Publication

        readable = Publication.objects.visible_to(user).filter(pk=OuterRef("publication_id"))
        return self.filter(Exists(readable)) if is_in_network(user) else self.none()

    def shown(self) -> Self:
        return self.filter(deleted_at=None, hidden_at=None)

    def with_rows(self) -> Self:
        return self.select_related("by", "parent__by", "publication__owner_member__office", "publication__owner_office")


class ThreadQuerySet(models.QuerySet[Any]):
    """Reads of threads."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those that `user` is in; nobody else reads them, administrators neither."""
        if not is_in_network(user):
            return self.none()
        return self.filter(pk__in=_threads_of(user))


class PostQuerySet(models.QuerySet[Any]):
    """Reads of messages."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those in threads of `user`, but for those of people with whom there is a block."""
        if not is_in_network(user):
            return self.none()
        return self.filter(thread__in=_threads_of(user)).unblocked_for(user)

    def unblocked_for(self, user: "User | AnonymousUser") -> Self:
        """Leave out what was written while one of the two had blocked the other."""
        from exchange.connections.models import Block

        pk = user.pk or 0
        mine = Block.objects.filter(blocker=pk, blocked=OuterRef("by"), since__lt=OuterRef("at"))
        theirs = Block.objects.filter(blocker=OuterRef("by"), blocked=pk, since__lt=OuterRef("at"))
        return self.exclude(Exists(mine)).exclude(Exists(theirs))


def _threads_of(user: "User | AnonymousUser") -> "models.QuerySet[Any]":
    from exchange.conversations.models import Reader

    return Reader.objects.filter(user=user.pk or 0, left_at=None).values("thread")
