"""How exchange goes in the network: how soon somebody answers, what is met, what is completed, what comes of it."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from django.db.models import Exists, OuterRef, Q

from exchange.exchanges.models import Exchange, Outcome, Party
from exchange.peers.models import Notice
from members.directory.models import Office

KINDS = list(Outcome.Kind)


@dataclass
class Figures:
    """Of the members of one office, or of all that the reader coordinates.

    Attributes:
        answers: how long each proposal waited for its first answer.
        unanswered: how many proposals nobody has answered: they still wait, or were given up before.
        asks: how many were opened first in the year; of `met` an exchange has come, whatever became of them since.
        states: how many exchanges that were proposed in the year are in which state now.
        outcomes: how many of each kind.
        useful: the marks of the feedback, one to five.
    """

    office: Office | None
    answers: list[timedelta] = field(default_factory=list)
    unanswered: int = 0
    asks: int = 0
    met: int = 0
    states: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    useful: list[int] = field(default_factory=list)

    @property
    def answer_days(self) -> float | None:
        """The median of the days until the first answer, to one decimal place; None where nobody has answered."""
        return round(median(one / timedelta(days=1) for one in self.answers), 1) if self.answers else None

    @property
    def share_met(self) -> int | None:
        """The asks that were met, in percent; None where there are none."""
        return round(100 * self.met / self.asks) if self.asks else None

    @property
    def proposed(self) -> int:
        return sum(self.states.values())

    @property
    def completed(self) -> int:
        return self.states["completed"]

    @property
    def cancelled(self) -> int:
        return self.states["cancelled"]

    @property
    def usefulness(self) -> float | None:
        return round(sum(self.useful) / len(self.useful), 1) if self.useful else None

    @property
    def by_kind(self) -> list[int]:
        """How many outcomes of each of `KINDS`."""
        return [self.outcomes[one] for one in KINDS]


def read_figures(offices: Collection[Office], year: int | None) -> list[Figures]:
    """Return the figures of each office, the first ones those of all of them.

    An exchange counts once in the sum, and once for each office that has a member in it.

    Args:
        year: of the proposals and asks; None for all years.
    """
    keys = {one.pk for one in offices}
    whole = Figures(None)
    each = {one.pk: Figures(one) for one in offices}
    of_exchange = _offices_of_exchanges(keys)
    asked = Q(proposed_at__year=year) if year else Q()
    for exchange in Exchange.objects.filter(asked, pk__in=of_exchange).order_by("pk"):
        for figures in (whole, *(each[pk] for pk in of_exchange[exchange.pk])):
            figures.states[exchange.state] += 1
            if exchange.answered_at:
                figures.answers.append(exchange.answered_at - exchange.proposed_at)
            else:
                figures.unanswered += 1
    when = Q(exchange__proposed_at__year=year) if year else Q()
    for pk, kind in Outcome.objects.filter(when, exchange__in=of_exchange).values_list("exchange", "kind"):
        for figures in (whole, *(each[office] for office in of_exchange[pk])):
            figures.outcomes[kind] += 1
    marks = Party.objects.filter(when, exchange__in=of_exchange, feedback__isnull=False)
    for pk, useful in marks.values_list("exchange", "feedback__useful"):
        for figures in (whole, *(each[office] for office in of_exchange[pk])):
            figures.useful.append(useful)
    made = Q(made_at__year=year) if year else Q()
    done = Exchange.objects.filter(notice=OuterRef("pk"), state=Exchange.State.COMPLETED)
    asks = Notice.objects.filter(made, kind=Notice.Kind.ASK, member__office__in=keys)
    for office, met in asks.annotate(met=Exists(done)).values_list("member__office", "met"):
        for figures in (whole, each[office]):
            figures.asks += 1
            figures.met += met
    return [whole, *each.values()]


def _offices_of_exchanges(keys: set[int]) -> dict[int, set[int]]:
    """Return of each exchange which of the offices have a member in it."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Party.objects.filter(member__office__in=keys).taking_part()
    for exchange, office in rows.values_list("exchange", "member__office"):
        found[exchange].add(office)
    return found
