"""What the home page shows one person."""

from collections.abc import Mapping
from typing import Any

from config.vocabulary.models import Term, read_terms
from exchange.digests.services import get_subscription
from exchange.home.newest import newest_for
from exchange.home.soon import meetings_of, soonest
from exchange.home.waiting import read_those_with_rows, waiting_for
from exchange.moderation.silences import cases_that_silence
from exchange.peers.models import Match
from exchange.peers.queries import Suggestion, suggestions
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.search.catalogue import read_catalogue
from practices.search.results import read_results
from practices.sharing.feeds import feed_token

NEWEST = 6
PEERS = 4
TASKS = 5


def read_home(user: User) -> dict[str, Any]:
    """Return the context of the home page: in nine queries, and one more for each kind of thing that waits."""
    roles, catalogue, terms = roles_of(user), read_catalogue(), read_terms()
    mine = list(Member.objects.filter(pk__in=roles.members))
    subscription = get_subscription(user)
    waiting = waiting_for(user)
    found = read_those_with_rows(user, waiting | meetings_of(user) | {"silenced": cases_that_silence(user)}, most=TASKS)
    newest = newest_for(user, catalogue, mine, subscription, most=NEWEST)
    return {
        **{name: found[name] for name in waiting},
        "waits": any(found[name] for name in waiting),
        "queue_count": waiting["waiting"].count() if found["waiting"] else 0,
        "silenced": next(iter(found["silenced"]), None),
        "soon": soonest(found["sessions"], found["meetings"]),
        "members": mine,
        "calendar": feed_token(user),
        "newest": read_results(newest, catalogue, user, terms=terms["pathway"]),
        "total": len(catalogue),
        "writes": bool(roles.writes_for or roles.coordinates),
        "peers": _peers_of(mine[0], terms) if mine else [],
        "subscription": subscription,
        "next_due": subscription.next_due,
    }


def _peers_of(member: Member, terms: Mapping[str, Mapping[str, Term]]) -> list[Suggestion]:
    """Return the members that fit one best, with reasons."""
    rows = Match.objects.filter(member=member, notice=None, to_member__isnull=False)
    return suggestions(rows, terms, most=PEERS)
