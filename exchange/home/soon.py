"""When one meets others next: a session of an exchange, and a meeting of a group."""

from dataclasses import dataclass
from datetime import datetime

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


def soon_for(user: User) -> list[Soon]:
    """Return the next session that `user` takes part in and the next meeting of their groups, the earlier first.

    Two queries.
    """
    now = timezone.now()
    # What ends early takes its sessions to come with it.
    session = Session.objects.planned().ending_after(now).attended_by(user).select_related("exchange").first()
    event = GroupEvent.objects.planned().ending_after(now).visible_to(user).select_related("group").first()
    found = [
        Soon(one.title, str(whole), one.starts_at, whole.get_absolute_url())
        for one, whole in ((session, session and session.exchange), (event, event and event.group))
        if one and whole
    ]
    return sorted(found, key=lambda one: one.starts_at)
