"""How allauth signs people in by way of their organisation: providers are rows of ours."""

import logging
import uuid
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.accounts.models import SignIn, User
from members.accounts.sign_ins import note_sign_in
from members.people.claims import RefusedError, check_account, claimed_address
from members.people.join_requests import may_join, request_to_join
from members.people.models import SignInProvider

PREFIX = "oidc-"
logger = logging.getLogger(__name__)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Providers from `SignInProvider`; accounts by address, within a provider's own domains alone."""

    def list_apps(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - allauth's signature
        provider: str | None = None,
        client_id: str | None = None,
    ) -> list[SocialApp]:
        rows = SignInProvider.objects.in_use().select_related("member", "office")
        if provider and provider != "openid_connect":
            rows = rows.filter(key=provider.removeprefix(PREFIX)) if is_app_id(provider) else rows.none()
        return [as_app(row) for row in rows.filter(client_id=client_id)] if client_id else [as_app(row) for row in rows]

    def get_requests_session(self) -> requests.Session:
        """Return a session that speaks to nobody without TLS and follows nobody elsewhere."""
        session: requests.Session = super().get_requests_session()
        session.max_redirects = 0
        if not settings.DEBUG:
            del session.adapters["http://"]
        return session

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - allauth's signature
    ) -> None:
        """Say in plain words that it did not work; the log says why."""
        if error == AuthError.CANCELLED:
            why, status = _("You have not signed in there."), 200
        else:
            logger.warning("Sign-in by way of %s failed: %s %s", provider.sub_id, error, exception)
            why, status = _("Your organisation’s sign-in does not answer as it should. Use your password."), 401
        raise ImmediateHttpResponse(refusal(request, why, status=status))

    def is_email_verified(self, provider: Any, email: str) -> bool:  # noqa: ARG002 - `claims` says it
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Return the account that has the proven address, where the provider may open it."""
        row = _row_of(sociallogin)
        try:
            email = claimed_address(row, _claims(sociallogin))
        except RefusedError:
            return None
        user = User.objects.filter(email__iexact=email).first()
        return (user, email) if user else None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop whom the provider may not sign in, whether it has before or not; and make no other use of it."""
        row = _row_of(sociallogin)
        known = User.objects.filter(pk=sociallogin.user.pk).first() if sociallogin.user.pk else None
        try:
            email = claimed_address(row, _claims(sociallogin))
            if known:
                check_account(row, known)
        except RefusedError as error:
            if known:
                note_sign_in(request, known, method=SignIn.Method.PROVIDER, succeeded=False)
            raise ImmediateHttpResponse(refusal(request, str(error), status=403)) from error
        sociallogin.state["process"] = "login"  # never "connect": the address decides
        for address in sociallogin.email_addresses:
            address.verified = address.email.lower() == email

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Only where the member takes people of its domains; a liaison then lets them in, or not."""
        row = _row_of(sociallogin)
        return row.member is not None and may_join(row.member, claimed_address(row, _claims(sociallogin)))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:  # noqa: ARG002
        user: User = sociallogin.user
        user.email = str(data.get("email") or "").lower()
        user.name = str(data.get("name") or user.email.partition("@")[0]).replace("\x00", "")[:120]
        user.language = get_language() or "en"
        user.languages_read = [user.language]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:  # noqa: ARG002
        """Make the account, and ask the member's liaisons for them."""
        user: User = sociallogin.user
        row = _row_of(sociallogin)
        user.set_unusable_password()
        if row.member:
            user.time_zone = row.member.office.time_zone
        sociallogin.save(request)
        if row.member:
            request_to_join(member=row.member, leaves=None, by=user)
        return user


def refusal(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    """Return the page that says why somebody is not signed in."""
    return render(request, "members/people/provider_refused.html", {"why": why}, status=status)


def as_app(row: SignInProvider) -> SocialApp:
    """Return a provider as allauth knows it. Nothing of it is stored."""
    return SocialApp(
        provider="openid_connect",
        provider_id=row.app_id,
        name=str(row),
        client_id=row.client_id,
        secret=row.secret,
        settings={
            "server_url": row.issuer.rstrip("/"),
            "oauth_pkce_enabled": True,
            "fetch_userinfo": False,  # the signed token says it all
        },
    )


def is_app_id(text: str) -> bool:
    """Whether `text` could be the name of one of our providers, rather than of a kind of provider."""
    try:
        return text.startswith(PREFIX) and bool(uuid.UUID(text.removeprefix(PREFIX)))
    except ValueError:
        return False


def _row_of(sociallogin: SocialLogin) -> SignInProvider:
    key = sociallogin.account.provider.removeprefix(PREFIX)
    row: SignInProvider = SignInProvider.objects.select_related("member__office", "office").get(key=key)
    return row


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    found: dict[str, Any] = sociallogin.account.extra_data.get("id_token") or {}
    return found
