"""What an office does with an application, and what follows: the member, its contacts, its first invoice, its liaison."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from members.accounts.models import User
from members.directory.keeping import save_contacts
from members.directory.models import Contact, Member, MemberRole, level_of_kind
from members.directory.queries import free_slug
from members.directory.services import invite_liaison
from members.fees.invoicing import credit_invoice
from members.fees.models import Billing, Invoice
from members.fees.terms import Quote, begin_membership, quote
from members.joining.emails import tell_applicant, tell_office
from members.joining.forms import check
from members.joining.models import Application
from members.joining.services import lock_application
from members.joining.transitions import is_possible, move

LONGEST_REASON = 500  # of a credit note
PEOPLE = ("leader", "staff", "political", "billing")


def fee_for(application: Application) -> Quote:
    """Return what the first year would cost, from today; raises what `quote` does."""
    facts = _facts(application)
    return quote(
        office=application.office, country=application.country, population=facts.get("population"),
        starts_on=timezone.localdate(), is_first=True,
    )  # fmt: skip


def taken_back(application: Application) -> Invoice | None:
    """Return the credit note by which the invoice that an approved application waits for was taken back, if it was."""
    invoice = _invoices_of(application).first() if is_possible(application, "activate") else None
    return Invoice.objects.filter(credits=invoice).first() if invoice else None


def _invoices_of(application: Application) -> QuerySet[Invoice]:
    """Return the invoices of the member that an application led to, the newest first: that one it waits for."""
    return Invoice.objects.invoices().filter(member__applications=application.pk).order_by("-pk")


@transaction.atomic
def request_documents(*, application: Application, message: str, by: User) -> None:
    """Ask the applicant for what is missing.

    Raises:
        PermissionDenied: `by` does not decide on it.
        ValidationError: the message is empty, or the application does not wait.
    """
    _say(application, "request_documents", message, by)


@transaction.atomic
def decline_application(*, application: Application, message: str, by: User) -> None:
    """Decline an application with a reason; raises what `request_documents` does."""
    _say(application, "decline", message, by)


@transaction.atomic
def call_off_application(*, application: Application, message: str, by: User) -> None:
    """Take back an approval that nobody pays for: its invoice is credited, and the member is none after all.

    Raises:
        PermissionDenied: `by` does not decide on it.
        ValidationError: there is no reason, or the application is not one that waits for its payment.
    """
    # The invoice first, as whoever enters its payment does, so that the two do not wait for each other.
    invoice = _invoices_of(application).select_for_update(of=("self",)).select_related("member").first()
    _say(application, "call_off", message, by)
    if invoice and not invoice.credited:
        credit_invoice(invoice=invoice, reason=message.strip()[:LONGEST_REASON], by=by)
    tell_office(application, "called_off")


def _say(application: Application, act: str, message: str, by: User) -> None:
    application = _lock(application, by)
    if not message.strip():
        raise ValidationError({"message": _("Please say why.")})
    move(application, act)
    application.said, application.decided_by, application.decided_at = message.strip(), by, timezone.now()
    application.save(update_fields=["state", "said", "decided_by", "decided_at"])
    record(verb=f"application_{application.state}", obj=application, by=by, office_id=application.office_id)
    tell_applicant(application, "called_off" if act == "call_off" else application.state)


@transaction.atomic
def approve_application(*, application: Application, by: User) -> Invoice:
    """Approve an application: the member is made, not active yet, and its first invoice issued.

    Raises:
        PermissionDenied: `by` does not decide on it.
        ValidationError: it does not wait, there is such a member already, or its fee cannot be worked out.
    """
    application = _lock(application, by)
    move(application, "approve")
    member = _make_member(application, by)
    application.member, application.decided_by, application.decided_at = member, by, timezone.now()
    application.said = ""
    application.save(update_fields=["state", "member", "decided_by", "decided_at", "said"])
    record(verb="application_approved", obj=application, by=by, office_id=application.office_id, member_id=member.pk)
    invoice = begin_membership(member=member, starts_on=timezone.localdate(), by=by)
    tell_applicant(application, "approved")
    return invoice


@transaction.atomic
def activate_paid(invoice: Invoice, by: User) -> None:
    """Make the member of an approved application active once its invoice is paid, and the applicant its liaison."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("member", "office")
    application = rows.filter(member=invoice.member, state=Application.State.APPROVED).first()
    if application is None:
        return
    move(application, "activate")
    application.save(update_fields=["state"])
    member: Member = application.member
    member.is_active, member.joined_year = True, member.joined_year or timezone.localdate().year
    member.save(update_fields=["is_active", "joined_year"])
    audience = Entry.Audience.NETWORK
    record(verb="joined_network", obj=member, by=by, member_id=member.pk, office_id=member.office_id, audience=audience)
    user = User.objects.filter(email__iexact=application.applicant_email, is_active=True).first()
    if user and application.is_confirmed:
        MemberRole.objects.get_or_create(user=user, member=member, defaults={"role": MemberRole.Role.LIAISON})
        named = Contact.objects.filter(member=member, function=Contact.Function.STAFF)
        named.filter(person_name=application.applicant_name).update(person=user)
    else:
        invite_liaison(member=member, email=application.applicant_email, language=application.language, by=by)
    tell_applicant(application, "active")
    tell_office(application, "active")


def _make_member(application: Application, by: User) -> Member:
    """Return the member that an application describes: a new one, or one that was here before."""
    facts = _facts(application)
    known = Member.objects.filter(country=application.country, name__iexact=facts["name"]).first()
    if known and (known.is_active or known.merged_into_id):
        raise ValidationError(_("%(member)s is a member already.") % {"member": known})
    member = known or Member(country=application.country, slug=free_slug(facts["name_en"]))
    for name in ("kind", "name", "name_en", "subdivision", "population", "population_year", "website", "languages"):
        setattr(member, name, facts[name])
    member.government_level = member.government_level or level_of_kind(member.kind)
    member.office, member.is_active = application.office, False
    member.full_clean()
    member.save()
    save_contacts(member=member, contacts={one: _contact(one, facts) for one in PEOPLE}, by=by)
    billing = {"address": facts["billing_address"], "reference": facts["billing_reference"],
               "vat_id": facts["billing_vat_id"], "language": application.language}  # fmt: skip
    Billing.objects.update_or_create(member=member, defaults=billing)
    return member


def _contact(function: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed about one function, as the directory keeps it."""
    return {
        "title": facts[f"{function}_title"],
        "email": facts[f"{function}_email"],
        "person_name": facts.get(f"{function}_name", ""),
        "elected_on": facts.get(f"{function}_elected_on"),
        "term_ends_on": facts.get(f"{function}_term_ends_on"),
    }


def _facts(application: Application) -> dict[str, Any]:
    """Return what was typed as values. A submitted application has been checked, and cannot be changed since."""
    found: dict[str, Any] = {}
    for step in ("municipality", "contacts"):
        form = check(step, application.content)
        form.full_clean()
        found |= form.cleaned_data
    return found


def _lock(application: Application, by: User) -> Application:
    if not by.has_perm("joining.decide_application", application):
        raise PermissionDenied
    return lock_application(application)
