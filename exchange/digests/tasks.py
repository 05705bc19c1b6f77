"""Celery only says "look now"."""

from celery import shared_task

from config.ops.services import beat
from exchange.digests.alerts import plan_alerts
from exchange.digests.services import plan_digests


@shared_task
def plan_digests_task() -> None:
    """Queue every digest that is due. Safe to run twice, or twice at once."""
    plan_digests()
    beat("planner")


@shared_task
def plan_alerts_task() -> None:
    """Queue what is new in saved searches. Safe to run twice, or twice at once."""
    plan_alerts()
