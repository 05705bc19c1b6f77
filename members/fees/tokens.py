"""The signed part of the link to an invoice, for billing departments that have no account."""

from django.core.signing import BadSignature, Signer

from members.fees.models import Invoice

_signer = Signer(salt="members.fees.invoice")


def invoice_token(invoice: Invoice) -> str:
    """Return the secret part of the link to an invoice's PDF."""
    return _signer.sign(str(invoice.pk))


def find_invoice(token: str) -> Invoice | None:
    """Return the invoice that `token` was made for; None where nobody made such a token."""
    try:
        pk = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Invoice.objects.select_related("member", "office", "term", "credits").filter(pk=pk).first()
