"""Celery only says "look now"."""

from celery import shared_task


@shared_task
def send_mail_task() -> None:
    """Send what waits in the outbox."""
