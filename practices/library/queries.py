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
