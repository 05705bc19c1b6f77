"""A real browser against a real server. Without Chromium these tests are left out, and `make test` says so."""

import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from playwright.sync_api import BrowserContext

from exchange.demo.network import PASSWORD
from exchange.demo.services import load_network
from members.accounts.models import User
from practices.library.models import Publication
from tests import snapshots

CHROMIUM = shutil.which("chromium")
SEEN_WIDTHS = {"telephone": {"width": 360, "height": 780}, "desk": {"width": 1440, "height": 900}}
# Playwright's own loop runs in the thread of the test, which talks to the database too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {"executable_path": CHROMIUM, "args": [*flags, "--disable-sync"]}


@pytest.fixture
def network(transactional_db, live_server):
    """Return the demo network on a running server: `network.sign_in(page, email)`, `network.url`.

    What was cached of another one is forgotten.
    """
    cache.clear()
    snapshots.make_once("demo", load_network)
    return SimpleNamespace(url=live_server.url, sign_in=_SignIn(live_server.url), password=PASSWORD)


class _SignIn:
    """Gives a page or a browser's context the session of somebody who has signed in; the form has its own test."""

    def __init__(self, url):
        self.url = url

    def __call__(self, browser, email):
        user = User.objects.get(email=email)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "members.accounts.backends.SignInBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)  # they have just confirmed that it is they
        session.save()
        context = browser if isinstance(browser, BrowserContext) else browser.context
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.url}])
        return user


def listen(page):
    """Return a list that fills with what the browser complains about: scripts, the content policy, missing files."""
    heard = []
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def practice():
    """Return the practice of Pontevedra; ask for `network` first."""
    return Publication.objects.get(owner_member__name_en="Pontevedra")
