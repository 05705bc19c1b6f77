"""What is written to those who pay: that there is an invoice, that it is late, that it is paid, and what follows."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from members.directory.models import Contact, Member, MemberRole
from members.fees.models import Billing, Invoice
from members.fees.tokens import invoice_token

NO_MORE_IF_PAID = frozenset({"reminder_1", "reminder_2", "lapsed", "read_only"})


@dataclass(frozen=True)
class Payer:
    """Who is written to about the money of a member."""

    email: str
    language: str
    user: User | None


def payers_of(member: Member) -> list[Payer]:
    """Return the billing contact and the liaisons, each address once."""
    billing = Billing.objects.filter(member=member).first() or Billing()
    contacts = Contact.objects.filter(member=member, function=Contact.Function.BILLING).select_related("person")
    found = [Payer(one.email, one.person.language if one.person else billing.language, one.person) for one in contacts]
    liaisons = MemberRole.objects.filter(member=member, role=MemberRole.Role.LIAISON, user__is_active=True)
    found += [
        Payer(one.user.email, one.user.language, one.user) for one in liaisons.select_related("user").order_by("pk")
    ]
    return list({one.email.lower(): one for one in reversed(found)}.values())


def write_about(invoice: Invoice, what: str) -> None:
    """Queue the message that tells the payers `what`: issued, credited, reminder_1, reminder_2, paid, or a standing."""
    for payer in payers_of(invoice.member):
        queue_message(
            kind=INVOICE,
            key=f"{invoice.pk}:{what}:{payer.email.lower()}",
            to=payer.email,
            user=payer.user,
            language=payer.language,
            payload={"invoice": invoice.pk, "what": what},
        )


def _render(message: Message) -> Rendered | None:
    rows = Invoice.objects.with_balance().select_related("member", "office", "term", "credits")
    invoice = rows.filter(pk=message.payload["invoice"]).first()
    what = str(message.payload["what"])
    if invoice is None or (what in NO_MORE_IF_PAID and (invoice.credited or invoice.open_amount <= 0)):
        return None
    link = absolute_url(reverse("fees:invoice_public", args=[invoice_token(invoice)]))
    return render_email("fees/invoice", message, {"invoice": invoice, "what": what, "link": link})


INVOICE = register(Kind(name="fees.invoice", label=gettext_lazy("Invoice"), render=_render))
