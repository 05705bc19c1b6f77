"""Whom to write to about a review."""

from members.accounts.models import User
from members.directory.models import Office
from practices.editorial.models import Revision
from practices.library.models import Publication


def reviewers_of(revision: Revision) -> list[User]:
    """Return who may decide: the office's coordinators, or where it has none that may, the administrators."""
    found = [one for one in coordinators_of(revision.deciding_office) if _may_review(one, revision)]
    return found or [one for one in administrators() if _may_review(one, revision)]


def overseers_of(revision: Revision) -> list[User]:
    """Return who hears of it when the office lets it lie: the coordinators above it, or where none is, administrators.

    Nobody of the owning member and not the submitter is told.
    """
    parent = revision.deciding_office.parent
    people = coordinators_of(parent) if parent else administrators()
    return [one for one in people if one.has_perm("editorial.oversee_revision", revision)]


def keepers_of(publication: Publication) -> list[User]:
    """Return the coordinators who look after a published text: of the owner's office, its authors excepted."""
    people = coordinators_of(publication.reviewing_office)
    return [one for one in people if one.has_perm("editorial.look_after_publication", publication)]


def colleagues_for(revision: Revision) -> list[User]:
    """Return the coordinators of the deciding office who may review it, by name."""
    people = [one for one in coordinators_of(revision.deciding_office) if _may_review(one, revision)]
    return sorted(people, key=lambda one: (str(one).casefold(), one.pk))


def coordinators_of(office: Office) -> list[User]:
    active = User.objects.filter(is_active=True).order_by("pk")
    return list(active.filter(office_roles__office=office, office_roles__role="coordinator"))


def administrators() -> list[User]:
    return list(User.objects.filter(is_active=True, is_administrator=True).order_by("pk"))


def _may_review(person: User, revision: Revision) -> bool:
    return person.has_perm("editorial.review_revision", revision)
