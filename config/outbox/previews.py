"""A message as its reader would see it, for others to look at: in a frame that may run nothing, without its links."""

import logging
import re
from dataclasses import dataclass

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

from config.outbox.encoding import plain_text
from config.outbox.kinds import get_kind
from config.outbox.models import Message
from config.outbox.rendering import speak_to

logger = logging.getLogger(__name__)
_HREF = re.compile(r'\bhref="[^"]*"')
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]+")


@dataclass(frozen=True)
class Preview:
    """What a message says, or why that cannot be shown: "secret", "empty", "broken" or "unknown" (its kind)."""

    subject: str = ""
    text: str = ""
    html: str = ""
    problem: str = ""


def preview_of(message: Message) -> Preview:
    """Render `message` as it would leave now.

    Its links are taken out, because some act for the reader without a sign-in; what an account needs is not shown at
    all.
    """
    try:
        kind = get_kind(message.kind)
    except KeyError:
        return Preview(problem="unknown")
    if kind.scope == "account":
        return Preview(problem="secret")
    try:
        (prepared,) = kind.look_at([message])
        with speak_to(message):
            rendered = prepared.render()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Message %s cannot be shown", message.pk)
        return Preview(problem="broken")
    if rendered is None:
        return Preview(problem="empty")
    return Preview(
        subject=rendered.subject,
        text=_ADDRESS.sub("[…]", plain_text(rendered.text)),
        html=_HREF.sub('href="#"', plain_text(rendered.html)),
    )


def framed(request: HttpRequest, html: str) -> HttpResponseBase:
    """Answer with an e-mail's HTML, for a frame on a page of ours."""

    @xframe_options_sameorigin
    @csp_replace({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF], "sandbox": [""]})
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(html)

    return answer(request)
