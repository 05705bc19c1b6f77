"""Celery only says "look now"."""

from celery import shared_task

from exchange.announcements.planning import plan_announcements


@shared_task
def plan_announcements_task() -> None:
    """Queue what is due. Safe to run twice, or twice at once."""
    plan_announcements()
