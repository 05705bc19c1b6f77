"""Chainable reads of what people write. `rules.py` says the same object by object; tests hold them together."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from members.directory.rules import is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before anything was written


class CommentQuerySet(models.QuerySet[Any]):
    """Reads of comments."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those on what `user` may read. Of those deleted or hidden, pages show only that they were there."""
        from practices.library.models import Publication

        readable = Publication.objects.visible_to(user).filter(pk=OuterRef("publication_id"))
        return self.filter(Exists(readable)) if is_in_network(user) else self.none()

    def shown(self) -> Self:
        return self.filter(deleted_at=None, hidden_at=None)

    def open_for(self, user: "User | AnonymousUser") -> Self:
        """Return questions of others on what `user` writes, to which nobody has replied yet, the oldest first."""
        from exchange.connections.models import Block
        from practices.library.models import Publication

        replies = self.model.objects.shown().filter(parent=OuterRef("pk")).exclude(by=OuterRef("by"))
        silent = Block.objects.filter(blocker=user.pk or 0, blocked=OuterRef("by"))
        mine = Publication.objects.published().editable_by(user)
        rows = self.shown().filter(kind="question", parent=None, publication__in=mine.values("pk"))
        rows = rows.exclude(by=user.pk or 0).exclude(Exists(replies)).exclude(Exists(silent))
        return rows.order_by("at", "pk")

    def with_rows(self) -> Self:
        return self.select_related("by", "parent__by", "publication__owner_member__office", "publication__owner_office")


class ThreadQuerySet(models.QuerySet[Any]):
    """Reads of threads."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those that `user` is in, alone or with a group; nobody else reads them, administrators neither."""
        if not is_in_network(user):
            return self.none()
        return self.filter(_reads_thread(user))

    def private(self) -> Self:
        """Return those of people, not of groups."""
        return self.filter(group=None)

    def unread_by(self, user: "User | AnonymousUser") -> Self:
        """Return private ones in which something was written that `user` may read and has not, but for those they muted.

        Every page asks this. So blocks are looked at only where `last_at` says that anything was written at all.
        """
        from exchange.conversations.models import Following, Post, Reader

        marks = Reader.objects.filter(thread=OuterRef("pk"), user=user.pk or 0, left_at=None)
        new = Post.objects.filter(thread=OuterRef("thread"), at__gt=Coalesce(OuterRef("read_at"), Value(BEGINNING)))
        behind = Q(read_at=None) | Q(read_at__lt=OuterRef("last_at"))
        unread = marks.filter(behind).filter(Exists(new.unblocked_for(user)))
        muted = Following.objects.filter(thread=OuterRef("pk"), user=user.pk or 0, mutes=True)
        return self.private().filter(Exists(unread)).exclude(Exists(muted))

    def heard_by(self, user: "User | AnonymousUser") -> Self:
        """Leave out those in which there are messages but none that `user` may read.

        Adds `heard_at`, when the newest that they may read was written, and `is_unread`.
        """
        from exchange.conversations.models import Post, Reader

        posts = Post.objects.filter(thread=OuterRef("pk"))
        heard = posts.unblocked_for(user)
        read = Reader.objects.filter(thread=OuterRef("pk"), user=user.pk or 0).values("read_at")
        newest = Coalesce(Subquery(heard.order_by("-at").values("at")[:1]), F("begun_at"))
        rows = self.filter(Exists(heard) | ~Exists(posts)).annotate(heard_at=newest, read_at=Subquery(read))
        return rows.annotate(is_unread=Q(read_at=None) | Q(read_at__lt=F("heard_at")))


class PostQuerySet(models.QuerySet[Any]):
    """Reads of messages."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those in threads of `user`, but for those of people with whom there is a block."""
        if not is_in_network(user):
            return self.none()
        return self.filter(_reads_thread(user, "thread__")).unblocked_for(user)

    def unblocked_for(self, user: "User | AnonymousUser") -> Self:
        """Leave out what was written while one of the two had blocked the other."""
        from exchange.connections.models import Block

        pk = user.pk or 0
        mine = Block.objects.filter(blocker=pk, blocked=OuterRef("by"), since__lt=OuterRef("at"))
        theirs = Block.objects.filter(blocker=OuterRef("by"), blocked=pk, since__lt=OuterRef("at"))
        return self.exclude(Exists(mine)).exclude(Exists(theirs))


