"""The list of members as rows of a table."""

from collections.abc import Iterator

from config.kit.tables import guard
from members.directory.facts import FACTS, MANY, TOLD, read_facts, write_fact
from members.directory.models import Member
from members.directory.querysets import MemberQuerySet

MEMBER_COLUMNS = (
    "slug", "name", "name_en", "kind", "country", "subdivision", "latitude", "longitude", "population",
    "population_year", "website", "office",
)  # fmt: skip
# What an import takes back, and what it only compares.
ALL_COLUMNS = (*MEMBER_COLUMNS, *(name for name in (*FACTS, *TOLD) if name not in MEMBER_COLUMNS))


def member_rows(members: MemberQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each member, in the order of `MEMBER_COLUMNS`; one query for any number."""
    for member in members.select_related("office").iterator(chunk_size=500):
        values = [write_fact(getattr(member, name)) for name in MEMBER_COLUMNS[:-1]]
        yield [guard(text) for text in (*values, member.office.slug)]


def all_member_rows(members: MemberQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each member, in the order of `ALL_COLUMNS`; three queries for any five hundred."""
    rows = members.select_related("office", "merged_into").prefetch_related(*MANY)
    for member in rows.iterator(chunk_size=500):
        cells = read_facts(member) | told_facts(member) | {"slug": member.slug}
        yield [guard(cells[name]) for name in ALL_COLUMNS]


def told_facts(member: Member) -> dict[str, str]:
    """Return what a table tells and an import does not change."""
    merged = member.merged_into
    return {"standing": member.standing, "merged_into": merged.slug if merged else ""}
