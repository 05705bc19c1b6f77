"""From a template to the text and HTML parts of an e-mail."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from config.outbox.kinds import Rendered
from config.outbox.models import Message


def absolute_url(path: str) -> str:
    """Return the full address of a path of this site, for e-mails."""
    return urljoin(settings.BASE_URL, path)


def render_email(
    template: str, message: Message, context: Mapping[str, Any], headers: dict[str, str] | None = None
) -> Rendered:
    """Render `templates/emails/TEMPLATE.subject.txt`, `.txt` and `.html` in the language that is active.

    Args:
        template: for example "editorial/decision".
        context: for the templates; `network_name`, `language` and `user` are there already.
    """
    everything = {
        "network_name": settings.NETWORK_NAME,
        "language": message.language,
        "user": message.user,
        "home_url": absolute_url("/"),
    } | dict(context)
    subject = render_to_string(f"emails/{template}.subject.txt", everything)
    text = render_to_string(f"emails/{template}.txt", everything)
    html = render_to_string(f"emails/{template}.html", everything)
    return Rendered(
        subject=" ".join(subject.split()), text=_tidy(text), html=_inliner().inline(html), headers=dict(headers or {})
    )


def _tidy(text: str) -> str:
    """Drop white space at the ends of lines and more than one empty line in a row, which templates leave."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    """Return what writes the mail's style sheet into its tags; media queries (dark mode) stay in a style element."""
    path = finders.find("kit/email.css")
    with open(str(path), encoding="utf-8") as file:  # noqa: PTH123 - one line
        css = file.read()
    return css_inline.CSSInliner(extra_css=css, keep_at_rules=True, load_remote_stylesheets=False)
