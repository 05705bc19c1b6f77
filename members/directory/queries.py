"""Reads of the directory that return no queryset."""

from collections.abc import Container, Iterable
from itertools import chain, count

from django.utils.text import slugify

from members.directory.models import Member, Office

# What stands at the same place of an address as a member's short name.
RESERVED = frozenset({"compare", "export", "import", "imports", "map", "new"})
NEAREST = (Office.Kind.NATIONAL, Office.Kind.REGIONAL, Office.Kind.WORLD)


def office_of_country(country: str) -> Office | None:
    """Return the office that looks after a country (ISO 3166-1 alpha-2); None where no office does."""
    return choose_office(country, Office.objects.order_by("pk"))


def choose_office(country: str, offices: Iterable[Office]) -> Office | None:
    """Return that of `offices` that looks after a country: the national one, else the regional one, else the world's.

    The world's looks after every country that has no other.
    """
    fitting = [one for one in offices if country in one.territory or one.kind == Office.Kind.WORLD]
    return min(fitting, key=lambda one: NEAREST.index(Office.Kind(one.kind)), default=None)


def final_member(member: Member) -> Member:
    """Return the member that `member` was merged into, by whatever way; itself where it never was."""
    passed = {member.pk}
    while member.merged_into is not None and member.merged_into_id not in passed:
        member = member.merged_into
        passed.add(member.pk)
    return member


def free_slug(name: str, *, taken: Container[str] | None = None) -> str:
    """Return a short name made from `name`, for a member's address, that no member has.

    Args:
        taken: the short names of every member, where they are known; else each is looked up.
    """

    def is_free(slug: str) -> bool:
        if slug in RESERVED:
            return False
        return slug not in taken if taken is not None else not Member.objects.filter(slug=slug).exists()

    base = slugify(name)[:110] or "member"
    return next(slug for slug in chain([base], (f"{base}-{number}" for number in count(2))) if is_free(slug))
