"""What a database holds, kept in memory and put back: many times quicker than making it again.

Rows are copied past the triggers, so they are exactly what they were, also in tables that allow no change. Keys are
never given out twice, since sequences only go on.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from config.files.models import Blob
from config.files.places import place_of
from practices.search.catalogue import EVERYTHING

_made: dict[str, tuple["Snapshot", object]] = {}
_columns: dict[str, str] = {}  # of each table, but for those that the database works out itself


def is_possible():
    """Whether the database lets the tests' account copy rows past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return cursor.fetchone()[0] == "on"


@dataclass(frozen=True)
class Snapshot:
    """The rows of every table that has any, as COPY writes them, and the files that they name."""

    rows: dict[str, bytes]
    files: dict[Path, bytes]


def take():
    """Return what the database holds now."""
    rows = {}
    with connection.cursor() as cursor:
        for table in _filled(cursor):
            with cursor.copy(f'COPY "{table}" ({_columns_of(cursor, table)}) TO STDOUT') as copy:
                rows[table] = b"".join(copy)
    named = [place_of(one, small=small) for one in Blob.objects.values_list("sha256", flat=True) for small in (0, 1)]
    return Snapshot(rows, {path: path.read_bytes() for path in named if path.exists()})


def restore(snapshot):
    """Make the database hold what it held then, and nothing else; files that are gone since are written again."""
    for path, data in snapshot.files.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _filled(cursor):
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own tables
        for table, data in snapshot.rows.items():
            with cursor.copy(f'COPY "{table}" ({_columns_of(cursor, table)}) FROM STDIN') as copy:
                copy.write(data)
        cursor.execute("SET LOCAL session_replication_role = origin")
        # What processes keep of publications is stale, which no trigger has said.
        cursor.execute(
            "INSERT INTO search_change (publication, transaction) VALUES (%s, pg_current_xact_id()::text::bigint)"
            " ON CONFLICT (publication) DO UPDATE SET transaction = excluded.transaction",
            [EVERYTHING],
        )
    ContentType.objects.clear_cache()


def make_once(name, make):
    """Have `make` fill the database, and the next times put back what it had made then.

    Returns:
        What `make` returned, or a copy of it.
    """
    if name in _made:
        snapshot, result = _made[name]
        restore(snapshot)
    else:
        result = make()
        if not is_possible():
            return result
        _made[name] = take(), result
    return deepcopy(result)


def _filled(cursor):
    """Return the tables that have rows, in one query."""
    each = (f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM \"{one}\")" for one in _tables())  # noqa: S608 - see above
    cursor.execute(" UNION ALL ".join(each))
    return [table for (table,) in cursor.fetchall()]


def _tables():
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def _columns_of(cursor, table):
    if not _columns:
        cursor.execute(
            "SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER' GROUP BY 1"
        )
        _columns.update(cursor.fetchall())
    return _columns[table]
