"""A list of publications as rows, one each, as `library.tables` writes them, so that an import reads them."""

from collections.abc import Iterator, Sequence

from practices.library.querysets import PublicationQuerySet
from practices.library.tables import write_row

CHUNK = 200


def table_rows(publications: PublicationQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each publication, in the order of `TABLE_COLUMNS`; some at a time, to keep memory small."""
    for publication in publications.with_cards().with_page().iterator(chunk_size=CHUNK):
        yield list(write_row(publication).values())


def table_rows_in_order(publications: PublicationQuerySet, pks: Sequence[int]) -> Iterator[list[str]]:
    """Yield the cells of the publications with `pks`, in their order, those that `publications` has; some at a time."""
    for start in range(0, len(pks), CHUNK):
        some = pks[start : start + CHUNK]
        known = {one.pk: one for one in publications.filter(pk__in=some).with_cards().with_page()}
        yield from (list(write_row(known[pk]).values()) for pk in some if pk in known)
