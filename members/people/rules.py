"""Who may do what with people."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from members.people.models import JoinRequest


@rules.predicate
def is_own(user: "User | AnonymousUser", request: "JoinRequest | None") -> bool:
    return request is not None and user.is_authenticated and user.is_active and request.user_id == user.pk


@rules.predicate
def looks_after_people(user: "User | AnonymousUser", request: "JoinRequest | None") -> bool:
    return request is not None and user.has_perm("directory.invite_to_member", request.member)


@rules.predicate
def is_open(_user: "User | AnonymousUser", request: "JoinRequest | None") -> bool:
    return request is not None and request.answered_at is None


rules.add_perm("people.view_joinrequest", is_own | looks_after_people)
rules.add_perm("people.answer_joinrequest", looks_after_people & ~is_own)
rules.add_perm("people.view_person", is_in_network)
for _act in ("add", "delete", "view", "change"):
    rules.add_perm(f"people.{_act}_signinprovider", is_administrator)
rules.add_perm("people", is_administrator)
