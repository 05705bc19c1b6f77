"""Whom to write to about a publication."""

from members.accounts.models import User
from practices.library.models import Publication


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
