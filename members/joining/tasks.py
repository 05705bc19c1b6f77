"""What runs each day."""

from celery import shared_task

from members.joining.services import forget_unfinished


@shared_task
def forget_unfinished_task() -> None:
    forget_unfinished()
