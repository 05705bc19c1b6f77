"""Asks that the reader's member could answer, and offers that fit what it asks for, read once for many readers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.outbox.models import Message
from config.vocabulary.models import Term
from exchange.digests.echoes import UNNUMBERED
from exchange.digests.models import Subscription
from exchange.peers.models import Match, Notice
from exchange.peers.reasons import name_reasons
from members.directory.rules import Roles

MOST_FITS = 4
MOST_REASONS = 2
WINDOW = 500  # the newest asks and offers that somebody has looked at

Pair = tuple[int, int, int]  # the member that it is for, its own ask or 0, and the ask or offer that fits


@dataclass(frozen=True)
class Fit:
    """A suggestion that may be told: since which number of the journal, how well it fits, and what of."""

    number: int
    score: float
    pair: Pair


class Fits:
    """What fits whom among the asks and offers of one run, by the member that it is for."""

    def __init__(self, rows: Iterable[Fit]) -> None:
        self.by_member: dict[int, list[Fit]] = defaultdict(list)
        for row in rows:
            self.by_member[row.pair[0]].append(row)

    def told_to(self, subscription: Subscription, roles: Roles) -> list[Pair]:
        """Return what fits a reader's members and they have not been told of, the best first, each notice once."""
        if Subscription.Section.PEERS not in subscription.sections:
            return []
        found = [
            one
            for member in roles.writes_for
            for one in self.by_member.get(member, ())
            if one.number > subscription.confirmed_no
        ]
        found.sort(key=lambda one: (-one.score, one.pair))
        best: dict[int, Pair] = {}
        for one in found:
            best.setdefault(one.pair[2], one.pair)
        return list(best.values())[:MOST_FITS]


def read_fits(*, highest: int | None) -> Fits:
    """Read what fits whom among what was looked at up to `highest`, the newest first. Two queries.

    An ask or offer is told of from the entry on that says that somebody has looked for what fits it, not from its
    opening: who was told everything before that would never hear of it.

    Args:
        highest: None also takes the entries that have no number yet.
    """
    entries = Entry.objects.filter(
        Q() if highest is None else Q(number__lte=highest),
        verb="matched",
        content_type=ContentType.objects.get_for_model(Notice),
    ).order_by("-number", "-pk")[:WINDOW]
    numbers: dict[int, int] = {}
    for notice, number in entries.values_list("object_id", "number"):
        numbers.setdefault(notice, number or UNNUMBERED)
    if not numbers:
        return Fits([])
    rows = _shown(numbers).values_list("member", "notice", "to_notice", "score")
    return Fits(Fit(numbers[to], score, (member, notice or 0, to)) for member, notice, to, score in rows)


def _shown(notices: Collection[int]) -> QuerySet[Match]:
    """Return the suggestions of open asks to members, and of open offers to asks that are open."""
    asks = Q(notice=None, to_notice__kind=Notice.Kind.ASK)
    offers = Q(notice__kind=Notice.Kind.ASK, notice__state=Notice.State.OPEN, to_notice__kind=Notice.Kind.OFFER)
    return Match.objects.filter(asks | offers, to_notice__in=Notice.objects.open().filter(pk__in=list(notices)))


def read_matches(messages: Sequence[Message]) -> dict[Pair, Match]:
    """Read what the digests of one batch tell of; one query, none where they tell of nothing."""
    pairs = {(member, own, to) for one in messages for member, own, to in one.payload.get("fits", ())}
    if not pairs:
        return {}
    rows = _shown({to for _member, _own, to in pairs}).filter(member__in={member for member, _own, _to in pairs})
    found = {(one.member_id, one.notice_id or 0, one.to_notice_id or 0): one for one in
             rows.select_related("to_notice__member", "to_notice__publication", "notice")}  # fmt: skip
    return {pair: one for pair, one in found.items() if pair in pairs}


def say_why(match: Match, terms: Mapping[str, Mapping[str, Term]]) -> str:
    """Say why an ask or offer is here, in the active language."""
    own = match.notice
    what = _("It fits your ask “%(title)s”.") % {"title": own.title} if own else _("You could answer this.")
    return " · ".join([what, *name_reasons(match, terms)[:MOST_REASONS]])
