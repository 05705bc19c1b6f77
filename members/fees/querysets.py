"""Chainable reads of fees: they are the matter of a member's liaisons and of its office, and of nobody else."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from members.directory.rules import Roles, roles_of

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


def _theirs(roles: Roles) -> Q:
    return Q(member__in=roles.liaison_of) | Q(member__office__in=roles.coordinates)


class TermQuerySet(models.QuerySet[Any]):
    """Reads of membership years."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        roles = roles_of(user)
        return self.all() if roles.is_administrator else self.filter(_theirs(roles))

    def in_force(self) -> Self:
        """Leave out the years whose invoice was taken back and no other one issued."""
        from members.fees.models import Invoice

        own = Invoice.objects.invoices().filter(term=OuterRef("pk"))
        return self.filter(~models.Exists(own.filter(credited=True)) | models.Exists(own.filter(credited=False)))

    def last_of_each(self) -> Self:
        """Return the latest term of each member."""
        later = self.model.objects.filter(member=OuterRef("member"), starts_on__gt=OuterRef("starts_on"))
        return self.filter(~models.Exists(later))


class InvoiceQuerySet(models.QuerySet[Any]):
    """Reads of invoices and credit notes."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those of members that `user` is a liaison of, and those of offices that they coordinate."""
        roles = roles_of(user)
        return self.all() if roles.is_administrator else self.filter(_theirs(roles) | Q(office__in=roles.coordinates))

    def with_balance(self) -> Self:
        """Add `paid`, what came in, and `open_amount`, what is still to come; below 0 where too much came."""
        from members.fees.models import Payment

        field: DecimalField[Any, Any] = DecimalField(max_digits=12, decimal_places=2)
        sums = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice").values(total=Sum("amount"))
        paid = Coalesce(Subquery(sums, output_field=field), Value(0), output_field=field)
        due = models.Case(models.When(credited=True, then=Value(0)), default=F("total"), output_field=field)
        return self.annotate(paid=paid, open_amount=due - paid)

    def invoices(self) -> Self:
        return self.filter(kind="invoice")

    def unpaid(self) -> Self:
        """Return the invoices of which something is still to come."""
        return self.invoices().filter(credited=False).with_balance().filter(open_amount__gt=0)

    def overdue(self, today: "date") -> Self:
        return self.unpaid().filter(due_on__lt=today)


class PaymentQuerySet(models.QuerySet[Any]):
    """Reads of payments."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return those on invoices that `user` sees, and of what nobody knows yet, that of their offices' statements.

        Coordinators see what was in a statement that they imported themselves too, whosever account it is of.
        """
        from members.fees.models import Invoice

        roles = roles_of(user)
        if roles.is_administrator:
            return self.all()
        seen = Q(invoice__in=Invoice.objects.visible_to(user))
        if roles.coordinates:
            theirs = Q(statement__office__in=roles.coordinates) | Q(statement__imported_by=user.pk)
            seen |= Q(invoice=None) & theirs
        return self.filter(seen)

    def unmatched(self) -> Self:
        return self.filter(invoice=None)
