"""Celery only says "look now"."""

from celery import shared_task

from practices.upkeep.links import check_links
from practices.upkeep.services import ask_due, lapse_overdue


@shared_task
def ask_whether_true_task() -> None:
    """Ask what is due, and mark what nobody confirmed. Safe to run twice, or twice at once."""
    ask_due()
    lapse_overdue()


@shared_task
def check_links_task() -> None:
    """Look at the links of a batch of publications. Safe to run twice, or twice at once."""
    check_links()
