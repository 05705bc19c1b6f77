"""The asks and offers that somebody is in charge of; they stay with their member when the person is erased."""

from collections.abc import Iterable
from typing import Any

from exchange.peers.models import Notice
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    for row in Notice.objects.filter(person=user).select_related("member").order_by("pk"):
        yield {"kind": row.kind, "member": row.member.name, "title": row.title, "text": row.text, "state": row.state}
