"""What is known of a member, as a form that people and tables fill in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.countries import country_choices, language_choices
from config.kit.forms import long_text
from config.kit.numbers import plain_number, typed_number
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Pathway
from members.directory.facts import FACTS, write_fact
from members.directory.models import Contact, Member, Office
from members.directory.validators import validate_email_domain

LONGEST_ABOUT = 10_000  # characters
MOST_DOMAINS = 20
FIRST_YEAR = 1900
PLAIN = ("name", "name_en", "subdivision", "population_year", "joined_year", "website")
HELP = {
    "name": gettext_lazy("As the members themselves write it, in their own script."),
    "latitude": gettext_lazy("In degrees, for example 60.98. North is positive."),
    "longitude": gettext_lazy("In degrees, for example 25.66. East is positive."),
    "population": gettext_lazy("Of an association: leave it empty."),
}


@dataclass(frozen=True)
class Choices:
    """What a member may point to, by the codes and short names of tables."""

    offices: Mapping[str, Office]
    pathways: Mapping[str, Pathway]
    associations: Mapping[str, Member]

    @classmethod
    def read(cls) -> Self:
        """Read all of them; three queries."""
        associations = Member.objects.filter(kind=Member.Kind.ASSOCIATION, merged_into=None).order_by("name_en", "pk")
        return cls(
            {one.slug: one for one in Office.objects.order_by("name")},
            Pathway.by_code(),
            {one.slug: one for one in associations},
        )


class TypedNumberInput(forms.TextInput):
    """Takes and shows a number as the reader's language writes it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return plain_number(value) if isinstance(value, str) else value

    def format_value(self, value: Any) -> str | None:
        shown = super().format_value(write_fact(value))
        return None if shown is None else typed_number(shown)


