"""Who may do what with an application. Whoever holds its link is the applicant, and needs no account."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from members.joining.models import Application


@rules.predicate
def was_submitted(_user: "User | AnonymousUser", application: "Application | None") -> bool:
    return application is not None and application.submitted_at is not None


@rules.predicate
def is_its_coordinator(user: "User | AnonymousUser", application: "Application | None") -> bool:
    return application is not None and application.office_id in roles_of(user).coordinates


@rules.predicate
def decides_anywhere(user: "User | AnonymousUser") -> bool:
    roles = roles_of(user)
    return bool(roles.coordinates) or roles.is_administrator


for _act in ("view", "decide"):
    rules.add_perm(f"joining.{_act}_application", was_submitted & (is_its_coordinator | is_administrator))
rules.add_perm("joining.decide_applications", decides_anywhere)
