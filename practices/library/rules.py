"""Who may do what with a publication."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.library.models import Publication


@rules.predicate
def is_published(_user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    return publication is not None and publication.state == "published"


@rules.predicate
def is_author(user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    """Whether they write for the owner: a contributor or liaison of the member, a coordinator of the office."""
    if publication is None:
        return False
    roles = roles_of(user)
    return publication.owner_member_id in roles.writes_for or publication.owner_office_id in roles.coordinates


@rules.predicate
def is_reviewing_coordinator(user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    return publication is not None and publication.reviewing_office.pk in roles_of(user).coordinates


@rules.predicate
def is_of_owner(user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    """Whether they have any role at the owning member. Nobody reviews what their own member submitted."""
    return publication is not None and publication.owner_member_id in roles_of(user).members


rules.add_perm(
    "library.view_publication",
    is_in_network & (is_published | is_author | is_reviewing_coordinator | is_administrator),
)
rules.add_perm("library.change_publication", is_author)
rules.add_perm("library.assign_publication", is_author | is_reviewing_coordinator | is_administrator)
rules.add_perm("library.archive_publication", is_reviewing_coordinator | is_administrator)
