"""Invoices and credit notes as rows of a table, for accounting."""

from collections.abc import Iterator

from config.kit.tables import guard
from members.fees.querysets import InvoiceQuerySet

INVOICE_COLUMNS = (
    "number", "kind", "date", "due", "member", "country", "office", "member_reference", "from", "to", "currency", "net",
    "vat_rate", "vat", "total", "paid", "open", "credits", "payment_reference",
)  # fmt: skip


def invoice_rows(invoices: InvoiceQuerySet) -> Iterator[list[str]]:
    """Yield the cells of each invoice `with_balance`, in the order of `INVOICE_COLUMNS`; one query for any number.

    Amounts have a point and days are ISO 8601, whatever the reader's language is, as programs expect them.
    """
    for one in invoices.select_related("member", "office", "term", "credits").order_by("pk").iterator(chunk_size=500):
        values = (
            one.name, one.kind, one.issued_on, one.due_on, one.buyer["name"], one.member.country, one.office.slug,
            one.buyer["reference"], one.term.starts_on, one.term.ends_on, one.currency, one.net, one.vat_rate, one.vat,
            one.total, one.paid, one.open_amount if one.kind == "invoice" else "", one.credits.name if one.credits else "",
            one.reference,
        )  # fmt: skip
        yield [guard(str(value)) for value in values]
