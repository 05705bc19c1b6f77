"""Reads about publications that return people."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from members.accounts.models import User
from practices.library.models import Publication


def writers_of(publication: Publication) -> QuerySet[User]:
    """Return the people who write for the owner of a publication, by name."""
    return _at_owner(publication, ("liaison", "contributor")).order_by("name", "pk")


def authors_to_tell(publication: Publication, submitted_by: User | None) -> list[User]:
    """Return whom mail about a publication goes to on its authors' side; perhaps nobody.

    That is whoever submitted it; where they left or write for the owner no more, the responsible person; else the
    liaisons of the owning member, or the coordinators of the owning office.
    """
    for person in (submitted_by, publication.responsible):
        if person and person.is_active and person.has_perm("library.change_publication", publication):
            return [person]
    found = _at_owner(publication, ("liaison",)).order_by("pk")
    return [one for one in found if one.has_perm("library.change_publication", publication)]


def _at_owner(publication: Publication, roles: Collection[str]) -> QuerySet[User]:
    """Return the active people with one of `roles` at the owning member, or the coordinators of the owning office."""
    if publication.owner_member_id:
        there = Q(member_roles__member=publication.owner_member_id, member_roles__role__in=roles)
    else:
        there = Q(office_roles__office=publication.owner_office_id, office_roles__role="coordinator")
    return User.objects.filter(there, is_active=True)
