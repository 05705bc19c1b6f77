"""Issuing invoices and taking them back. Numbers have no gaps: they are given in the transaction that makes the row."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Contact, Member, Office
from members.fees.calculation import rounded
from members.fees.emails import write_about
from members.fees.models import Billing, Invoice, Issuer, Series, Term

PAYABLE_WITHIN = timedelta(days=30)


def issuer_of(office: Office) -> Issuer:
    """Return who issues the invoices of an office: itself, or the nearest office above that can.

    Raises:
        ValidationError: nobody can yet.
    """
    at: Office | None = office
    while at is not None:
        if issuer := Issuer.objects.filter(office=at).select_related("office").first():
            return issuer
        at = at.parent
    raise ValidationError(_("No office can issue invoices yet. An administrator can add its name and bank account."))


def payment_reference(office: int, year: int, number: int) -> str:
    """Return what payers write so that their payment finds its invoice, the same for no other one.

    It has 16 characters, and more once there are a thousand offices or a hundred thousand invoices a year.
    """
    return creditor_reference(f"{office:03d}{year}{number:05d}")


def creditor_reference(digits: str) -> str:
    """Return digits as a creditor reference (ISO 11649): RF, and two digits that check the rest by ISO 7064, mod 97-10."""
    check = 98 - int(f"{digits}271500") % 97  # "RF00" in digits
    return f"RF{check:02d}{digits}"


@transaction.atomic
def issue_invoice(*, term: Term, by: User | None) -> Invoice:
    """Issue the invoice of a membership year and write to those who pay; `by` is None for the yearly run.

    Raises:
        ValidationError: no office can issue invoices.
    """
    issuer, today = issuer_of(term.member.office), timezone.localdate()
    rate = Decimal(settings.VAT_RATE)
    vat = rounded(term.fee * rate / 100, term.currency)
    billing = _billing_of(term.member)
    invoice = _number(
        Invoice(
            office=issuer.office, member=term.member, term=term, issued_on=today,
            due_on=max(today + PAYABLE_WITHIN, term.starts_on), language=billing.language,
            buyer=_buyer(term.member, billing), seller=_seller(issuer), currency=term.currency, net=term.fee,
            vat_rate=rate, vat=vat, total=term.fee + vat,
        )
    )  # fmt: skip
    record(verb="invoiced", obj=term.member, by=by, member_id=term.member_id, details={"invoice": invoice.name})
    write_about(invoice, "issued")
    return invoice


@transaction.atomic
def credit_invoice(*, invoice: Invoice, reason: str, by: User) -> Invoice:
    """Take an invoice back with a credit note over all of it. What was paid for it is owed to the member then.

    Raises:
        PermissionDenied: `by` does not look after it.
        ValidationError: it is a credit note or has one already, or there is no reason.
    """
    if not by.has_perm("fees.settle_invoice", invoice):
        raise PermissionDenied
    invoice = (
        Invoice.objects.select_for_update(of=("self",)).select_related("member", "office", "term").get(pk=invoice.pk)
    )
    if invoice.kind != Invoice.Kind.INVOICE or invoice.credited:
        raise ValidationError(_("There is a credit note for this already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Please say why. The reason stands on the credit note.")})
    invoice.credited = True
    invoice.save(update_fields=["credited"])
    today = timezone.localdate()
    note = _number(
        Invoice(
            kind=Invoice.Kind.CREDIT_NOTE, credits=invoice, reason=reason.strip(), office=invoice.office,
            member=invoice.member, term=invoice.term, issued_on=today, due_on=today, language=invoice.language,
            buyer=invoice.buyer, seller=invoice.seller, currency=invoice.currency, net=-invoice.net,
            vat_rate=invoice.vat_rate, vat=-invoice.vat, total=-invoice.total,
        )
    )  # fmt: skip
    details = {"invoice": invoice.name, "credit_note": note.name}
    record(verb="credited", obj=invoice.member, by=by, member_id=invoice.member_id, details=details)
    write_about(note, "credited")
    return note


def _number(invoice: Invoice) -> Invoice:
    """Give the next number of the office's year and save; whoever issues at the same time waits."""
    invoice.year = invoice.issued_on.year
    Series.objects.get_or_create(office=invoice.office, year=invoice.year)
    series = Series.objects.select_for_update().get(office=invoice.office, year=invoice.year)
    series.last += 1
    series.save(update_fields=["last"])
    invoice.number = series.last
    invoice.reference = payment_reference(invoice.office_id, invoice.year, invoice.number)
    invoice.save()
    return invoice


def _billing_of(member: Member) -> Billing:
    return Billing.objects.filter(member=member).first() or Billing(member=member)


def _buyer(member: Member, billing: Billing) -> dict[str, str]:
    contact = Contact.objects.filter(member=member, function=Contact.Function.BILLING).first()
    return {
        "name": member.name,
        "address": billing.address,
        "reference": billing.reference,
        "vat_id": billing.vat_id,
        "country": member.country,
        "attention": contact.title if contact else "",
    }


def _seller(issuer: Issuer) -> dict[str, str]:
    return {name: getattr(issuer, name) for name in ("series", "name", "address", "vat_id", "iban", "bic")}
