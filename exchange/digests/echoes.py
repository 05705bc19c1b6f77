"""What others did with what the reader's side has published, read once for many readers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from config.journal.models import Entry
from exchange.digests.models import Subscription
from members.directory.rules import Roles
from practices.library.models import Publication
from practices.uptake.models import Uptake
from practices.uptake.querysets import UptakeQuerySet

VERBS = ("uptake_recorded", "uptake_moved", "uptake_confirmed")
MOST_ECHOES = 5
WINDOW = 1_000  # the newest acts that are looked at
UNNUMBERED = 2**62  # above every number


@dataclass(frozen=True)
class Echo:
    """The last act on an uptake: its number in the journal, and who did it."""

    number: int
    uptake: int
    by: int | None


class Echoes:
    """The newest acts on uptake, by whose publication was taken up."""

    def __init__(self, rows: Iterable[tuple[Echo, tuple[str, int]]]) -> None:
        self.by_owner: dict[tuple[str, int], list[Echo]] = defaultdict(list)
        for echo, owner in rows:
            self.by_owner[owner].append(echo)

    def heard_by(self, subscription: Subscription, roles: Roles) -> list[int]:
        """Return the uptakes that the reader has not been told of, the newest first, without their own acts."""
        if Subscription.Section.UPTAKE not in subscription.sections:
            return []
        owners = [("member", pk) for pk in roles.members] + [("office", pk) for pk in roles.coordinates]
        found = [
            one
            for owner in owners
            for one in self.by_owner.get(owner, ())
            if one.number > subscription.confirmed_no and one.by != subscription.user_id
        ]
        return [one.uptake for one in sorted(found, key=lambda one: -one.number)]


def read_echoes(*, highest: int | None) -> Echoes:
    """Read the last act on each uptake up to `highest`; what its owner declined is not told. Two queries.

    Args:
        highest: None also takes the acts that have no number yet.
    """
    entries = Entry.objects.filter(
        Q() if highest is None else Q(number__lte=highest),
        verb__in=VERBS,
        content_type=ContentType.objects.get_for_model(Uptake),
    ).order_by("-number", "-pk")[:WINDOW]
    last: dict[int, Echo] = {}
    for uptake, number, by in entries.values_list("object_id", "number", "by"):
        last.setdefault(uptake, Echo(number or UNNUMBERED, uptake, by))
    owners = shown_uptakes(last).values_list("pk", "publication__owner_member", "publication__owner_office")
    return Echoes((last[pk], ("member", member) if member else ("office", office)) for pk, member, office in owners)


def shown_uptakes(pks: Iterable[int]) -> UptakeQuerySet:
    """Return those of `pks` that everybody in the network may read of."""
    return Uptake.objects.filter(pk__in=list(pks), declined_at=None, publication__state=Publication.State.PUBLISHED)
