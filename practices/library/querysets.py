"""Chainable reads of publications and their files. `visible_to` and `rules.py` say the same; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from members.directory.rules import roles_of
from practices.library.readers import read_elsewhere_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class PublicationQuerySet(models.QuerySet[Any]):
    """Reads of publications."""

    def published(self) -> Self:
        return self.filter(state="published")

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may read: everything published, and all states of what they write or review."""
        roles = roles_of(user)
        if not roles.in_network:
            return self.none()
        if roles.is_administrator:
            return self.all()
        return self.filter(
            Q(state="published")
            | Q(owner_member__in=roles.writes_for)
            | Q(owner_member__office__in=roles.coordinates)
            | Q(owner_office__in=roles.coordinates)
            | Q(owner_office__parent__in=roles.coordinates)
        )

    def editable_by(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may revise: their member's work, and their office's own."""
        roles = roles_of(user)
        return self.filter(Q(owner_member__in=roles.writes_for) | Q(owner_office__in=roles.coordinates))

    def without_responsible(self) -> Self:
        """Return those whose responsible person has left: gone, closed, or not writing for the owner any more."""
        at_member = Q(
            responsible__member_roles__member=F("owner_member"),
            responsible__member_roles__role__in=["liaison", "contributor"],
        )
        at_office = Q(
            responsible__office_roles__office=F("owner_office"), responsible__office_roles__role="coordinator"
        )
        looked_after = self.model.objects.filter((at_member | at_office), responsible__is_active=True)
        return self.exclude(pk__in=looked_after.values("pk"))

    def with_confirmation(self) -> Self:
        """Add `confirmation`: "no" where a question lapsed, "yes" where the owner's word holds, else empty.

        A demonstration entry says nothing of its owner, who has not written it.
        """
        return self.annotate(
            confirmation=Case(
                When(unconfirmed_at__isnull=False, then=Value("no")),
                When(confirmed_at__isnull=False, is_demonstration=False, then=Value("yes")),
                default=Value(""),
            )
        )

    def with_page(self) -> Self:
        """Fetch what the pages of many show besides: one query a table of rows; for one alone see `whole.py`."""
        rows = self.select_related("practice__from_project", "project", "owner_member__office", "owner_office__parent")
        return rows.prefetch_related(
            "goals", "key_dates", "building_blocks", "milestones", "stakeholders", "partners", "costs", "funding",
            "indicators", "commitments", "links", "photos__file__blob", "documents__file__blob",
        )  # fmt: skip

    def with_cards(self) -> Self:
        """Fetch what a card in a list shows: three queries for any number of rows."""
        return self.select_related("owner_member", "owner_office").prefetch_related("pathways", "topics")

    def with_covers(self, *, public: bool = False) -> Self:
        """Say in `cover_id` which file is the cover, the first photo, in the same query; None where there is none.

        Args:
            public: take the first photo that everybody may see.
        """
        from practices.library.models import Photo

        photos = Photo.objects.filter(_for_public() if public else Q(), publication=OuterRef("pk"))
        return self.annotate(cover_id=Subquery(photos.order_by("position").values("file")[:1]))


class FileQuerySet(models.QuerySet[Any]):
    """Reads of files."""

    def shown(self) -> Self:
        """Return the files that a photo or document of their own, published publication points to."""
        return self.filter(_is_shown())

    def shown_to_public(self) -> Self:
        """Return the files that a public publication shows; not photos that are for use inside the network."""
        return self.filter(_is_shown_to_public())

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return what `user` may read: what is shown to them, and every file of what they write or review.

        What a public publication shows is for everybody, signed in or not; upper rooms add to it, see `readers.py`.
        """
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        shown = _is_shown() if roles.in_network else _is_shown_to_public()
        return self.filter(
            shown
            | read_elsewhere_by(user)
            | Q(publication__owner_member__in=roles.writes_for)
            | Q(publication__owner_member__office__in=roles.coordinates)
            | Q(publication__owner_office__in=roles.coordinates)
            | Q(publication__owner_office__parent__in=roles.coordinates)
        )


def _is_shown(photo: Q | None = None) -> Q:
    from practices.library.models import Document, Photo

    own = {"file": OuterRef("pk"), "publication": OuterRef("publication")}
    in_row = Q(Exists(Photo.objects.filter(photo or Q(), **own))) | Q(Exists(Document.objects.filter(**own)))
    return Q(publication__state="published") & in_row


def _is_shown_to_public() -> Q:
    return Q(publication__is_public=True) & _is_shown(photo=_for_public())


def _for_public() -> Q:
    """Return the condition on photos that are not for use inside the network alone."""
    from practices.library.models import Publication

    return ~Q(licence=Publication.Licence.NETWORK)
