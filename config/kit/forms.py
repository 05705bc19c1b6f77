"""How forms are drawn, cleaned and answered."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


class Renderer(TemplatesSetting):
    """Draws every form with the house's templates."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"


class Errors(ErrorList):
    """Errors beside their field, or above the form."""

    template_name = "kit/errors.html"


class Form(forms.Form):
    """A form of the house. Django's fields strip white space and refuse NUL bytes beside the field by themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_class", Errors)
        super().__init__(*args, **kwargs)


class ModelForm(forms.ModelForm[Any]):
    """A form that checks a model's fields. Saving is a service's work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_class", Errors)
        super().__init__(*args, **kwargs)


def render_form(request: HttpRequest, template: str, context: dict[str, Any], *, invalid: bool = False) -> HttpResponse:
    """Show a page with a form: status 422 for htmx when `invalid`, since htmx then knows not to go on; else 200."""
    status = 422 if invalid and getattr(request, "htmx", False) else 200
    return render(request, template, context, status=status)


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a service's errors beside the fields they name; those of fields the form does not have go above it."""
    messages = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, texts in messages.items():
        known = name in form.fields
        for text in texts:
            form.add_error(name if known else None, text)


def validate_no_nul(value: str) -> None:
    """Raise ValidationError where `value` holds a NUL byte, which PostgreSQL cannot keep."""
    if "\x00" in value:
        raise ValidationError(_("This text contains a character that cannot be kept (NUL)."))
