"""Invoices and payments, for those who keep the books and for those who pay."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from config.files.uploads import check_all_came
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from config.kit.tables import table_response
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.fees.document import invoice_pdf
from members.fees.filters import InvoiceFilter
from members.fees.forms import BillingForm, CreditForm, MatchForm, PaymentForm, StatementForm
from members.fees.invoicing import credit_invoice
from members.fees.models import Billing, Invoice, Payment
from members.fees.payments import import_statement, match_payment, record_payment
from members.fees.tables import INVOICE_COLUMNS, invoice_rows
from members.fees.terms import begin_membership, begins_on, has_year
from members.fees.tokens import find_invoice

PAGE_SIZE = 40


@require_safe
def invoice_list(request: PersonRequest) -> HttpResponse:
    if not request.user.has_perm("fees.keep_books"):
        raise PermissionDenied
    found = _found(request)
    page = Paginator(found.qs.select_related("member", "office"), PAGE_SIZE).get_page(request.GET.get("page"))
    total = page.paginator.count
    unpaid = Invoice.objects.visible_to(request.user).unpaid()
    context = {
        "filter": found,
        "page": page,
        "heading": ngettext("%(count)d invoice", "%(count)d invoices", total) % {"count": total},
        "sums": list(
            unpaid.order_by("currency").values("currency").annotate(open=Sum("open_amount"), number=Count("pk"))
        ),
        "unmatched": Payment.objects.visible_to(request.user).unmatched().count(),
        "may_price": request.user.has_perm("fees.change_feeschedule"),
        "today": timezone.localdate(),
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    return render(request, "members/fees/invoice_list.html" + ("#listing" if request.htmx else ""), context)


@require_safe
def invoice_table(request: PersonRequest, kind: str) -> HttpResponseBase:
    """Send what the list shows, all its pages together, for accounting."""
    if not request.user.has_perm("fees.keep_books"):
        raise PermissionDenied
    return table_response(kind, name="invoices", columns=INVOICE_COLUMNS, rows=invoice_rows(_found(request).qs))


def invoice_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an invoice; those who look after it enter a payment here."""
    invoice = _get(request, pk)
    may_settle = request.user.has_perm("fees.settle_invoice", invoice) and invoice.kind == Invoice.Kind.INVOICE
    initial = {"amount": invoice.open_amount} if invoice.open_amount > 0 else {}
    form = PaymentForm(request.POST or None, initial=initial) if may_settle else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                record_payment(invoice=invoice, by=request.user, **form.cleaned_data)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("The payment is entered."))
                return redirect(invoice)
    context = {
        "invoice": invoice,
        "form": form,
        "payments": invoice.payments.select_related("entered_by"),
        "credit_note": Invoice.objects.filter(credits=invoice).first(),
        "today": timezone.localdate(),
    }
    return render_form(request, "members/fees/invoice_detail.html", context, invalid=form is not None and form.is_bound)


