"""Every write to imports but the import itself (bulk.py): upload, check, ask for it, give up."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.files.tables import BadTableError, Problem, check_upload
from members.accounts.models import User
from members.directory.models import Member, Office
from practices.intake.checking import Checker, Judged
from practices.intake.models import Batch, BatchFile, BatchProblem, BatchRow
from practices.intake.querysets import STALE
from practices.intake.reading import read_table
from practices.intake.transitions import move

CHUNK = 100  # rows, of which each has its own short transaction
MOST_PROBLEMS = 200  # that are kept; of the others only the number


@transaction.atomic
def upload_table(*, upload: "UploadedFile[Any]", owner: Member | Office | None, by: User) -> Batch:
    """Keep a table, and have it checked.

    Args:
        owner: whose the publications are; None where the column `owner` says.

    Raises:
        PermissionDenied: `by` does not import for `owner`, or for nobody.
        ValidationError: it is no table, too large, or in another encoding.
    """
    if not by.has_perm("intake.add_batch") or (owner and not by.has_perm("intake.import_for_owner", owner)):
        raise PermissionDenied
    kind = check_upload(upload)
    batch = Batch(
        uploaded_by=by,
        owner_member=owner if isinstance(owner, Member) else None,
        owner_office=owner if isinstance(owner, Office) else None,
        name=(upload.name or "")[:255],
        language=translation.get_language() or "en",
    )
    batch.full_clean()
    batch.save()
    BatchFile.objects.create(batch=batch, kind=kind, data=upload.read())
    _ask_for_check(batch)
    return batch


@transaction.atomic
def check_again(*, batch: Batch, by: User) -> Batch:
    """Have a table checked once more, against the library as it is now.

    Raises:
        PermissionDenied: it is not the import of `by`, or they do not import for its owner any more.
        ValidationError: it is being worked on, or over.
    """
    batch = _lock(batch, by)
    move(batch, "check_again")
    batch.touched_at = timezone.now()
    batch.save(update_fields=["state", "touched_at"])
    _ask_for_check(batch)
    return batch


@transaction.atomic
def start_import(*, batch: Batch, by: User) -> Batch:
    """Ask for the import of a table that is right.

    Raises:
        PermissionDenied: it is not the import of `by`, or they do not import for its owner any more.
        ValidationError: it is not checked, something is wrong with it, or it would change nothing.
    """
    from practices.intake.tasks import import_batch_task

    batch = _lock(batch, by)
    right = batch.can_import
    move(batch, "import")
    if not right:
        raise ValidationError(_("There is nothing to import, or something is wrong with the table."))
    batch.touched_at = timezone.now()
    batch.save(update_fields=["state", "touched_at"])
    # Without a broker it is done later: `resume_batches_task` looks into the table.
    transaction.on_commit(partial(import_batch_task.delay, batch.pk), robust=True)
    return batch


@transaction.atomic
def abandon_batch(*, batch: Batch, by: User) -> Batch:
    """Give an import up. The report stays, the table is deleted.

    Raises:
        PermissionDenied: it is not the import of `by`, or they do not import for its owner any more.
        ValidationError: it is being imported, or over.
    """
    batch = _lock(batch, by)
    move(batch, "abandon")
    close(batch)
    return batch


def check_batch(*, pk: int) -> None:
    """Check a table row by row and keep the report: the system's own act, after an upload.

    Safe to repeat. Somebody else at it who has given a sign lately goes on alone; who has not is taken for dead, and
    stops if alive after all.
    """
    batch = _begin_check(pk)
    if batch is None:
        return
    with translation.override(batch.language):
        try:
            _check(batch)
        except BadTableError as error:
            _keep(batch, [], error.problems, last=True)
        except _TakenOver:
            return
        except Exception:
            fail_batch(pk=pk, act="checking", problems=[Problem(0, "", broken())])
            raise


def fail_batch(*, pk: int, act: str, problems: list[Problem]) -> None:
    """End a check or an import that was not possible; nothing of it is in the library.

    Args:
        act: the state that it must be in.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().filter(pk=pk, state=act).first()
        if batch is None:
            return
        move(batch, "fail")
        batch.problems.all().delete()
        batch.problem_count = 0
        batch.touched_at = timezone.now()
        _add_problems(batch, problems)
        batch.save(update_fields=["state", "problem_count", "touched_at"])


