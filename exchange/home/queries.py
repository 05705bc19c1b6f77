"""What the home page shows one person; the same number of queries for everybody."""

from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs
from django.db.models.lookups import IsNull

from exchange.digests.models import Subscription
from exchange.digests.services import get_subscription
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.editorial.models import Revision
from practices.library.models import Publication, Seen
from practices.uptake.models import Uptake

NEWEST = 6
PEERS = 6
TASKS = 5
IS_UNCONFIRMED = IsNull(F("unconfirmed_at"), False)  # what nobody confirmed in time comes after the rest


def read_home(user: User) -> dict[str, Any]:
    """Return the context of the home page."""
    roles = roles_of(user)
    readable = Publication.objects.visible_to(user).published()
    unseen = readable.filter(
        ~Exists(Seen.objects.filter(user=user, publication=OuterRef("pk"), version__gte=OuterRef("version")))
    )
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
        "uptake": Uptake.objects.confirmable_by(user).awaiting().with_rows(user)[:TASKS],
        "newest": unseen.exclude(owner_member__in=roles.members).alias(fit=_fit(user, mine, subscription)).with_cards()
        .with_covers().order_by(IS_UNCONFIRMED, "-fit", "-published_at", "-pk")[:NEWEST],
        "total": readable.count(),
        "writes": bool(roles.writes_for or roles.coordinates),
        "peers": _similar_members(mine[0]) if mine else [],
        "subscription": subscription,
        "next_due": subscription.next_due,
    }  # fmt: skip


def _fit(user: User, members: list[Member], subscription: Subscription) -> Combinable:
    """Count for a publication: in a language they read, of their country, on a topic and a pathway they follow."""
    conditions = [
        Q(language__in={*user.languages_read, user.language}),
        Q(country__in={member.country for member in members}),
    ]
    if subscription.pk:
        every = Publication.objects.values("pk")
        conditions += [
            Q(pk__in=every.filter(topics__in=subscription.topics.all())),
            Q(pk__in=every.filter(pathways__in=subscription.pathways.all())),
        ]
    return reduce(add, (Case(When(one, then=1), default=0) for one in conditions))


def _similar_members(member: Member) -> list[Member]:
    """Return members of about the same size that have published something, the nearest in size first."""
    if not member.population:
        return []
    size = member.population
    near = (
        Member.objects.active()
        .filter(population__gte=size // 2, population__lte=size * 2)
        .exclude(pk=member.pk)
        .filter(Exists(Publication.objects.published().filter(owner_member=OuterRef("pk"))))
    )
    return list(near.order_by(Abs(F("population") - size), "pk")[:PEERS])
