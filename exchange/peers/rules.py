"""Who may do what with asks, offers and introductions."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_coordinator_of_member, is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.peers.models import Introduction, Notice
    from members.accounts.models import User


@rules.predicate
def writes_for_member(user: "User | AnonymousUser", notice: "Notice | None") -> bool:
    return notice is not None and notice.member_id in roles_of(user).writes_for


@rules.predicate
def coordinates_its_member(user: "User | AnonymousUser", notice: "Notice | None") -> bool:
    return notice is not None and is_coordinator_of_member(user, notice.member)


@rules.predicate
def coordinates(user: "User | AnonymousUser") -> bool:
    return bool(roles_of(user).coordinates)


@rules.predicate
def is_of_either_side(user: "User | AnonymousUser", introduction: "Introduction | None") -> bool:
    sides = {introduction.member_id, introduction.peer_id} if introduction else set()
    return bool(sides & roles_of(user).members)


@rules.predicate
def writes_for_either_side(user: "User | AnonymousUser", introduction: "Introduction | None") -> bool:
    sides = {introduction.member_id, introduction.peer_id} if introduction else set()
    return bool(sides & roles_of(user).writes_for)


@rules.predicate
def coordinates_either_side(user: "User | AnonymousUser", introduction: "Introduction | None") -> bool:
    if introduction is None:
        return False
    offices = {introduction.member.office_id, introduction.peer.office_id}
    own = introduction.by_id is not None and introduction.by_id == user.pk
    return bool(offices & roles_of(user).coordinates) or (own and bool(roles_of(user).coordinates))


rules.add_perm("peers.view_notice", is_in_network)
rules.add_perm("peers.change_notice", writes_for_member)
rules.add_perm("peers.close_notice", writes_for_member | coordinates_its_member | is_administrator)
rules.add_perm("peers.view_supply", coordinates | is_administrator)
rules.add_perm("peers.add_introduction", coordinates | is_administrator)
rules.add_perm("peers.view_introduction", is_of_either_side | coordinates_either_side | is_administrator)
rules.add_perm("peers.answer_introduction", writes_for_either_side)
rules.add_perm("peers.withdraw_introduction", coordinates_either_side | is_administrator)
