"""allauth's forms of second factors, in the house's words; what a browser sends as a key may be anything."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as keys
from django import forms
from django.utils.translation import gettext_lazy as _

NONSENSE = (AttributeError, KeyError, TypeError, ValueError)  # what the parser of keys raises for what is none


class _Code(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class CodeForm(_Code, AuthenticateForm):
    """A code at sign-in."""


class CodeAgainForm(_Code, ReauthenticateForm):
    """A code where somebody confirms that it is they."""


class AppForm(_Code, ActivateTOTPForm):
    """The first code of a new app."""


class _Key:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error


class KeyLoginForm(_Key, keys.LoginWebAuthnForm):
    """A passkey instead of a password."""


class KeyForm(_Key, keys.AuthenticateWebAuthnForm):
    """A key at sign-in."""


class KeyAgainForm(_Key, keys.ReauthenticateWebAuthnForm):
    """A key where somebody confirms that it is they."""


class NewKeyForm(keys.AddWebAuthnForm):
    """A new key and what its owner calls it."""

    name = forms.CharField(label=_("What you call it"), max_length=60, required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it instead of a password"),
        required=False,
        help_text=_("It then asks for your finger, your face or a PIN."),
    )

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return cleaned


class KeyNameForm(keys.EditWebAuthnForm):
    """Another name for a key."""

    name = forms.CharField(label=_("What you call it"), max_length=60)
