"""Parts of e-mails that are written and encoded once, and then joined for each reader.

A frame is a text with places that are filled later: what is the same for many readers is rendered, inlined and encoded
once, and a reader's mail is a join of bytes.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape

from config.outbox.encoding import QuotedPrintable, quoted_printable
from config.outbox.rendering import common_context, inline_fragment, inline_page, tidy

# Private-use characters round a number that nobody can guess: no text of a member can look like a place.
_MARK = secrets.token_hex(8)
_PLACE = re.compile(f"\ue000{_MARK}:(\\w+)\ue001")


def place(name: str) -> str:
    """Return what a template's context holds where `name` is to be filled in later."""
    return f"\ue000{_MARK}:{name}\ue001"


class Frame:
    """An encoded text with places; the same frame is filled for any number of readers."""

    def __init__(self, text: str) -> None:
        parts = _PLACE.split(text)
        self.parts: list[bytes | str] = []  # bytes stand as they are, a str names a place
        for number, part in enumerate(parts):
            if number % 2:
                self.parts.append(part)
            elif part:
                self.parts.append(quoted_printable(part))

    def fill(self, values: Mapping[str, bytes]) -> QuotedPrintable:
        """Return the whole text; `values` are encoded already.

        Raises:
            KeyError: a place has no value.
        """
        return QuotedPrintable(b"".join(part if isinstance(part, bytes) else values[part] for part in self.parts))


@dataclass(frozen=True)
class Part:
    """The same thing said twice, as text and as HTML."""

    text: Frame
    html: Frame


Encoded = tuple[QuotedPrintable, QuotedPrintable]  # a short value for a place, as text and as HTML


def encode(value: str) -> Encoded:
    """Return a short value for a place, as text and escaped as HTML."""
    return quoted_printable(value), quoted_printable(escape(value))


def render_frame(template: str, language: str, context: Mapping[str, Any]) -> Part:
    """Render `templates/emails/TEMPLATE.txt` and `.html`, whole mails with places, in the language that is active."""
    everything = common_context(language) | dict(context)
    text = render_to_string(f"emails/{template}.txt", everything)
    html = render_to_string(f"emails/{template}.html", everything)
    return Part(Frame(tidy(text)), Frame(inline_page(html)))


def render_part(template: str, name: str, language: str, context: Mapping[str, Any]) -> Part:
    """Render the partial `name` of both of `templates/emails/TEMPLATE.*`, in the language that is active.

    The text's part ends with the line that the template ends it with; parts stand one under the other.
    """
    everything = common_context(language) | dict(context)
    text = render_to_string(f"emails/{template}.txt#{name}", everything)
    html = render_to_string(f"emails/{template}.html#{name}", everything)
    return Part(Frame(tidy(text)), Frame(inline_fragment(html).strip() + "\n"))
