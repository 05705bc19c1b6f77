"""From what a message says to the bytes that are sent."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings
from django.utils import timezone

from config.outbox.kinds import Rendered
from config.outbox.models import Message


def build_mime(message: Message, rendered: Rendered) -> bytes:
    """Return the whole message: headers, a text and an HTML part.

    Raises:
        ValueError: an address or a header cannot be written.
    """
    mime = EmailMessage(policy=SMTP)
    mime["From"] = Address(settings.NETWORK_NAME, addr_spec=settings.DEFAULT_FROM_EMAIL)
    mime["To"] = message.recipient
    mime["Subject"] = rendered.subject
    mime["Date"] = format_datetime(timezone.now())
    mime["Message-ID"] = message.message_id
    mime["Content-Language"] = message.language
    mime["Auto-Submitted"] = "auto-generated"
    mime["Feedback-ID"] = f"{message.kind}:{settings.MAIL_DOMAIN}"
    for name, value in rendered.headers.items():
        mime[name] = value
    mime.set_content(rendered.text, cte="quoted-printable")
    mime.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    return mime.as_bytes()