class GroupQuerySet(models.QuerySet[Any]):
    """Reads of groups."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return open ones and those on request; a closed one for its members and those whom it has invited."""
        if not is_in_network(user):
            return self.none()
        seen = ~Q(admission="closed") | Q(pk__in=_groups_of(user, "member", "invited")) | Q(office__in=_kept(user))
        return self.live().filter(seen, hidden_at=None)

    def live(self) -> Self:
        """Leave out those that have ended."""
        return self.filter(ended_at=None)

    def joined_by(self, user: "User | AnonymousUser") -> Self:
        """Return those `user` is a member of."""
        return self.filter(pk__in=_groups_of(user, "member"), hidden_at=None) if is_in_network(user) else self.none()

    def with_rows(self) -> Self:
        """Fetch what a row shows, with the `number` of members."""
        number = Count("memberships", filter=Q(memberships__state="member"))
        return self.select_related("topic", "office").annotate(number=number).order_by("name", "pk")

    def with_next_meeting(self) -> Self:
        """Add when a group meets next, as `meets_at`, and what that is called, as `meets_for`; for its members."""
        from exchange.conversations.models import GroupEvent

        coming = GroupEvent.objects.planned().ending_after(timezone.now()).filter(group=OuterRef("pk"))
        coming = coming.order_by("starts_at", "pk")
        return self.annotate(
            meets_at=Subquery(coming.values("starts_at")[:1]), meets_for=Subquery(coming.values("title")[:1])
        )


class MembershipQuerySet(models.QuerySet[Any]):
    """Reads of where people stand with groups."""

    def of(self, user: "User | AnonymousUser") -> Self:
        """Return where `user` stands, but for invitations of people with whom there is a block: those are not heard."""
        from exchange.connections.models import Block

        pk = user.pk or 0
        between = Q(blocker=pk, blocked=OuterRef("by")) | Q(blocker=OuterRef("by"), blocked=pk)
        return self.filter(user=pk).exclude(Exists(Block.objects.filter(between)), state="invited")

    def invitations_of(self, user: "User | AnonymousUser") -> Self:
        """Return the invitations that `user` has not answered, the oldest first."""
        return self.of(user).filter(state="invited", group__hidden_at=None).order_by("since", "pk")

    def requests_to(self, user: "User | AnonymousUser") -> Self:
        """Return who wants to join the groups that `user` keeps, the oldest first."""
        kept = self.model.objects.filter(user=user.pk or 0, is_keeper=True).values("group")
        looked_after = Q(group__in=kept) | Q(group__office__in=_kept(user))
        return self.filter(looked_after, state="asked", group__hidden_at=None).order_by("since", "pk")


class GroupFileQuerySet(models.QuerySet[Any]):
    """Reads of what groups keep."""

    def shown(self) -> Self:
        return self.filter(hidden_at=None)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.shown().filter(group__in=_groups_of(user, "member")) if is_in_network(user) else self.none()


class GroupEventQuerySet(models.QuerySet[Any]):
    """Reads of when groups meet."""

    def shown(self) -> Self:
        return self.filter(hidden_at=None)

    def planned(self) -> Self:
        return self.shown().filter(cancelled_at=None)

    def ending_after(self, time: datetime) -> Self:
        return self.filter(ends_at__gt=time)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.shown().filter(group__in=_groups_of(user, "member")) if is_in_network(user) else self.none()


def _groups_of(user: "User | AnonymousUser", *states: str) -> "models.QuerySet[Any]":
    from exchange.conversations.models import Membership

    return Membership.objects.of(user).filter(state__in=states, group__hidden_at=None).values("group")


def _kept(user: "User | AnonymousUser") -> frozenset[int]:
    """Return the offices whose groups `user` keeps with the keepers: those they coordinate."""
    return roles_of(user).coordinates


def _reads_thread(user: "User | AnonymousUser", prefix: str = "") -> Q:
    from exchange.conversations.models import Reader

    mine = Reader.objects.filter(user=user.pk or 0, left_at=None).values("thread")
    return Q(**{f"{prefix}group": None, f"{prefix}pk__in": mine}) | Q(
        **{f"{prefix}group__in": _groups_of(user, "member")}
    )
