"""What is sent is what was written, whatever the length of the words."""

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.outbox.kinds import Rendered
from config.outbox.mime import build_mime
from config.outbox.models import Message

WORDS = st.lists(st.text(alphabet="абвѓежзијклљмнњопрстќуфхцчџшäöå", min_size=1, max_size=14), min_size=1, max_size=20)


def subject_of(subject):
    message = Message(kind="test.note", recipient="a@city.example", language="mk")
    raw = build_mime(message, Rendered(subject, "text", "<p>text</p>"))
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)["Subject"]
    return str(make_header(decode_header(parsed))).replace("\r\n", "")


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_subject_keeps_its_spaces(words):
    assert subject_of(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    "subject",
    [
        "Објавено: Пример: сенка во училишните дворови",
        "Plain",
        "A long subject in plain letters " * 5,
        "🙂 " * 30 + "x",
    ],
)
def test_subject_of_every_kind_arrives(subject):
    assert subject_of(subject.strip()) == subject.strip()
