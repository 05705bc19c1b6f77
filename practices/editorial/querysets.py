"""Chainable reads of the editorial room. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast, Coalesce, Greatest, JSONArray, JSONObject

from members.directory.rules import Roles, roles_of
from practices.library.content import FILES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class RevisionQuerySet(models.QuerySet[Any]):
    """Reads of revisions."""

    def open(self) -> Self:
        return self.filter(state__in=self.model.OPEN)

    def awaiting(self) -> Self:
        """Return what waits for a decision, with `desk` (the office that decides) and `since`; the oldest first."""
        desk = Coalesce(
            "handed_to",
            "publication__owner_member__office",
            "publication__owner_office__parent",
            "publication__owner_office",
        )
        waiting = self.filter(state__in=self.model.AWAITING)
        return waiting.annotate(desk=desk, since=Greatest("submitted_at", "handed_at")).order_by("since", "pk")

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the revisions that `user` may read: of what they write, and once submitted what they may follow."""
        roles = roles_of(user)
        return self.filter(_written_by(roles) | (_followed_by(roles, user) & Q(submitted_at__isnull=False)))

    def written_by(self, user: "User | AnonymousUser") -> Self:
        """Return the revisions of everything that `user` writes for."""
        return self.filter(_written_by(roles_of(user)))

    def awaiting_review_by(self, user: "User | AnonymousUser") -> Self:
        """Return the queue of `user`: submitted to their offices, never by their own member; the oldest first."""
        return self.filter(_reviewable_by(roles_of(user), user)).awaiting()


class AssessmentQuerySet(models.QuerySet[Any]):
    """Reads of assessments. What readers see of those that count comes with the publication that they may read."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return one's own, and those of the publications that one looks after."""
        roles = roles_of(user)
        mine = Q(expert=user.pk) if roles.in_network else Q(pk__in=[])
        return self.filter(mine | _looked_after_by(roles))

    def open(self) -> Self:
        return self.filter(submitted_at=None, declined_at=None, withdrawn_at=None)

    def counting(self) -> Self:
        """Return the newest submitted assessment of each expert of each publication."""
        done = self.filter(submitted_at__isnull=False)
        return done.order_by("publication", "expert", "-submitted_at", "-pk").distinct("publication", "expert")


class NoteQuerySet(models.QuerySet[Any]):
    """Reads of internal notes."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those on revisions that `user` decides on, and on publications that they look after; no author's."""
        roles = roles_of(user)
        deciding = Q(revision__isnull=False) & _reviewable_by(roles, user, "revision__") & ~_author_q(roles)
        return self.filter(deciding | (Q(revision=None) & _looked_after_by(roles)))


class RemarkQuerySet(models.QuerySet[Any]):
    """Reads of the thread of authors and reviewers."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those on the revisions that `user` may read."""
        revisions = self.model._meta.get_field("revision").related_model._default_manager
        return self.filter(revision__in=revisions.visible_to(user))


def named_in_revisions_read_by(user: "User | AnonymousUser") -> Q:
    """Return the condition on files that a revision of their publication names, and `user` may read that revision.

    So an office to which it was handed over sees its photos and documents, but no other draft's.
    """
    from practices.editorial.models import Revision

    row = JSONArray(JSONObject(file=Cast(OuterRef("pk"), models.TextField())))
    named = Q(*((f"content__{name}__contains", row) for name in FILES), _connector=Q.OR)
    readable = Revision.objects.visible_to(user).filter(named, publication=OuterRef("publication"))
    return Q(Exists(readable))


def _written_by(roles: Roles) -> Q:
    return Q(publication__owner_member__in=roles.writes_for) | Q(publication__owner_office__in=roles.coordinates)


def _author_q(roles: Roles) -> Q:
    """Return `_written_by` so that its negation also holds where a column is empty."""
    return Q(publication__owner_member__isnull=False, publication__owner_member__in=roles.writes_for) | Q(
        publication__owner_office__isnull=False, publication__owner_office__in=roles.coordinates
    )


def _of_home_office(offices: frozenset[int], prefix: str = "") -> Q:
    """Return the condition that the owner's own office is one of `offices`."""
    owner = f"{prefix}publication__owner_"
    return (
        Q(**{f"{owner}member__office__in": offices})
        | Q(**{f"{owner}office__parent__in": offices})
        | Q(**{f"{owner}office__in": offices, f"{owner}office__parent": None})
    )


def _not_own(roles: Roles, prefix: str = "") -> Q:
    # Negations that also hold where the column is empty, as it is for an office's own work.
    owner = f"{prefix}publication__owner_member"
    return Q(**{owner: None}) | ~Q(**{f"{owner}__in": roles.members})


def _impartial(roles: Roles, user: "User | AnonymousUser", prefix: str = "") -> Q:
    submitter = f"{prefix}submitted_by"
    return _not_own(roles, prefix) & (Q(**{submitter: None}) | ~Q(**{submitter: user.pk}))


def _reviewable_by(roles: Roles, user: "User | AnonymousUser", prefix: str = "") -> Q:
    impartial = _impartial(roles, user, prefix)
    if roles.is_administrator:
        return impartial
    handed_to = f"{prefix}handed_to"
    at_home = Q(**{handed_to: None}) & _of_home_office(roles.coordinates, prefix)
    return impartial & (at_home | Q(**{f"{handed_to}__in": roles.coordinates}))


def _followed_by(roles: Roles, user: "User | AnonymousUser") -> Q:
    """Return what they may review, and what their office has handed over to another."""
    handed = Q(handed_to__isnull=False) & (_of_home_office(roles.coordinates) | Q(handed_from__in=roles.coordinates))
    return _reviewable_by(roles, user) | (_impartial(roles, user) & handed)


def _looked_after_by(roles: Roles) -> Q:
    """Return the condition on what belongs to a publication that `editorial.look_after_publication` is."""
    others = _not_own(roles) & ~_author_q(roles)
    return others if roles.is_administrator else others & _of_home_office(roles.coordinates)
