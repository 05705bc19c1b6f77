"""Celery only says "look now"."""

from celery import shared_task

from config.ops.retention import keep_retention


@shared_task
def keep_retention_task() -> None:
    """Forget what is too old. Safe to run twice, or twice at once."""
    keep_retention()
