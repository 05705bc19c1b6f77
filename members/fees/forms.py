"""What people type about fees."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.forms import AmountField, long_text
from members.fees.models import Billing


class PaymentForm(forms.Form):
    """A payment that somebody enters by hand."""

    amount = AmountField(label=_("Amount"), max_digits=12, help_text=_("With a minus where money was given back."))
    paid_on = forms.DateField(
        label=_("Paid on"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class CreditForm(forms.Form):
    """Why an invoice is taken back."""

    reason = long_text(_("Reason"), _("It stands on the credit note."), most=500)


class StatementForm(forms.Form):
    """A bank statement."""

    file = forms.FileField(
        label=_("Bank statement"),
        help_text=_("XML of the form camt.053, as banks offer it for download. A line that came before counts once."),
    )


class MatchForm(forms.Form):
    """Which invoice a payment was for, by its number."""

    number = forms.CharField(label=_("Number of the invoice"), max_length=40)


class BillingForm(forms.ModelForm[Billing]):
    """What a member wants to read on its invoices."""

    class Meta:
        model = Billing
        fields = ("address", "reference", "vat_id", "language")
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}
