"""What goes into whose digest, and why. A chunk of readers costs the same number of queries whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from config.journal.models import Entry
from exchange.digests.models import Subscription
from exchange.digests.waiting import read_waiting
from members.accounts.models import User
from members.directory.models import Member, MemberRole, OfficeRole
from members.directory.rules import Roles
from practices.library.models import Publication, Seen

MOST_ITEMS = 8
UNNUMBERED = 2**62  # above every number
WINDOW = 1_000  # the newest publications that are looked at, for a reader who has been away for long
SIMILAR = 2.0  # populations within this factor are "of similar size"


@dataclass(frozen=True)
class Item:
    """One publication in one reader's digest. `reason` is a code and what it is about, a topic for example."""

    publication: int
    version: int
    reason: str
    about: str
    score: float


@dataclass(frozen=True)
class Selection:
    """One reader's digest. `more` counts what fits too but was left out; `waits`: something waits for them."""

    items: list[Item]
    more: int
    waits: bool

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.waits


@dataclass
class Reader:
    """What is known of a reader, apart from the subscription."""

    members: list[Member] = field(default_factory=list)
    writes_for: set[int] = field(default_factory=set)
    coordinates: set[int] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)  # publication → version

    def roles(self, user: User) -> Roles:
        """Return the roles of `user`, whose reader this is."""
        return Roles(
            writes_for=frozenset(self.writes_for),
            members=frozenset(member.pk for member in self.members),
            coordinates=frozenset(self.coordinates),
            is_administrator=user.is_administrator,
        )


@dataclass(frozen=True)
class Candidate:
    """A publication of the window with what selection needs of it."""

    number: int
    publication: Publication
    topics: frozenset[str]
    pathways: frozenset[str]


def select_for(subscriptions: Sequence[Subscription], *, highest: int | None) -> list[Selection]:
    """Choose for each of `subscriptions` from the journal's entries after its `confirmed_no` up to `highest`.

    Args:
        highest: None also takes the entries that have no number yet, for a look that may not number them.
    """
    lowest = min((one.confirmed_no for one in subscriptions), default=0)
    candidates = _candidates(lowest, highest)
    readers = _readers([one.user_id for one in subscriptions], [one.publication.pk for one in candidates])
    waiting = read_waiting()
    unconfirmed = {one.publication.pk for one in candidates if one.publication.unconfirmed_at}
    selections = []
    for subscription in subscriptions:
        reader = readers[subscription.user_id]
        found = [
            item
            for candidate in candidates
            if candidate.number > subscription.confirmed_no and (item := _match(subscription, reader, candidate))
        ]
        wanted = found if Subscription.Section.NEW in subscription.sections else []
        wanted.sort(key=lambda item: (item.publication in unconfirmed, -item.score))
        waits = Subscription.Section.WAITING in subscription.sections and waiting.waits_for(
            subscription.user, reader.roles(subscription.user)
        )
        selections.append(Selection(wanted[:MOST_ITEMS], max(0, len(wanted) - MOST_ITEMS), waits))
    return selections


def _candidates(lowest: int, highest: int | None) -> list[Candidate]:
    """Return the publications of the window, each once, the newest first."""
    kind = ContentType.objects.get_for_model(Publication)
    entries = Entry.objects.filter(
        Q(number=None) | Q(number__gt=lowest) if highest is None else Q(number__gt=lowest, number__lte=highest),
        verb__in=["published", "updated"],
        audience=Entry.Audience.NETWORK,
        content_type=kind,
    ).order_by("-number", "-pk")[:WINDOW]  # PostgreSQL takes those without a number first
    numbers: dict[int, int] = {}
    for object_id, number in entries.values_list("object_id", "number"):
        numbers.setdefault(object_id, number or UNNUMBERED)
    rows = Publication.objects.published().filter(pk__in=numbers).with_cards()
    found = [
        Candidate(
            numbers[row.pk],
            row,
            frozenset(topic.code for topic in row.topics.all()),
            frozenset(pathway.code for pathway in row.pathways.all()),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: -one.number)


def _readers(users: Collection[int], publications: Collection[int]) -> dict[int, Reader]:
    readers: dict[int, Reader] = defaultdict(Reader)
    for role in MemberRole.objects.filter(user__in=users, member__is_active=True).select_related("member"):
        readers[role.user_id].members.append(role.member)
        if role.role != MemberRole.Role.READER:
            readers[role.user_id].writes_for.add(role.member_id)
    for user, office in OfficeRole.objects.filter(user__in=users, role="coordinator").values_list("user", "office"):
        readers[user].coordinates.add(office)
    marks = Seen.objects.filter(user__in=users, publication__in=publications)
    for user, publication, version in marks.values_list("user", "publication", "version"):
        readers[user].seen[publication] = version
    return readers


def _match(subscription: Subscription, reader: Reader, candidate: Candidate) -> Item | None:
    """Return the item, with the best reason for it, or None where it is not for this reader."""
    row = candidate.publication
    if any(row.owner_member_id == member.pk for member in reader.members):
        return None
    if reader.seen.get(row.pk, 0) >= row.version:
        return None
    saved = subscription.pk is not None  # one not saved yet follows nothing
    topics = {topic.code for topic in subscription.topics.all()} if saved else set()
    pathways = {pathway.code for pathway in subscription.pathways.all()} if saved else set()
    reasons: list[tuple[float, str, str]] = []
    if common := candidate.topics & topics:
        reasons.append((4.0 + len(common), "topic", min(common)))
    if common := candidate.pathways & pathways:
        reasons.append((3.0 + len(common), "pathway", min(common)))
    if (topics or pathways) and not reasons:
        return None
    if any(_similar(member, row.owner_member) for member in reader.members):
        reasons.append((2.0, "size", ""))
    if any(member.country == row.country for member in reader.members):
        reasons.append((1.5, "country", row.country))
    if row.language in {*subscription.user.languages_read, subscription.language}:
        reasons.append((1.0, "language", row.language))
    score = sum(weight for weight, _, _ in reasons)
    _, reason, about = max(reasons, default=(0.0, "new", ""))
    return Item(row.pk, row.version, reason, about, score)


def _similar(one: Member, other: Member | None) -> bool:
    if not other or not one.population or not other.population:
        return False
    return 1 / SIMILAR <= one.population / other.population <= SIMILAR
