"""From what a message says to the bytes that are sent.

The parts are joined from pieces that are encoded already, which Python's email package cannot do; the tests read every
message with its parser.
"""

import re
from base64 import b64encode, encodebytes
from email.header import Header
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from config.outbox.encoding import END, QuotedPrintable, quoted_printable
from config.outbox.kinds import CalendarPart, Rendered
from config.outbox.models import Message

_BREAKS = re.compile(r"[\r\n\x00]")


def ascii_address(address: str) -> str:
    """Return `address` with its domain as every mail server understands it (RFC 5891); the rest stays as it is.

    Raises:
        ValueError: the domain cannot be one.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def build_mime(message: Message, rendered: Rendered) -> bytes:
    """Return the whole message: a text and an HTML part, and an event where it has one; every line ends with CRLF.

    It is 7-bit, but for a recipient whose local part is not ASCII (RFC 6532).

    Raises:
        ValueError: an address or a header cannot be written.
    """
    boundary = f"=_{message.uuid.hex}"  # "=_" is no encoded character, so it is in no part
    headers = [
        _from(settings.NETWORK_NAME, settings.DEFAULT_FROM_EMAIL),
        _header("To", ascii_address(message.recipient), ascii_only=False),
        _subject(rendered.subject),
        _header("Date", format_datetime(timezone.now())),
        _header("Message-ID", message.message_id),
        _header("Auto-Submitted", "auto-generated"),
        _header("Feedback-ID", f"{message.kind}:{settings.MAIL_DOMAIN}"),
        *(_header(name, value) for name, value in rendered.headers.items()),
        _header("Content-Language", message.language),
        _header("MIME-Version", "1.0"),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n',
    ]
    edge = f"\r\n--{boundary}".encode()
    return b"".join(
        [
            "".join(headers).encode(),
            edge,
            _part_head("plain"),
            _whole(rendered.text),
            edge,
            _part_head("html"),
            _whole(rendered.html),
            *([edge, _calendar(rendered.calendar)] if rendered.calendar else []),
            edge,
            b"--\r\n",
        ]
    )


def _header(name: str, value: str, *, ascii_only: bool = True) -> str:
    """Return a header for machines, folded after commas alone.

    The standard library would turn an address that is too long for a line into encoded words, which RFC 2047 (5)
    forbids there: no mail program would find the link of List-Unsubscribe any more.
    """
    if _BREAKS.search(value) or (ascii_only and not value.isascii()):
        raise ValueError(f"{name} cannot be {value!r}")
    return f"{name}: {value}\r\n".replace(", <", ",\r\n <")


@lru_cache(maxsize=2_048)
def _subject(subject: str) -> str:
    """Return the subject, split into encoded words that keep its spaces.

    Every letter of it is in a word, so spaces are too: between two words a space does not count (RFC 2047, 6.2), and
    Python's newer policies lose it there. No letter is split between words (RFC 2047, 5).
    """
    if _BREAKS.search(subject):
        raise ValueError(f"Subject cannot be {subject!r}")
    if subject.isascii() and len(subject) <= 65:
        return f"Subject: {subject}\r\n"
    if subject.isascii():
        words = Header(subject, "us-ascii", header_name="Subject").encode(linesep="\r\n")
        return f"Subject: {words}\r\n"
    chunks = [b""]
    for letter in subject:
        encoded = letter.encode()
        # A word has 75 characters at most (RFC 2047, 2); the first line also holds the header's name.
        if len(chunks[-1]) + len(encoded) > (36 if len(chunks) == 1 else 45):
            chunks.append(b"")
        chunks[-1] += encoded
    return "Subject: {}\r\n".format("\r\n ".join(f"=?utf-8?b?{b64encode(one).decode()}?=" for one in chunks))


@lru_cache(maxsize=16)
def _from(name: str, address: str) -> str:
    return str(SMTP.header_factory("From", str(Address(name, addr_spec=address))).fold(policy=SMTP))


def _part_head(subtype: str) -> bytes:
    return (
        f'\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    ).encode()


def _calendar(part: CalendarPart) -> bytes:
    """Return an event as the last, and so the richest, of the parts (RFC 2046, 5.1.4; RFC 6047, 2.4)."""
    head = f'\r\nContent-Type: text/calendar; charset="utf-8"; method={part.method}\r\n'
    body = encodebytes(part.data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + body


def _whole(part: str | QuotedPrintable) -> bytes:
    """Return a part that ends with its last line's end, if it has one."""
    return (quoted_printable(part) if isinstance(part, str) else part).removesuffix(b"=" + END)
