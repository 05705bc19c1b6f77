"""Requests that no view should have to think about."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override

Handler = Callable[[HttpRequest], HttpResponse]


def reject_nul_bytes(get_response: Handler) -> Handler:
    """Answer 400 to a NUL byte in the address, the query or a cookie: PostgreSQL keeps none. Forms name the field."""

    def middleware(request: HttpRequest) -> HttpResponse:
        texts = (request.path, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\x00" in text for text in texts):
            with override(get_language_from_request(request)):
                return render(request, "400.html", status=400)
        return get_response(request)

    return middleware


def vary_on_htmx(get_response: Handler) -> Handler:
    """Keep browsers from showing a fragment as a page: both have the same address, and "back" asks their cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def keep_from_search_engines(get_response: Handler) -> Handler:
    """Tell search engines to keep nothing but what a view has opened to them by a header of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response

    return middleware


def explain_not_allowed(get_response: Handler) -> Handler:
    """Answer with a page, and not with an empty one, whoever opens an address that only a form sends to."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET" and not response.content:
            page = render(request, "405.html", status=405)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    return middleware
