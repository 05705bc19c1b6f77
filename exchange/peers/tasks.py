"""Celery: what fits, and what is over."""

from celery import shared_task

from exchange.peers.embedding import is_embedding
from exchange.peers.matching import match_all, match_notice
from exchange.peers.models import Notice
from exchange.peers.services import close_overdue_notices, warn_of_closing

MOST_AT_ONCE = 20


@shared_task
def match_notice_task(pk: int) -> None:
    """Look for what fits an ask or offer. Safe to run twice."""
    if notice := Notice.objects.open().filter(pk=pk).first():
        match_notice(notice)


@shared_task
def match_rest_task() -> None:
    """Look for what fits those that nobody has looked for yet: after an import, or a time without a broker.

    While publications are being embedded it waits for the next time, since what is not embedded yet would be missed.
    """
    waiting = list(Notice.objects.open().filter(matched_at=None).order_by("pk")[: MOST_AT_ONCE + 1])
    if not waiting or is_embedding():
        return
    if len(waiting) > MOST_AT_ONCE:
        match_all()
        return
    for notice in waiting:
        match_notice(notice)


@shared_task
def match_all_task() -> None:
    """Work out everybody's suggestions anew."""
    match_all()


@shared_task
def close_overdue_notices_task() -> None:
    """Close what is over, and write about what soon will be. Safe to run twice."""
    close_overdue_notices()
    warn_of_closing()
