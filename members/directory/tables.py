"""The list of members as rows of a table."""

from collections.abc import Iterator

from config.kit.tables import guard
from members.directory.querysets import MemberQuerySet

MEMBER_COLUMNS = (
    "slug", "name", "name_en", "kind", "country", "subdivision", "latitude", "longitude", "population",
    "population_year", "website", "office",
)  # fmt: skip


def member_rows(members: MemberQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each member, in the order of `MEMBER_COLUMNS`; one query for any number."""
    for member in members.select_related("office").iterator(chunk_size=500):
        values = [getattr(member, name) for name in MEMBER_COLUMNS[:-1]]
        yield [guard("" if value is None else str(value)) for value in (*values, member.office.slug)]
