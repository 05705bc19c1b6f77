"""Money that comes in: typed in, or read from a bank statement and matched by its reference."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.services import MB, check_size
from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Office
from members.directory.rules import roles_of
from members.fees.camt import BadStatementError, Line, read_statement
from members.fees.emails import write_about
from members.fees.invoicing import creditor_reference
from members.fees.models import Invoice, Payment, Statement
from members.fees.standing import restore_standing

Paid = Callable[[Invoice, User], None]
IMPORTING = 7_238_004  # key of the advisory lock under which statements are taken in
LARGEST = 10 * MB  # bytes of a statement: some ten thousand lines
_listeners: list[Paid] = []
_NOT_A_REFERENCE = re.compile(r"[^0-9A-Z]")
_RF = re.compile(r"RF\d{14,23}")  # as `invoicing.payment_reference` makes them
_NUMBER = re.compile(r"20\d\d(\d{4,9})$")  # the year and number that end an invoice's name


def register_paid(listener: Paid) -> None:
    """Let an upper room know when an invoice is paid in full, in the same transaction; called from ready()."""
    _listeners.append(listener)


@dataclass(frozen=True)
class Imported:
    """What a statement brought: payments that found their invoice, those that did not, and lines known before."""

    statement: Statement
    matched: list[Payment]
    unmatched: list[Payment]
    known: int


@transaction.atomic
def record_payment(*, invoice: Invoice, amount: Decimal, paid_on: date, note: str = "", by: User) -> Payment:
    """Enter a payment by hand; with a minus, money that was given back.

    Raises:
        PermissionDenied: `by` does not look after this invoice.
        ValidationError: it is a credit note, the amount is nothing, or the day is still to come.
    """
    if not by.has_perm("fees.settle_invoice", invoice):
        raise PermissionDenied
    invoice = _lock(invoice)
    if amount == 0:
        raise ValidationError({"amount": _("An amount is needed.")})
    if paid_on > timezone.localdate():
        raise ValidationError({"paid_on": _("This day is still to come.")})
    payment = Payment(
        invoice=invoice, amount=amount, currency=invoice.currency, paid_on=paid_on, note=note, entered_by=by
    )
    payment.full_clean()
    payment.save()
    _settle(invoice, payment, _still_open(invoice), by)
    return payment


@transaction.atomic
def match_payment(*, payment: Payment, invoice: Invoice, by: User) -> None:
    """Say which invoice a payment was for.

    Raises:
        PermissionDenied: `by` does not look after this invoice.
        ValidationError: somebody has said so already, or the currencies differ.
    """
    if not by.has_perm("fees.settle_invoice", invoice):
        raise PermissionDenied
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    invoice = _lock(invoice)
    if payment.invoice_id is not None:
        raise ValidationError(_("This payment has found its invoice already."))
    if payment.currency != invoice.currency:
        raise ValidationError(_("This payment is in another currency than the invoice."))
    payment.invoice = invoice
    payment.save(update_fields=["invoice"])
    _settle(invoice, payment, _still_open(invoice), by)


@transaction.atomic
def import_statement(*, upload: "UploadedFile[Any]", by: User) -> Imported:
    """Take in a camt.053 statement. Each line counts once, in however many files it comes.

    Raises:
        PermissionDenied: `by` keeps no books.
        ValidationError: it is too large, no such statement, or was imported before.
    """
    if not by.has_perm("fees.keep_books"):
        raise PermissionDenied
    check_size(upload.size or 0, LARGEST)
    data = upload.read()
    try:
        lines = read_statement(data)
    except BadStatementError:
        raise ValidationError({"file": _("This is no bank statement of the form camt.053 (XML).")}) from None
    _take_turns()
    statement, is_new = Statement.objects.get_or_create(
        sha256=hashlib.sha256(data).hexdigest(),
        defaults={"name": (upload.name or "")[:200], "imported_by": by, "office": _office_of(lines, by)},
    )
    if not is_new:
        raise ValidationError({"file": _("This statement was imported already.")})
    fresh = {one.key: one for one in lines}
    for key in Payment.objects.filter(bank_key__in=fresh).values_list("bank_key", flat=True):
        del fresh[key]
    payments = _take_in(fresh.values(), statement, by)
    return Imported(
        statement,
        matched=[one for one in payments if one.invoice_id],
        unmatched=[one for one in payments if not one.invoice_id],
        known=len(lines) - len(payments),
    )


def _take_turns() -> None:
    """Wait until no other statement is taken in, so that what is known of its lines stays true until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTING])


