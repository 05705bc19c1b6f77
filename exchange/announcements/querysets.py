"""Chainable reads of announcements."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from members.directory.rules import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class AnnouncementQuerySet(models.QuerySet[Any]):
    """Reads of announcements."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those of the offices that `user` coordinates; administrators see all."""
        roles = roles_of(user)
        return self.all() if roles.is_administrator else self.filter(office__in=roles.coordinates)

    def going_out(self, now: datetime) -> Self:
        """Return those whose time has come and that are not at their end."""
        return self.filter(state__in=["scheduled", "sending"], send_at__lte=now)
