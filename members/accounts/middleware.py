"""The reader's language and time zone, for the whole request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from config.kit.time_zones import zone_or_utc

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
