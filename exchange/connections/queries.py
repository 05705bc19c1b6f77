"""Who is connected with whom."""

from exchange.connections.models import Connection
from members.accounts.models import User


def are_connected(one: User, other: User) -> bool:
    """Whether the two have accepted each other."""
    return Connection.objects.between(one.pk, other.pk).connected().exists()


def connected_ids(user: User) -> frozenset[int]:
    """Return everybody `user` is connected with. One query."""
    rows = Connection.objects.of(user).connected().values_list("asker", "asked")
    return frozenset(pk for pair in rows for pk in pair if pk != user.pk)
