"""A publication with all that its page shows, in two queries instead of one for each of twenty tables."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.http import Http404

from members.directory.models import Member, Office
from practices.library.content import FILES, LISTS, ROWS
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet

CHILD, OTHERS = "child", "others"
_others: list[type[models.Model]] = []


def register_others(*tables: type[models.Model]) -> None:
    """Let a page know whether an upper room's tables have rows of a publication, without a query of their own.

    Called from an AppConfig's ready(). The tables have a column `publication`; `has_none` tells.
    """
    _others.extend(tables)


def has_none(publication: Publication, table: type[models.Model]) -> bool:
    """Return whether it is known that a registered table has no row of a publication; False where it was not looked."""
    return table in getattr(publication, "_without", ())


def get_whole_or_404(readable: PublicationQuerySet, pk: int) -> Publication:
    """Return a publication with its owner, its lists, its rows and their files.

    Raises:
        Http404: `readable` does not have it.
    """
    publication: Publication | None = readable.filter(pk=pk).first()
    if publication is None:
        raise Http404
    fetch_rows(publication)
    return publication


def fetch_rows(publication: Publication) -> None:
    """Read what stands in other tables about a publication, as `select_related` and `prefetch_related` would leave it.

    PostgreSQL gives each row as JSON, so that tables of different columns come together in one query; a photo or a
    document costs one query more for its file.
    """
    parts = list(_parts(publication))
    sql = " UNION ALL ".join(
        f"SELECT {number} AS part, position, to_jsonb(one) AS row FROM ({part.sql}) AS one"
        for number, part in enumerate(parts)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT part, row::text FROM ({sql}) AS every ORDER BY part, position",
            [value for part in parts for value in part.values],
        )
        found = cursor.fetchall()
    rows: dict[str, list[dict[str, Any]]] = {part.name: [] for part in parts}
    for number, text in found:
        rows[parts[number].name].append(json.loads(text, parse_float=Decimal))
    for part in parts:
        _keep(publication, part, rows[part.name])


@dataclass(frozen=True)
class _Part:
    """Rows of one table: what the publication calls them, and the statement that reads them, with a `position`."""

    name: str
    model: Any
    sql: str
    values: tuple[int | None, ...]


def _parts(publication: Publication) -> Iterator[_Part]:
    own = (publication.pk,)
    for name, model in ROWS.items():
        yield _Part(name, model, _rows_sql(model), own)
    for name in LISTS:
        yield _Part(name, Publication._meta.get_field(name).related_model, _terms_sql(name), own)
    child: Any = Publication._meta.get_field(publication.kind).related_model
    yield _Part(CHILD, child, f"SELECT 0 AS position, * FROM {child._meta.db_table} WHERE publication_ptr_id = %s", own)
    office, member = Office._meta.db_table, Member._meta.db_table
    if publication.owner_member_id:
        owner = (publication.owner_member_id,)
        its = f"SELECT 0 AS position, office.* FROM {office} AS office JOIN {member} AS member ON office.id = office_id"
        yield _Part("owner_member", Member, f"SELECT 0 AS position, * FROM {member} WHERE id = %s", owner)
        yield _Part("owner_member.office", Office, f"{its} WHERE member.id = %s", owner)
    else:
        owner = (publication.owner_office_id or 0,)
        its = f"SELECT 0 AS position, parent.* FROM {office} AS parent JOIN {office} AS child ON parent.id = child.parent_id"
        yield _Part("owner_office", Office, f"SELECT 0 AS position, * FROM {office} WHERE id = %s", owner)
        yield _Part("owner_office.parent", Office, f"{its} WHERE child.id = %s", owner)
    each = ", ".join(f"EXISTS ({_rows_sql(table)}) AS {table._meta.db_table}" for table in _others)
    yield _Part(OTHERS, None, f"SELECT 0 AS position, {each}", own * len(_others))


def _rows_sql(model: type[models.Model]) -> str:
    return f"SELECT * FROM {model._meta.db_table} WHERE publication_id = %s"


def _terms_sql(name: str) -> str:
    """Return the statement for the terms of a list, which the publication has through a table of pairs."""
    field: Any = Publication._meta.get_field(name)
    term, pairs = field.related_model._meta.db_table, field.remote_field.through._meta.db_table
    own, other = field.m2m_column_name(), field.m2m_reverse_name()
    return f"SELECT term.* FROM {term} AS term JOIN {pairs} ON term.id = {other} WHERE {own} = %s"


def _keep(publication: Any, part: _Part, rows: list[dict[str, Any]]) -> None:
    """Let the publication give the rows of a part without a query."""
    if part.name == OTHERS:
        publication._without = {table for table in _others if not rows[0][table._meta.db_table]}
        return
    made = [_make(part.model, row, publication if part.name == CHILD else None) for row in rows]
    if part.name in ROWS or part.name in LISTS:
        _keep_many(publication, part.name, made)
        return
    holder, _, name = part.name.rpartition(".")
    for one in made:
        setattr(
            getattr(publication, holder) if holder else publication, publication.kind if name == CHILD else name, one
        )


def _make(model: Any, values: dict[str, Any], parent: Publication | None) -> Any:
    """Return a row as its model reads it; that of a child table has the columns of `parent` too."""
    fields = model._meta.concrete_fields
    known = [
        _value(field, values[field.column]) if field.column in values else getattr(parent, field.attname)
        for field in fields
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], known)


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _keep_many(publication: Any, name: str, rows: list[Any]) -> None:
    """Let `publication.<name>.all()` give `rows` without a query, as `prefetch_related` does."""
    if rows and name in FILES:
        models.prefetch_related_objects(rows, "file__blob")
    for one in rows if name in ROWS else ():
        one.publication = publication
    queryset = getattr(publication, name).all()
    queryset._result_cache, queryset._prefetch_done = rows, True
    if not hasattr(publication, "_prefetched_objects_cache"):
        publication._prefetched_objects_cache = {}
    publication._prefetched_objects_cache[name] = queryset
