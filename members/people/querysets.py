"""Chainable reads of providers and requests to join."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from members.directory.rules import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


class SignInProviderQuerySet(models.QuerySet[Any]):
    """Reads of sign-in providers. Their pages are the support tool's; whoever signs in meets the active ones."""

    def in_use(self) -> Self:
        """Return those that let people in: active, and of an office or of an active member."""
        return self.filter(Q(member=None) | Q(member__is_active=True), is_active=True)

    def for_address(self, email: str) -> Self:
        return self.in_use().filter(domains__contains=[email.rpartition("@")[2].lower()])


class JoinRequestQuerySet(models.QuerySet[Any]):
    """Reads of requests to join."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those to members that `user` may invite people to, and their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        return self.filter(
            Q(member__in=roles.liaison_of) | Q(member__office__in=roles.coordinates) | Q(user=user.pk)
        )  # fmt: skip

    def answerable_by(self, user: "User | AnonymousUser") -> Self:
        """Return the open ones that `user` may answer; nobody answers their own."""
        return self.visible_to(user).open().exclude(user=user.pk or 0)

    def open(self) -> Self:
        return self.filter(answered_at=None)
