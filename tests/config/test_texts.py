"""What is typed: lines, texts, what nobody sees, and days that are too far away."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from config.kit.calendars import Occasion, feed
from config.kit.texts import is_visible, tidy_line, tidy_text
from config.kit.validators import validate_not_far

NOTHING = ["", " \t\n", "\u200b\u200b", "\x01", "\u202e", "\ufeff \u2060", "\u3164", "\u2800", "\u0301", "\u200d"]


class Typed(forms.Form):
    line = forms.CharField()
    text = forms.CharField(widget=forms.Textarea)
    link = forms.URLField(required=False, assume_scheme="https")
    code = forms.CharField(required=False, strip=False)
    secret = forms.CharField(required=False, widget=forms.PasswordInput)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)


@pytest.mark.parametrize("typed", NOTHING)
def test_what_shows_nothing_is_empty(typed):
    assert (tidy_line(typed), tidy_text(typed), is_visible(typed)) == ("", "", False)
    assert set(Typed({"line": typed, "text": typed}).errors) == {"line", "text"}


@pytest.mark.parametrize(
    ("typed", "line", "text"),
    [
        ("a\r\nATTENDEE:b", "a ATTENDEE:b", "a\r\nATTENDEE:b"),
        (" one\t two\u2028three ", "one two three", "one\t two\u2028three"),
        ("Kitch\u200bens\x01\x0b", "Kitchens", "Kitch\u200bens"),
        ("\u202egpj.exe\u202c", "gpj.exe", "\u202egpj.exe\u202c"),
        ("one \x01 two\x0bthree", "one two three", "one  twothree"),
        ("می\u200cخواهم 👩\u200d🍳", "می\u200cخواهم 👩\u200d🍳", "می\u200cخواهم 👩\u200d🍳"),
        ("?", "?", "?"),
    ],
)
def test_line_and_text_keep_what_is_seen(typed, line, text):
    form = Typed({"line": typed, "text": typed})
    assert form.is_valid()
    assert (
        (form.cleaned_data["line"], form.cleaned_data["text"]) == (tidy_line(typed), tidy_text(typed)) == (line, text)
    )


def test_passwords_and_what_is_not_to_be_stripped_stay_as_they_are():
    words = {"line": "a", "text": "a", "code": " \x01a\u200b", "secret": "a \x01 \u200b b", "kept": "a\nb"}
    form = Typed(words | {"link": "city.example/\x01a"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == words | {"link": "https://city.example/a"}
    assert set(Typed(words | {"line": "a\x00"}).errors) == {"line"}


def test_day_others_see_is_at_most_ten_years_ahead():
    now = timezone.now()
    for near in (now + timedelta(days=10 * 365), (now + timedelta(days=10 * 365)).date(), now - timedelta(days=9_999)):
        validate_not_far(near)
    for far in (
        now + timedelta(days=10 * 367),
        (now + timedelta(days=10 * 367)).date(),
        datetime.max.replace(tzinfo=UTC),
    ):
        with pytest.raises(ValidationError, match="at most 10 years ahead"):
            validate_not_far(far)


def test_feed_leaves_out_what_no_calendar_can_show(caplog):
    def occasion(uid, starts, zone="Europe/Madrid"):
        return Occasion(uid, 0, timezone.now(), uid, starts, starts + timedelta(minutes=15), ZoneInfo(zone))

    last = datetime(9999, 12, 31, 22, 30, tzinfo=UTC)
    near, far = occasion("near", timezone.now()), occasion("far", last)
    for rows, shown in (([near, far], b"near"), ([far], b"far")):
        assert b"SUMMARY:" + shown in feed(rows, name="a\r\nb")
    data = feed([near, occasion("beyond", last, "Europe/Helsinki")], name="All")
    assert b"SUMMARY:near" in data
    assert b"beyond" not in data
    assert "beyond" in caplog.text
