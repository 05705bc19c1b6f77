"""Suggestions on their way into the table, a hundred thousand at a time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from django.db import connection

from exchange.peers.lists import Found, Task
from exchange.peers.reasons import reasons_for
from exchange.peers.sides import Reader

LOCK = 7_238_005  # key of the advisory lock under which matches are written
BATCH = 20_000


@dataclass(frozen=True)
class Row:
    """A row of `Match`."""

    member_id: int
    notice_id: int | None
    to_notice_id: int | None
    to_publication_id: int | None
    to_member_id: int | None
    score: float
    parts: str
    reasons: str
    found_at: datetime


TYPES = ("bigint", "bigint", "bigint", "bigint", "bigint", "float8", "jsonb", "jsonb", "timestamptz")


def rows_of(task: Task, found: Iterable[Found], reader: Reader, at: datetime) -> list[Row]:
    """Return the rows of one kind of list."""
    subjects, candidates = task.subjects, task.candidates
    rows = []
    for one in found:
        target = dict.fromkeys(("to_notice_id", "to_publication_id", "to_member_id"))
        target[f"{task.target}_id"] = int(candidates.pks[one.candidate])
        rows.append(
            Row(
                member_id=int(subjects.members[one.subject]),
                notice_id=int(subjects.pks[one.subject]) if task.for_notice else None,
                **target,
                score=round(one.score, 4),
                parts=json.dumps({name: round(value, 2) for name, value in one.parts.items()}),
                reasons=json.dumps(reasons_for(task, one, reader)),
                found_at=at,
            )
        )
    return rows


def lock_matches() -> None:
    """Let nobody else write suggestions until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def write_matches(rows: Sequence[Row]) -> None:
    """Write suggestions; those of what was deleted or closed meanwhile are left out."""
    names = [one.name for one in fields(Row)]
    columns = ", ".join(names)
    arrays = ", ".join(f"%s::{one}[]" for one in TYPES)
    sql = f"""
        INSERT INTO peers_match ({columns})
        SELECT {columns} FROM unnest({arrays}) AS fresh ({columns})
        WHERE (notice_id IS NULL OR notice_id IN (SELECT id FROM peers_notice WHERE state = 'open'))
            AND (to_notice_id IS NULL OR to_notice_id IN (SELECT id FROM peers_notice WHERE state = 'open'))
            AND (to_publication_id IS NULL
                OR to_publication_id IN (SELECT id FROM library_publication WHERE state = 'published'))
            AND member_id IN (SELECT id FROM directory_member)
            AND (to_member_id IS NULL OR to_member_id IN (SELECT id FROM directory_member))
    """  # noqa: S608 - names of columns alone
    with connection.cursor() as cursor:
        for at in range(0, len(rows), BATCH):
            values = [list(column) for column in zip(*map(astuple, rows[at : at + BATCH]), strict=True)]
            cursor.execute(sql, values)
