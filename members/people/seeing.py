"""Whose page and whose address somebody sees. Rooms above register what connects two people."""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from members.accounts.models import User
from members.directory.models import MemberRole
from members.directory.querysets import in_network_q
from members.directory.rules import is_in_network, roles_of

Connected = Callable[[User, User], bool]
_connections: list[Connected] = []


def register_connection(connected: Connected) -> None:
    """Say what else connects two people, so that they see each other's address; from an AppConfig's ready()."""
    _connections.append(connected)


def people_visible_to(user: User) -> QuerySet[User]:
    """Return the people whose page `user` may open: everybody in the network opens everybody's."""
    rows = User.objects.filter(pk__in=User.objects.filter(in_network_q()).values("pk"))
    return rows if is_in_network(user) else rows.none()


def may_see_address(viewer: User, person: User) -> bool:
    """Whether `viewer` may see the address of `person`: by their choice, or as an administrator."""
    if viewer == person or roles_of(viewer).is_administrator:
        return True
    if not is_in_network(viewer) or person.hides_address:
        return False
    if person.address_rule == User.AddressVisibility.NETWORK:
        return True
    return are_connected(viewer, person)


def are_connected(one: User, other: User) -> bool:
    """Whether two people share a member or an office, or a room above says so."""
    there = roles_of(other)
    here = roles_of(one)
    offices = (here.coordinates | here.expert_at) & (there.coordinates | there.expert_at)
    return bool(here.members & there.members or offices) or any(ask(one, other) for ask in _connections)


def roles_visible_to(user: User) -> QuerySet[MemberRole]:
    """Return the roles that `user` may change or end: at the members whose people they look after, and their own."""
    rows = MemberRole.objects.select_related("user", "member__office")
    roles = roles_of(user)
    if not user.is_active:
        return rows.none()
    if roles.is_administrator:
        return rows
    return rows.filter(
        Q(user=user.pk) | Q(member__in=roles.liaison_of) | Q(member__office__in=roles.coordinates)
    )  # fmt: skip
