"""Keeping what was uploaded. Who may upload, and what for, the rooms that call this know."""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from config.files import places
from config.files.detection import IMAGES, TYPES, FileType, detect
from config.files.models import Blob
from config.files.pictures import remake

MB = 1_000_000


def store_upload(*, upload: "UploadedFile[Any]", allowed: Collection[str]) -> Blob:
    """Keep an uploaded file; the same bytes are kept once. Call it in the transaction that writes who refers to it.

    Pictures are kept as `pictures.remake` makes them, other files as they are.

    Args:
        allowed: media types, such as `detection.IMAGES` or `detection.DOCUMENTS`.

    Raises:
        ValidationError: it is empty, too large, damaged, or of a type that is not allowed. The text says which.
    """
    if not upload.size:
        raise ValidationError(_("This file is empty."), code="empty")
    check_size(upload.size, max(largest(one) for one in allowed))
    if known := _made_here(upload, allowed):
        return known
    found = detect(upload)
    if found.media_type not in allowed:
        raise _not_allowed(found, allowed)
    check_size(upload.size, largest(found.media_type))
    if found.media_type in IMAGES:
        picture = remake(upload)
        facts = {"media_type": picture.media_type, "width": picture.width, "height": picture.height}
        return _keep(picture.large, small=picture.small, facts=facts)
    return _keep(upload.read(), small=None, facts={"media_type": found.media_type})


def largest(media_type: str) -> int:
    """Return how many bytes an upload of this type may have."""
    megabytes: int = settings.MAX_IMAGE_MB if media_type in IMAGES else settings.MAX_DOCUMENT_MB
    return megabytes * MB


def check_size(size: int, limit: int) -> None:
    """Check that an upload is not too large.

    Raises:
        ValidationError: it has more than `limit` bytes.
    """
    if size > limit:
        raise too_large(limit)


def too_large(limit: int) -> ValidationError:
    message = _("This file is too large. At most %(limit)d MB are possible.")
    return ValidationError(message, params={"limit": limit // MB}, code="too_large")


@transaction.atomic
def _keep(data: bytes, *, small: bytes | None, facts: dict[str, object]) -> Blob:
    """Return the row of `data`, made now if there is none. The bytes come first: a row always has them."""
    sha256 = hashlib.sha256(data).hexdigest()
    places.lock(sha256)
    for path, content in _contents(sha256, data, small):
        if not path.exists():
            places.write(path, content)
    blob, _new = Blob.objects.get_or_create(sha256=sha256, defaults={"size": len(data), **facts})
    return blob


def _contents(sha256: str, data: bytes, small: bytes | None) -> list[tuple[Path, bytes]]:
    kept = [(places.place_of(sha256), data)]
    return kept if small is None else [*kept, (places.place_of(sha256, small=True), small)]


def _made_here(upload: "UploadedFile[Any]", allowed: Collection[str]) -> Blob | None:
    """Return the picture that `upload` was downloaded as, so that uploading it again does not make it once more."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    sha256 = digest.hexdigest()
    places_of_it = [places.place_of(sha256), places.place_of(sha256, small=True)]
    blob = Blob.objects.filter(sha256=sha256, media_type__in=IMAGES & set(allowed)).first()
    if blob is None or not all(path.exists() for path in places_of_it):
        return None
    return _keep(
        places_of_it[0].read_bytes(),
        small=places_of_it[1].read_bytes(),
        facts={"media_type": blob.media_type, "width": blob.width, "height": blob.height},
    )


def _not_allowed(found: FileType, allowed: Collection[str]) -> ValidationError:
    wanted = ", ".join(str(one.label) for one in TYPES.values() if one.media_type in allowed)
    text = _("This file is of the type: %(found)s. Allowed are: %(allowed)s.")
    text = text % {"found": found.label, "allowed": wanted}
    return ValidationError(f"{text} {found.advice}".strip(), code="type")
