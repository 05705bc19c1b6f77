"""What every room uses: names of countries, figures and times as the reader writes them, forms, panels."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from config.kit import panels
from config.kit.countries import country_choices, country_name, language_choices, language_name
from config.kit.forms import add_errors, render_form
from config.kit.numbers import plain_number, typed_number
from config.kit.templatetags import kit


@pytest.mark.parametrize(
    ("language", "country", "spoken"),
    [("en", "Finland", "Macedonian"), ("fi", "Suomi", "Makedonia"), ("mk", "Финска", "Македонски")],
)
def test_countries_and_languages_are_named_in_the_readers_language(language, country, spoken):
    with override(language):
        assert country_name("FI") == country
        assert language_name("mk") == spoken
        assert ("FI", country) in country_choices()
        assert ("mk", spoken) in language_choices()


def test_choices_are_whole_and_in_order():
    with override("en"):
        countries = country_choices()
    names = [name for _, name in countries]
    assert names == sorted(names, key=str.casefold)
    codes = {code for code, _ in countries}
    assert {"FI", "MK", "XK", "AX"} <= codes
    assert not {"EU", "UN", "ZZ", "001"} & codes
    assert [code for code, _ in language_choices()][:3] == ["en", "fi", "mk"]


@pytest.mark.parametrize("code", ["QQ", "", "<b>", "fi-FI-x"])
def test_what_nobody_knows_stays_as_it_is(code):
    assert country_name(code) == code
    assert language_name(code).lower() == code.lower()


@pytest.mark.parametrize("language", ["xx", "zz-ZZ", "not a language"])
def test_unknown_language_of_the_interface_reads_english(language):
    with override(language):
        assert country_name("FI") == "Finland"


@pytest.mark.parametrize(
    ("value", "english", "finnish"),
    [
        (None, "", ""),
        (0, "0", "0"),
        (1234567, "1,234,567", "1\xa0234\xa0567"),
        (Decimal("54.50"), "54.5", "54,5"),
        (Decimal("0.0004"), "0.0004", "0,0004"),
        (Decimal(-5), "-5", "-5"),
        (Decimal("9999999999999999.9999"), "9,999,999,999,999,999.9999", "9\xa0999\xa0999\xa0999\xa0999\xa0999,9999"),
    ],
)
def test_number_is_whole_and_in_the_readers_language(value, english, finnish):
    with override("en"):
        assert kit.number(value) == english
    with override("fi"):
        assert kit.number(value) == finnish


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (None, "EUR", ""),
        (Decimal("1000.00"), "EUR", "1,000 EUR"),
        (Decimal("1000.50"), "EUR", "€1,000.50"),
        (Decimal("1000.50"), "", "1,000.5"),
        (Decimal("0.00"), "EUR", "0 EUR"),
        (Decimal("5.00"), "ZZZ", "5 ZZZ"),
    ],
)
def test_money_says_its_currency_where_there_is_one(value, currency, text):
    with override("en"):
        assert kit.money(value, currency).replace("\xa0", " ") == text


def test_times_are_in_the_readers_zone_and_days_have_none():
    at = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Helsinki")), override("en"):
        assert kit.when(at) == "1 Feb 2026, 00:30"
        assert kit.day(at) == "1 February 2026"
        assert kit.when_in(at, ZoneInfo("UTC")) == "31 Jan 2026, 22:30"
        assert kit.when(date(2026, 1, 31)) == "31 January 2026"
        assert kit.when(None) == kit.ago(None) == ""


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("he", "rtl"), ("fi", "ltr"), ("", "ltr"), ("arn", "ltr")],
)
def test_direction_of_a_language(language, direction):
    assert kit.direction(language) == direction


class Form(forms.Form):
    name = forms.CharField(required=False)
    secret = forms.CharField(required=False, widget=forms.HiddenInput)


def test_errors_of_a_service_stand_beside_the_fields_they_name():
    form = Form({"name": "<x>"})
    add_errors(form, ValidationError({"name": ["Too short.", "Too odd."], "elsewhere": ["Not here."]}))
    add_errors(form, ValidationError("All of it."))
    assert form.errors == {"name": ["Too short.", "Too odd."], "__all__": ["Not here.", "All of it."]}
    html = str(form)
    assert html.count("Too short.") == 2  # on top, and beside the field
    assert html.count("Not here.") == 1
    assert 'href="#id_name"' in html
    assert 'value="&lt;x&gt;"' in html


@pytest.mark.parametrize(("htmx", "invalid", "status"), [(True, True, 422), (True, False, 200), (False, True, 200)])
def test_page_with_an_invalid_form_tells_htmx_so(htmx, invalid, status):
    request = RequestFactory().get("/")
    request.htmx = htmx
    assert render_form(request, "kit/form.html", {"form": Form()}, invalid=invalid).status_code == status


def test_panels_are_drawn_in_order_and_empty_ones_left_out():
    try:
        for order, text in ((5, "last"), (-5, "first"), (0, ""), (0, "middle")):
            panels.register_panel(
                "test", lambda _request, subject, text=text: text and f"{text} {subject}", order=order
            )
        request = RequestFactory().get("/")
        assert panels.draw_panels("test", request, "x") == ["first x", "middle x", "last x"]
        assert panels.draw_panels("nowhere", request, "x") == []
        template = Template('{% panels "test" 1 as drawn %}{{ drawn|length }}')
        assert template.render(Context({"request": request})) == "3"
    finally:
        del panels._panels["test"]


@pytest.mark.parametrize(
    ("tag", "link"),
    [
        ("{% query_with page=2 %}", "?a=1&amp;a=2&amp;page=2"),
        ("{% query_with a=None %}", "?page=7"),
        ("{% query_with a=None page=None %}", "/list/"),
        ('{% query_without "a" "1" %}', "/list/?a=2"),
        ('{% query_without "a" "9" %}', "/list/?a=1&amp;a=2"),
        ('{% query_without "none" "1" %}', "/list/?a=1&amp;a=2"),
    ],
)
def test_query_keeps_the_other_choices(tag, link):
    request = RequestFactory().get("/list/?a=1&a=2&page=7")
    assert Template(tag).render(Context({"request": request})) == link


@pytest.mark.parametrize(
    ("language", "typed", "plain"),
    [
        ("fi", "12 500,50", "12500.50"),
        ("fi", "12500,50", "12500.50"),
        ("mk", "12.500,50", "12500.50"),
        ("mk", "12500.50", "12500.50"),
        ("en", "12,500", "12500"),
        ("en", "12500.50", "12500.50"),
        ("fi", "12.500,50", "12.500,50"),  # no number in Finnish: the form says so
        ("en", "1e400", "1e400"),
        ("en", "about 5", "about 5"),
        ("en", "", ""),
    ],
)
def test_number_is_read_as_its_language_writes_it(language, typed, plain):
    with override(language):
        assert plain_number(typed) == plain


@pytest.mark.parametrize("language", ["en", "fi", "mk"])
@pytest.mark.parametrize("plain", ["1.125", "-8.6413", "1125", "12500.50", "about 5", "1.2.3", ""])
def test_number_that_is_shown_is_read_again_as_it_was(language, plain):
    with override(language):
        assert plain_number(typed_number(plain)) == plain
