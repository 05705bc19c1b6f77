"""What runs each day."""

from celery import shared_task

from members.directory.contact_checks import check_contacts


@shared_task
def check_contacts_task() -> None:
    check_contacts()
