"""What goes into whose digest, and why. What a run may tell is read once; a chunk of readers costs a few queries more."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone

from config.journal.models import Entry
from exchange.digests.echoes import UNNUMBERED, Echoes, read_echoes
from exchange.digests.fits import Fits, Pair, read_fits
from exchange.digests.models import Mute, Subscription
from exchange.digests.ranking import NO, Candidate, Place, Ranking, Wish, reason_for, spread
from exchange.digests.talk import Entries, read_entries
from exchange.digests.waiting import Waiting, read_waiting
from members.directory.models import Member
from members.directory.querysets import read_roles
from members.directory.rules import Roles, roles_of
from practices.library.models import Publication, Seen

MOST_ITEMS = 8
WINDOW = 1_000  # the newest publications that are looked at, for a reader who has been away for long


@dataclass(frozen=True)
class Item:
    """One publication in one reader's digest. `reason` is a code and what it is about, a topic for example."""

    publication: int
    version: int
    reason: str
    about: str


@dataclass(frozen=True)
class Selection:
    """One reader's digest.

    Attributes:
        more: counts what fits too but was left out.
        waits: something waits for them.
        echoes: every uptake of what their side has published that they have not been told of, the newest first.
        talk: what people wrote to them, as verb and key of the comment or message, the newest first.
        fits: asks that they could answer and offers that fit their asks, the best first.
    """

    items: list[Item]
    more: int
    waits: bool
    echoes: list[int]
    talk: Entries = field(default_factory=list)
    fits: list[Pair] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.waits or self.echoes or self.talk or self.fits)


@dataclass
class Muted:
    """What one reader does not want."""

    publications: set[int] = field(default_factory=set)
    owners: set[tuple[str, int]] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)

    def hides(self, candidate: Candidate) -> bool:
        """Whether a candidate is left out; a topic takes out what is about nothing else."""
        about_muted_alone = bool(candidate.topics) and candidate.topics <= self.topics
        return candidate.publication in self.publications or candidate.owner in self.owners or about_muted_alone


NOTHING_MUTED = Muted()


class Window:
    """What one run of the planner may tell: the newest publications, ranked, and what waits for somebody."""

    def __init__(
        self, candidates: Sequence[Candidate], waiting: Waiting, echoes: Echoes, fits: Fits, highest: int | None
    ) -> None:
        self.ranking = Ranking(candidates)
        self.waiting = waiting
        self.echoes = echoes
        self.fits = fits
        self.highest = highest
        self.places: dict[int, Place] = {}
        self.publications = [one.publication for one in candidates]
        self.ages = [-one.number for one in self.ranking.candidates]  # ascending, for bisect

    def select_for(self, subscriptions: Sequence[Subscription]) -> list[Selection]:
        """Choose for each of `subscriptions` from what came after its `confirmed_no`.

        Where they carry `role_columns`, the readers' roles cost no query.
        """
        roles = {one.user_id: _roles(one) for one in subscriptions}
        self._read_places({pk for one in roles.values() for pk in one.members})
        marks = Seen.objects.filter(user__in=roles, publication__in=self.publications)
        seen: dict[int, dict[int, int]] = {}
        for user, publication, version in marks.values_list("user", "publication", "version"):
            seen.setdefault(user, {})[publication] = version
        muted = _read_mutes(subscriptions)
        talk = read_entries(subscriptions, highest=self.highest)
        return [
            replace(
                self._select(one, roles[one.user_id], seen.get(one.user_id, {}), muted.get(one.pk, NOTHING_MUTED)),
                talk=talk.get(one.user_id, []),
                fits=self.fits.told_to(one, roles[one.user_id]),
            )
            for one in subscriptions
        ]

    def _select(self, subscription: Subscription, roles: Roles, seen: dict[int, int], muted: Muted) -> Selection:
        waits = Subscription.Section.WAITING in subscription.sections and self.waiting.waits_for(
            subscription.user, roles
        )
        echoes = self.echoes.heard_by(subscription, roles)
        if Subscription.Section.NEW not in subscription.sections:
            return Selection([], 0, waits, echoes)
        wish = self._wish(subscription, roles)
        new = bisect_left(self.ages, -subscription.confirmed_no)
        own = {("member", pk) for pk in roles.members}
        scores = self.ranking.score(wish)
        found = [
            (-score, place, one)
            for place, (score, one) in enumerate(zip(scores[:new], self.ranking.candidates, strict=False))
            if score > NO
            and one.owner not in own
            and seen.get(one.publication, 0) < one.version
            and not (muted is not NOTHING_MUTED and muted.hides(one))
        ]
        found.sort()
        chosen = spread([one for *_, one in found], MOST_ITEMS)
        items = [Item(one.publication, one.version, *reason_for(one, wish)) for one in chosen]
        return Selection(items, len(found) - len(items), waits, echoes)

    def _wish(self, subscription: Subscription, roles: Roles) -> Wish:
        saved = subscription.pk is not None  # one not saved yet follows nothing
        return Wish(
            topics=frozenset(topic.code for topic in subscription.topics.all()) if saved else frozenset(),
            pathways=frozenset(pathway.code for pathway in subscription.pathways.all()) if saved else frozenset(),
            languages=frozenset({*subscription.user.languages_read, subscription.language}),
            places=tuple(self.places[pk] for pk in sorted(roles.members) if pk in self.places),
        )

    def _read_places(self, members: Collection[int]) -> None:
        """Read where the members are that no reader of this run came from before, and what they have published."""
        if not (unknown := set(members) - self.places.keys()):
            return
        works: dict[int, list[tuple[Any, ...]]] = {}
        published = Publication.objects.published().filter(owner_member__in=unknown)
        for pk, *facts in published.values_list(
            "owner_member", "topics__code", "pathways__code", "climate_zone"
        ).distinct():
            works.setdefault(pk, []).append(tuple(facts))
        for pk, population, country in Member.objects.filter(pk__in=unknown).values_list("pk", "population", "country"):
            topics, pathways, climates = (
                frozenset(filter(None, column)) for column in zip(*works.get(pk, [("",) * 3]), strict=True)
            )
            self.places[pk] = Place(population, country, climates, topics, pathways)


