"""Celery only says "look now"."""

from celery import shared_task

from config.outbox.sender import Sender


@shared_task
def send_mail_task() -> None:
    """Send what waits in the outbox. Safe to run twice, or twice at once."""
    Sender().run()
