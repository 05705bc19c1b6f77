"""Celery: what begins by itself, and reminders."""

from celery import shared_task

from exchange.exchanges.reminding import remind
from exchange.exchanges.services import start_due_exchanges


@shared_task
def start_due_exchanges_task() -> None:
    """Begin what is agreed and whose first day has come. Safe to run twice."""
    start_due_exchanges()


@shared_task
def remind_task() -> None:
    """Queue the reminders that are due. Safe to run twice."""
    remind()
