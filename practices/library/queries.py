"""Reads about publications that return people."""

from collections.abc import Callable, Collection, Iterable

from django.db.models import Q, QuerySet

from members.accounts.models import User
from practices.library.models import Publication


def writers_of(publication: Publication) -> QuerySet[User]:
    """Return the people who write for the owner of a publication, by name."""
    return _at_owner(publication, ("liaison", "contributor")).order_by("name", "pk")


def authors_to_tell(
    publication: Publication,
    submitted_by: User | None,
    *,
    roles: Iterable[str] = ("liaison",),
    may: Callable[[User], bool] | None = None,
) -> list[User]:
    """Return whom mail about a publication goes to on its authors' side; perhaps nobody.

    That is the first of these in which anybody may do what the mail is about: whoever submitted it; the responsible
    person; those with each of `roles` at the owning member in turn, or the coordinators of the owning office.

    Args:
        submitted_by: where the mail is about something that somebody handed in; else the responsible person is first.
        roles: at the owning member.
        may: whether a person may do it; by default whether they write for the owner.
    """
    may = may or (lambda person: person.has_perm("library.change_publication", publication))
    groups: tuple[Iterable[User | None], ...] = (
        [submitted_by],
        [publication.responsible],
        *(_at_owner(publication, (role,)).order_by("pk") for role in roles),
    )
    for people in groups:
        if found := [one for one in people if one and one.is_active and may(one)]:
            return found
    return []


def _at_owner(publication: Publication, roles: Collection[str]) -> QuerySet[User]:
    """Return the active people with one of `roles` at the owning member, or the coordinators of the owning office."""
    if publication.owner_member_id:
        there = Q(member_roles__member=publication.owner_member_id, member_roles__role__in=roles)
    else:
        there = Q(office_roles__office=publication.owner_office_id, office_roles__role="coordinator")
    return User.objects.filter(there, is_active=True)
