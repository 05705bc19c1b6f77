"""An invoice or credit note as PDF, in the member's language."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

from config.kit.countries import country_name
from config.kit.pdf import families, make_pdf
from config.kit.templatetags.kit import money, number, when
from members.fees.models import Invoice

TEMPLATE = Path(__file__).with_name("invoice.typ")


def invoice_pdf(invoice: Invoice) -> bytes:
    """Return the PDF of an invoice, fetched with `member`, `term` and `credits`."""
    with override(invoice.language):
        return make_pdf(TEMPLATE, invoice_data(invoice), name=f"Invoice {invoice.name}")


def invoice_data(invoice: Invoice) -> dict[str, Any]:
    """Return what the PDF says; labels in the active language."""
    buyer, seller = invoice.buyer, invoice.seller
    facts = [
        (gettext("Number"), invoice.name),
        (gettext("Date"), when(invoice.issued_on)),
        (gettext("Due"), when(invoice.due_on) if invoice.kind == Invoice.Kind.INVOICE else ""),
        (gettext("Your reference"), buyer["reference"]),
        (gettext("Your VAT or business number"), buyer["vat_id"]),
        (gettext("Our VAT or business number"), seller["vat_id"]),
        (gettext("Credit note for invoice"), invoice.credits.name if invoice.credits else ""),
    ]
    years = {"from": when(invoice.term.starts_on), "to": when(invoice.term.ends_on)}
    sums = [
        (gettext("Net"), invoice.net),
        (gettext("VAT, %(rate)s %%") % {"rate": number(invoice.vat_rate)}, invoice.vat),
    ]
    pay = [
        (gettext("Account holder"), seller["name"]),
        ("IBAN", seller["iban"]),
        ("BIC", seller["bic"]),
        (gettext("Payment reference"), invoice.reference),
        (gettext("Amount"), money(invoice.total, invoice.currency)),
    ]
    is_invoice = invoice.kind == Invoice.Kind.INVOICE
    return {
        "language": invoice.language,
        "families": families(invoice.language),
        "title": str(invoice.get_kind_display()),
        "network": settings.NETWORK_NAME,
        "seller": [seller["name"], *seller["address"].splitlines()],
        "buyer": [buyer["name"], buyer["attention"], *buyer["address"].splitlines(), country_name(buyer["country"])],
        "facts": [[label, str(value)] for label, value in facts if value],
        "item": gettext("Membership of %(member)s in %(network)s, %(from)s to %(to)s")
        % {"member": buyer["name"], "network": settings.NETWORK_NAME, **years},
        "reason": invoice.reason,
        "net": money(invoice.net, invoice.currency),
        "sums": [[label, money(amount, invoice.currency)] for label, amount in sums],
        "total": [gettext("Total"), money(invoice.total, invoice.currency)],
        "pay_heading": gettext("How to pay"),
        "pay": [[label, str(value)] for label, value in pay if value] if is_invoice else [],
    }
