"""The application as it is served, telling with each answer what it took; for `bench pages` alone.

A page asked for with `X-Bench: keep` is kept, and `/bare/` gives the page kept last: what Django itself costs.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from config.wsgi import application as talkoo

# isort: split
import config.urls  # once the application has set Django up
from exchange.bench.measure import counting

_kept = {"html": ""}


@login_not_required
def bare(_request: HttpRequest) -> HttpResponse:
    """Render the page that was kept, from memory and without a query."""
    return HttpResponse(engines["django"].from_string("{{ html|safe }}").render({"html": _kept["html"]}))


config.urls.urlpatterns.extend([path("bare/", bare)])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as Talkoo does, with X-Queries, X-SQL-ms and X-Server-ms."""
    answer: dict[str, Any] = {}

    def keep(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        answer.update(status=status, headers=headers, rest=rest)
        return lambda _body: None

    connection.ensure_connection()
    start = time.perf_counter()
    with counting() as spent:
        body = b"".join(talkoo(environ, keep))
    took = time.perf_counter() - start
    if environ.get("HTTP_X_BENCH") == "keep":
        _kept["html"] = body.decode()
    figures = [
        ("X-Queries", str(spent.queries)),
        ("X-SQL-ms", f"{spent.seconds * 1000:.3f}"),
        ("X-Server-ms", f"{took * 1000:.3f}"),
    ]
    start_response(answer["status"], [*answer["headers"], *figures], *answer["rest"])
    return [body]
