"""How allauth behaves here: people are invited, and every mail leaves through the outbox."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest

from members.accounts.emails import queue_account_mail
from members.accounts.models import User
from members.accounts.secrets import seal, unseal
from members.accounts.sign_ins import note_failed_password


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up; mail by way of `members.accounts.emails`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody signs up by themselves: a liaison or a coordinator invites them."""
        return False

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address unless it is another account's, also one that nobody has signed in with yet."""
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        if others.exists():
            text = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, text, {"email": email_address.email})
            return False
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Keep a wrong password in the history of the account, where there is one."""
        note_failed_password(request, str(credentials.get("email") or ""))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue one of allauth's messages. Links with secrets are made when it is sent, not kept."""
        name = template_prefix.rpartition("/")[2]
        # Others may have claimed this address without confirming it.
        addresses = EmailAddress.objects.filter(email__iexact=email).order_by("-verified", "-primary", "pk")
        address = addresses.select_related("user").first()
        user = context.get("user") or (address and address.user)
        facts = {
            key: value.isoformat() if isinstance(value, datetime) else str(value)
            for key, value in context.items()
            if key in {"timestamp", "ip", "user_agent", "from_email", "to_email", "deleted_email"}
        }
        queue_account_mail(name=name, to=email, user=user if isinstance(user, User) else None, facts=facts)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keys of second factors are sealed, and called by the network's name on telephones."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return str(settings.NETWORK_NAME)
