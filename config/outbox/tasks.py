"""Celery only says "look now"."""

from celery import shared_task
from django.db import transaction

from config.outbox.invariant import check_ledger
from config.outbox.sender import Sender


@shared_task
def send_mail_task() -> None:
    """Send what waits in the outbox. Safe to run twice, or twice at once.

    A minute at a time, and then another look: a worker that is told to stop finishes the task in hand.
    """
    if Sender().run(seconds=60):
        transaction.on_commit(send_mail_task.delay, robust=True)  # `post` goes on without a broker


@shared_task
def check_ledger_task() -> None:
    """Compare the messages with their journal. Safe to run twice, or twice at once."""
    check_ledger()
