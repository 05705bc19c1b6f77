"""Writing the journal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection, models, transaction

from config.journal.models import Entry

if TYPE_CHECKING:
    from members.accounts.models import User

Listener = Callable[[Entry], None]
_listeners: list[Listener] = []

NUMBERING = 7_238_001  # key of the advisory lock under which entries get their numbers


def register_listener(listener: Listener) -> None:
    """Let an upper room follow what is written, in the same transaction; called from an AppConfig's ready()."""
    _listeners.append(listener)


def number_entries() -> int:
    """Number the entries that have none yet, in the order of their ids.

    One at a time: whoever sees a number then sees every lower one too, and an entry that commits late gets a later
    number instead of being skipped.

    Returns:
        The highest number there is; 0 where there is none.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
        cursor.execute(
            "UPDATE journal_entry SET number = fresh.number FROM (SELECT id, row_number() OVER (ORDER BY id)"
            " + (SELECT coalesce(max(number), 0) FROM journal_entry) AS number FROM journal_entry WHERE number IS NULL)"
            " AS fresh WHERE journal_entry.id = fresh.id"
        )
        return Entry.objects.aggregate(models.Max("number"))["number__max"] or 0


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
    details: Mapping[str, object] | None = None,
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
        details=dict(details or {}),
    )
    entry.full_clean(exclude=["details", "topics", "pathways", "version"])
    entry.save()
    for listener in _listeners:
        listener(entry)
    return entry


def record_of_each(*, objs: "Sequence[models.Model]", verb: str, by: "User | None") -> None:
    """Write that `by` did `verb` to each of many things of one kind, for history and digests. Nobody listens to these."""
    Entry.objects.bulk_create(Entry(verb=verb, object=obj, by=by, audience=Entry.Audience.NOBODY) for obj in objs)


def record_for(*, people: "Iterable[User]", verb: str, obj: models.Model, by: "User | None") -> None:
    """Write for each of `people` that `by` did `verb` to `obj`, for what is told to them alone, such as their digest.

    Nobody listens to these: they are about one act, which has an entry of its own.
    """
    audience = Entry.Audience.PERSON
    Entry.objects.bulk_create(Entry(verb=verb, object=obj, by=by, person=one, audience=audience) for one in people)
