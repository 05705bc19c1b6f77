"""A publication with all that its page shows, in two queries instead of one for each of twenty tables."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.http import Http404

from members.directory.models import Member, Office
from practices.library.content import FILES, LISTS, ROWS
from practices.library.models import Publication

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User

CHILD, OTHERS = "child", "others"
PUBLICATION, OWNER = "publication", "owner"  # the keys that the statement asks for
_others: list[type[models.Model]] = []


def register_others(*tables: type[models.Model]) -> None:
    """Let a page know whether an upper room's tables have rows of a publication, without a query of their own.

    Called from an AppConfig's ready(). The tables have a column `publication`; `has_none` tells.
    """
    _others.extend(tables)


def has_none(publication: Publication, table: type[models.Model]) -> bool:
    """Return whether it is known that a registered table has no row of a publication; False where it was not looked."""
    return table in getattr(publication, "_without", ())


def get_whole_or_404(user: "User | AnonymousUser", pk: int) -> Publication:
    """Return a publication with its owner, its lists, its rows and their files.

    Who may read it is asked once all that the rule looks at is there, which costs less than the condition in SQL.

    Raises:
        Http404: there is none, or `user` may not read it.
    """
    publication: Publication | None = Publication.objects.filter(pk=pk).first()
    if publication is None:
        raise Http404
    fetch_rows(publication)
    if not user.has_perm("library.view_publication", publication):
        raise Http404
    return publication


def fetch_rows(publication: Publication) -> None:
    """Read what stands in other tables about a publication, as `select_related` and `prefetch_related` would leave it.

    PostgreSQL gives each row as JSON, so that tables of different columns come together in one query; a photo or a
    document costs one query more for its file.
    """
    parts, sql = _statement(publication.kind, of_member=publication.owner_member_id is not None)
    keys = {PUBLICATION: publication.pk, OWNER: publication.owner_member_id or publication.owner_office_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, keys)
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


@cache
def _statement(kind: str, *, of_member: bool) -> tuple[list[_Part], str]:
    """Return the parts that a publication of a kind, of a member or an office, has, and the statement for all."""
    parts = list(_parts(kind, of_member=of_member))
    sql = " UNION ALL ".join(
        f"SELECT {number} AS part, position, to_jsonb(one) AS row FROM ({part.sql}) AS one"
        for number, part in enumerate(parts)
    )
    return parts, f"SELECT part, row::text FROM ({sql}) AS every ORDER BY part, position"


def _parts(kind: str, *, of_member: bool) -> Iterator[_Part]:
    for name, model in ROWS.items():
        yield _Part(name, model, _rows_sql(model))
    for name in LISTS:
        yield _Part(name, Publication._meta.get_field(name).related_model, _terms_sql(name))
    child: Any = Publication._meta.get_field(kind).related_model
    own = f"SELECT 0 AS position, * FROM {child._meta.db_table} WHERE publication_ptr_id = %({PUBLICATION})s"
    yield _Part(CHILD, child, own)
    office, member = Office._meta.db_table, Member._meta.db_table
    if of_member:
        its = f"SELECT 0 AS position, office.* FROM {office} AS office JOIN {member} AS member ON office.id = office_id"
        yield _Part("owner_member", Member, f"SELECT 0 AS position, * FROM {member} WHERE id = %({OWNER})s")
        yield _Part("owner_member.office", Office, f"{its} WHERE member.id = %({OWNER})s")
    else:
        its = f"SELECT 0 AS position, parent.* FROM {office} AS parent JOIN {office} AS child ON parent.id = child.parent_id"
        yield _Part("owner_office", Office, f"SELECT 0 AS position, * FROM {office} WHERE id = %({OWNER})s")
        yield _Part("owner_office.parent", Office, f"{its} WHERE child.id = %({OWNER})s")
    each = ", ".join(f"EXISTS ({_rows_sql(table)}) AS {table._meta.db_table}" for table in _others)
    yield _Part(OTHERS, None, f"SELECT 0 AS position, {each}")


def _rows_sql(model: type[models.Model]) -> str:
    return f"SELECT * FROM {model._meta.db_table} WHERE publication_id = %({PUBLICATION})s"


def _terms_sql(name: str) -> str:
    """Return the statement for the terms of a list, which the publication has through a table of pairs."""
    field: Any = Publication._meta.get_field(name)
    term, pairs = field.related_model._meta.db_table, field.remote_field.through._meta.db_table
    own, other = field.m2m_column_name(), field.m2m_reverse_name()
    return f"SELECT term.* FROM {term} AS term JOIN {pairs} ON term.id = {other} WHERE {own} = %({PUBLICATION})s"


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
