"""How forms are drawn, what they make of typed text, and how they are answered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.kit.numbers import plain_number
from config.kit.texts import tidy_line, tidy_text

_LINES = {"text", "email", "url", "search", "tel"}  # inputs of one line, whose text people read
_strip = forms.CharField.to_python


class Renderer(TemplatesSetting):
    """Draws every form, those of libraries too, with the house's templates."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"


def tidy_text_fields() -> None:
    """Have the text fields of all forms, those of libraries too, drop what nobody sees; called once, at the start.

    Django strips white space and refuses NUL bytes, and has no place to say more for every form. Passwords, and what
    asks not to be stripped, stay as they are typed.
    """
    forms.CharField.to_python = _to_python  # type: ignore[method-assign]


def _to_python(self: forms.CharField, value: Any) -> Any:
    text = _strip(self, value)
    if not self.strip or not isinstance(text, str):
        return text
    widget: Any = self.widget
    if isinstance(widget, forms.Textarea):
        return tidy_text(text) or self.empty_value
    return tidy_line(text) or self.empty_value if getattr(widget, "input_type", "") in _LINES else text


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


class LanguagesWidget(forms.CheckboxSelectMultiple):
    """Boxes of languages: those that are chosen or likely are seen, the rest is folded away.

    Attributes:
        likely: codes of languages that are seen whether or not they are chosen; at first those of the interface.
    """

    template_name = "kit/folded_choices.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.likely = {code for code, _name in settings.LANGUAGES}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the template needs: the options `shown` and `folded`."""
        context = super().get_context(name, value, attrs)
        shown: list[dict[str, Any]] = []
        folded: list[dict[str, Any]] = []
        for _group, options, _index in context["widget"]["optgroups"]:
            for one in options:
                (shown if one["selected"] or one["value"] in self.likely else folded).append(one)
        return context | {"shown": shown, "folded": folded}


class AmountField(forms.DecimalField):
    """An amount of money as the active language writes it."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimal_places=2, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"
        self.widget.is_localized = True  # what is kept is shown as it is typed

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_number(value) if isinstance(value, str) else value)
