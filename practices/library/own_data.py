"""The texts that a person has begun or looks after, and the files they have uploaded."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import Q

from config.files.names import clean_name
from config.files.places import place_of
from members.accounts.models import User
from practices.library.models import File, Publication, Seen


def read(user: User) -> Iterable[dict[str, Any]]:
    """Yield what texts there are; the texts themselves are the member's, see `practices.sharing.archive`."""
    rows = Publication.objects.filter(Q(created_by=user) | Q(responsible=user)).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        yield {
            "id": row.pk, "title": row.title, "state": row.state, "began": row.created_by_id == user.pk,
            "looks_after": row.responsible_id == user.pk,
        }  # fmt: skip


def read_files(user: User) -> Iterable[tuple[str, Path]]:
    for file in File.objects.filter(uploaded_by=user).select_related("blob").order_by("pk").iterator(chunk_size=100):
        yield f"{file.pk}-{clean_name(file.name, file.blob.media_type)}", place_of(file.blob.sha256)


def erase(user: User) -> None:
    """Forget what they have read; what they have written is the member's."""
    Seen.objects.filter(user=user).delete()
