"""A form field that holds several rows of one small form: costs, partners, key dates."""

from collections.abc import Mapping
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Values = Mapping[str, Any]


class MakeRowForm(Protocol):
    """Make the form of one row: bound to `data`, or showing `initial`; its input names begin with `prefix`."""

    def __call__(
        self, data: Values | None = None, *, prefix: str | None = None, initial: Values | None = None
    ) -> forms.BaseForm: ...


class RowsWidget(forms.Widget):
    """Takes a list of rows out of data; `kit/rows.html` draws them."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Values]:  # noqa: ARG002 - Django's
        return [row for row in data.getlist(name) if isinstance(row, dict)]


class RowsBoundField(forms.BoundField):
    """Draws a form a row, and a blank one at the end for the next."""

    field: "RowsField"

    @cached_property
    def rows(self) -> list[forms.BaseForm]:
        made = []
        for number, values in enumerate(self.value() or []):
            prefix = f"{self.html_name}-{number}"
            if self.form.is_bound:
                data = {f"{prefix}-{name}": value for name, value in values.items()}
                made.append(self.field.make_row(data, prefix=prefix))
            else:
                made.append(self.field.make_row(prefix=prefix, initial=values))
        return made

    @cached_property
    def blank(self) -> forms.BaseForm | None:
        """The form for the next row; None where rows come otherwise, or there are as many as may be."""
        number = len(self.value() or [])
        if not self.field.can_begin or number >= self.field.most:
            return None
        return self.field.make_row(prefix=f"{self.html_name}-{number}")


class RowsField(forms.Field):
    """Rows of a small form. The value is a list of mappings; clean rows are what `make_row` forms hold.

    Args:
        make_row: makes the form of one row.
        most: how many rows there may be.
        one: what a single row is called.
        can_begin: False where a blank row makes no sense, since rows begin with an uploaded file.
        first: what the first row is besides, where it is something, as the cover is among photos.
        make_first: what the button says that makes another row the first.
    """

    widget = RowsWidget

    def __init__(
        self,
        *,
        make_row: MakeRowForm,
        most: int,
        one: str,
        can_begin: bool = True,
        first: str = "",
        make_first: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.make_row, self.most, self.one, self.can_begin = make_row, most, one, can_begin
        self.first, self.make_first = first, make_first
        self.is_rows = True

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> RowsBoundField:
        return RowsBoundField(form, self, field_name)

    def clean(self, value: list[Values]) -> list[forms.BaseForm]:
        """Return the checked form of each row.

        Raises:
            ValidationError: one error a problem, with `<row>.<column>` as its code and the bare text in its params.
        """
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        problems = []
        if len(value) > self.most:
            problems.append(
                ValidationError(
                    ngettext("At most %(most)d row.", "At most %(most)d rows.", self.most) % {"most": self.most},
                    code="most",
                )
            )
        made = [self.make_row(values) for values in value]
        for number, form in enumerate(made, start=1):
            for name, texts in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                problems += [
                    ValidationError(
                        _("Row %(number)d, %(label)s: %(text)s"),
                        code=f"{number}.{name}",
                        params={"number": number, "label": label, "text": text},
                    )
                    for text in texts
                ]
        if problems:
            raise ValidationError(problems)
        return made


def read_rows(post: Any, name: str, columns: list[str], most: int) -> list[dict[str, str]]:
    """Return the rows that were typed into a RowsField, blank ones left out, after the act of a pressed button.

    Buttons are named `act`; their value is `<field>:<verb>:<row>`: remove, up or first; rows are counted from 0.
    """
    rows: list[dict[str, str]] = [
        {column: post.get(f"{name}-{number}-{column}", "").replace("\r\n", "\n").strip() for column in columns}
        for number in range(most + 1)
    ]
    field, _sep, act = post.get("act", "").partition(":")
    verb, _sep, number = act.partition(":")
    if field == name and number.isdecimal() and int(number) <= most:
        row = rows.pop(int(number))
        if verb == "up":
            rows.insert(max(int(number) - 1, 0), row)
        elif verb == "first":
            rows.insert(0, row)
        elif verb != "remove":
            rows.insert(int(number), row)
    return [row for row in rows if any(row.values())]
