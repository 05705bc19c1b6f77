"""Chainable reads of applications: an office sees those of its countries, once they are submitted."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from members.directory.rules import roles_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class ApplicationQuerySet(models.QuerySet[Any]):
    """Reads of applications."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those that were ever submitted to an office that `user` coordinates."""
        roles = roles_of(user)
        submitted = self.exclude(submitted_at=None)
        return submitted if roles.is_administrator else submitted.filter(office__in=roles.coordinates)

    def awaiting(self) -> Self:
        """Return those that wait for an office."""
        return self.filter(state__in=self.model.AWAITING)

    def unfinished_since(self, when: "datetime") -> Self:
        """Return those that nobody has worked on since, and that were never submitted."""
        return self.filter(state="draft", submitted_at=None, saved_at__lt=when)


def count_waiting(user: "User | AnonymousUser") -> int:
    """Return how many applications wait for an office that `user` coordinates."""
    from members.joining.models import Application

    return Application.objects.visible_to(user).awaiting().count()
