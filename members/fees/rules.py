"""Who may do what with fees."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, is_coordinator_of_member, is_liaison, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from members.fees.models import Invoice


@rules.predicate
def keeps_books(user: "User | AnonymousUser") -> bool:
    """Whether they look after the fees of any office."""
    roles = roles_of(user)
    return bool(roles.coordinates) or roles.is_administrator


@rules.predicate
def is_of_its_office(user: "User | AnonymousUser", invoice: "Invoice | None") -> bool:
    """Whether they coordinate the office that issued an invoice, or the one of its member."""
    return invoice is not None and bool({invoice.office_id, invoice.member.office_id} & roles_of(user).coordinates)


@rules.predicate
def is_its_liaison(user: "User | AnonymousUser", invoice: "Invoice | None") -> bool:
    return invoice is not None and is_liaison(user, invoice.member)


rules.add_perm("fees.bill_member", is_coordinator_of_member | is_administrator)
rules.add_perm("fees.view_fees_of_member", is_liaison | is_coordinator_of_member | is_administrator)
rules.add_perm("fees.change_billing", is_liaison | is_coordinator_of_member | is_administrator)
rules.add_perm("fees.keep_books", keeps_books)
rules.add_perm("fees.view_invoice", is_its_liaison | is_of_its_office | is_administrator)
rules.add_perm("fees.settle_invoice", is_of_its_office | is_administrator)
rules.add_perm("fees.change_feeschedule", is_administrator)
rules.add_perm("fees.change_issuer", is_administrator)
