"""Choosing one of some thousands of members by writing its name. Works as a plain text field; htmx adds suggestions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kit.countries import country_name
from members.directory.catalogue import fold
from members.directory.models import Member

FEWEST = 2  # characters from which on names are suggested
MOST = 10  # names that are suggested
LONGEST = 200  # characters of what is searched for


class MemberWidget(forms.TextInput):
    """A text field with a list of names that follows what is typed."""

    template_name = "members/directory/member_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the template needs: the list has the number of the field."""
        context = super().get_context(name, value, attrs)
        own = context["widget"]["attrs"]
        list_id = f"{own.get('id', f'id_{name}')}_names"
        own |= {
            "list": list_id, "autocomplete": "off", "dir": "auto",
            "data-hx-get": f"{reverse('directory:member_names')}?of={name}", "data-hx-target": f"#{list_id}",
            "data-hx-trigger": "input changed delay:200ms", "data-hx-sync": "this:replace",
        }  # fmt: skip
        return context | {"list_id": list_id}


class MemberField(forms.CharField):
    """A listed member by its name, in any script, in English, or with its country. Clean data is the member."""

    widget = MemberWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)
        self.widget.attrs.pop("maxlength", None)

    def clean(self, value: Any) -> Any:
        """Return the member that is meant.

        Raises:
            ValidationError: none is called that, or several are: then it names them.
        """
        text = super().clean(value)
        if not text:
            return None
        found = find_members(text)
        if not found:
            raise ValidationError(_("No member is called that. Write a part of its name, or its country."))
        if len(found) > 1:
            names = "; ".join(label for label, _one in found[:MOST])
            raise ValidationError(
                _("Several members fit. Write one of these in full: %(names)s"), params={"names": names}
            )
        return Member.objects.get(pk=found[0][1].pk)

    def prepare_value(self, value: Any) -> Any:
        """Show a member as it can be written."""
        return label_of(value) if isinstance(value, Member) else value


def label_of(member: Member) -> str:
    """Return what is written for a member: its name and country."""
    return f"{member.name}, {country_name(member.country)}"


def find_members(text: str) -> list[tuple[str, Member]]:
    """Return the listed members that a text may mean, each with its label: the one it names in full, or all that fit.

    Two members of a country never have the same name, so each label is of one. One query.
    """
    asked = fold(text[:LONGEST]).strip()
    words = asked.replace(",", " ").split()
    rows = Member.objects.listed().only("slug", "name", "name_en", "country").order_by("name", "pk")
    found, exact = [], []
    for one in rows:
        label = label_of(one)
        if text.strip() == label:
            return [(label, one)]
        if asked in {fold(label), one.slug, fold(one.name), fold(one.name_en)}:
            exact.append((label, one))
        known = fold(f"{label} {one.name_en}")
        if words and all(word in known for word in words):
            found.append((label, one))
    return exact or sorted(found, key=lambda row: not fold(row[1].name).startswith(asked))
