"""Who has to sign in with a second factor: rooms that know roles register them, a setting names those that count."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings

if TYPE_CHECKING:
    from members.accounts.models import User

Has = Callable[["User"], bool]
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes alone are none
_roles: dict[str, Has] = {}


def register_role(name: str, has: Has) -> None:
    """Say how to find out whether somebody has the role `name` of SECOND_FACTOR_ROLES; from an AppConfig's ready()."""
    _roles[name] = has


def has_second_factor(user: "User") -> bool:
    """Whether `user` has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def needs_second_factor(user: "User") -> bool:
    """Whether `user` has a role that asks for a second factor."""
    return any(_roles[name](user) for name in settings.SECOND_FACTOR_ROLES if name in _roles)
