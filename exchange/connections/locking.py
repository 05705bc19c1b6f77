"""What happens between two people comes one after the other."""

from members.accounts.models import User
from members.directory.models import Member


def lock_people(one: User, other: User) -> None:
    """Lock two people until the transaction ends, always in the same order."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk, other.pk]).order_by("pk"))


def lock_members(members: frozenset[int]) -> None:
    """Lock members, so that what their people do at once is counted; before people, always in the same order."""
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=members).order_by("pk"))
