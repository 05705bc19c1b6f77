"""From a template to the text and HTML parts of an e-mail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone, translation

from config.kit.time_zones import zone_or_utc
from config.outbox.kinds import CalendarPart, Rendered
from config.outbox.models import Message


def absolute_url(path: str) -> str:
    """Return the full address of a path of this site, for e-mails."""
    return _site(settings.BASE_URL) + path if path.startswith("/") else urljoin(settings.BASE_URL, path)


@lru_cache(maxsize=4)
def _site(base: str) -> str:
    return urljoin(base, "/")[:-1]


@contextmanager
def speak_to(message: Message) -> Iterator[None]:
    """Make the language and the time zone of a message's reader the active ones."""
    zone = zone_or_utc(message.user.time_zone) if message.user else None
    with translation.override(message.language), timezone.override(zone):
        yield


def render_email(
    template: str,
    message: Message,
    context: Mapping[str, Any],
    headers: dict[str, str] | None = None,
    calendar: CalendarPart | None = None,
) -> Rendered:
    """Render `templates/emails/TEMPLATE.subject.txt`, `.txt` and `.html` in the language that is active.

    Args:
        template: for example "editorial/decision".
        context: for the templates; `user` and what `common_context` says are there already.
    """
    everything = common_context(message.language) | {"user": message.user} | dict(context)
    subject = render_to_string(f"emails/{template}.subject.txt", everything)
    text = render_to_string(f"emails/{template}.txt", everything)
    html = render_to_string(f"emails/{template}.html", everything)
    return Rendered(
        subject=" ".join(subject.split()),
        text=tidy(text),
        html=inline_page(html),
        headers=dict(headers or {}),
        calendar=calendar,
    )


def common_context(language: str) -> dict[str, Any]:
    """Return what every template of an e-mail may use."""
    return {"network_name": settings.NETWORK_NAME, "language": language, "home_url": absolute_url("/")}


def inline_page(html: str) -> str:
    """Write the mail's style sheet into the tags of a whole page; media queries (dark mode) stay in a style element."""
    return _inliner().inline(html)


def inline_fragment(html: str) -> str:
    """Write the mail's style sheet into the tags of a part of a page."""
    return _inliner().inline_fragment(html, _style())


def tidy(text: str) -> str:
    """Drop white space at the ends of lines and more than one empty line in a row, which templates leave."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def _style() -> str:
    with open(str(finders.find("kit/email.css")), encoding="utf-8") as file:  # noqa: PTH123 - one line
        return file.read()


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(extra_css=_style(), keep_at_rules=True, load_remote_stylesheets=False)
