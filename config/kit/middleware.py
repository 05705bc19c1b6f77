"""Requests that no view should have to think about."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]


def reject_nul_bytes(get_response: Handler) -> Handler:
    """Answer 400 to a NUL byte in the address, the query or a cookie: PostgreSQL keeps none. Forms name the field."""

    def middleware(request: HttpRequest) -> HttpResponse:
        texts = (request.path, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\x00" in text for text in texts):
            return HttpResponseBadRequest(_("The address contains a character that cannot be used."))
        return get_response(request)

    return middleware