def close(batch: Batch) -> None:
    """Save an import that is over, without what was only needed to do it."""
    batch.closed_at = timezone.now()
    batch.save(update_fields=["state", "closed_at"])
    BatchFile.objects.filter(batch=batch).delete()
    batch.rows.update(content={})


def broken() -> str:
    """Return what people read when something failed that nobody foresaw."""
    return _("Something went wrong here, and nothing was imported. Please try again, or ask the secretariat.")


class _TakenOver(Exception):  # noqa: N818 - nothing is wrong
    """Somebody else checks this table now, or it was given up."""


def _begin_check(pk: int) -> Batch | None:
    with transaction.atomic():
        batch: Batch | None = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("uploaded_by", "owner_member__office", "owner_office__parent")
            .filter(pk=pk, state__in=[Batch.State.UPLOADED, Batch.State.CHECKING])
            .first()
        )
        now = timezone.now()
        if batch is None or (batch.state == Batch.State.CHECKING and batch.touched_at > now - STALE):
            return None
        move(batch, "check")
        batch.run += 1
        batch.touched_at, batch.checked_at = now, None
        for name in ("row_count", "done_count", "new_count", "changed_count", "unchanged_count", "problem_count"):
            setattr(batch, name, 0)
        batch.rows.all().delete()
        batch.problems.all().delete()
        batch.save()
        return batch


def _check(batch: Batch) -> None:
    by = batch.uploaded_by
    if by is None or not by.has_perm("intake.change_batch", batch):
        raise BadTableError([Problem(0, "", _("Whoever uploaded this may not import for this owner any more."))])
    lines = read_table(bytes(batch.file.data), batch.file.kind)
    batch.row_count = len(lines)
    checker = Checker(by=by, owner=batch.owner)
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        _keep(batch, checker.judge(chunk), [], last=start + CHUNK >= len(lines))


@transaction.atomic
def _keep(batch: Batch, judged: list[Judged], problems: list[Problem], *, last: bool) -> None:
    """Keep what a chunk of rows came to.

    Raises:
        _TakenOver: this worker is not the one any more.
    """
    now = Batch.objects.select_for_update().get(pk=batch.pk)
    if now.state != Batch.State.CHECKING or now.run != batch.run:
        raise _TakenOver
    BatchRow.objects.bulk_create(_row(batch, one) for one in judged if one.content is not None and not one.problems)
    right = [one for one in judged if not one.problems]
    batch.new_count += sum(one.content is not None and one.publication is None for one in right)
    batch.changed_count += sum(one.content is not None and one.publication is not None for one in right)
    batch.unchanged_count += sum(one.content is None for one in right)
    batch.done_count += len(judged)
    batch.touched_at = timezone.now()
    _add_problems(batch, [*problems, *(problem for one in judged for problem in one.problems)])
    if last:
        move(batch, "report")
        batch.checked_at = batch.touched_at
    batch.save()


def _row(batch: Batch, one: Judged) -> BatchRow:
    return BatchRow(
        batch=batch,
        number=one.line.number,
        publication=one.publication,
        base_version=one.publication.version if one.publication else 0,
        owner_member=one.owner if isinstance(one.owner, Member) else None,
        owner_office=one.owner if isinstance(one.owner, Office) else None,
        kind=one.kind,
        import_id=one.import_id,
        title=str(one.content["title"]) if one.content else "",
        content=one.content or {},
    )


def _add_problems(batch: Batch, problems: list[Problem]) -> None:
    room = max(0, MOST_PROBLEMS - batch.problem_count)
    BatchProblem.objects.bulk_create(
        BatchProblem(batch=batch, row=one.row, column=one.column[:60], text=one.text) for one in problems[:room]
    )
    batch.problem_count += len(problems)


def _ask_for_check(batch: Batch) -> None:
    from practices.intake.tasks import check_batch_task

    transaction.on_commit(partial(check_batch_task.delay, batch.pk), robust=True)


def _lock(batch: Batch, by: User) -> Batch:
    if not by.has_perm("intake.change_batch", batch):
        raise PermissionDenied
    try:
        # An import holds the row for minutes: nobody's page waits that long.
        locked: Batch = Batch.objects.select_for_update(nowait=True).get(pk=batch.pk)
    except OperationalError:
        raise ValidationError(
            _("This table is being worked on at this moment. Please try again."), code="state"
        ) from None
    return locked
