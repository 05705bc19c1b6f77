"""A list of publications as rows, one each, as `library.tables` writes them, so that an import reads them."""

from collections.abc import Iterator

from practices.library.querysets import PublicationQuerySet
from practices.library.tables import write_row

CHUNK = 200


def table_rows(publications: PublicationQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each publication, in the order of `TABLE_COLUMNS`; some at a time, to keep memory small."""
    for publication in publications.with_cards().with_page().iterator(chunk_size=CHUNK):
        yield list(write_row(publication).values())
