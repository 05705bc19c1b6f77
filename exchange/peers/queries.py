"""What is suggested, ready to be shown; and what the network asks for and offers, by topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from config.vocabulary.models import Term, Topic, read_terms
from exchange.peers.matching import KEPT
from exchange.peers.models import Match, Notice
from exchange.peers.querysets import NoticeQuerySet
from exchange.peers.reasons import PART_NAMES, name_reasons
from members.directory.models import Member

SHOWN = 6  # of a kind on one page
VERY_WELL, WELL = 65, 45  # per cent
BAR = 200  # the longest bar of a chart, in its own units


@dataclass(frozen=True)
class Suggestion:
    """A match with its reasons in words, the strongest first, and its parts as (name, per cent)."""

    match: Match
    reasons: list[str]
    parts: list[tuple[str, int]]

    @property
    def percent(self) -> int:
        return round(self.match.score * 100)

    @property
    def words(self) -> str:
        """How well it fits, for whom a percentage means nothing."""
        if self.percent >= VERY_WELL:
            return _("Fits very well")
        return _("Fits well") if self.percent >= WELL else _("Fits in part")


def suggestions(matches: QuerySet[Match], terms: Mapping[str, Mapping[str, Term]], *, most: int) -> list[Suggestion]:
    """Return the best of `matches` that can still be seen; two queries for the topics of asks and offers."""
    rows = matches.filter(
        Q(to_notice=None) | Q(to_notice__state=Notice.State.OPEN, to_notice__member__is_active=True),
        Q(to_publication=None) | Q(to_publication__state="published"),
        Q(to_member=None) | Q(to_member__is_active=True),
    ).exclude(to_notice__member__standing=Member.Standing.READ_ONLY)
    rows = rows.select_related(
        "to_notice__member", "to_publication__owner_member", "to_publication__owner_office", "to_member"
    )
    return [
        Suggestion(match, name_reasons(match, terms), _parts(match)) for match in rows.order_by("-score", "pk")[:most]
    ]


def of_notice(notice: Notice) -> dict[str, list[Suggestion]]:
    """Return what fits an ask or offer: `notices` of the other kind, and for an ask `publications`."""
    terms = read_terms()
    rows = Match.objects.filter(notice=notice)
    found = {"notices": suggestions(rows.filter(to_notice__isnull=False), terms, most=KEPT)}
    if notice.is_ask:
        found["publications"] = suggestions(rows.filter(to_publication__isnull=False), terms, most=KEPT)
    return found


def of_member(member: Member, *, most: int = SHOWN) -> dict[str, list[Suggestion]]:
    """Return what fits a member: `peers`, `asks` that it could answer, `offers` that it could use."""
    terms = read_terms()
    rows = Match.objects.filter(member=member, notice=None)
    return {
        "peers": suggestions(rows.filter(to_member__isnull=False), terms, most=most),
        "asks": suggestions(rows.filter(to_notice__kind=Notice.Kind.ASK), terms, most=most),
        "offers": suggestions(rows.filter(to_notice__kind=Notice.Kind.OFFER), terms, most=most),
    }


def _parts(match: Match) -> list[tuple[str, int]]:
    parts = sorted(match.parts.items(), key=lambda pair: -pair[1])
    return [(PART_NAMES[name](), round(value * 100)) for name, value in parts if name in PART_NAMES]


@dataclass(frozen=True)
class Balance:
    """How much is asked for and offered about one topic."""

    topic: Topic
    asks: int
    offers: int
    unmatched: int  # open asks for which nothing was found
    most: int  # asks or offers of the topic that has the most

    @property
    def asks_width(self) -> int:
        return round(BAR * self.asks / self.most)

    @property
    def offers_width(self) -> int:
        return round(BAR * self.offers / self.most)


def supply_and_demand() -> list[Balance]:
    """Return what is open by topic, in the order of topics; three queries."""
    nothing = ~Exists(Match.objects.filter(notice=OuterRef("pk")))

    def counts(rows: Any) -> dict[int, int]:
        return dict(rows.values_list("topics").annotate(Count("pk", distinct=True)).order_by())

    asks = counts(Notice.objects.open().filter(kind=Notice.Kind.ASK))
    offers = counts(Notice.objects.open().filter(kind=Notice.Kind.OFFER))
    unmatched = counts(Notice.objects.open().filter(nothing, kind=Notice.Kind.ASK, matched_at__isnull=False))
    most = max([1, *asks.values(), *offers.values()])
    return [
        Balance(topic, asks.get(topic.pk, 0), offers.get(topic.pk, 0), unmatched.get(topic.pk, 0), most)
        for topic in Topic.objects.all()
    ]


def waiting_asks(asks: NoticeQuerySet) -> NoticeQuerySet:
    """Return open asks, the oldest first, with how many suggestions each has: `found`."""
    found: NoticeQuerySet = asks.filter(kind=Notice.Kind.ASK).annotate(found=Count("matches"))
    return found.order_by("opened_at", "pk")


def without_any(asks: NoticeQuerySet) -> NoticeQuerySet:
    """Return those of `waiting_asks` for which somebody has looked and found nothing."""
    return asks.filter(matches=None, matched_at__isnull=False)
