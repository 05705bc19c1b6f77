"""The fields of the publication form: one a column, list or table, with its help."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.kit.countries import country_choices, language_choices
from config.kit.numbers import typed_number
from config.kit.rows import RowsField
from config.vocabulary.choices import CURRENCY
from config.vocabulary.models import Goal, Pathway, Topic
from practices.library.content import (
    CHOICES,
    FILES,
    KNOWABLE,
    LONG_TEXTS,
    OWN,
    ROWS,
    SNAPSHOT,
    own_model,
    row_columns,
)
from practices.library.models import File, Publication

LONGEST = 20_000  # characters of a long text: about eight pages
NEEDED = (*SNAPSHOT, "language")
TERMS = {"pathways": Pathway, "topics": Topic, "goals": Goal}
HELP = {
    "title": _("What was done, and for whom. At most 100 characters. For example: “School meals from farms nearby, at the price of before”."),
    "summary": _("Two sentences for somebody who decides whether to read on. At most 300 characters."),
    "status": _("Planned, running, completed, or taken further after a trial."),
    "pathways": _("Which of the network’s five pathways does it follow? One or two are usual."),
    "topics": _("Colleagues find it by these. At most three are best."),
    "goals": _("The United Nations’ Sustainable Development Goals that it serves."),
    "challenge": _("What was the problem, for whom, and why had it not been solved before? Numbers help."),
    "solution": _("What did you do, step by step, and who did it? Somebody elsewhere should be able to plan it."),
    "results": _("What changed? Measured results first, then what people say. It is fine if some are not there yet."),
    "lessons": _("What would you tell a colleague who starts tomorrow?"),
    "what_went_wrong": _("This is what others learn most from. It stays in the network."),
    "transferability": _("What does it depend on: law, climate, size, money, ownership? What could others leave out?"),
    "offer": _("For example: a call, a visit, documents, a model contract."),
    "seeking": _("Partners, experience, money? Somebody who reads this may have it."),
    "cost_note": _("What is in the figure and what is not, for example yearly costs or own work."),
    "cost_currency": _("Three letters, for example EUR."),
    "contact_email": _("The address of a role rather than of a person, so that it still works in five years."),
    "contact_title": _("For example: climate coordinator."),
    "source_url": _("A page or a report that others can read for themselves."),
    "subdivision": _("Region, province or county."),
    "latitude": _("In degrees, for example 60.98. North is positive."),
    "longitude": _("In degrees, for example 25.66. East is positive."),
    "lead_organisation": _("Where it is not the municipality itself: a utility, a foundation, a joint authority."),
    "contact_person": _("Only if they agree. The role’s address stays when the person leaves."),
    "context_population": _("How many people it is for. Leave it empty where that is the whole municipality."),
    "climate_zone": _("Köppen’s class of the place, so that colleagues in the same climate find it."),
    "legal_background": _("Which laws or powers made it possible, or stood in the way?"),
    "objectives": _("What was to be reached, by when, measured how?"),
    "situation_before": _("How was it before, in figures where there are any?"),
    "process": _("How did it go, from the idea to daily use? Who decided what?"),
    "key_dates": _("At most five: the decision, the start, the first result."),
    "building_blocks": _("Parts that somebody could take over by themselves: a rule, a contract, a machine, a course."),
    "milestones": _("What is to be reached, and by when."),
    "stakeholders": _("Who was involved, and how far could they decide?"),
    "partners": _("Who took part, with which kind of support and in which role."),
    "beneficiaries": _("Who has it better now, and how do you know?"),
    "left_out": _("Whom does it not reach? Nearly every practice leaves somebody out."),
    "cost_amount": _("All in all, so that a colleague can compare. The rows below tell the parts."),
    "costs": _("Once, every year, and the time of staff, each in the prices of its year."),
    "funding": _("Where the money came from, or is to come from."),
    "months_to_implement": _("From the decision to daily use."),
    "indicators": _("Figures before and after. A link to the evidence makes them worth more."),
    "what_helped": _("People, rules, events, money: what made the difference?"),
    "preconditions": _("What has to be there before one can begin?"),
    "adaptable": _("What can be done differently elsewhere without losing the effect?"),
    "offers": _("What colleagues from other cities may ask you for."),
    "commitments": _("Plans, laws, agreements and campaigns that it serves, at home and beyond."),
    "photos": _("JPEG, PNG or WebP, at most 15 MB each. The place where a picture was taken is removed from it. The first photo is the cover: lists show it, and other sites that link here."),
    "documents": _("PDF, office files, CSV or text, at most 25 MB each."),
    "links": _("Where one can read on."),
    "original_language": _("Only where this text itself is a translation."),
    "text_licence": _("What others may do with the text."),
    "seeking_kinds": _("Colleagues with a fitting offer find you by these."),
}  # fmt: skip
ROW_LABELS = {
    "key_dates": _("Key dates"),
    "building_blocks": _("Building blocks"),
    "milestones": _("Milestones"),
    "stakeholders": _("Stakeholders"),
    "partners": _("Partners"),
    "costs": _("Costs"),
    "funding": _("Funding"),
    "indicators": _("Indicators"),
    "commitments": _("Policies and commitments"),
    "photos": _("Photos"),
    "documents": _("Documents"),
    "links": _("Links"),
}
ROW_NAMES: dict[str, str | Promise] = {
    "key_dates": _("Key date"),
    "building_blocks": _("Building block"),
    "milestones": _("Milestone"),
    "stakeholders": _("Stakeholder"),
    "partners": _("Partner"),
    "costs": _("Cost"),
    "funding": _("Source of money"),
    "indicators": _("Indicator"),
    "commitments": _("Policy or commitment"),
    "photos": _("Photo"),
    "documents": _("Document"),
    "links": _("Link"),
}
MOST_ROWS = {"key_dates": 5, "photos": 12, "documents": 12}  # of the others 30


def make_field(name: str, kind: str, publication: Publication | None) -> forms.Field:
    """Return the field with its help and a label that begins with a capital letter.

    Args:
        publication: whose files photos and documents may be; None for none.
    """
    field = _rows_field(name, publication) if name in ROWS else _column_field(name, kind)
    if name not in ROWS:
        _choose_widget(name, field)
    field.label = capfirst(str(field.label))
    field.help_text = HELP.get(name, "")
    field.is_needed = name in NEEDED  # type: ignore[attr-defined]  # to be submitted, though not to be saved
    field.may_be_unknown = name in KNOWABLE  # type: ignore[attr-defined]
    if name == "latitude":
        field.template_name = "kit/point_field.html"  # type: ignore[attr-defined]  # a map above both
    field.widget.is_required = False  # the server says it, and beside the field
    return field


def most_rows(name: str) -> int:
    """Return how many rows of a table a publication may have."""
    return MOST_ROWS.get(name, 30)


def is_number(column: models.Field[Any, Any]) -> bool:
    """Whether a column holds a number, which people type as their language writes it."""
    return isinstance(column, models.IntegerField | models.DecimalField | models.FloatField)


def _rows_field(name: str, publication: Publication | None) -> RowsField:
    own_files = (
        File.objects.filter(publication=publication).select_related("blob") if publication else File.objects.none()
    )
    row_form = _row_form_of_files(name, own_files) if name in FILES else _row_form(name)

    def make_row(
        data: Mapping[str, Any] | None = None, *, prefix: str | None = None, initial: Mapping[str, Any] | None = None
    ) -> forms.BaseForm:
        form: forms.BaseForm = row_form(
            data, prefix=prefix, initial=dict(initial) if initial else None, use_required_attribute=False
        )
        if prefix and "file" in form.fields:
            typed = str(form["file"].value() or "")
            number = int(typed) if typed.isdecimal() else 0
            form.shown_file = own_files.filter(pk=number).first()  # type: ignore[attr-defined]  # for the page
        return form

    return RowsField(
        make_row=make_row,
        most=most_rows(name),
        one=str(ROW_NAMES[name]),
        can_begin=name not in FILES,
        first=str(_("Cover")) if name == "photos" else "",
        make_first=str(_("Make this the cover")) if name == "photos" else "",
        label=ROW_LABELS[name],
        required=False,
    )


@cache
def _row_form(name: str) -> Any:
    """Return the class of the forms of a row. It is made once: an import reads thousands of publications."""
    columns = [column.name for column in row_columns(ROWS[name])]
    return forms.modelform_factory(ROWS[name], fields=columns, formfield_callback=_row_field)


def _row_form_of_files(name: str, own_files: models.QuerySet[File]) -> Any:
    def callback(column: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
        if column.name == "file":
            return forms.ModelChoiceField(own_files, widget=forms.HiddenInput, label=capfirst(column.verbose_name))
        return _row_field(column, **kwargs)

    columns = [column.name for column in row_columns(ROWS[name])]
    return forms.modelform_factory(ROWS[name], fields=columns, formfield_callback=callback)


def _row_field(column: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    if column.name == "language":
        own = ("", _("That of the text"))
        label = capfirst(column.verbose_name)
        return forms.ChoiceField(choices=lambda: [own, *language_choices()], label=label, required=False)
    field: forms.Field | None = _form_field(column, **kwargs)
    if field:
        _plain_widget(field)
        if isinstance(column, models.TextField):
            field.widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    return field


def _column_field(name: str, kind: str) -> forms.Field:
    column: Any = (own_model(kind) if name in OWN[kind] else Publication)._meta.get_field(name)
    if name in TERMS:
        return forms.ModelMultipleChoiceField(
            TERMS[name]._default_manager.all(),
            to_field_name="code",
            widget=forms.CheckboxSelectMultiple,
            label=column.verbose_name,
        )
    if name in CHOICES:
        return forms.MultipleChoiceField(
            choices=column.base_field.choices, widget=forms.CheckboxSelectMultiple, label=column.verbose_name
        )
    if name in {"language", "original_language"}:
        first = [] if name == "language" else [("", "---------")]
        return forms.ChoiceField(choices=lambda: [*first, *language_choices()], label=column.verbose_name)
    if name == "country":
        return forms.ChoiceField(choices=country_choices, label=column.verbose_name)
    field: forms.Field = _form_field(column)
    return field


def _form_field(column: Any, **more: Any) -> Any:
    if isinstance(column, models.URLField):
        more["assume_scheme"] = "https"
    # A form field does not take over the limits that its column checks.
    limits = {MinValueValidator: "min_value", MaxValueValidator: "max_value"}
    if is_number(column):
        more |= {limits[type(check)]: check.limit_value for check in column.validators if type(check) in limits}
    return column.formfield(**more)


class PlainNumberInput(forms.TextInput):
    """Shows a number of a working copy, which holds it in plain digits, as the active language writes it."""

    def format_value(self, value: Any) -> Any:
        return typed_number(value) if isinstance(value, str) else super().format_value(value)


def _choose_widget(name: str, field: forms.Field) -> None:
    _plain_widget(field)
    if name in LONG_TEXTS:
        field.validators.append(MaxLengthValidator(LONGEST))
        field.widget.attrs |= {"rows": 8 if name in SNAPSHOT else 5, "dir": "auto"}
    elif name in {"title", "summary"}:
        field.widget.attrs["dir"] = "auto"
    if name == "summary":
        field.widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    elif name in {"latitude", "longitude"}:  # degrees are written alike everywhere
        field.widget = forms.TextInput(attrs={"inputmode": "decimal"})
    elif name == "seeking_until":
        field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    elif name == "cost_currency":
        field.validators += CURRENCY


def _plain_widget(field: forms.Field) -> None:
    if isinstance(field, forms.CharField):
        # The browser would cut a pasted text off without a word.
        field.widget.attrs.pop("maxlength", None)
    if isinstance(field, forms.IntegerField | forms.DecimalField | forms.FloatField):
        # A number box hides from the server what it cannot read, and so would lose it.
        field.widget = PlainNumberInput(attrs={"inputmode": "decimal"})
        field.localize = False
