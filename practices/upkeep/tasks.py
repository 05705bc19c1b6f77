"""Celery only says "look now"."""

from celery import shared_task

from practices.upkeep.services import ask_due, lapse_overdue


@shared_task
def ask_whether_true_task() -> None:
    """Ask what is due, and mark what nobody confirmed. Safe to run twice, or twice at once."""
    ask_due()
    lapse_overdue()
