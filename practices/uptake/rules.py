"""Who may do what with uptake and with lists."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network, roles_of
from practices.library.rules import is_author

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.uptake.models import BookmarkList, Uptake


@rules.predicate
def is_of_taker(user: "User | AnonymousUser", uptake: "Uptake | None") -> bool:
    """Whether they have any role at the member that took it up."""
    return uptake is not None and uptake.member_id in roles_of(user).members


@rules.predicate
def writes_for_taker(user: "User | AnonymousUser", uptake: "Uptake | None") -> bool:
    return uptake is not None and uptake.member_id in roles_of(user).writes_for


@rules.predicate
def is_author_of_original(user: "User | AnonymousUser", uptake: "Uptake | None") -> bool:
    return uptake is not None and is_author(user, uptake.publication)


@rules.predicate
def reads_original(user: "User | AnonymousUser", uptake: "Uptake | None") -> bool:
    return uptake is not None and user.has_perm("library.view_publication", uptake.publication)


@rules.predicate
def was_declined(_user: "User | AnonymousUser", uptake: "Uptake | None") -> bool:
    return uptake is not None and uptake.declined_at is not None


@rules.predicate
def is_owner(user: "User | AnonymousUser", found: "BookmarkList | None") -> bool:
    return found is not None and found.owner_id == user.pk


@rules.predicate
def is_shared_with(user: "User | AnonymousUser", found: "BookmarkList | None") -> bool:
    return found is not None and found.shared_with_id in roles_of(user).members


rules.add_perm(
    "uptake.view_uptake",
    is_of_taker | (reads_original & (~was_declined | is_author_of_original | is_administrator)),
)
rules.add_perm("uptake.change_uptake", writes_for_taker)
rules.add_perm("uptake.confirm_uptake", is_author_of_original & ~is_of_taker)
rules.add_perm("uptake.add_bookmarklist", is_in_network)
rules.add_perm("uptake.view_bookmarklist", is_in_network & (is_owner | is_shared_with))
rules.add_perm("uptake.change_bookmarklist", is_in_network & is_owner)
