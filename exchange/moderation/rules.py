"""Who decides about what was reported.

The coordinators of the author's office decide; of an appeal the coordinators of the office above. Administrators
decide both. Nobody decides about what they wrote themselves or answer for, nor about an appeal against their own decision.
"""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.moderation.models import Case
    from members.accounts.models import User


@rules.predicate
def moderates(user: "User | AnonymousUser") -> bool:
    """Whether there are reports that they decide about."""
    roles = roles_of(user)
    return bool(roles.coordinates) or roles.is_administrator


@rules.predicate
def is_of_office(user: "User | AnonymousUser", case: "Case | None") -> bool:
    return case is not None and case.office_id in roles_of(user).coordinates


@rules.predicate
def is_of_office_above(user: "User | AnonymousUser", case: "Case | None") -> bool:
    return case is not None and case.office.parent_id in roles_of(user).coordinates


@rules.predicate
def answers_for_it(user: "User | AnonymousUser", case: "Case | None") -> bool:
    return case is not None and case.is_of(user)


@rules.predicate
def has_decided(user: "User | AnonymousUser", case: "Case | None") -> bool:
    return case is not None and user.pk is not None and case.decided_by_id == user.pk


@rules.predicate
def was_hidden(_user: "User | AnonymousUser", case: "Case | None") -> bool:
    return case is not None and case.state not in {"open", "left"}


_sees = is_of_office | is_of_office_above | is_administrator
rules.add_perm("moderation.view_case", is_in_network & ((_sees & ~answers_for_it) | (answers_for_it & was_hidden)))
rules.add_perm("moderation.decide_case", (is_of_office | is_administrator) & ~answers_for_it)
rules.add_perm("moderation.answer_appeal", (is_of_office_above | is_administrator) & ~answers_for_it & ~has_decided)
rules.add_perm("moderation.appeal_case", is_in_network & answers_for_it)