class DegreesInput(forms.TextInput):
    """Takes degrees with a comma or a point: they have no thousands."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace(",", ".").replace("−", "-") if isinstance(value, str) else value


TYPED: dict[str, type[forms.TextInput]] = {
    "latitude": DegreesInput, "longitude": DegreesInput, "population": TypedNumberInput, "area_km2": TypedNumberInput,
}  # fmt: skip


class DomainsField(forms.CharField):
    """Domains, one a line or with commas, spaces or semicolons between; an @ in front does no harm."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        for mark in ",;":
            text = text.replace(mark, " ")
        return list(dict.fromkeys(one.removeprefix("@").rstrip(".").lower() for one in text.split()))

    def validate(self, value: Any) -> None:
        if len(value) > MOST_DOMAINS:
            raise ValidationError(_("At most %(most)d domains.") % {"most": MOST_DOMAINS})
        problems = []
        for one in value:
            try:
                validate_email_domain(one)
            except ValidationError as error:
                problems += error.messages
        if problems:
            raise ValidationError(problems)

    def run_validators(self, value: Any) -> None:
        """Nothing more: those of a text are not for lists."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class MemberForm(forms.Form):
    """Checks what is said of a member. Clean values are those of the columns; of choices, their codes.

    Args:
        fields: from `member_fields`; a form changes none of them, so that many forms may share them.
    """

    def __init__(self, *args: Any, fields: Mapping[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "about" in data:
            data["about"] = data["about"].replace("\r\n", "\n")
        if {"latitude", "longitude"} <= set(data) and (data["latitude"] is None) != (data["longitude"] is None):
            missing = "latitude" if data["latitude"] is None else "longitude"
            self.add_error(missing, _("A point needs both latitude and longitude."))
        this_year = timezone.localdate().year
        for name in ("population_year", "joined_year"):
            year = data.get(name)
            if year is not None and not FIRST_YEAR <= year <= this_year:
                text = _("Between %(first)d and %(last)d, please.")
                self.add_error(name, text % {"first": FIRST_YEAR, "last": this_year})
        if data.get("population_year") and "population" in data and data["population"] is None:
            self.add_error("population", _("There is a year, but no figure."))
        return data


def member_fields(
    choices: Choices,
    *,
    names: Collection[str] = FACTS,
    known: Mapping[str, Collection[str]] | None = None,
    is_plain: bool = False,
) -> dict[str, forms.Field]:
    """Make the fields of a form.

    Args:
        choices: what a member may point to.
        names: the fields to have, of FACTS.
        known: codes of languages and associations that the member has, which stay possible.
        is_plain: whether numbers are in plain digits with a point, as in a table.
    """
    fields = {name: _make_field(name, choices, (known or {}).get(name, ())) for name in FACTS if name in names}
    if is_plain:
        for name in TYPED & fields.keys():
            fields[name].widget = forms.TextInput()
    elif "latitude" in fields:
        fields["latitude"].template_name = "kit/point_field.html"  # type: ignore[attr-defined]
    return fields


def _make_field(name: str, choices: Choices, known: Collection[str]) -> forms.Field:
    column: Any = Member._meta.get_field(name)
    label = column.verbose_name[:1].upper() + column.verbose_name[1:]
    needs: dict[str, Any] = {"label": label, "required": False, "help_text": HELP.get(name, "")}
    if name in PLAIN or name in TYPED:
        field = _plain_field(name)
        field.help_text = HELP.get(name, field.help_text)
        return field
    if name == "about":
        return long_text(label, most=LONGEST_ABOUT, rows=8, required=False)
    if name == "email_domains":
        return DomainsField(**needs | {"help_text": _(
            "What stands after the @ in the addresses of its people, one a line. Not those where anybody gets an address."
        )}, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    if name == "is_active":
        return forms.ChoiceField(**needs | {"required": True}, choices=[("yes", _("Yes")), ("no", _("No"))])
    several = {
        "languages": lambda: _with_known(language_choices(), known),
        "pathways": lambda: [(code, str(term)) for code, term in choices.pathways.items()],
        "associations": lambda: _with_known([(slug, one.name) for slug, one in choices.associations.items()], known),
    }
    if name in several:
        widget = forms.SelectMultiple if name == "associations" else forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(**needs, choices=several[name](), widget=widget)
    one_of: dict[str, list[tuple[str, Any]]] = {
        "kind": list(Member.Kind.choices),
        "country": country_choices(),
        "office": [(slug, one.name) for slug, one in choices.offices.items()],
        "climate_zone": [("", _("Not known")), *CLIMATE_ZONES],
        "government_level": [("", _("Not known")), *Level.choices],
    }
    required = name in {"kind", "country", "office"}
    return forms.ChoiceField(**needs | {"required": required}, choices=one_of[name])


def _plain_field(name: str) -> forms.Field:
    """Return the form field of a model's field."""
    column: Any = Member._meta.get_field(name)
    field: forms.Field = column.formfield(**{"assume_scheme": "https"} if name == "website" else {})
    if name in TYPED:
        field.widget = TYPED[name](attrs={"inputmode": "decimal"})
        field.validators += column.validators
    else:
        field.widget.attrs.pop("maxlength", None)  # a browser would cut a pasted name off without a word
    if name in {"name", "name_en", "subdivision"}:
        field.widget.attrs["dir"] = "auto"
    return field


def _with_known(choices: list[tuple[str, str]], known: Collection[str]) -> list[tuple[str, str]]:
    listed = {code for code, _label in choices}
    return [*choices, *((code, code) for code in known if code not in listed)]


class LogoForm(forms.Form):
    """A picture to show beside the name."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy("JPEG, PNG or WebP; it is shown on a light ground."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class ContactForm(forms.ModelForm[Contact]):
    """A function at a member: its role address, and who holds it for now. Without an address there is none.

    Args:
        label: what the function is called.
    """

    class Meta:
        model = Contact
        fields = ("title", "email", "person_name", "elected_on", "term_ends_on")
        widgets = {name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}) for name in ("elected_on", "term_ends_on")}  # fmt: skip

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label
        for name in ("title", "email"):
            self.fields[name].required = False
        for name in ("title", "person_name"):
            self.fields[name].widget.attrs["dir"] = "auto"

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if any(data.values()) and not data.get("email") and "email" in data:
            self.add_error("email", _("A contact needs an address that outlives the person."))
        if data.get("email") and not data.get("title"):
            self.add_error("title", _("What is the role called?"))
        if data.get("elected_on") and data.get("term_ends_on") and data["term_ends_on"] <= data["elected_on"]:
            self.add_error("term_ends_on", _("A term cannot end before it begins."))
        return data

    def _post_clean(self) -> None:
        """Leave the row alone: the service writes it."""


class MergeForm(forms.Form):
    """Into which member another one is merged."""

    into = forms.CharField(
        label=gettext_lazy("The other member"),
        max_length=300,
        help_text=gettext_lazy("The address of its page, or the end of it."),
    )
