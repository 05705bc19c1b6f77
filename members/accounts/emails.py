"""What Talkoo writes to people about their account. These messages are never suppressed."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User

LIFE = timedelta(hours=12)  # a link that comes later than this helps nobody
# allauth's names of messages, and the templates that they are written with.
TEMPLATES = {
    "password_reset_key": "password_reset",
    "unknown_account": "unknown_account",
    "email_confirmation": "confirm_email",
    "email_confirmation_signup": "confirm_email",
    "password_changed": "notice",
    "password_reset": "notice",
    "password_set": "notice",
    "email_changed": "notice",
    "email_confirm": "notice",
    "email_deleted": "notice",
    "totp_activated": "notice",
    "totp_deactivated": "notice",
    "webauthn_added": "notice",
    "webauthn_removed": "notice",
    "recovery_codes_generated": "notice",
    "account_connected": "notice",
}


def queue_account_mail(*, name: str, to: str, user: User | None, facts: dict[str, str]) -> None:
    """Queue the message that allauth calls `name`.

    Raises:
        KeyError: there is no such message here.
    """
    queue_message(
        kind=KINDS[name],
        key=str(uuid.uuid4()),
        to=to,
        user=user,
        language=user.language if user else get_language() or "en",
        payload=dict(facts),
        expires_at=timezone.now() + LIFE,
    )


def _render(message: Message, *, name: str) -> Rendered | None:
    context: dict[str, Any] = {"facts": message.payload, "what": name, "email": message.recipient}
    if stamp := message.payload.get("timestamp"):
        context["at"] = datetime.fromisoformat(str(stamp))
    if name == "password_reset_key":
        if message.user is None or not message.user.is_active:
            return None
        key = default_token_generator.make_token(message.user)
        path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(message.user), key])
        context["link"] = absolute_url(path)
    elif name.startswith("email_confirmation"):
        address = EmailAddress.objects.filter(user=message.user, email__iexact=message.recipient).first()
        if address is None or address.verified:
            return None
        context["link"] = absolute_url(reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]))
    return render_email(f"accounts/{TEMPLATES[name]}", message, context)


LABELS = {
    "password_reset": gettext_lazy("New password"),
    "unknown_account": gettext_lazy("No account with this address"),
    "confirm_email": gettext_lazy("Confirm your address"),
    "notice": gettext_lazy("Change to an account"),
}
KINDS = {
    name: register(
        Kind(name=f"accounts.{name}", label=LABELS[template], scope="account", render=partial(_render, name=name))
    )
    for name, template in TEMPLATES.items()
}
