"""Who may do what with people."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from members.directory.models import MemberRole
    from members.people.models import JoinRequest


@rules.predicate
def is_own(user: "User | AnonymousUser", of_user: "JoinRequest | MemberRole | None") -> bool:
    return of_user is not None and user.is_authenticated and user.is_active and of_user.user_id == user.pk


@rules.predicate
def looks_after_people(user: "User | AnonymousUser", at_member: "JoinRequest | MemberRole | None") -> bool:
    return at_member is not None and user.has_perm("directory.invite_to_member", at_member.member)


@rules.predicate
def is_person_in_network(_user: "User | AnonymousUser", person: "User | None") -> bool:
    return person is not None and is_in_network(person)


rules.add_perm("people.view_joinrequest", is_own | looks_after_people)
rules.add_perm("people.answer_joinrequest", looks_after_people & ~is_own)
rules.add_perm("people.view_person", is_in_network & is_person_in_network)
rules.add_perm("people.manage_role", is_own | looks_after_people)  # to change or to end it; services ask which
for _act in ("add", "delete", "view", "change"):
    rules.add_perm(f"people.{_act}_signinprovider", is_administrator)
rules.add_perm("people", is_administrator)
