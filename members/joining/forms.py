"""What an applicant fills in, step by step. What is typed is kept as it is; these forms say what is still missing."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.kit.countries import country_choices, language_choices
from config.kit.forms import LanguagesWidget, long_text
from members.directory.models import Member
from members.directory.validators import validate_population


def _countries() -> list[tuple[str, Any]]:
    return [("", _("Please choose")), *country_choices()]


class StartForm(forms.Form):
    """Who applies for whom."""

    name = forms.CharField(
        label=_("Your municipality"), max_length=120, help_text=_("Its official name, in your language.")
    )
    country = forms.ChoiceField(label=_("Country"), choices=_countries)
    applicant_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    applicant_title = forms.CharField(
        label=_("Job title"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )  # fmt: skip
    applicant_email = forms.EmailField(
        label=_("Your e-mail address"), max_length=254,
        help_text=_("We send you a link, so that you can go on whenever you like."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip


class MunicipalityForm(forms.Form):
    """What the directory says about a member."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Member.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    subdivision = forms.CharField(label=_("Region or province"), max_length=120, required=False)
    population = forms.IntegerField(label=_("Population"), validators=[validate_population])
    population_year = forms.IntegerField(label=_("Year of the figure"), min_value=1990, max_value=2100, required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    languages = forms.MultipleChoiceField(
        label=_("Languages of work"), choices=language_choices, required=False, widget=LanguagesWidget
    )


class ContactsForm(forms.Form):
    """Functions with their role addresses, and what the invoice needs."""

    leader_title = forms.CharField(label=_("Leader: title"), max_length=120, help_text=_("For example: Mayor."))
    leader_name = forms.CharField(label=_("Leader: name"), max_length=120)
    leader_email = forms.EmailField(label=_("Leader: role address"), max_length=254)
    leader_elected_on = forms.DateField(
        label=_("Leader: last elected on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    leader_term_ends_on = forms.DateField(
        label=_("Leader: end of the term"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    staff_title = forms.CharField(
        label=_("Staff contact: title"), max_length=120, help_text=_("For example: climate coordinator.")
    )
    staff_name = forms.CharField(label=_("Staff contact: name"), max_length=120, required=False)
    staff_email = forms.EmailField(
        label=_("Staff contact: role address"), max_length=254,
        help_text=_("The address of a role rather than of a person, so that it still works in five years."),
    )  # fmt: skip
    political_title = forms.CharField(label=_("Political contact: title"), max_length=120, required=False)
    political_name = forms.CharField(label=_("Political contact: name"), max_length=120, required=False)
    political_email = forms.EmailField(label=_("Political contact: role address"), max_length=254, required=False)
    billing_title = forms.CharField(
        label=_("Invoices go to: title"), max_length=120, help_text=_("For example: accounts payable.")
    )
    billing_email = forms.EmailField(label=_("Invoices go to: address"), max_length=254)
    billing_address = long_text(_("Address on the invoice"), most=500)
    billing_reference = forms.CharField(
        label=_("Cost centre or order number"), max_length=80, required=False,
        help_text=_("Your own reference. It stands on every invoice."),
    )  # fmt: skip
    billing_vat_id = forms.CharField(label=_("VAT or business number"), max_length=40, required=False)


class ReasonForm(forms.Form):
    """What an office writes to an applicant."""

    message = long_text(pgettext_lazy("application", "Your message"), _("The applicant gets it by e-mail."), most=2000)


STEPS: dict[str, type[forms.Form]] = {"municipality": MunicipalityForm, "contacts": ContactsForm}
MANY = frozenset({"languages"})  # fields that hold a list


def typed(form: forms.Form, data: Any) -> dict[str, Any]:
    """Return what was typed into the fields of a form, whether it is right or not; fields that did not come are left.

    NUL bytes are left out, which PostgreSQL cannot keep.
    """
    sent = {name: [one[:2000].replace("\0", "") for one in data.getlist(name)] for name in form.fields}
    return {name: many if name in MANY else many[-1] for name, many in sent.items() if many or name in MANY}


def check(step: str, content: Mapping[str, Any]) -> forms.Form:
    """Return the form of a step, bound to what was typed so far."""
    return STEPS[step](dict(content))
