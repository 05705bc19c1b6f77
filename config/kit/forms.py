"""How forms are drawn and answered. Django's fields strip white space and refuse NUL bytes beside the field."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.kit.numbers import plain_number


class Renderer(TemplatesSetting):
    """Draws every form, those of libraries too, with the house's templates."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"


def render_form(request: HttpRequest, template: str, context: dict[str, Any], *, invalid: bool = False) -> HttpResponse:
    """Show a page with a form: status 422 for htmx when `invalid`, since htmx then knows not to go on; else 200."""
    status = 422 if invalid and getattr(request, "htmx", False) else 200
    return render(request, template, context, status=status)


def add_errors(form: forms.BaseForm, error: ValidationError, names: Mapping[str, str] | None = None) -> None:
    """Put a service's errors beside the fields they name; those of fields the form does not have go above it.

    Args:
        names: the form's fields by what the service calls them, where these differ.
    """
    messages = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for said, texts in messages.items():
        name = (names or {}).get(said, said)
        known = name in form.fields
        for text in texts:
            form.add_error(name if known else None, text)


def long_text(label: Any, help_text: Any = "", *, most: int, rows: int = 4, required: bool = True) -> forms.CharField:
    """Return a field for some paragraphs in any language, at most `most` characters.

    The server says that a text is too long: a browser would cut a pasted one off without a word.
    """
    field = forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
    )
    field.widget.attrs.pop("maxlength", None)
    return field


class AmountField(forms.DecimalField):
    """An amount of money as the active language writes it."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimal_places=2, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"
        self.widget.is_localized = True  # what is kept is shown as it is typed

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_number(value) if isinstance(value, str) else value)
