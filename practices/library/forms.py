"""The content of a publication as a form, whole or a part of it."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.countries import language_choices
from config.kit.numbers import plain_number
from config.vocabulary.models import Goal, Pathway, Topic
from practices.library.content import LISTS, LONG_TEXTS, OWN, SNAPSHOT, field_names
from practices.library.models import Practice, Project, Publication

LONGEST = 20_000  # characters of a long text: about eight pages
HELP = {
    "title": gettext_lazy("What was done, and for whom. At most 100 characters. For example: “School meals from farms nearby, at the price of before”."),
    "summary": gettext_lazy("Two sentences for somebody who decides whether to read on. At most 300 characters."),
    "status": gettext_lazy("Planned, running, completed, or taken further after a trial."),
    "pathways": gettext_lazy("Which of the network’s five pathways does it follow? One or two are usual."),
    "topics": gettext_lazy("Colleagues find it by these. At most three are best."),
    "goals": gettext_lazy("The United Nations’ Sustainable Development Goals that it serves."),
    "challenge": gettext_lazy("What was the problem, for whom, and why had it not been solved before? Numbers help."),
    "solution": gettext_lazy("What did you do, step by step, and who did it? Somebody elsewhere should be able to plan it."),
    "results": gettext_lazy("What changed? Measured results first, then what people say. It is fine if some are not there yet."),
    "lessons": gettext_lazy("What would you tell a colleague who starts tomorrow?"),
    "what_went_wrong": gettext_lazy("This is what others learn most from. It stays in the network."),
    "transferability": gettext_lazy("What does it depend on: law, climate, size, money, ownership? What could others leave out?"),
    "offer": gettext_lazy("For example: a call, a visit, documents, a model contract."),
    "seeking": gettext_lazy("Partners, experience, money? Somebody who reads this may have it."),
    "cost_note": gettext_lazy("What is in the figure and what is not, for example yearly costs or own work."),
    "cost_currency": gettext_lazy("Three letters, for example EUR."),
    "contact_email": gettext_lazy("The address of a role rather than of a person, so that it still works in five years."),
    "contact_title": gettext_lazy("For example: climate coordinator."),
    "source_url": gettext_lazy("A page or a report that others can read for themselves."),
}  # fmt: skip
NEEDED = (*SNAPSHOT, "language")
TERMS = {"pathways": Pathway, "topics": Topic, "goals": Goal}


class PublicationForm(forms.Form):
    """Checks what a working copy says.

    Args:
        content: see `content.py`.
        kind: `practice` or `project`.
        names: the fields to have; all by default.
        required: the fields that must not be empty; none by default, as in a draft.
        bound: False shows the content without checking it.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        *,
        kind: str,
        names: Collection[str] | None = None,
        required: Collection[str] = (),
        bound: bool = True,
    ) -> None:
        data = MultiValueDict({key: value if isinstance(value, list) else [value] for key, value in content.items()})
        super().__init__(data if bound else None, initial=dict(content))
        self.kind = kind
        known = field_names(kind)
        for name in known if names is None else (name for name in names if name in known):
            field = self.fields[name] = _make_field(name, kind)
            field.required = name in required
            field.is_needed = name in NEEDED  # type: ignore[attr-defined]  # to be submitted, though not to be saved
            field.widget.is_required = False  # the server says it, and beside the field

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("start_year") and data.get("end_year") and data["end_year"] < data["start_year"]:
            self.add_error("end_year", _("It cannot end before it starts."))
        if data.get("cost_amount") is not None and "cost_currency" in data and not data["cost_currency"]:
            self.add_error("cost_currency", _("Which currency is the cost in?"))
        return data


def read_posted(post: Any, *, kind: str, names: Collection[str]) -> dict[str, Any]:
    """Return what was typed into the fields `names` of a sent form, as a working copy keeps it.

    Numbers are kept in plain digits, since others read the working copy in other languages.
    """
    typed: dict[str, Any] = {
        name: post.getlist(name) if name in LISTS else post.get(name, "").replace("\r\n", "\n").strip()
        for name in field_names(kind)
        if name in names
    }
    if "cost_amount" in typed:
        typed["cost_amount"] = plain_number(typed["cost_amount"])
    if "cost_currency" in typed:
        typed["cost_currency"] = typed["cost_currency"].upper()
    return typed


def check_storable(content: Mapping[str, Any]) -> None:
    """Check that a working copy can be kept at all, complete and correct or not.

    Raises:
        ValidationError: by field, a text that holds a NUL byte; the rest can be kept.
    """
    if bad := [name for name, value in content.items() if "\x00" in "".join(value)]:
        raise ValidationError({name: _("This text contains a character that cannot be kept (NUL).") for name in bad})


def _make_field(name: str, kind: str) -> forms.Field:
    """Return the field, with its help and a label that begins with a capital letter."""
    field = _column_field(name, kind)
    _choose_widget(name, field)
    label = str(field.label)
    field.label = label[:1].upper() + label[1:]
    field.help_text = HELP.get(name, "")
    return field


def _column_field(name: str, kind: str) -> forms.Field:
    own = {"practice": Practice, "project": Project}[kind]
    column: Any = (own if name in OWN[kind] else Publication)._meta.get_field(name)
    if name in TERMS:
        return forms.ModelMultipleChoiceField(
            TERMS[name]._default_manager.all(),
            to_field_name="code",
            widget=forms.CheckboxSelectMultiple,
            label=column.verbose_name,
        )
    if name == "language":
        return forms.ChoiceField(choices=language_choices, label=column.verbose_name)
    more: dict[str, Any] = {"assume_scheme": "https"} if isinstance(column, models.URLField) else {}
    # A form field does not take over the limits that its column checks.
    limits = {MinValueValidator: "min_value", MaxValueValidator: "max_value"}
    more |= {limits[type(check)]: check.limit_value for check in column.validators if type(check) in limits}
    field: forms.Field = column.formfield(**more)
    return field


def _choose_widget(name: str, field: forms.Field) -> None:
    if isinstance(field, forms.CharField):
        # The browser would cut a pasted text off without a word.
        field.widget.attrs.pop("maxlength", None)
    if name in LONG_TEXTS:
        field.validators.append(MaxLengthValidator(LONGEST))
        field.widget.attrs |= {"rows": 8, "dir": "auto"}
    elif name in {"title", "summary"}:
        field.widget.attrs["dir"] = "auto"
    if name == "summary":
        field.widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    elif name == "seeking_until":
        field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    elif name == "cost_currency":
        field.validators.append(RegexValidator("^[A-Z]{3}$", _("Three capital letters, for example EUR.")))
    elif isinstance(field, forms.IntegerField | forms.DecimalField):
        # A number box hides from the server what it cannot read, and so would lose it.
        field.widget = forms.TextInput(attrs={"inputmode": "decimal"})
        field.localize = False


class ArchiveForm(forms.Form):
    """Why a publication leaves the lists."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The authors see it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
