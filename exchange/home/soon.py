"""When one meets others next: a session of an exchange, and a meeting of a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from exchange.conversations.models import GroupEvent
from exchange.exchanges.models import Session
from members.accounts.models import User


@dataclass(frozen=True)
class Soon:
    """One thing that happens soon."""

    title: str
    of: str
    starts_at: datetime
    path: str


def meetings_of(user: User) -> dict[str, QuerySet[Any]]:
    """Return the sessions to come that `user` takes part in, and the meetings to come of their groups."""
    now = timezone.now()
    # What ends early takes its sessions to come with it.
    sessions = Session.objects.planned().ending_after(now).attended_by(user).select_related("exchange")
    meetings = GroupEvent.objects.planned().ending_after(now).visible_to(user).select_related("group")
    return {"sessions": sessions, "meetings": meetings}


def soonest(sessions: Sequence[Session], meetings: Sequence[GroupEvent]) -> list[Soon]:
    """Return the first of each, the earlier first."""
    found = [
        Soon(one.title, str(whole), one.starts_at, whole.get_absolute_url())
        for one, whole in [(one, one.exchange) for one in sessions[:1]] + [(one, one.group) for one in meetings[:1]]
    ]
    return sorted(found, key=lambda one: one.starts_at)
