"""Tags and filters that every template has."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal
from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.kit import countries, navigation, panels
from config.kit.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text: str | None) -> SafeString:
    return render_markdown(text or "")


@register.filter
def country_name(code: str) -> str:
    return countries.country_name(code)


@register.filter
def language_name(code: str) -> str:
    return countries.language_name(code)


@register.filter
def number(value: Decimal | float | None) -> str:
    """Write a number as the reader's language does; an empty string for None."""
    if value is None:
        return ""
    return _written(value, repr(value), get_language() or "")


@lru_cache(maxsize=4_096)
def _written(value: Decimal | float, _exactly: str, _language: str) -> str:
    """Write a number; 1.0 and 1.00 are equal but written differently, so the key says exactly which."""
    # Whole as it is kept: rounded to three places, a small figure would be 0.
    return format_decimal(value, locale=countries.babel_locale(), decimal_quantization=False)


@register.filter
def money(value: Decimal | float | None, currency: str) -> str:
    """Write an amount; whole amounts without decimals, and a plain number where no currency is known."""
    if value is None or not currency:
        return number(value)
    pattern = "#,##0 ¤¤" if value == int(value) else None
    return format_currency(value, currency, pattern, locale=countries.babel_locale(), currency_digits=pattern is None)


@register.filter
def when(value: date | datetime | None) -> str:
    """Write a date, or a time in the reader's zone, in the reader's language."""
    if value is None:
        return ""
    locale = countries.babel_locale()
    if not isinstance(value, datetime):
        return format_date(value, "long", locale=locale)
    local = timezone.localtime(value)
    both = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return both.replace("{0}", format_time(local, "short", locale=locale)).replace(
        "{1}", format_date(local, "medium", locale=locale)
    )


@register.filter
def when_in(value: datetime | None, zone: ZoneInfo) -> str:
    """Write a time in another zone than the reader's."""
    with timezone.override(zone):
        return when(value)


@register.filter
def partial_date(value: str) -> str:
    """Write a year, a month or a day (2019, 2019-05, 2019-05-31) in the reader's language; else the text as it is."""
    parts = value.split("-")
    try:
        known = date(*(int(part) for part in [*parts, "1", "1"][:3]))
    except ValueError:
        return value
    if len(parts) == 3:
        return when(known)
    return format_skeleton("yMMMM", known, locale=countries.babel_locale()) if len(parts) == 2 else value


@register.filter
def day(value: datetime) -> str:
    """Write the day of a time, in the reader's zone and language."""
    return when(timezone.localdate(value))


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """Write how long ago something was, with the exact time for machines and on hover."""
    if value is None:
        return ""
    recent = timezone.now() - value < timedelta(minutes=1)
    text = _("just now") if recent else _("%(time)s ago") % {"time": timesince(value)}
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(timespec="seconds"), when(value), text
    )


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Whether a field is drawn as several boxes, and so needs a fieldset with a legend instead of a label."""
    return bool(field.field.widget.use_fieldset)


_RTL = {"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}


@register.filter
def direction(language: str) -> str:
    """Return the writing direction of a language: "rtl" or "ltr"."""
    return "rtl" if language.partition("-")[0] in _RTL else "ltr"


@register.simple_tag(takes_context=True)
def navigation_links(context: Context) -> navigation.Navigation:
    return navigation.navigation_for(context["request"])


@register.simple_tag(takes_context=True, name="panels")
def draw_panels(context: Context, place: str, subject: Any = None) -> list[SafeString | str]:
    """Return the panels of a place: `{% panels "publication" publication as drawn %}`."""
    return panels.draw_panels(place, context["request"], subject)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """Return the query string of this page with `changes`; None removes a parameter."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: str | None = None) -> str:
    """Return the address of this page without one value of a parameter, or all of them, and from its first page."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.setlist(name, [one for one in query.getlist(name) if value is not None and one != value])
    query.pop("page", None)
    return f"{request.path}?{query.urlencode()}" if any(query.values()) else request.path
