"""How long the pages that people open most take, in a running gunicorn on loopback."""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.urls import reverse

from exchange.bench.shelf import WORDS
from members.accounts.models import User
from practices.library.models import Publication

WARM_UP, STARTS_WITHIN_S = 5, 60


@dataclass(frozen=True)
class Page:
    """A page and who opens it: an author of a member, or a coordinator. `addresses` are opened in turn."""

    name: str
    addresses: list[str]
    person: str = "author7@city.example"


def pages() -> list[Page]:
    """Return what is measured. No two searches ask the same."""
    found = reverse("search:publication_list")
    seen = reverse("search:publication_map")
    members = reverse("directory:member_list")
    middle = Publication.objects.order_by("pk")[Publication.objects.count() // 2 :][:20]
    questions = [f"{found}?q={one}+{WORDS[-at]}" for at, one in enumerate(WORDS)]
    return [
        Page("home", [reverse("home:home")]),
        Page("list", [found, f"{found}?page=2", f"{found}?sort=-used"]),
        Page("list with three facets", [f"{found}?topic=energy&country=FI&country=SE&status=running"]),
        Page("search", questions),
        Page("practice page", [one.get_absolute_url() for one in middle]),
        Page("member list", [members, f"{members}?country=FI&kind=city&climate=Dfb", f"{members}?q=city+1"]),
        Page("map data", [f"{seen}?zoom=2", f"{seen}?zoom=5&box=35,-10,70,40", f"{seen}?zoom=3&topic=energy"]),
        Page("suggestions", [f"{reverse('search:suggest_publications')}?q={one[:4]}" for one in WORDS]),
        Page("queue", [reverse("editorial:queue")], "coordinator0@network.example"),
    ]


def measure_pages(times: int) -> Iterator[dict[str, Any]]:
    """Measure each page; yield its figures.

    Yields:
        page: which; queries: the most of one answer; sql_ms, p50_ms, p95_ms: of the server, in milliseconds;
        bytes: of the answer; ratio_to_bare: p50 by that of a view that renders the finished page from memory.
    """
    with serve() as port:
        for page in pages():
            cookie = f"sessionid={session_of(page.person)}"
            addresses = cycle(page.addresses)
            for address in islice(addresses, WARM_UP):
                ask(port, address, cookie=cookie)
            ask(port, page.addresses[0], cookie=cookie, keep="keep")
            for _ in range(WARM_UP):
                ask(port, "/bare/")
            answers, bare = [], []
            for address in islice(addresses, times):
                answers.append(ask(port, address, cookie=cookie))
                bare.append(ask(port, "/bare/"))
            took = sorted(one.server_ms for one in answers)
            middle = statistics.median(took)
            yield {
                "page": page.name,
                "queries": max(one.queries for one in answers),
                "sql_ms": round(statistics.median(one.sql_ms for one in answers), 1),
                "p50_ms": round(middle, 1),
                "p95_ms": round(took[max(0, round(len(took) * 0.95) - 1)], 1),
                "bytes": max(one.size for one in answers),
                "ratio_to_bare": round(middle / statistics.median(one.server_ms for one in bare), 1),
            }


@dataclass(frozen=True)
class Answer:
    """What an answer said of itself."""

    queries: int
    sql_ms: float
    server_ms: float
    size: int


def ask(port: int, address: str, *, cookie: str = "", keep: str = "") -> Answer:
    """Open an address.

    Raises:
        ValueError: it is not answered with 200.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", address, headers={"Host": "localhost", "Cookie": cookie, "X-Bench": keep})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    if answer.status != 200:
        raise ValueError(f"{address} answered {answer.status}")
    figures = [float(answer.headers[name]) for name in ("X-Queries", "X-SQL-ms", "X-Server-ms")]
    return Answer(int(figures[0]), figures[1], figures[2], len(body))


def session_of(email: str) -> str:
    """Sign somebody in; return the key of the session."""
    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session.create()
    return str(session.session_key)


@contextmanager
def serve() -> Iterator[int]:
    """Start gunicorn with one worker on the database of this connection; give its port, and stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    head, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {"DATABASE_URL": f"{head}/{name}", "BASE_URL": f"http://localhost:{port}", "DEBUG": "0"}
    command = [sys.executable, "-m", "gunicorn", "exchange.bench.serving:application", "--workers", "1",
               "--bind", f"127.0.0.1:{port}", "--timeout", "120", "--log-level", "error"]  # fmt: skip
    server = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            try:
                ask(port, "/bare/")
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)
