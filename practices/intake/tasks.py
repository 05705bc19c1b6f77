"""Celery only says "look now"; what is to be done stands in the database."""

from celery import shared_task

from practices.intake.bulk import import_batch
from practices.intake.models import Batch
from practices.intake.services import check_batch


@shared_task
def check_batch_task(pk: int) -> None:
    check_batch(pk=pk)


@shared_task
def import_batch_task(pk: int) -> None:
    import_batch(pk=pk)


@shared_task
def resume_batches_task() -> None:
    """Take up what a worker that died, or a broker that forgot, has left."""
    for pk, state in Batch.objects.forsaken().values_list("pk", "state"):
        (import_batch_task if state == Batch.State.IMPORTING else check_batch_task).delay(pk)
