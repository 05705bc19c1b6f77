"""Writing the journal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from config.journal.models import Entry

if TYPE_CHECKING:
    from members.accounts.models import User


def record(
    *,
    verb: str,
    obj: models.Model,
    by: "User | None",
    audience: Entry.Audience = Entry.Audience.NOBODY,
    person: "User | None" = None,
    member_id: int | None = None,
    office_id: int | None = None,
    topics: Iterable[str] = (),
    pathways: Iterable[str] = (),
    version: int | None = None,
    **details: object,
) -> Entry:
    """Write that `by` (None: the system) did `verb` to `obj`; call it in the transaction of the act itself."""
    entry = Entry(
        verb=verb,
        object=obj,
        by=by,
        audience=audience,
        person=person,
        member_id=member_id,
        office_id=office_id,
        topics=list(topics),
        pathways=list(pathways),
        version=version,
        details=details,
    )
    entry.full_clean(exclude=["details", "topics", "pathways", "version"])
    entry.save()
    return entry
