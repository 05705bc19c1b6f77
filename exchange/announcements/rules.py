"""Who writes to many people at once."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.announcements.models import Announcement
    from members.accounts.models import User
    from members.directory.models import Office


@rules.predicate
def writes_for_an_office(user: "User | AnonymousUser") -> bool:
    roles = roles_of(user)
    return bool(roles.coordinates) or roles.is_administrator


@rules.predicate
def writes_for_office(user: "User | AnonymousUser", office: "Office | None") -> bool:
    roles = roles_of(user)
    return office is not None and (office.pk in roles.coordinates or roles.is_administrator)


@rules.predicate
def is_of_own_office(user: "User | AnonymousUser", announcement: "Announcement | None") -> bool:
    return announcement is not None and announcement.office_id in roles_of(user).coordinates


rules.add_perm("announcements.write_for_office", writes_for_office)
for _act in ("view", "change"):
    rules.add_perm(f"announcements.{_act}_announcement", is_of_own_office | is_administrator)
rules.add_perm("announcements.mark_important", is_administrator)
