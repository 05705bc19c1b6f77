"""Celery only says "look now"."""

from celery import shared_task

from practices.editorial import assessing, desk


@shared_task
def escalate_overdue_task() -> None:
    """Write about what lies too long. Safe to run twice, or twice at once."""
    desk.escalate_overdue()


@shared_task
def send_weekly_task() -> None:
    """Write what waits at each office where it is Monday morning. Safe to run twice, or twice at once."""
    desk.send_weekly()


@shared_task
def remind_experts_task() -> None:
    """Remind experts who have not answered for two weeks. Safe to run twice, or twice at once."""
    assessing.remind_experts()
