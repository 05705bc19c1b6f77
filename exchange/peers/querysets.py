"""Chainable reads of asks and offers and of introductions. `rules.py` says the same object by object."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone

from members.directory.rules import is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")  # 14 hours before UTC


class NoticeQuerySet(models.QuerySet[Any]):
    """Reads of asks and offers, which the whole network sees."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.all() if is_in_network(user) else self.none()

    def editable_by(self, user: "User | AnonymousUser") -> Self:
        """Return those of the members that `user` writes for."""
        return self.filter(member__in=roles_of(user).writes_for)

    def open(self) -> Self:
        """Return the open ones of members who may still write; those of a member whose fee is unpaid rest."""
        return self.filter(state=self.model.State.OPEN, member__is_active=True).exclude(member__standing="read_only")

    def overdue(self) -> Self:
        """Return the open ones whose last day has ended where days end first; `Notice.is_overdue` says where it counts."""
        return self.filter(state=self.model.State.OPEN, closes_on__lt=timezone.localdate(timezone=FIRST_ZONE))

    def with_rows(self) -> Self:
        """Fetch what a row shows."""
        return self.select_related("member", "person").prefetch_related("topics", "pathways")


class IntroductionQuerySet(models.QuerySet[Any]):
    """Reads of introductions: for both sides, and for the coordinators of either."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        sides = Q(member__in=roles.members) | Q(peer__in=roles.members)
        offices = Q(member__office__in=roles.coordinates) | Q(peer__office__in=roles.coordinates) | Q(by=user.pk)
        return self.filter(sides | (offices if roles.coordinates else Q(pk__in=[])))

    def of_members(self, members: Collection[int]) -> Self:
        """Return those in which one of these members is a side."""
        return self.filter(Q(member__in=members) | Q(peer__in=members))

    def answerable_by(self, user: "User | AnonymousUser") -> Self:
        """Return the open ones that wait for an answer of a member that `user` writes for."""
        mine, waiting = roles_of(user).writes_for, self.model.Answer.WAITING
        return self.filter(state=self.model.State.PROPOSED).filter(
            Q(member__in=mine, member_answer=waiting) | Q(peer__in=mine, peer_answer=waiting)
        )
