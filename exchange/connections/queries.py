"""Who is connected with whom."""

from collections import defaultdict
from collections.abc import Collection

from exchange.connections.models import Connection
from members.accounts.models import User
from members.directory.models import MemberRole, OfficeRole


def are_connected(one: User, other: User) -> bool:
    """Whether the two have accepted each other."""
    return Connection.objects.between(one.pk, other.pk).connected().exists()


def connected_ids(user: User) -> frozenset[int]:
    """Return everybody `user` is connected with. One query."""
    rows = Connection.objects.of(user).connected().values_list("asker", "asked")
    return frozenset(pk for pair in rows for pk in pair if pk != user.pk)


def places_of(people: Collection[int]) -> dict[int, str]:
    """Return the members and offices that people work for, by the key of the person. Two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    members = MemberRole.objects.filter(user__in=people, member__is_active=True).select_related("member")
    for role in members.order_by("pk"):
        found[role.user_id].append(str(role.member))
    for at_office in OfficeRole.objects.filter(user__in=people).select_related("office").order_by("pk"):
        found[at_office.user_id].append(str(at_office.office))
    return {pk: ", ".join(places) for pk, places in found.items()}
