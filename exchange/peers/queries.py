"""What is suggested, ready to be shown; and what the network asks for and offers, by topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from config.vocabulary.models import Term, Topic, read_terms
from exchange.peers.matching import KEPT
from exchange.peers.models import Introduction, Match, Notice
from exchange.peers.querysets import NoticeQuerySet
from exchange.peers.reasons import PART_NAMES, name_reasons
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of

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
    """Return the best of `matches` that can still be seen; one query."""
    return [_in_words(match, terms) for match in _seen(matches).order_by("-score", "pk")[:most]]


def of_notice(notice: Notice) -> dict[str, list[Suggestion]]:
    """Return what fits an ask or offer: `notices` of the other kind, and for an ask `publications`; two queries."""
    kinds = {"notices": Q(to_notice__isnull=False)}
    if notice.is_ask:
        kinds["publications"] = Q(to_publication__isnull=False)
    return _of_kinds(Match.objects.filter(notice=notice), kinds, most=KEPT)


def of_member(member: Member, *, most: int = SHOWN) -> dict[str, list[Suggestion]]:
    """Return what fits a member: `peers`, `asks` that it could answer, `offers` that it could use; two queries."""
    kinds = {
        "peers": Q(to_member__isnull=False),
        "asks": Q(to_notice__kind=Notice.Kind.ASK),
        "offers": Q(to_notice__kind=Notice.Kind.OFFER),
    }
    return _of_kinds(Match.objects.filter(member=member, notice=None), kinds, most=most)


def _of_kinds(matches: QuerySet[Match], kinds: Mapping[str, Q], *, most: int) -> dict[str, list[Suggestion]]:
    """Return the best of each kind that can still be seen."""
    kind = Case(*(When(condition, then=Value(name)) for name, condition in kinds.items()), default=None)
    place = Window(RowNumber(), partition_by="kind", order_by=["-score", "pk"])
    rows: Any = _seen(matches).annotate(kind=kind).annotate(place=place).filter(place__lte=most, kind__isnull=False)
    found: dict[str, list[Suggestion]] = {name: [] for name in kinds}
    terms = read_terms()
    for match in rows.order_by("-score", "pk"):
        found[match.kind].append(_in_words(match, terms))
    return found


def _seen(matches: QuerySet[Match]) -> QuerySet[Match]:
    """Leave out what is closed or archived, and whoever has left; with what a row shows."""
    rows = matches.filter(
        Q(to_notice=None) | Q(to_notice__state=Notice.State.OPEN, to_notice__member__is_active=True),
        Q(to_publication=None) | Q(to_publication__state="published"),
        Q(to_member=None) | Q(to_member__is_active=True),
    )
    for who in ("to_notice__member", "to_member"):
        rows = rows.exclude(**{f"{who}__standing": Member.Standing.READ_ONLY})
    return rows.select_related(
        "to_notice__member",
        "to_notice__publication",
        "to_publication__owner_member",
        "to_publication__owner_office",
        "to_member",
    )


def _in_words(match: Match, terms: Mapping[str, Mapping[str, Term]]) -> Suggestion:
    return Suggestion(match, name_reasons(match, terms), _parts(match))


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
    """Return open asks, the oldest first, with how many suggestions, peers proposed by a coordinator and exchanges each
    has: `found`, `introduced` and `exchanged`; what was declined or given up counts for nothing.
    """
    found: NoticeQuerySet = asks.filter(kind=Notice.Kind.ASK).annotate(
        found=Count("matches", distinct=True),
        introduced=Count("introductions", distinct=True, filter=Q(introductions__state__in=Introduction.GOES_ON)),
        exchanged=Count("exchanges", distinct=True, filter=~Q(exchanges__state="cancelled")),
    )
    return found.order_by("opened_at", "pk")


def unanswered(asks: NoticeQuerySet) -> NoticeQuerySet:
    """Return those of `waiting_asks` to which nobody was proposed, and of which no exchange has come."""
    return asks.filter(introduced=0, exchanged=0)


def without_any(asks: NoticeQuerySet) -> NoticeQuerySet:
    """Return those of `waiting_asks` for which somebody has looked and found nothing."""
    return asks.filter(matches=None, matched_at__isnull=False)


def state_for(introduction: Introduction, user: User) -> str:
    """Return the state of an introduction in words, as far as `user` may know it.

    That one side is not interested, only that side and coordinators know: to the other it waits.
    """
    if introduction.state == Introduction.State.DECLINED:
        mine = roles_of(user).members
        said_no = any(one.pk in mine and answer == Introduction.Answer.DECLINED for one, answer in introduction.answers)
        if not (said_no or user.has_perm("peers.withdraw_introduction", introduction)):
            return str(Introduction.State.PROPOSED.label)
    return introduction.get_state_display()
