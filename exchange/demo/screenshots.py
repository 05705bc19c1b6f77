"""`demo --screenshots`: what people see, as pictures: light and dark, on a telephone and on a desk."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.html import format_html

from config.outbox.encoding import plain_text
from exchange.demo.examples import Example, example_emails
from exchange.demo.network import PASSWORD
from exchange.demo.processes import Processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"360": (360, 780), "1440": (1440, 900)}
SCHEMES = ("light", "dark")
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Whose eyes, which name, and where; a function finds an address that a list has to tell.
Where = str | Callable[["Page"], str]
SCREENS: tuple[tuple[str, str, Where], ...] = (
    ("", "sign-in", "/accounts/login/"),
    ("", "not-found", "/nowhere/"),
    ("aino@joensuu.example", "home", "/"),
    ("aino@joensuu.example", "list", "/publications/"),
    ("aino@joensuu.example", "list-filtered", "/publications/?topic=water&country=FI"),
    ("aino@joensuu.example", "list-empty", "/publications/?q=xyzzy"),
    ("aino@joensuu.example", "practice", lambda page: _first(page, "/publications/?q=Pontevedra", ".card h3 a")),
    ("aino@joensuu.example", "project", lambda page: _first(page, "/publications/?kind=project", ".card h3 a")),
    ("aino@joensuu.example", "my-work", "/write/"),
    ("aino@joensuu.example", "new", "/write/new/"),
    ("aino@joensuu.example", "members", "/members/"),
    ("aino@joensuu.example", "member", "/members/joensuu/"),
    ("aino@joensuu.example", "profile", "/profile/"),
    ("elena@bitola.example", "form-basics", lambda page: _first(page, "/write/", ".work-title")),
    ("elena@bitola.example", "form-themes", lambda page: _first(page, "/write/", ".work-title") + "themes/"),
    ("elena@bitola.example", "form-story", lambda page: _first(page, "/write/", ".work-title") + "story/"),
    ("elena@bitola.example", "form-check", lambda page: _first(page, "/write/", ".work-title") + "check/"),
    ("elena@bitola.example", "subscription", "/digest/"),
    ("elena@bitola.example", "digest", "/digest/preview/"),
    ("kaisa@network.example", "home-coordinator", "/"),
    ("kaisa@network.example", "queue", "/review/"),
    ("kaisa@network.example", "mail", "/mail/"),
    ("kaisa@network.example", "message", lambda page: _first(page, "/mail/", ".work-title")),
    ("kaisa@network.example", "announcements", "/announcements/"),
    ("kaisa@network.example", "announcement-new", "/announcements/new/"),
    ("", "health", "/ops/health"),
    ("kaisa@network.example", "review-new", lambda page: _first(page, "/review/", "li:last-child .work-title")),
    ("kaisa@network.example", "review-diff", lambda page: _first(page, "/review/", ".work-title")),
)  # fmt: skip


# E-mails, as a telephone and a mail program on a desk show them.
MAILS = (
    "announcements.announcement", "digests.digest", "directory.invitation", "editorial.decision",
    "accounts.password_reset_key", "upkeep.question", "uptake.waiting",
)  # fmt: skip
MAIL_SIZES = {"320": (320, 700), "600": (600, 800)}


def take_screenshots(processes: Processes, folder: Path, tell: Callable[[str], None]) -> int:
    """Save a PNG of each screen, size and scheme.

    Returns:
        How many were saved.
    """
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    examples = example_emails()  # before the browser: its loop forbids to ask the database
    saved = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        for who in dict.fromkeys(who for who, *_ in SCREENS):
            with _signed_in(browser, processes, who) as page:
                for _, name, where in (screen for screen in SCREENS if screen[0] == who):
                    tell(name)
                    saved += _shoot(page, where if isinstance(where, str) else where(page), name, folder)
        tell("e-mails")
        with closing(browser.new_page()) as page:
            for example in (one for one in examples if one.kind in MAILS):
                saved += _shoot_mail(page, example, folder)
        browser.close()
    return saved


def _shoot_mail(page: "Page", example: Example, folder: Path) -> int:
    """Save the HTML part in each size and scheme, and the plain text in the smaller one."""
    name = f"mail-{example.kind}-{example.language}"
    page.set_content(plain_text(example.rendered.html))
    for size, (width, height) in MAIL_SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
    page.set_content(format_html("<pre style='white-space: pre-wrap'>{}</pre>", plain_text(example.rendered.text)))
    page.emulate_media(color_scheme="light")
    page.screenshot(path=folder / f"{name}-text.png", full_page=True)
    return len(MAIL_SIZES) * len(SCHEMES) + 1


def _shoot(page: "Page", address: str, name: str, folder: Path) -> int:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
    return len(SIZES) * len(SCHEMES)


@contextmanager
def _signed_in(browser: "Browser", processes: Processes, email: str) -> Iterator["Page"]:
    context = browser.new_context(base_url=processes.address, reduced_motion="reduce")
    page = context.new_page()
    if email:
        page.goto("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("/")
    yield page
    context.close()


def _first(page: "Page", listing: str, selector: str) -> str:
    page.goto(listing)
    return str(page.locator(selector).first.get_attribute("href"))
