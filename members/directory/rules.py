"""Who may do what in the directory.

A person's roles are read once a request and kept on the user object: `roles_of`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rules
from django.db.models import Case, CharField, F, Q, Value, When

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from members.directory.models import Invitation, Member, Office


@dataclass(frozen=True)
class Roles:
    """Where a person stands in the network. The sets hold primary keys."""

    writes_for: frozenset[int] = frozenset()  # members: liaison or contributor
    liaison_of: frozenset[int] = frozenset()  # also where nothing can be written because the fee was not paid
    members: frozenset[int] = frozenset()  # every active member they have a role at
    coordinates: frozenset[int] = frozenset()  # offices
    expert_at: frozenset[int] = frozenset()  # offices
    is_administrator: bool = False

    @property
    def in_network(self) -> bool:
        """Whether they have any place in the network at all."""
        return bool(self.members or self.coordinates or self.expert_at or self.is_administrator)


NOBODY = Roles()


def roles_of(user: "User | AnonymousUser") -> Roles:
    """Return the roles of `user`, read once an object of the user, in one query."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    kept: Roles | None = getattr(user, "_roles", None)
    if kept is None:
        at_members = user.member_roles.filter(member__is_active=True).values_list(
            Value(True), "member_id", role_by_standing()
        )
        rows = list(at_members.union(user.office_roles.values_list(Value(False), "office_id", "role")))
        at_member, at_office = ([row[1:] for row in rows if row[0] is which] for which in (True, False))
        kept = keep_roles(user, at_member, at_office)
    return kept


LIAISON_ONLY = "liaison_only"  # a liaison who writes no more


def role_by_standing() -> Case:
    """Return the role of a `MemberRole` as the standing of its member leaves it: those of read-only ones only read."""
    read_only = Q(member__standing="read_only")
    return Case(
        When(read_only & Q(role="liaison"), then=Value(LIAISON_ONLY)),
        When(read_only, then=Value("reader")),
        default=F("role"),
        output_field=CharField(),
    )


def keep_roles(user: "User", at_members: Iterable[tuple[int, str]], at_offices: Iterable[tuple[int, str]]) -> Roles:
    """Keep on `user` the roles that were read: pairs of an active member, or an office, and the role there."""
    at_members, at_offices = list(at_members), list(at_offices)
    roles = Roles(
        writes_for=frozenset(pk for pk, role in at_members if role in {"liaison", "contributor"}),
        liaison_of=frozenset(pk for pk, role in at_members if role in {"liaison", LIAISON_ONLY}),
        members=frozenset(pk for pk, _ in at_members),
        coordinates=frozenset(pk for pk, role in at_offices if role == "coordinator"),
        expert_at=frozenset(pk for pk, role in at_offices if role == "expert"),
        is_administrator=user.is_administrator,
    )
    user._roles = roles  # type: ignore[attr-defined]  # noqa: SLF001
    return roles


def forget_roles(user: "User") -> None:
    """Drop the kept roles after they have changed."""
    user.__dict__.pop("_roles", None)


@rules.predicate
def is_in_network(user: "User | AnonymousUser") -> bool:
    return roles_of(user).in_network


@rules.predicate
def is_administrator(user: "User | AnonymousUser") -> bool:
    return roles_of(user).is_administrator


@rules.predicate
def is_liaison(user: "User | AnonymousUser", member: "Member | None") -> bool:
    return member is not None and member.pk in roles_of(user).liaison_of


@rules.predicate
def is_coordinator_of_member(user: "User | AnonymousUser", member: "Member | None") -> bool:
    return member is not None and member.office_id in roles_of(user).coordinates


@rules.predicate
def is_coordinator_of_office(user: "User | AnonymousUser", office: "Office | None") -> bool:
    return office is not None and office.pk in roles_of(user).coordinates


@rules.predicate
def invites_there(user: "User | AnonymousUser", invitation: "Invitation | None") -> bool:
    return invitation is not None and user.has_perm("directory.invite_to_member", invitation.member)


for _model in ("office", "member"):
    rules.add_perm(f"directory.view_{_model}", is_in_network)
rules.add_perm("directory.invite_to_member", is_liaison | is_coordinator_of_member | is_administrator)
rules.add_perm("directory.view_invitation", invites_there)
rules.add_perm("directory.change_member", is_liaison | is_coordinator_of_member | is_administrator)
# Which office a member belongs to, and whether it is one at all.
rules.add_perm("directory.change_member_office", is_administrator)
rules.add_perm("directory.merge_member", is_administrator)
rules.add_perm("directory.view_standing_at_office", is_coordinator_of_office | is_administrator)
for _model in ("office", "member", "memberrole", "officerole", "contact", "membertable"):
    for _act in ("add", "delete", "view", "change"):
        if not rules.perm_exists(f"directory.{_act}_{_model}"):
            rules.add_perm(f"directory.{_act}_{_model}", is_administrator)
for _act in ("add", "delete", "view", "change"):
    rules.add_perm(f"accounts.{_act}_user", is_administrator)
rules.add_perm("accounts", is_administrator)
rules.add_perm("directory", is_administrator)
