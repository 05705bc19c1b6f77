"""A publication with all that its page shows, in two queries instead of one for each of fifteen tables."""

import json
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.http import Http404

from practices.library.content import FILES, LISTS, ROWS
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet


def get_whole_or_404(readable: PublicationQuerySet, pk: int) -> Publication:
    """Return a publication with its owner, its lists, its rows and their files.

    Raises:
        Http404: `readable` does not have it.
    """
    publication: Publication | None = readable.with_owner().filter(pk=pk).first()
    if publication is None:
        raise Http404
    fetch_rows(publication)
    return publication


def fetch_rows(publication: Publication) -> None:
    """Read what stands in other tables about a publication, as `prefetch_related` would leave it; one query.

    PostgreSQL gives each row as JSON, so that tables of different columns come together; a photo or a document costs
    one query more for its file.
    """
    tables: dict[str, tuple[str, Any]] = {name: (_rows_sql(model), model) for name, model in ROWS.items()}
    tables |= {name: (_terms_sql(name), Publication._meta.get_field(name).related_model) for name in LISTS}
    sql = " UNION ALL ".join(
        f"SELECT '{name}' AS name, position, to_jsonb(one) AS row FROM ({table}) AS one"
        for name, (table, _) in tables.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, row::text FROM ({sql}) AS every ORDER BY name, position", [publication.pk] * len(tables)
        )
        found = cursor.fetchall()
    rows: dict[str, list[Any]] = {name: [] for name in tables}
    for name, text in found:
        rows[name].append(_make(tables[name][1], json.loads(text, parse_float=Decimal)))
    for name, mine in rows.items():
        if mine and name in FILES:
            models.prefetch_related_objects(mine, "file__blob")
        for one in mine if name in ROWS else ():
            one.publication = publication
        _keep(publication, name, mine)


def _rows_sql(model: type[models.Model]) -> str:
    return f"SELECT * FROM {model._meta.db_table} WHERE publication_id = %s"


def _terms_sql(name: str) -> str:
    """Return the statement for the terms of a list, which the publication has through a table of pairs."""
    field: Any = Publication._meta.get_field(name)
    term, pairs = field.related_model._meta.db_table, field.remote_field.through._meta.db_table
    own, other = field.m2m_column_name(), field.m2m_reverse_name()
    return f"SELECT term.* FROM {term} AS term JOIN {pairs} ON term.id = {other} WHERE {own} = %s"


def _make(model: Any, values: dict[str, Any]) -> Any:
    fields = model._meta.concrete_fields
    return model.from_db(connection.alias, [field.attname for field in fields],
                         [_value(field, values[field.column]) for field in fields])  # fmt: skip


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _keep(publication: Any, name: str, rows: list[Any]) -> None:
    """Let `publication.<name>.all()` give `rows` without a query, as `prefetch_related` does."""
    queryset = getattr(publication, name).all()
    queryset._result_cache, queryset._prefetch_done = rows, True
    if not hasattr(publication, "_prefetched_objects_cache"):
        publication._prefetched_objects_cache = {}
    publication._prefetched_objects_cache[name] = queryset
