"""What this room knows of a person."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from exchange.connections.models import Block, Connection, Leave
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    """Yield what they see on their page: what was declined silently looks as if it waited."""
    for one in Connection.objects.of(user).select_related("asker", "asked").order_by("pk"):
        asked = one.asker_id == user.pk
        is_silent = asked and (one.state == Connection.State.DECLINED)
        yield {
            "with": str(one.other(user)),
            "asked_by_me": asked,
            "message": one.message,
            "state": Connection.State.WAITING if is_silent else one.state,
            "asked_at": one.asked_at,
        }
    for block in Block.objects.filter(blocker=user).select_related("blocked").order_by("pk"):
        yield {"blocked": str(block.blocked), "since": block.since}
    if Leave.objects.filter(user=user).exists():
        yield {"wants_mail": False}


def erase(user: User) -> None:
    """Delete all of it, on both sides."""
    Connection.objects.of(user).delete()
    Block.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    Leave.objects.filter(user=user).delete()
