"""The reader's language and time zone, for the whole request."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit.time_zones import zone_or_utc
from members.accounts.second_factor import has_second_factor_here, needs_second_factor
from members.accounts.sign_ins import note_last_seen as note_session

Handler = Callable[[HttpRequest], HttpResponse]


def reader_preferences(get_response: Handler) -> Handler:
    """Activate the signed-in person's language and zone; for others what the cookie, then the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if user.is_authenticated else translation.get_language_from_request(request)
        zone = zone_or_utc(user.time_zone) if user.is_authenticated else None
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


def answer_htmx_when_signed_out(get_response: Handler) -> Handler:
    """Answer 401 to a fragment's request that would be sent to the sign-in page, which is no fragment."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        target = response.headers.get("Location", "")
        if "HX-Request" in request.headers and target.startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponse(status=401)
        return response

    return middleware


# What somebody may do who has yet to set up a second factor: that, leave, and what leads there.
OPEN_WITHOUT = {
    "account_confirm_email", "account_email", "account_email_verification_sent", "account_logout",
    "account_reauthenticate", "accounts:set_language", "ops:health",
}  # fmt: skip


def require_second_factor(get_response: Handler) -> Handler:
    """Lead those whose role asks for a second factor to setting one up, before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        if not settings.SECOND_FACTOR_ROLES or not request.user.is_authenticated or request.resolver_match is None:
            return None
        name = request.resolver_match.view_name
        if name in OPEN_WITHOUT or name.startswith("mfa_"):
            return None
        if not needs_second_factor(request.user) or has_second_factor_here(request, request.user):
            return None
        if "HX-Request" in request.headers:
            return HttpResponse(status=401)
        messages.warning(request, _("Your role asks for a second factor. Set one up, and then go on."))
        return redirect("mfa_index")

    middleware.process_view = process_view  # type: ignore[attr-defined]  # as Django's own middleware has it
    return middleware


def note_when_last_seen(get_response: Handler) -> Handler:
    """Keep the list of sessions true: when each was used last."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            note_session(request)
        return get_response(request)

    return middleware
