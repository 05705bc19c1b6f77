"""Reads about publications that return people."""

from django.db.models import Q

from members.accounts.models import User
from practices.library.models import Publication


def writers_of(publication: Publication) -> list[User]:
    """Return the people who write for the owner of a publication, by name."""
    if publication.owner_member_id:
        at_owner = Q(
            member_roles__member=publication.owner_member_id, member_roles__role__in=["liaison", "contributor"]
        )
    else:
        at_owner = Q(office_roles__office=publication.owner_office_id, office_roles__role="coordinator")
    return list(User.objects.filter(at_owner, is_active=True).order_by("name", "pk"))


def authors_to_tell(publication: Publication, submitted_by: User | None) -> list[User]:
    """Return whom mail about a publication goes to on its authors' side; perhaps nobody.

    That is whoever submitted it; where they left or write for the owner no more, the responsible person; else the
    liaisons of the owning member, or the coordinators of the owning office.
    """
    for person in (submitted_by, publication.responsible):
        if person and person.is_active and person.has_perm("library.change_publication", publication):
            return [person]
    active = User.objects.filter(is_active=True).order_by("pk")
    if publication.owner_member_id:
        found = active.filter(member_roles__member=publication.owner_member_id, member_roles__role="liaison")
    else:
        found = active.filter(office_roles__office=publication.owner_office_id, office_roles__role="coordinator")
    return [one for one in found if one.has_perm("library.change_publication", publication)]
