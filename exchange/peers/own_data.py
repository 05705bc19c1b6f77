"""What somebody has asked, offered, refused and proposed. It stays with their member when the person is erased."""

from collections.abc import Iterable
from typing import Any

from exchange.peers.models import Dismissal, Introduction, Notice
from members.accounts.models import User


def read_notices(user: User) -> Iterable[dict[str, Any]]:
    """Yield the asks and offers that they are in charge of."""
    for row in Notice.objects.filter(person=user).select_related("member").order_by("pk"):
        yield {"kind": row.kind, "member": row.member.name, "title": row.title, "text": row.text, "state": row.state}


def read_dismissals(user: User) -> Iterable[dict[str, Any]]:
    """Yield what they did not want their member to be shown again."""
    rows = Dismissal.objects.filter(by=user).select_related("member", "to_notice", "to_publication", "to_member")
    for row in rows.order_by("pk"):
        yield {"member": row.member.name, "what": str(row.target), "reason": row.reason, "note": row.note, "at": row.at}


def read_introductions(user: User) -> Iterable[dict[str, Any]]:
    """Yield the members that they proposed to each other."""
    for row in Introduction.objects.filter(by=user).select_related("member", "peer").order_by("pk"):
        yield {"member": row.member.name, "peer": row.peer.name, "note": row.note, "at": row.made_at}
