"""What waits for one person: rows of many rooms, most of which are empty for most people."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from exchange.connections.models import Connection
from exchange.conversations.models import Comment, Membership, Post, Thread
from exchange.exchanges.models import Party
from exchange.moderation.models import Case
from exchange.peers.models import Introduction
from members.accounts.models import User
from members.directory.models import ContactCheck
from practices.editorial.models import Revision
from practices.uptake.models import Uptake


def read_those_with_rows(user: User, kinds: Mapping[str, QuerySet[Any]], *, most: int) -> dict[str, list[Any]]:
    """Return the first rows of each queryset.

    One query says which of them have a row at all, and only those are read: a person for whom nothing waits costs one
    query, however many kinds there are.
    """
    has: Any = User.objects.filter(pk=user.pk).values(**{name: Exists(kinds[name]) for name in kinds}).get()
    return {name: list(rows[:most]) if has[name] else [] for name, rows in kinds.items()}


def waiting_for(user: User) -> dict[str, QuerySet[Any]]:
    """Return what waits for an answer, a decision or a reading of `user`, by the name that the page has for it."""
    related = ("publication__owner_member__office", "publication__owner_office__parent")
    drafts = Revision.objects.written_by(user).filter(state__in=Revision.EDITABLE)
    checks = ContactCheck.objects.answerable_by(user).order_by("opened_at", "pk")
    return {
        "waiting": Revision.objects.awaiting_review_by(user).select_related(*related),
        "introductions": Introduction.objects.answerable_by(user).select_related("member", "peer"),
        "checks": checks.select_related("contact__member"),
        "exchanges": Party.objects.answerable_by(user).with_asker().select_related("exchange", "member"),
        "uptake": Uptake.objects.confirmable_by(user).awaiting().with_rows(user),
        "threads": _unread_by(user),
        "questions": Comment.objects.open_for(user).select_related("publication", "by"),
        "requests": Connection.objects.to_answer(user).select_related("asker"),
        "invitations": Membership.objects.invitations_of(user).select_related("group", "by"),
        "joining": Membership.objects.requests_to(user).select_related("group", "user"),
        "reports": Case.objects.awaiting(user).with_rows(),
        "drafts": drafts.select_related(*related).order_by("-saved_at"),
    }


def _unread_by(user: User) -> QuerySet[Thread]:
    """Return the threads in which somebody has written, with `last_by`, the name of who was the last."""
    last = Post.objects.filter(thread=OuterRef("pk")).unblocked_for(user).order_by("-at", "-pk")
    rows: QuerySet[Thread] = Thread.objects.unread_by(user).annotate(last_by=Subquery(last.values("by__name")[:1]))
    return rows.order_by("-last_at", "-pk")
