"""Who has to sign in with a second factor: rooms that know roles register them, a setting names those that count."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest

if TYPE_CHECKING:
    from members.accounts.models import User

Has = Callable[["User"], bool]
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes alone are none
KNOWN = "second_factor"  # in a session: when its person was last known to have one
KNOWN_FOR = 300  # seconds; also heals a session that was written while its person gave the factor up
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


def has_second_factor_here(request: HttpRequest, user: "User") -> bool:
    """Whether `user`, who makes `request`, has a second factor: asked of the database every few minutes of a session.

    That there is none is not kept, so whoever has just set one up goes on at once.
    """
    now = time.time()
    if not 0 <= now - request.session.get(KNOWN, 0) < KNOWN_FOR:
        if not has_second_factor(user):
            return False
        request.session[KNOWN] = int(now)
    return True


def forget_in_sessions(sender: type[Authenticator], instance: Authenticator, **_facts: Any) -> None:  # noqa: ARG001
    """Have every session of somebody ask anew whether they have a second factor, once one is gone."""
    keys = UserSession.objects.filter(user=instance.user_id).values_list("session_key", flat=True)
    for row in Session.objects.filter(session_key__in=list(keys)):
        session = SessionStore(row.session_key)
        if session.pop(KNOWN, None):
            with suppress(UpdateError):  # it ended meanwhile
                session.save()


def forget_here(sender: Any, request: HttpRequest, **_facts: Any) -> None:  # noqa: ARG001
    """Have this session ask anew: what it holds is written after that of the others."""
    request.session.pop(KNOWN, None)
