"""Who is suggested to whom: worked out for all every night, and for one ask or offer as soon as it is opened.

The same few would be everybody's best match: large, well documented, in the middle of everything. So nobody's list is
the best ten alone (`spread`): the best one is always kept, and beyond it a member comes into about as many lists as
`MOST_SHARE` times the average, before others are asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from config.journal.services import record_of_each
from exchange.peers.dismissing import read_dismissed, read_factors
from exchange.peers.embedding import embed_notices
from exchange.peers.lists import Found, Task
from exchange.peers.models import Match, Notice
from exchange.peers.scoring import ALIKE, FIT, rough, score
from exchange.peers.sides import Column, Reader, Sides
from exchange.peers.writing import Row, lock_matches, rows_of, write_matches

KEPT = 10  # of each kind for each
POOL = 40  # the best of which those are chosen
MOST_SHARE = 2.0
BLOCK = 256  # subjects at a time: what bounds memory
DENSE = 6_000  # candidates that are compared one by one with everybody; of more, the `NEAREST` are
NEAREST = 300
FILLED = 3  # a list of fewer takes also those whom everybody gets
MOST_TOGETHER = 100  # members who use the same: what more use says nothing of any two of them


class Market:
    """What is compared, read once: all there is, or what is around one ask or offer."""

    def __init__(self, reader: Reader, asks: Sides, offers: Sides, publications: Sides) -> None:
        self.reader, self.asks, self.offers, self.publications = reader, asks, offers, publications
        reader.tell_works(publications, (asks, offers))
        self.dismissed, factors = read_dismissed(), read_factors()
        self.fit, self.alike = (replace(one, more=factors) for one in (FIT, ALIKE))

    @classmethod
    def whole(cls) -> "Market":
        market = cls._read()
        market.members.measure_crowd()
        return market

    @classmethod
    def around(cls, notice: Notice) -> "Market":
        """Read all there is, since that says what members are about, and keep of the notice's own kind only that one."""
        market = cls._read()
        for kind in ("asks", "offers"):
            sides: Sides = getattr(market, kind)
            if notice.is_ask == (kind == "asks"):
                setattr(market, kind, sides.take(np.flatnonzero(sides.pks == notice.pk)))
        return market

    @classmethod
    def _read(cls) -> "Market":
        reader = Reader()
        asks, offers = reader.read_notices("ask"), reader.read_notices("offer")
        return cls(reader, asks, offers, reader.read_publications())

    @property
    def members(self) -> Sides:
        return self.reader.members

    @cached_property
    def taken_up(self) -> dict[int, set[int]]:
        """The publications that each member takes up, or has taken up and dropped."""
        found: dict[int, set[int]] = {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT member_id, publication_id FROM uptake_uptake")
            for member, publication in cursor.fetchall():
                found.setdefault(member, set()).add(publication)
        return found

    def tasks(self) -> Iterator[Task]:
        """Yield every kind of list there is."""
        yield Task("offers for asks", self.asks, self.offers, "to_notice", for_notice=True, weights=self.fit)
        yield Task("asks for offers", self.offers, self.asks, "to_notice", for_notice=True, weights=self.fit)
        yield Task("texts for asks", self.asks, self.publications, "to_publication", for_notice=True, weights=self.fit)
        yield Task("asks for members", self.members, self.asks, "to_notice", for_notice=False, weights=self.fit)
        yield Task("offers for members", self.members, self.offers, "to_notice", for_notice=False, weights=self.fit)
        yield Task("members", self.members, self.members, "to_member", for_notice=False, weights=self.alike)

    def find(self, task: Task) -> list[Found]:
        """Return the best `POOL` that each subject of a task may be shown, the best first."""
        found: list[Found] = []
        for at in range(0, len(task.subjects), BLOCK):
            found += self._find_in_block(task, np.arange(at, min(at + BLOCK, len(task.subjects))))
        return found

    def _find_in_block(self, task: Task, rows: Column) -> Iterator[Found]:
        subjects = _with_works(task.subjects, rows)
        if len(task.candidates) <= DENSE:
            scores, parts = score(subjects, task.candidates, task.weights, known=self._known(task, rows))
            for at in range(len(rows)):
                yield from self._best(task, int(rows[at]), scores[at], {k: v[at] for k, v in parts.items()}, None)
            return
        nearest = np.argpartition(-rough(subjects, task.candidates), NEAREST, axis=1)[:, :NEAREST]
        for at in range(len(rows)):
            some = task.candidates.take(nearest[at])
            scores, parts = score(_with_works(task.subjects, rows[at : at + 1]), some, task.weights)
            yield from self._best(task, int(rows[at]), scores[0], {k: v[0] for k, v in parts.items()}, nearest[at])

    def _best(
        self, task: Task, subject: int, scores: Column, parts: dict[str, Column], numbers: Column | None
    ) -> Iterator[Found]:
        """Yield the best candidates of one subject that may be shown."""
        member = int(task.subjects.members[subject])
        out = self.dismissed.get((member, task.target), frozenset())
        if task.target == "to_publication":
            out = out | self.taken_up.get(member, frozenset())
        left = POOL
        for at in np.argsort(-scores, kind="stable")[: POOL + len(out) + 60]:
            if scores[at] < task.weights.least or not left:
                return
            number = int(at if numbers is None else numbers[at])
            if task.candidates.members[number] == member or int(task.candidates.pks[number]) in out:
                continue
            left -= 1
            yield Found(subject, number, float(scores[at]), {name: float(one[at]) for name, one in parts.items()})

    def _known(self, task: Task, rows: Column) -> Column | None:
        """Return which members use the same, or each other's, where members are compared."""
        if task.target != "to_member":
            return None
        known = np.zeros((len(rows), len(task.candidates)), np.float32)
        place = {int(row): at for at, row in enumerate(rows)}
        for ours, theirs in self._users_in_common:
            if ours in place:
                known[place[ours], theirs] = 1
        return known

    @cached_property
    def _users_in_common(self) -> list[tuple[int, int]]:
        """Pairs of rows of members of whom both take up the same, or one what the other has published."""
        users: dict[int, set[int]] = {}
        for member, publications in self.taken_up.items():
            if (row := self.reader.place_of.get(member)) is not None:
                for publication in publications:
                    users.setdefault(publication, set()).add(row)
        owners = dict(zip(self.publications.pks.tolist(), self.publications.members.tolist(), strict=True))
        pairs = set()
        for publication, rows in users.items():
            owner = self.reader.place_of.get(owners.get(publication, 0))
            together = rows | ({owner} if owner is not None else set())
            if len(together) <= MOST_TOGETHER:
                pairs |= {(one, other) for one in together for other in together if one != other}
        return sorted(pairs)


def spread(
    found: Iterable[Found], candidates: Sides, given: "Counter[int] | None" = None, most: float | None = None
) -> list[Found]:
    """Choose `KEPT` for each subject so that no candidate's member is in everybody's list; the best first.

    The first choice of each is kept. The others are given out from the best pair down, as long as the member behind
    the candidate has been given to fewer than `most`; lists that are shorter than `FILLED` take others too.

    Args:
        given: into how many lists each member has come already.
        most: into how many it comes; `MOST_SHARE` times the average of these lists by default.
    """
    pairs = sorted(found, key=lambda one: (-one.score, one.subject, one.candidate))
    if most is None:
        wanted = Counter(one.subject for one in pairs)
        total = sum(min(count, KEPT) for count in wanted.values())
        most = most_of(total, len({int(candidates.members[one.candidate]) for one in pairs}))
    given = Counter() if given is None else given
    lists: dict[int, list[Found]] = {}
    waiting: list[Found] = []
    for one in pairs:
        mine, owner = lists.setdefault(one.subject, []), int(candidates.members[one.candidate])
        if mine and given[owner] >= most:
            waiting.append(one)
        elif len(mine) < KEPT:
            mine.append(one)
            given[owner] += 1
    for one in waiting:
        if len(lists[one.subject]) < FILLED:
            lists[one.subject].append(one)
    return [one for mine in lists.values() for one in sorted(mine, key=lambda each: -each.score)]


def most_of(total: int, members: int) -> float:
    """Return into how many lists a member comes, where `total` places are to be given to `members`."""
    return max(3.0, MOST_SHARE * total / max(1, members))


def match_all(*, tell: Callable[[str, int], None] = lambda _name, _count: None) -> int:
    """Work out every list anew and write them at once; returns how many suggestions there are.

    What was found for one ask or offer while this was at work stays as it is.

    Args:
        tell: is called with each kind of list and how many suggestions it has.
    """
    embed_notices()
    started = timezone.now()
    market = Market.whole()
    rows: list[Row] = []
    for task in market.tasks():
        found = spread(market.find(task), task.candidates)
        rows += rows_of(task, found, market.reader, started)
        tell(task.name, len(found))
    with transaction.atomic():
        lock_matches()
        fresh = set(Notice.objects.filter(matched_at__gt=started).values_list("pk", flat=True))
        Match.objects.filter(found_at__lte=started).delete()
        write_matches([one for one in rows if not {one.notice_id, one.to_notice_id} & fresh])
        looked_at = [*market.asks.pks.tolist(), *market.offers.pks.tolist()]
        _note_matched(Notice.objects.filter(pk__in=looked_at).exclude(pk__in=fresh), started)
    return len(rows)


def match_notice(notice: Notice) -> int:
    """Look for what fits one ask or offer, and put it on the lists of those whom it fits; returns how many it found."""
    embed_notices([notice.pk])
    started = timezone.now()
    market = Market.around(notice)
    own = market.asks if notice.is_ask else market.offers
    rows: list[Row] = []
    for task in market.tasks():
        if task.subjects is not own and task.candidates is not own:
            continue
        found = market.find(task)
        if task.subjects is own:
            found = spread(found, task.candidates, *_given(task))
        else:
            found = sorted(found, key=lambda one: -one.score)[:POOL]
        rows += rows_of(task, found, market.reader, started)
    with transaction.atomic():
        lock_matches()
        Match.objects.filter(Q(notice=notice) | Q(to_notice=notice)).delete()
        write_matches(rows)
        _note_matched(Notice.objects.filter(pk=notice.pk, edition=notice.edition), started)
    return len(rows)


def _note_matched(notices: QuerySet[Notice], at: datetime) -> None:
    """Note when these were looked at; of those that nobody had looked at, digests tell from here on."""
    fresh = list(notices.filter(matched_at=None).select_for_update().order_by("pk"))
    record_of_each(objs=fresh, verb="matched", by=None)
    notices.update(matched_at=at)


def _given(task: Task) -> tuple["Counter[int]", float]:
    """Return how often each member is on lists of this kind now, and how often it may be."""
    peer = "to_notice__member" if task.target == "to_notice" else "to_publication__owner_member"
    counts = Match.objects.filter(notice__isnull=False, **{f"{task.target}__isnull": False}).values_list(peer)
    given = Counter(dict(counts.annotate(Count("pk")).order_by()))
    return given, most_of(given.total(), len(given))


def _with_works(sides: Sides, rows: Column) -> Sides:
    """Return some rows, of members with their works."""
    some = sides.take(rows)
    if sides.works is not None and sides.work_of is not None:
        first, last = np.searchsorted(sides.work_of, [rows[0], rows[-1] + 1])
        some.works, some.work_of = sides.works[first:last], sides.work_of[first:last] - rows[0]
    return some
