"""The history of signing in, and the sessions that came of it."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from members.accounts.models import SignIn, User

KEPT = timedelta(days=90)
SEEN_EVERY = 300  # seconds between two notes of when a session was used last
LAST_SEEN = "last_seen"


def note_sign_in(
    request: HttpRequest, user: User, *, method: str, succeeded: bool = True, second_factor: bool = False
) -> SignIn:
    """Write down that `user` signed in by `method`, or that somebody tried to."""
    return SignIn.objects.create(
        user=user,
        ip=_ip(request),
        user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:200],
        method=method,
        second_factor=second_factor,
        succeeded=succeeded,
    )


def begin_session(request: HttpRequest, user: User) -> None:
    """Let the session appear among those of `user`; for views that sign somebody in without allauth."""
    UserSession.objects.create_from_request(request)
    note_sign_in(request, user, method=SignIn.Method.INVITATION)
    request.session[LAST_SEEN] = int(timezone.now().timestamp())


def on_signed_in(sender: type[User], request: HttpRequest, user: User, **_facts: Any) -> None:  # noqa: ARG001
    """Write down a sign-in that allauth has completed."""
    records = get_authentication_records(request, user)
    methods = {one["method"] for one in records}
    passkey = any(one.get("passwordless") for one in records)
    if passkey:
        method = SignIn.Method.PASSKEY
    elif "socialaccount" in methods:
        method = SignIn.Method.PROVIDER
    else:
        method = SignIn.Method.PASSWORD if "password" in methods else SignIn.Method.LINK
    note_sign_in(request, user, method=method, second_factor="mfa" in methods and not passkey)
    request.session[LAST_SEEN] = int(timezone.now().timestamp())


def on_second_factor_failed(sender: Any, request: HttpRequest, user: User, **_facts: Any) -> None:  # noqa: ARG001
    note_sign_in(request, user, method=SignIn.Method.PASSWORD, succeeded=False, second_factor=True)


def note_failed_password(request: HttpRequest, email: str) -> None:
    """Write down a wrong password for an account that exists; of addresses without one nothing is kept."""
    user = User.objects.filter(email__iexact=email).first() if "\x00" not in email else None
    if user:
        note_sign_in(request, user, method=SignIn.Method.PASSWORD, succeeded=False)


def note_last_seen(request: HttpRequest) -> None:
    """Note that the session is in use, at most every five minutes; sessions that began elsewhere are left alone."""
    seen, now = request.session.get(LAST_SEEN), int(timezone.now().timestamp())
    if seen is not None and now - seen >= SEEN_EVERY:
        request.session[LAST_SEEN] = now
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=timezone.now(), ip=_ip(request) or "0.0.0.0"  # noqa: S104 - no address is known
        )  # fmt: skip


def sessions_of(user: User) -> list[UserSession]:
    """Return the sessions in which `user` is still signed in, the one used last first."""
    rows = list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk"))
    keys = [row.session_key for row in rows]
    alive = {
        one.session_key: one
        for one in Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    }  # fmt: skip
    # A new password ends the others: their rows stand, but nobody is signed in there.
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    return [
        row for row in rows
        if row.session_key in alive and alive[row.session_key].get_decoded().get(HASH_SESSION_KEY) in hashes
    ]  # fmt: skip


def end_sessions(*, user: User, keep: str | None = None, only: int | None = None, by: User) -> int:
    """End sessions of `user`: one, or all but the one with the key `keep`.

    Returns:
        How many were ended.

    Raises:
        PermissionDenied: `by` is neither `user` nor an administrator.
    """
    if by != user and not by.is_administrator:
        raise PermissionDenied
    rows = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    found = list(rows.filter(pk=only) if only is not None else rows)
    get_sessions_adapter().end_sessions(found)
    return len(found)


def forget_old_sign_ins() -> int:
    """Delete what is older than 90 days, and notes of sessions that are over.

    Returns:
        How many sign-ins were deleted.
    """
    over = UserSession.objects.exclude(
        session_key__in=Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    )
    over.delete()
    deleted, _tables = SignIn.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return deleted


def _ip(request: HttpRequest) -> str | None:
    try:
        found: str = get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return None
    return found