def _office_of(lines: Iterable[Line], by: User) -> Office | None:
    """Return whose money a statement tells of: of the issuer whose account it is, else of whoever brings it.

    Offices may share an account; then the one that `by` coordinates goes first.
    """
    accounts = {line.account for line in lines}
    offices = Office.objects.order_by("pk")
    own = set(roles_of(by).coordinates)
    issuers = [one for one in offices.filter(issuer__isnull=False).select_related("issuer") if _iban(one) in accounts]
    return (
        next((one for one in issuers if one.pk in own), None)
        or next(iter(issuers), None)
        or offices.filter(pk__in=own).first()
    )


def _iban(office: Office) -> str:
    return str(office.issuer.iban).replace(" ", "").upper()


def _take_in(lines: Iterable[Line], statement: Statement, by: User) -> list[Payment]:
    """Keep lines as payments, in two or three queries however many they are; more follows only on invoices."""
    invoices = _invoices_named_in(lines)
    named = [(line, _find(line, invoices)) for line in lines]
    paid = {one.pk for _line, one in named if one}
    # In one order, so that nobody who locks several waits for somebody who waits for them.
    locked = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=paid).order_by("pk")
    whole = {one.pk: one for one in locked.select_related("member__office")}
    still_open = dict(Invoice.objects.with_balance().filter(pk__in=paid).values_list("pk", "open_amount"))
    payments = Payment.objects.bulk_create(
        Payment(
            invoice=whole[invoice.pk] if invoice else None, statement=statement, bank_key=line.key, amount=line.amount,
            currency=line.currency, paid_on=line.booked_on, payer=line.payer[:200],
            text=" · ".join(line.texts)[:500], entered_by=by,
        )
        for line, invoice in named
    )  # fmt: skip
    for payment in payments:
        if payment.invoice_id:
            still_open[payment.invoice_id] -= payment.amount
            _settle(whole[payment.invoice_id], payment, still_open[payment.invoice_id], by)
    return payments


def _words(line: Line) -> set[str]:
    """Return what could be a reference in what the payer wrote: each text, and each word of it, in capitals."""
    pieces = {piece for text in line.texts for piece in (text.replace(" ", ""), *text.split())}
    return {_NOT_A_REFERENCE.sub("", piece.upper()) for piece in pieces} - {""}


def _references_in(word: str) -> Iterator[str]:
    """Yield the creditor references in a word; digits that follow one may belong to it or not, so its check decides."""
    for match in _RF.finditer(word):
        for end in range(16, len(match[0]) + 1):
            if creditor_reference(match[0][4:end]) == match[0][:end]:
                yield match[0][:end]


def _invoices_named_in(lines: Iterable[Line]) -> dict[str, Invoice]:
    """Return the invoices that lines may be for, by payment reference and by number, both without signs."""
    words = set().union(*map(_words, lines))
    references = {reference for word in words for reference in _references_in(word)}
    numbers = {int(match[1]) for word in words if (match := _NUMBER.search(word))}
    rows = Invoice.objects.invoices().select_related("member")
    found = {one.reference: one for one in rows.filter(reference__in=references)}
    return found | {_NOT_A_REFERENCE.sub("", one.name.upper()): one for one in rows.filter(number__in=numbers)}


def _find(line: Line, invoices: dict[str, Invoice]) -> Invoice | None:
    """Return the one invoice that a line names in its currency; None where it names none, or two."""
    names = _words(line)
    names |= {reference for word in names for reference in _references_in(word)}
    named = {invoices[name].pk: invoices[name] for name in names if name in invoices}
    fitting = [one for one in named.values() if one.currency == line.currency]
    return fitting[0] if len(fitting) == 1 else None


def _lock(invoice: Invoice) -> Invoice:
    locked: Invoice = (
        Invoice.objects.select_for_update(of=("self",)).select_related("member__office").get(pk=invoice.pk)
    )
    if locked.kind != Invoice.Kind.INVOICE:
        raise ValidationError(_("Payments belong to invoices, not to credit notes."))
    return locked


def _still_open(invoice: Invoice) -> Decimal:
    amount: Decimal = Invoice.objects.with_balance().get(pk=invoice.pk).open_amount
    return amount


def _settle(invoice: Invoice, payment: Payment, still_open: Decimal, by: User) -> None:
    """Tell those who wait for it when this payment completes an invoice, of which `still_open` is to come after it.

    The invoice is locked.
    """
    details = {"invoice": invoice.name, "amount": str(payment.amount), "currency": payment.currency}
    record(verb="paid", obj=invoice.member, by=by, member_id=invoice.member_id, details=details)
    if invoice.credited or not still_open <= 0 < still_open + payment.amount:
        return
    write_about(invoice, "paid")
    restore_standing(invoice.member)
    for listener in _listeners:
        listener(invoice, by)
