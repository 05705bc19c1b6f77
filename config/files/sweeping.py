"""Taking away bytes that nobody refers to any more.

An act that is rolled back may leave bytes without a row, and a deleted row a blob without anybody who points to it.
Both are looked for only when they are older than a day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from config.files import places
from config.files.models import Blob

AGE = timedelta(days=1)
_NAME = re.compile(rf"([0-9a-f]{{64}})(?:{re.escape(places.SMALL)})?")


@dataclass(frozen=True)
class Swept:
    """How many rows with their bytes, and how many files without a row, were deleted."""

    blobs: int
    files: int


def sweep(*, now: datetime | None = None) -> Swept:
    """Delete blobs without anybody who refers to them and bytes without a blob. Safe beside uploads, and to repeat."""
    before = (now or timezone.now()) - AGE
    blobs = sum(_delete_blob(pk, before) for pk in unreferenced(before).values_list("pk", flat=True))
    return Swept(blobs=blobs, files=sum(_delete_file(path) for path in _without_row(before)))


def unreferenced(before: datetime) -> models.QuerySet[Blob]:
    """Return the blobs made before `before` that no row of any model points to."""
    found = Blob.objects.filter(created_at__lt=before)
    for relation in Blob._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):  # one-to-one is a kind of it; M2M has a table that points here
            model, field = relation.related_model, relation.field.name
            found = found.filter(~Exists(model._base_manager.filter(**{field: OuterRef("pk")})))
    return found


@transaction.atomic
def _delete_blob(pk: int, before: datetime) -> bool:
    """Delete a blob that is still unreferenced when everybody else is kept off it, and then its bytes."""
    blob = Blob.objects.filter(pk=pk).first()
    if blob is None:
        return False
    places.lock(blob.sha256)
    if not unreferenced(before).filter(pk=pk).exists():
        return False
    blob.delete()
    # Before the lock is gone, as an upload after it would find them there. Were this rolled back, a row nobody points
    # to would have lost its bytes: the next upload of the same writes them again.
    for small in (False, True):
        places.place_of(blob.sha256, small=small).unlink(missing_ok=True)
    return True


def _without_row(before: datetime) -> Iterator[Path]:
    for folder in sorted(places.blobs_folder().glob("[0-9a-f][0-9a-f]")):
        old = [path for path in folder.iterdir() if path.stat().st_mtime < before.timestamp()]
        named = {path: match[1] for path in old if (match := _NAME.fullmatch(path.name))}
        known = set(Blob.objects.filter(sha256__in=named.values()).values_list("sha256", flat=True))
        yield from (path for path in old if path.name.startswith(places.TEMPORARY))
        yield from (path for path, sha256 in named.items() if sha256 not in known)


@transaction.atomic
def _delete_file(path: Path) -> bool:
    """Delete bytes unless they got a row meanwhile."""
    if match := _NAME.fullmatch(path.name):
        places.lock(match[1])
        if Blob.objects.filter(sha256=match[1]).exists():
            return False
    path.unlink(missing_ok=True)
    return True
