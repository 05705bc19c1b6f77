"""Queueing an announcement to everybody whom it goes to. Safe at any time, twice, and by two at once."""

from django.db import transaction
from django.utils import timezone

from config.journal.services import record
from config.outbox.models import Message
from config.outbox.services import queue_messages, refresh_statistics
from exchange.announcements.audience import audience_of
from exchange.announcements.emails import build_message, messages_of
from exchange.announcements.models import Announcement
from exchange.announcements.transitions import State, move

CHUNK = 1_000
MANY = 1_000  # so many new messages that PostgreSQL's statistics of the outbox are no use any more


def plan_announcements() -> int:
    """Queue what is due, and close what has gone out.

    Returns:
        How many messages were queued.
    """
    queued = 0
    for pk in Announcement.objects.going_out(timezone.now()).order_by("pk").values_list("pk", flat=True):
        while (found := _plan_chunk(pk)) is not None:
            queued += found
    if queued >= MANY:
        refresh_statistics()
    return queued


@transaction.atomic
def _plan_chunk(pk: int) -> int | None:
    """Queue it to the next CHUNK people; each chunk and how far it got are one commit, so none is lost or doubled.

    Returns:
        How many messages were queued; None where there is nothing to do, or another planner does it.
    """
    rows = Announcement.objects.going_out(timezone.now()).select_related("office", "topic")
    announcement = rows.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if announcement is None:
        return None
    if announcement.queued_at:
        _close_if_out(announcement)
        return None
    if announcement.state == State.SCHEDULED:
        move(announcement, "start")
        record(verb="announcement_started", obj=announcement, by=None, office_id=announcement.office_id)
    people = list(audience_of(announcement).filter(pk__gt=announcement.last_user).order_by("pk")[:CHUNK])
    queued = queue_messages([build_message(announcement, one) for one in people])
    if people:
        announcement.last_user = people[-1].pk
    if len(people) < CHUNK:
        announcement.queued_at = timezone.now()
    announcement.save(update_fields=["state", "last_user", "queued_at"])
    return queued


def _close_if_out(announcement: Announcement) -> None:
    if not messages_of(announcement).filter(state__in=Message.OPEN).exists():
        move(announcement, "finish")
        announcement.closed_at = timezone.now()
        announcement.save(update_fields=["state", "closed_at"])
