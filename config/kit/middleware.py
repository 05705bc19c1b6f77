"""Requests that no view should have to think about."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]


def reject_nul_bytes(get_response: Handler) -> Handler:
    """Answer 400 to a NUL byte in the address or the query: PostgreSQL keeps none. Forms name the field instead."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(_("The address contains a character that cannot be used."))
        return get_response(request)

    return middleware
