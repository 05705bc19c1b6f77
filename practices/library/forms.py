"""The content of a publication as a form, whole or a part of it."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.numbers import plain_number
from config.kit.rows import read_rows
from practices.library.content import CHOICES, KNOWABLE, LISTS, OWN, ROWS, field_names, own_model, row_columns
from practices.library.fields import is_number, make_field, most_rows
from practices.library.models import Publication


class PublicationForm(forms.Form):
    """Checks what a working copy says.

    Args:
        content: see `content.py`.
        kind: `practice` or `project`.
        publication: the one it is of, whose files it may show; None for a new one.
        names: the fields to have; all by default.
        required: the fields that must not be empty; none by default, as in a draft.
        bound: False shows the content without checking it.

    Clean values are those of the columns; of rows, a list of their checked forms (`form.instance` is the row).
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        *,
        kind: str,
        publication: Publication | None = None,
        names: Collection[str] | None = None,
        required: Collection[str] = (),
        bound: bool = True,
    ) -> None:
        lists = {key: value if isinstance(value, list) else [value] for key, value in content.items()}
        data = MultiValueDict({key: [] if value == [None] else value for key, value in lists.items()})
        super().__init__(data if bound else None, initial=dict(content))
        known = field_names(kind)
        for name in known if names is None else (name for name in names if name in known):
            field = self.fields[name] = make_field(name, kind, publication)
            field.required = name in required
            field.is_unknown = content.get(name, "") is None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("start_year") and data.get("end_year") and data["end_year"] < data["start_year"]:
            self.add_error("end_year", _("It cannot end before it starts."))
        if data.get("cost_amount") is not None and "cost_currency" in data and not data["cost_currency"]:
            self.add_error("cost_currency", _("Which currency is the cost in?"))
        if {"latitude", "longitude"} <= set(data) and (data["latitude"] is None) != (data["longitude"] is None):
            missing = "latitude" if data["latitude"] is None else "longitude"
            self.add_error(missing, _("A point needs both latitude and longitude."))
        return data


def read_posted(post: Any, *, kind: str, names: Collection[str]) -> dict[str, Any]:
    """Return what was typed into the fields `names` of a sent form, as a working copy keeps it.

    Numbers are kept in plain digits, since others read the working copy in other languages. Something that is said to
    be not known and has a value all the same has the value.
    """
    unknown = set(post.getlist("not_known")) & set(KNOWABLE)
    typed: dict[str, Any] = {}
    for name in (name for name in field_names(kind) if name in names):
        if name in ROWS:
            columns = row_columns(ROWS[name])
            rows = read_rows(post, name, [column.name for column in columns], most_rows(name))
            typed[name] = [{column.name: _plain(column, row[column.name]) for column in columns} for row in rows]
        elif name in LISTS or name in CHOICES:
            typed[name] = post.getlist(name)
        else:
            model = own_model(kind) if name in OWN[kind] else Publication
            typed[name] = _plain(model._meta.get_field(name), post.get(name, "").replace("\r\n", "\n").strip())
        if not typed[name] and name in unknown:
            typed[name] = None
    return typed


def check_storable(content: Mapping[str, Any]) -> None:
    """Check that a working copy can be kept at all, complete and correct or not.

    Raises:
        ValidationError: by field, a text that holds a NUL byte; the rest can be kept.
    """
    if bad := [name for name, value in content.items() if _has_nul(value)]:
        raise ValidationError({name: _("This text contains a character that cannot be kept (NUL).") for name in bad})


def _has_nul(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(_has_nul(one) for one in (value.values() if isinstance(value, dict) else value))
    return "\x00" in (value or "")


def _plain(column: Any, text: str) -> str:
    if column.name in {"latitude", "longitude"}:
        return text.replace(",", ".")  # degrees have no thousands: in Macedonian 41.031 would be 41 031
    if is_number(column):
        return plain_number(text)
    return text.upper() if column.name in {"currency", "cost_currency"} else text


class ArchiveForm(forms.Form):
    """Why a publication leaves the lists."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The authors see it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
