"""Who may do what with a publication and its files."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_in_network, roles_of
from practices.library.readers import reads_elsewhere

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.library.models import File, Publication


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


@rules.predicate
def is_shown(_user: "User | AnonymousUser", file: "File | None") -> bool:
    """Whether a photo or document of the file's own, published publication points to it."""
    from practices.library.models import File

    return file is not None and File.objects.shown().filter(pk=file.pk).exists()


@rules.predicate
def is_shown_to_public(_user: "User | AnonymousUser", file: "File | None") -> bool:
    """Whether everybody may have it; see `FileQuerySet.shown_to_public`."""
    from practices.library.models import File

    return file is not None and File.objects.shown_to_public().filter(pk=file.pk).exists()


@rules.predicate
def writes_or_reviews_it(user: "User | AnonymousUser", file: "File | None") -> bool:
    """Whether they write or review the publication, so that they read its drafts too."""
    return file is not None and (is_author | is_reviewing_coordinator | is_administrator)(user, file.publication)


@rules.predicate
def reads_it_elsewhere(user: "User | AnonymousUser", file: "File | None") -> bool:
    return file is not None and reads_elsewhere(user, file)


rules.add_perm(
    "library.view_file",
    writes_or_reviews_it | is_shown_to_public | (is_shown & is_in_network) | reads_it_elsewhere,
)
