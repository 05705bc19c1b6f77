"""What other people have asked of the reader and wait for, read once for many readers.

Each was mailed when it was asked, so a digest has them beside what is new; nothing but them makes no digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.connections.models import Connection, Leave
from exchange.exchanges.models import Party
from exchange.exchanges.querysets import speaks_for
from exchange.peers.models import Introduction
from members.accounts.models import User
from members.directory.rules import Roles


@dataclass(frozen=True)
class Request:
    """Something that waits for an answer: since when, what it is about, who asks, and where it is answered."""

    at: datetime
    title: str
    by: str
    text: str
    path: str


class Requests:
    """What waits for an answer, by who may give it.

    For each reader it says the same as `answerable_by` and `to_answer` do with a query each; a test holds them together.
    """

    def __init__(
        self, parties: Iterable[Party], introductions: Iterable[Introduction], connections: Iterable[Connection]
    ) -> None:
        self.parties: dict[int, list[Party]] = defaultdict(list)
        self.introductions: dict[int, list[Introduction]] = defaultdict(list)
        self.connections: dict[int, list[Connection]] = defaultdict(list)
        for party in parties:
            self.parties[party.member_id].append(party)
        for one in introductions:
            for side, answer in ((one.member_id, one.member_answer), (one.peer_id, one.peer_answer)):
                if answer == Introduction.Answer.WAITING:
                    self.introductions[side].append(one)
        for connection in connections:
            self.connections[connection.asked_id].append(connection)

    def made_to(self, user: User, roles: Roles) -> list[Request]:
        """Return what `user` is to answer, the oldest first; call it under the reader's language."""
        return sorted(self._made_to(user, roles), key=lambda one: one.at)

    def _made_to(self, user: User, roles: Roles) -> Iterator[Request]:
        for member in speaks_for(roles):
            for party in self.parties.get(member, ()):
                exchange = party.exchange
                text = _("An exchange is proposed to %(member)s.")
                if party.is_asked_about_change:
                    text = _("A changed plan waits for the answer of %(member)s.")
                text %= {"member": party.member}
                yield Request(party.asked_at, exchange.title, party.asker or "", text, exchange.get_absolute_url())
        introductions = {one.pk: one for member in roles.writes_for for one in self.introductions.get(member, ())}
        for one in introductions.values():
            pair = _("%(one)s and %(other)s") % {"one": one.member, "other": one.peer}
            by = str(one.by) if one.by else ""
            text = _("A coordinator proposes a peer to you.")
            yield Request(one.made_at, pair, by, text, one.get_absolute_url())
        for connection in self.connections.get(user.pk, ()):
            asker, path = connection.asker, reverse("connections:connection_list")
            yield Request(connection.asked_at, str(asker), asker.job_title, _("Wants to connect with you."), path)


def read_requests(readers: Mapping[int, Roles]) -> Requests:
    """Read what waits for an answer of `readers`, given with their roles; three queries, none for nobody."""
    if not readers:
        return Requests([], [], [])
    speakers = {member for roles in readers.values() for member in speaks_for(roles)}
    waits = Introduction.Answer.WAITING
    introductions = Introduction.objects.filter(state=Introduction.State.PROPOSED)
    connections = Connection.objects.waiting_for(readers).exclude(asked__in=Leave.objects.values("user"))
    return Requests(
        Party.objects.waiting().with_asker().filter(member__in=speakers).select_related("exchange", "member"),
        (
            introductions.filter(member__in=speakers, member_answer=waits)
            | introductions.filter(peer__in=speakers, peer_answer=waits)
        ).select_related("member", "peer", "by"),
        connections.select_related("asker"),
    )
