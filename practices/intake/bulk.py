"""The import itself: all rows or none, in one transaction, as revisions that wait in the usual queue."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.files.tables import Problem
from members.accounts.models import User
from practices.editorial.models import Revision
from practices.editorial.services import begin_revision, hand_in
from practices.intake import emails
from practices.intake.checking import why_not
from practices.intake.models import Batch, BatchRow
from practices.intake.services import broken, close, fail_batch
from practices.intake.transitions import move
from practices.library.models import Publication
from practices.library.services import make_publication

ONE_AT_A_TIME = 7_238_003  # key of the advisory lock under which imports write
CHECK_HOLDS = timedelta(days=1)  # terms and members change; an older report is not believed
SAY_EVERY = 50  # rows


class RefusedError(Exception):
    """The library is not any more as it was when the table was checked; `problems` says where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(one.text for one in problems))
        self.problems = problems


def import_batch(*, pk: int) -> None:
    """Make every row of a checked table a submitted revision, or none; the offices get one mail each.

    Safe to repeat and to kill: who comes second finds the row of the batch locked, or the work done.
    """
    try:
        with transaction.atomic():
            batch = _claim(pk)
            if batch is None:
                return
            with translation.override(batch.language):
                _import(batch)
    except RefusedError as error:
        fail_batch(pk=pk, act=Batch.State.IMPORTING, problems=error.problems)
    except IntegrityError:
        with translation.override(_language(pk)):
            text = _("Somebody else changed the same publications at the same moment. Please check the table again.")
        fail_batch(pk=pk, act=Batch.State.IMPORTING, problems=[Problem(0, "", text)])
    except Exception:
        with translation.override(_language(pk)):
            fail_batch(pk=pk, act=Batch.State.IMPORTING, problems=[Problem(0, "", broken())])
        raise
    finally:
        cache.delete(_key(pk))


def rows_written(batch: Batch) -> int:
    """Return how far an import is. The transaction hides it from others, so it stands in the cache."""
    return int(cache.get(_key(batch.pk)) or 0)


def _claim(pk: int) -> Batch | None:
    batch: Batch | None = (
        Batch.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("uploaded_by", "owner_member__office", "owner_office__parent")
        .filter(pk=pk, state=Batch.State.IMPORTING)
        .first()
    )
    return batch


def _import(batch: Batch) -> None:
    by = batch.uploaded_by
    if by is None or not by.has_perm("intake.change_batch", batch):
        raise RefusedError([Problem(0, "", _("Whoever uploaded this may not import for this owner any more."))])
    if batch.checked_at is None or batch.checked_at < timezone.now() - CHECK_HOLDS:
        raise RefusedError([Problem(0, "", _("The report is more than a day old. Please check the table again."))])
    # After another import, so that what that one made is seen.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    rows = list(batch.rows.select_related("owner_member__office", "owner_office__parent"))
    publications = _lock_publications(rows)
    if problems := [*_check_rows(rows, publications, by), *_check_ids(rows)]:
        raise RefusedError(sorted(problems, key=lambda one: one.row))
    for number, row in enumerate(rows, start=1):
        row.revision = _submit(row, publications, by)
        if number % SAY_EVERY == 0:
            cache.set(_key(batch.pk), number, 600)
    BatchRow.objects.bulk_update(rows, ["revision"], batch_size=500)
    move(batch, "finish")
    close(batch)
    emails.queue_imported(batch, [row.revision for row in rows if row.revision])


def _lock_publications(rows: Iterable[BatchRow]) -> dict[int, Publication]:
    pks = [row.publication_id for row in rows if row.publication_id]
    found = Publication.objects.select_for_update(of=("self",)).select_related(
        "owner_member__office", "owner_office__parent"
    )
    return {one.pk: one for one in found.filter(pk__in=pks).order_by("pk")}


def _check_rows(rows: Iterable[BatchRow], publications: dict[int, Publication], by: User) -> Iterable[Problem]:
    """Yield what has changed since the table was checked."""
    opened = set(Revision.objects.open().filter(publication__in=publications).values_list("publication_id", flat=True))
    for row in rows:
        if not by.has_perm("intake.import_for_owner", row.owner):
            yield Problem(row.number, "owner", _("You cannot import for “%(slug)s”.") % {"slug": row.owner})
        if row.publication_id is None:
            continue
        publication = publications[row.publication_id]
        if publication.version != row.base_version or publication.owner != row.owner:
            text = _("This publication was changed after the table was checked. Please check the table again.")
            yield Problem(row.number, "id", text)
        elif text := why_not(publication, is_open=publication.pk in opened):
            yield Problem(row.number, "id", text)


def _check_ids(rows: Iterable[BatchRow]) -> Iterable[Problem]:
    new = {row.import_id: row.number for row in rows if row.import_id and row.publication_id is None}
    for taken in Publication.objects.filter(import_id__in=new).values_list("import_id", flat=True):
        text = _("A publication with this id was made after the table was checked. Please check the table again.")
        yield Problem(new[taken], "import_id", text)


def _submit(row: BatchRow, publications: dict[int, Publication], by: User) -> Revision:
    publication = publications[row.publication_id] if row.publication_id else _make(row, by)
    content = dict(row.content)
    revision = begin_revision(publication=publication, content=content, by=by, details={"import": row.batch_id})
    hand_in(revision, by=by)
    return revision


def _make(row: BatchRow, by: User) -> Publication:
    owner = row.owner
    if owner is None:  # pragma: no cover - a checked row has one
        raise ValueError("A row has an owner")
    try:
        made = make_publication(
            kind=row.kind, owner=owner, language=str(row.content["language"]), title=row.title, by=by,
            import_id=row.import_id or None,
        )  # fmt: skip
    except ValidationError as error:
        raise RefusedError([Problem(row.number, "", text) for text in error.messages]) from error
    made.owner_member, made.owner_office = row.owner_member, row.owner_office  # fetched already
    return made


def _language(pk: int) -> str:
    return Batch.objects.values_list("language", flat=True).filter(pk=pk).first() or "en"


def _key(pk: int) -> str:
    return f"intake:{pk}"
