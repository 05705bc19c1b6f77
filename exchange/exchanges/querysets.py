"""Chainable reads of exchanges. `rules.py` says the same object by object."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from members.directory.rules import Roles, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


FEEDBACK_OWED = timedelta(days=60)  # after the end; whoever was silent for longer is left in peace


def _parties(**conditions: object) -> Exists:
    """Return the condition on an exchange that a party of it that takes part fulfils `conditions`."""
    from exchange.exchanges.models import Party

    return Exists(Party.objects.filter(exchange=OuterRef("pk"), **conditions).taking_part())


class ExchangeQuerySet(models.QuerySet[Any]):
    """Reads of exchanges: for the people of the parties, for the coordinators of their offices, for administrators."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        if not (roles.members or roles.coordinates):
            return self.none()
        mine = Q(_parties(member__in=roles.members))
        return self.filter(mine | Q(_parties(member__office__in=roles.coordinates)) if roles.coordinates else mine)

    def of_members(self, members: "frozenset[int] | set[int]") -> Self:
        """Return those in which one of these members takes part, or is asked to."""
        return self.filter(_parties(member__in=members))

    def editable_by(self, user: "User | AnonymousUser") -> Self:
        """Return those in which `user` speaks for a party."""
        return self.of_members(speaks_for(roles_of(user)))

    def open(self) -> Self:
        return self.filter(state__in=self.model.OPEN)

    def standing(self) -> Self:
        """Return those that are agreed or run, also while a change of them waits for answers."""
        states = self.model.State
        return self.filter(Q(state__in=[states.AGREED, states.RUNNING]) | Q(agreed_facts__isnull=False))

    def with_rows(self) -> Self:
        """Fetch what a row shows."""
        return self.prefetch_related("parties__member")


class PartyQuerySet(models.QuerySet[Any]):
    """Reads of parties."""

    def taking_part(self) -> Self:
        """Return those that were asked, and have neither declined nor left."""
        return self.exclude(state__in=self.model.OUT)

    def inside(self) -> Self:
        """Return those whose people read notes and files, write to each other and get invitations.

        Before all have agreed for the first time, those are all who are asked: they find the plan together. Whoever is
        asked later is inside once it agrees, and stays so while it is asked about a change.
        """
        return self.taking_part().filter(Q(joined_at__isnull=False) | Q(exchange__agreed_at=None))

    def waiting(self) -> Self:
        """Return those whose answer is waited for, the longest wait first."""
        states = self.model.exchange.field.related_model.OPEN
        return self.filter(state=self.model.State.INVITED, exchange__state__in=states).order_by("asked_at", "pk")

    def with_asker(self) -> Self:
        """Say in `asker` the name of the member that stands by the plan and waits: whoever agreed to it last."""
        agreed = self.model.objects.filter(exchange=OuterRef("exchange"), state=self.model.State.AGREED)
        return self.annotate(asker=Subquery(agreed.order_by("-answered_at", "pk").values("member__name")[:1]))

    def answerable_by(self, user: "User | AnonymousUser") -> Self:
        """Return those that wait for an answer of `user`."""
        return self.waiting().filter(member__in=speaks_for(roles_of(user)))

    def owing_feedback(self) -> Self:
        """Return those that have said nothing yet of what was completed lately."""
        from exchange.exchanges.models import Exchange

        rows = self.taking_part().filter(feedback=None, exchange__state=Exchange.State.COMPLETED)
        since = timezone.now() - FEEDBACK_OWED
        return rows.filter(exchange__ended_at__gt=since).order_by("exchange__ended_at", "pk")


class SessionQuerySet(models.QuerySet[Any]):
    """Reads of sessions."""

    def planned(self) -> Self:
        return self.filter(cancelled_at=None)

    def ending_after(self, time: datetime) -> Self:
        return self.filter(ends_at__gt=time)

    def attended_by(self, user: "User") -> Self:
        """Return those of exchanges that `user` takes part in and has a role for, wherever they are."""
        from exchange.exchanges.models import Party

        mine = Party.objects.inside().filter(exchange=OuterRef("exchange"), member__in=roles_of(user).members)
        return self.filter(Exists(mine.filter(participants__user=user)))


def speaks_for(roles: Roles) -> frozenset[int]:
    """Return the members for which somebody answers in an exchange.

    Those are the members they write for, and as liaison also one that writes no more because its fee is unpaid: what
    was begun is brought to an end by its liaison.
    """
    return roles.writes_for | roles.liaison_of
