"""What the home page shows one person; the same number of queries for everybody."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from config.vocabulary.models import read_terms
from exchange.connections.models import Connection
from exchange.conversations.models import Comment, Membership, Post, Thread
from exchange.digests.services import get_subscription
from exchange.exchanges.models import Party
from exchange.home.newest import newest_for
from exchange.moderation.models import Case
from exchange.moderation.rules import moderates
from exchange.moderation.silences import case_that_silences
from exchange.peers.models import Introduction, Match
from exchange.peers.queries import Suggestion, suggestions
from members.accounts.models import User
from members.directory.models import ContactCheck, Member
from members.directory.rules import roles_of
from practices.editorial.models import Revision
from practices.search.catalogue import read_catalogue
from practices.search.results import read_results
from practices.uptake.models import Uptake

NEWEST = 6
PEERS = 4
TASKS = 5


def read_home(user: User) -> dict[str, Any]:
    """Return the context of the home page."""
    roles = roles_of(user)
    catalogue = read_catalogue()
    mine = list(Member.objects.filter(pk__in=roles.members))
    related = ("publication__owner_member__office", "publication__owner_office__parent")
    queue = Revision.objects.awaiting_review_by(user)
    subscription = get_subscription(user)
    return {
        "members": mine,
        "drafts": Revision.objects.written_by(user)
        .filter(state__in=Revision.EDITABLE).select_related(*related).order_by("-saved_at")[:TASKS],
        "waiting": queue.select_related(*related)[:TASKS],
        "waiting_count": queue.count(),
        "checks": _checks_for(user) if roles.liaison_of or roles.coordinates else [],
        "uptake": Uptake.objects.confirmable_by(user).awaiting().with_rows(user)[:TASKS],
        "introductions": Introduction.objects.answerable_by(user).select_related("member", "peer")[:TASKS]
        if roles.writes_for else [],
        "exchanges": Party.objects.answerable_by(user).select_related("exchange", "member")[:TASKS],
        "requests": Connection.objects.to_answer(user).select_related("asker")[:TASKS],
        "silenced": case_that_silences(user),
        "threads": _unread_by(user),
        "questions": Comment.objects.open_for(user).select_related("publication", "by")[:TASKS]
        if roles.writes_for or roles.coordinates else [],
        "invitations": Membership.objects.invitations_of(user).select_related("group", "by")[:TASKS],
        "joining": Membership.objects.requests_to(user).select_related("group", "user")[:TASKS],
        "reports": _reports_for(user) if moderates(user) else [],
        "newest": read_results(newest_for(user, catalogue, mine, subscription, most=NEWEST), catalogue, user),
        "total": len(catalogue),
        "writes": bool(roles.writes_for or roles.coordinates),
        "peers": _peers_of(mine[0]) if mine else [],
        "subscription": subscription,
        "next_due": subscription.next_due,
    }  # fmt: skip


def _checks_for(user: User) -> list[ContactCheck]:
    """Return the contacts that somebody has to confirm; only those who keep a member are asked."""
    rows = ContactCheck.objects.answerable_by(user).select_related("contact__member")
    return list(rows.order_by("opened_at", "pk")[:TASKS])


def _unread_by(user: User) -> QuerySet[Thread]:
    """Return the threads in which somebody has written, with `last_by`, the name of who was the last; one query."""
    last = Post.objects.filter(thread=OuterRef("pk")).unblocked_for(user).order_by("-at", "-pk")
    rows = Thread.objects.unread_by(user).annotate(last_by=Subquery(last.values("by__name")[:1]))
    newest: QuerySet[Thread] = rows.order_by("-last_at", "-pk")[:TASKS]
    return newest


def _reports_for(user: User) -> list[Case]:
    return list(Case.objects.awaiting(user).with_rows()[:TASKS])


def _peers_of(member: Member) -> list[Suggestion]:
    """Return the members that fit one best, with reasons."""
    rows = Match.objects.filter(member=member, notice=None, to_member__isnull=False)
    return suggestions(rows, read_terms(), most=PEERS)