def invoice_credit(request: PersonRequest, pk: int) -> HttpResponse:
    invoice = _get(request, pk)
    if not request.user.has_perm("fees.settle_invoice", invoice):
        raise PermissionDenied
    form = CreditForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            note = credit_invoice(invoice=invoice, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The credit note is issued."))
            return redirect(note)
    context = {"form": form, "invoice": invoice}
    return render_form(request, "members/fees/invoice_credit.html", context, invalid=form.is_bound)


@require_safe
def invoice_document(request: PersonRequest, pk: int) -> HttpResponse:
    return _pdf(_get(request, pk))


@login_not_required
@require_safe
def invoice_public(_request: HttpRequest, token: str) -> HttpResponse:
    """Send an invoice to whoever has its link: billing departments have no account."""
    invoice = find_invoice(token)
    if invoice is None:
        raise Http404
    return _pdf(invoice)


def bank(request: PersonRequest) -> HttpResponse:
    """Take in a bank statement, and show the payments of which nobody knows yet what they are for."""
    if not request.user.has_perm("fees.keep_books"):
        raise PermissionDenied
    form = StatementForm(request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST":
        try:
            check_all_came(request)
            if form.is_valid():
                done = import_statement(upload=form.cleaned_data["file"], by=request.user)
        except ValidationError as error:
            form.is_valid()
            add_errors(form, error)
    payments = Payment.objects.visible_to(request.user).unmatched()
    context = {"form": form, "done": done, "page": Paginator(payments, PAGE_SIZE).get_page(request.GET.get("page"))}
    return render_form(request, "members/fees/bank.html", context, invalid=form.is_bound and done is None)


def payment_match(request: PersonRequest, pk: int) -> HttpResponse:
    """Say which invoice a payment was for."""
    payment = get_object_or_404(Payment.objects.visible_to(request.user).unmatched(), pk=pk)
    form = MatchForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            invoice = _named(request, form.cleaned_data["number"])
            match_payment(payment=payment, invoice=invoice, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The payment has found its invoice."))
            return redirect(invoice)
    fitting = Invoice.objects.visible_to(request.user).unpaid().filter(currency=payment.currency)
    context = {
        "form": form,
        "payment": payment,
        "fitting": fitting.filter(open_amount=payment.amount).select_related("member")[:10],
    }
    return render_form(request, "members/fees/payment_match.html", context, invalid=form.is_bound)


def member_fees(request: PersonRequest, slug: str) -> HttpResponse:
    """Show what a member pays, and let its liaisons say what stands on its invoices."""
    member = get_object_or_404(Member.objects.visible_to(request.user).select_related("office"), slug=slug)
    if not request.user.has_perm("fees.view_fees_of_member", member):
        raise PermissionDenied
    billing = Billing.objects.filter(member=member).first() or Billing(member=member, language=request.user.language)
    form = BillingForm(request.POST or None, instance=billing)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("It is saved. It stands on the next invoice."))
        return redirect("fees:member_fees", member.slug)
    context = {
        "member": member,
        "form": form,
        "terms": member.terms.select_related("schedule"),
        "invoices": Invoice.objects.visible_to(request.user).filter(member=member).with_balance(),
        "may_bill": request.user.has_perm("fees.bill_member", member) and not has_year(member, timezone.localdate()),
        "today": timezone.localdate(),
    }
    return render_form(request, "members/fees/member_fees.html", context, invalid=form.is_bound)


@require_POST
def member_bill(request: PersonRequest, slug: str) -> HttpResponse:
    """Begin a membership year for a member that has none, and issue its invoice."""
    member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("fees.bill_member", member):
        raise PermissionDenied
    try:
        starts_on = begins_on(member, timezone.localdate())
        return redirect(begin_membership(member=member, starts_on=starts_on, by=request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("fees:member_fees", member.slug)


def _found(request: PersonRequest) -> InvoiceFilter:
    rows = Invoice.objects.visible_to(request.user).with_balance()
    return InvoiceFilter(request.GET, queryset=rows, request=request)


def _get(request: PersonRequest, pk: int) -> Invoice:
    rows = Invoice.objects.visible_to(request.user).with_balance()
    invoice: Invoice = get_object_or_404(rows.select_related("member__office", "office", "term", "credits"), pk=pk)
    return invoice


def _named(request: PersonRequest, name: str) -> Invoice:
    """Return the invoice that the person sees under a number such as EUROPE-2026-0012.

    Raises:
        ValidationError: there is none.
    """
    series, _dash, rest = name.strip().upper().partition("-")
    year, _dash, number = rest.partition("-")
    rows = Invoice.objects.visible_to(request.user).invoices().select_related("member__office")
    known = rows.filter(seller__series=series, year=whole_number(year), number=whole_number(number)).first()
    if known is None:
        raise ValidationError({"number": _("There is no invoice with this number.")})
    invoice: Invoice = known
    return invoice


def _pdf(invoice: Invoice) -> HttpResponse:
    response = HttpResponse(invoice_pdf(invoice), content_type="application/pdf")
    name = content_disposition_header(as_attachment=True, filename=f"{invoice.name}.pdf")
    response.headers["Content-Disposition"] = name or "attachment"
    return response
