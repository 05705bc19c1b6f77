"""Chainable reads of translations. `rules.py` says the same object by object; tests hold them together."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.rules import roles_of
from practices.library.models import Publication

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class TranslationQuerySet(models.QuerySet[Any]):
    """Reads of translations."""

    def approved(self) -> Self:
        return self.filter(approved_at__isnull=False)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the approved ones of what `user` reads; all of what they write or review, and their own."""
        roles = roles_of(user)
        readable = self.filter(publication__in=Publication.objects.visible_to(user))
        if roles.is_administrator:
            return readable
        return readable.filter(
            Q(approved_at__isnull=False)
            | Q(saved_by=user.pk)
            | Q(publication__owner_member__in=roles.writes_for)
            | Q(publication__owner_office__in=roles.coordinates)
            | Q(publication__owner_member__office__in=roles.coordinates)
            | Q(publication__owner_office__parent__in=roles.coordinates)
        )
