"""What is sent is what was written: every message is read again with Python's own parser."""

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from config.outbox.encoding import QuotedPrintable, plain_text, quoted_printable
from config.outbox.kinds import CalendarPart, Rendered
from config.outbox.mime import build_mime
from config.outbox.models import Message

WORDS = st.lists(st.text(alphabet="абвѓежзијклљмнњопрстќуфхцчџшäöå", min_size=1, max_size=14), min_size=1, max_size=20)
# Surrogates are no text. A parser takes a lone CR, and the control characters that split lines, for line ends.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=400)


def raw_of(subject="Subject", text="text", html="<p>text</p>", *, to="a@city.example", headers=None):
    message = Message(kind="test.note", recipient=to, language="mk")
    return build_mime(message, Rendered(subject, text, html, headers or {}))


def parse(raw, policy=email.policy.default):
    return email.message_from_bytes(raw, policy=policy)


def subject_of(subject):
    parsed = parse(raw_of(subject), email.policy.compat32)["Subject"]
    return str(make_header(decode_header(parsed))).replace("\r\n", "")


def part(raw, number):
    """Return the text of a part as its bytes say, with line feeds."""
    payload = parse(raw, email.policy.compat32).get_payload(number).get_payload(decode=True)
    return payload.decode().replace("\r\n", "\n")


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
        "Θέρμανση από κέντρα δεδομένων",
        "تدفئة من مراكز البيانات",
    ],
)
def test_subject_of_every_kind_arrives(subject):
    assert subject_of(subject.strip()) == subject.strip()
    lines = raw_of(subject.strip()).split(b"\r\n\r\n")[0].split(b"\r\n")
    start = next(n for n, line in enumerate(lines) if line.startswith(b"Subject"))
    end = next(n for n, line in enumerate(lines[start + 1 :], start + 1) if not line.startswith(b" "))
    assert all(len(line) <= 78 for line in lines[start:end])


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
def test_parts_arrive_byte_for_byte(text, html):
    raw = raw_of(text=text, html=html)
    assert (part(raw, 0), part(raw, 1)) == (text, html)
    parsed = parse(raw)
    assert [one.get_content_type() for one in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [one.defects for one in parsed.walk()] == [[], [], []]


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, max_size=6))
def test_joined_pieces_say_the_same_as_the_whole(pieces):
    joined = QuotedPrintable(b"".join(quoted_printable(one) for one in pieces))
    assert plain_text(joined) == "".join(pieces)
    assert part(raw_of(text=joined), 0) == "".join(pieces)
    assert all(len(line) <= 76 for line in joined.split(b"\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5_000,
        "Ж" * 5_000,
        ".\n..\n.dot\n",
        "From here\nFrom there\n",
        "space at the end \ntab\t\n",
        "nul \x00 and bell \x07\n",
        "--=_boundary\n--\n",
        "=3D =\n= \n",
        "🙂\u200d\u2764\ufe0f",
    ],
)
def test_awkward_text_arrives_in_short_seven_bit_lines(text):
    raw = raw_of(text=text, html=text)
    assert (part(raw, 0), part(raw, 1)) == (text, text)
    assert raw.isascii()
    assert b"\x00" not in raw
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(b"\r" in line or b"\n" in line for line in lines)


def test_lines_end_in_every_way_and_arrive_as_lines():
    assert part(raw_of(text="a\rb\r\nc\nd"), 0) == "a\nb\nc\nd"


def test_headers_say_what_every_message_says(settings):
    settings.NETWORK_NAME = "Мрежа на градови, и уште"
    address = "https://network.example/digest/leave/" + "x" * 120
    raw = raw_of(
        to="eva@битола.example",
        headers={
            "List-Unsubscribe": f"<{address}>, <mailto:us@network.example?subject=unsubscribe>",
            "List-Id": "<digest.network.example>",
        },
    )
    mail = parse(raw)
    assert mail["From"].addresses[0].display_name == "Мрежа на градови, и уште"
    assert mail["From"].addresses[0].addr_spec == django_settings.DEFAULT_FROM_EMAIL
    assert mail["To"] == "eva@xn--80abvmox.example"
    assert mail["Content-Language"] == "mk"
    assert mail["MIME-Version"] == "1.0"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime is not None
    # A mail program reads the link as it stands: whole, on a line of its own, in no encoded word.
    assert f"List-Unsubscribe: <{address}>,\r\n <mailto:us@network.example?subject=unsubscribe>\r\n".encode() in raw
    assert b"Feedback-ID: test.note:" in raw


def test_boundary_is_in_no_part():
    message = Message(kind="test.note", recipient="a@city.example", language="mk")
    edge = f"--=_{message.uuid.hex}"
    raw = build_mime(message, Rendered("x", f"{edge}\n{edge}--\n", f"<p>{edge}</p>"))
    assert raw.count(edge.encode()) == 3
    assert part(raw, 0) == f"{edge}\n{edge}--\n"


@pytest.mark.parametrize("bad", ["a\nBcc: x@y.example", "a\r\nBcc: x@y.example", "a\rb", "a\x00b"])
def test_line_ends_in_headers_are_refused(bad):
    with pytest.raises(ValueError, match="Subject"):
        raw_of(bad)
    with pytest.raises(ValueError, match="List-Id"):
        raw_of(headers={"List-Id": bad})
    with pytest.raises(ValueError, match="To"):
        raw_of(to=f"{bad}@city.example")


def test_local_part_in_other_letters_is_written_as_it_is():
    raw = raw_of(to="ева@битола.example")
    assert "To: ева@xn--80abvmox.example\r\n".encode() in raw
    assert raw.replace("ева".encode(), b"").isascii()


def test_event_is_the_last_part_and_arrives_byte_for_byte():
    data = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Средба, ä\r\n".encode() + b"X" * 5_000 + b"\r\nEND:VCALENDAR\r\n"
    )
    message = Message(kind="test.note", recipient="a@city.example", language="mk")
    raw = build_mime(message, Rendered("Subject", "text", "<p>text</p>", calendar=CalendarPart("REQUEST", data)))
    parsed = parse(raw)
    assert [one.get_content_type() for one in parsed.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    last = list(parsed.iter_parts())[-1]
    assert (last.get_param("method"), last.get_content_charset()) == ("REQUEST", "utf-8")
    assert last.get_payload(decode=True) == data
    assert [one.defects for one in parsed.walk()] == [[]] * 4
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 200
    assert b"\n" not in raw.replace(b"\r\n", b"")