def read_window(*, highest: int | None) -> Window:
    """Read the publications of the journal's entries up to `highest`, each once; seven queries.

    Args:
        highest: None also takes the entries that have no number yet, for a look that may not number them.
    """
    kind = ContentType.objects.get_for_model(Publication)
    entries = Entry.objects.filter(
        Q() if highest is None else Q(number__lte=highest),
        verb__in=["published", "updated"],
        audience=Entry.Audience.NETWORK,
        content_type=kind,
    ).order_by("-number", "-pk")[:WINDOW]  # PostgreSQL takes those without a number first
    numbers: dict[int, int] = {}
    for object_id, number in entries.values_list("object_id", "number"):
        numbers.setdefault(object_id, number or UNNUMBERED)
    rows = Publication.objects.published().filter(pk__in=numbers).with_cards()
    candidates = [_candidate(row, numbers[row.pk]) for row in rows]
    return Window(candidates, read_waiting(), read_echoes(highest=highest), read_fits(highest=highest), highest)


def select_for(subscriptions: Sequence[Subscription], *, highest: int | None) -> list[Selection]:
    """Choose for each of `subscriptions`; see `Window`, which a run that has many of them reads once."""
    return read_window(highest=highest).select_for(subscriptions)


def _candidate(row: Publication, number: int) -> Candidate:
    member = row.owner_member
    return Candidate(
        number=number,
        publication=row.pk,
        version=row.version,
        owner=("member", member.pk) if member else ("office", row.owner_office_id or 0),
        at=row.updated_at or row.published_at or timezone.now(),  # published ones have a date
        topics=frozenset(topic.code for topic in row.topics.all()),
        pathways=frozenset(pathway.code for pathway in row.pathways.all()),
        population=member.population if member else None,
        country=row.country,
        climate=row.climate_zone,
        language=row.language,
        evidence=row.evidence,
        uptake=row.uptake_count,
        is_recommended=row.review_level == Publication.ReviewLevel.RECOMMENDED,
        is_confirmed=row.unconfirmed_at is None,
    )


def _read_mutes(subscriptions: Sequence[Subscription]) -> dict[int, Muted]:
    found: dict[int, Muted] = {}
    rows = Mute.objects.filter(subscription__in=[one.pk for one in subscriptions if one.pk])
    for pk, publication, member, topic in rows.values_list("subscription", "publication", "member", "topic__code"):
        muted = found.setdefault(pk, Muted())
        if publication:
            muted.publications.add(publication)
        elif member:
            muted.owners.add(("member", member))
        else:
            muted.topics.add(topic)
    return found


def _roles(subscription: Subscription) -> Roles:
    if hasattr(subscription, "at_members"):
        return read_roles(subscription.user, subscription)
    return roles_of(subscription.user)
