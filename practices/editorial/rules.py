"""Who may do what with a revision."""

from typing import TYPE_CHECKING

import rules

from members.directory.models import Member, Office
from members.directory.rules import roles_of
from practices.library.rules import is_author as is_author_of_publication
from practices.library.rules import is_of_owner, is_reviewing_coordinator

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.editorial.models import Revision


@rules.predicate
def is_author(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    return revision is not None and is_author_of_publication(user, revision.publication)


@rules.predicate
def is_reviewer(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    """Whether they coordinate the office that decides, or administer the network, and it is not their own work."""
    if revision is None or is_of_owner(user, revision.publication) or revision.submitted_by_id == user.pk:
        return False
    return roles_of(user).is_administrator or is_reviewing_coordinator(user, revision.publication)


@rules.predicate
def was_submitted(_user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    return revision is not None and revision.submitted_at is not None


rules.add_perm("editorial.change_revision", is_author)
rules.add_perm("editorial.review_revision", is_reviewer)
rules.add_perm("editorial.view_revision", is_author | (is_reviewer & was_submitted))


@rules.predicate
def writes_for(user: "User | AnonymousUser", owner: "Member | Office | None") -> bool:
    """Whether they write for an owner: a member's contributor or liaison, an office's coordinator."""
    if isinstance(owner, Member):
        return owner.pk in roles_of(user).writes_for
    return isinstance(owner, Office) and owner.pk in roles_of(user).coordinates


rules.add_perm("library.write_for_owner", writes_for)
