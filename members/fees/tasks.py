"""What runs each day."""

from celery import shared_task

from members.fees.standing import follow_up_invoices
from members.fees.terms import renew_memberships


@shared_task
def renew_memberships_task() -> None:
    renew_memberships()


@shared_task
def follow_up_invoices_task() -> None:
    follow_up_invoices()
