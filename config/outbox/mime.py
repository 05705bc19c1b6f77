"""From what a message says to the bytes that are sent."""

import binascii
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from django.conf import settings
from django.utils import timezone

from config.outbox.kinds import Rendered
from config.outbox.models import Message


class QuotedPrintable(bytes):
    """A text that is encoded already (RFC 2045, 6.7), so that pieces of it can be joined."""

    __slots__ = ()


def quoted_printable(text: str) -> QuotedPrintable:
    """Encode `text`; the result ends with a line end, a soft one where the text ends within a line."""
    encoded = binascii.b2a_qp(text.replace("\r\n", "\n").replace("\r", "\n").encode(), istext=True)
    encoded = encoded.replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n=2E")
    if encoded.startswith(b"."):
        encoded = b"=2E" + encoded[1:]
    return QuotedPrintable(encoded if encoded.endswith(b"\r\n") or not encoded else encoded + b"=\r\n")


def plain_text(part: "str | QuotedPrintable") -> str:
    """Return what a part says, whether it is encoded already or not."""
    return part if isinstance(part, str) else binascii.a2b_qp(part).decode().replace("\r\n", "\n")


class VerbatimHeader(UnstructuredHeader):
    """A header for machines, folded after commas alone.

    The standard library would turn an address that is too long for a line into encoded words, which RFC 2047 (5)
    forbids there: no mail program would find the link of List-Unsubscribe any more.
    """

    name: str

    def fold(self, *, policy: EmailPolicy) -> str:
        lines = f"{self.name}: {self}".replace(", ", f",{policy.linesep} ")
        return lines + policy.linesep


class SubjectHeader(UnstructuredHeader):
    """The subject, split into encoded words that keep its spaces.

    The standard library may end one word before a space and begin the next after it; between two encoded words a
    space does not count (RFC 2047, 6.2), and so it would be lost.
    """

    name: str

    def fold(self, *, policy: EmailPolicy) -> str:
        charset = "us-ascii" if str(self).isascii() else "utf-8"
        words = Header(str(self), charset, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {words}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("subject", SubjectHeader)  # type: ignore[arg-type]  # as below
for _name in ("feedback-id", "list-id", "list-unsubscribe", "list-unsubscribe-post"):
    _headers.map_to_type(_name, VerbatimHeader)  # type: ignore[arg-type]  # the registry mixes the base in itself
POLICY = SMTP.clone(header_factory=_headers)


def ascii_address(address: str) -> str:
    """Return `address` with its domain as every mail server understands it (RFC 5891).

    Raises:
        ValueError: the part before the @ is not ASCII, or the domain cannot be one.
    """
    local, _, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode()}"


def build_mime(message: Message, rendered: Rendered) -> bytes:
    """Return the whole message: headers, a text and an HTML part.

    Raises:
        ValueError: an address or a header cannot be written.
    """
    mime = EmailMessage(policy=POLICY)
    mime["From"] = Address(settings.NETWORK_NAME, addr_spec=settings.DEFAULT_FROM_EMAIL)
    mime["To"] = ascii_address(message.recipient)
    mime["Subject"] = rendered.subject
    mime["Date"] = format_datetime(timezone.now())
    mime["Message-ID"] = message.message_id
    mime["Auto-Submitted"] = "auto-generated"
    mime["Feedback-ID"] = f"{message.kind}:{settings.MAIL_DOMAIN}"
    for name, value in rendered.headers.items():
        mime[name] = value
    mime.set_content(plain_text(rendered.text), cte="quoted-printable")
    mime.add_alternative(plain_text(rendered.html), subtype="html", cte="quoted-printable")
    mime["Content-Language"] = message.language  # last: setting the content drops what begins with Content-
    return mime.as_bytes()
