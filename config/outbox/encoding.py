"""Texts that are encoded once and joined for each reader (quoted-printable, RFC 2045, 6.7)."""

import binascii

END = b"\r\n"


class QuotedPrintable(bytes):
    """A text that is encoded already (RFC 2045, 6.7), so that pieces of it can be joined."""

    __slots__ = ()


def quoted_printable(text: str) -> QuotedPrintable:
    """Encode `text`; the result ends with a line end, a soft one where the text ends within a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", END)
    return QuotedPrintable(encoded if not encoded or encoded.endswith(END) else encoded + b"=" + END)


def plain_text(part: str | QuotedPrintable) -> str:
    """Return what a part says, whether it is encoded already or not; its lines end with a line feed."""
    if isinstance(part, str):
        return part
    return binascii.a2b_qp(part).decode().replace("\r\n", "\n")
