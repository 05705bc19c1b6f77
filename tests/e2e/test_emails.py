"""Every kind of e-mail as its readers see it: on a narrow screen, light and dark, without images, as text."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from config.outbox.encoding import plain_text
from config.outbox.kinds import all_kinds
from config.outbox.mime import build_mime
from config.outbox.previews import framed
from exchange.demo.examples import example_emails
from members.accounts.models import User
from practices.library.models import Publication

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 600, "height": 800}
MOST = 60_000  # bytes: mail programs cut off what is longer, at about 100 kB
LEAVEABLE = {
    "announcements.announcement", "connections.accepted", "connections.request", "conversations.comment",
    "conversations.membership", "conversations.message", "digests.alert", "digests.alert_at_once", "digests.digest",
}  # fmt: skip


@pytest.fixture
def examples(network):
    return example_emails()


def test_every_kind_of_mail_reads_well(examples, browser):
    languages = [code for code, _name in settings.LANGUAGES]
    shown = [(one.kind, one.language) for one in examples]
    assert shown == [(kind.name, code) for kind in all_kinds() for code in languages]
    complaints = []
    for one in examples:
        html, text = plain_text(one.rendered.html), plain_text(one.rendered.text)
        complaints += [
            f"{one.kind} {one.language}: {problem}" for problem in [*_of_html(one, html), *_of_text(text, html)]
        ]
        if len(build_mime(one.message, one.rendered)) > MOST:
            complaints.append(f"{one.kind} {one.language} is too long")
        leaves = {"List-Unsubscribe", "List-Unsubscribe-Post"} <= one.rendered.headers.keys()
        assert leaves == (one.kind in LEAVEABLE), one.kind
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    for one in examples:
        complaints += [f"{one.kind} {one.language}: {problem}" for problem in _of_page(page, one)]
    context.close()
    assert complaints == []


def _of_html(one, html):
    if f'<html lang="{one.language}">' not in html:
        yield "has no language"
    if not re.search(r"<title>[^<]*\w[^<]*</title>", html):
        yield "has no title"
    if not one.rendered.subject.strip() or len(one.rendered.subject) > 200:
        yield f"subject {one.rendered.subject!r}"
    if "<img" in html or "url(" in html:
        yield "needs images"
    if "None" in re.sub(r"<[^>]+>", "", html):
        yield "says None"


def _of_text(text, html):
    if found := re.findall(r"</?\w+[ >]|&\w+;|&#", text):
        yield f"text has {found}"
    if "\n\n\n" in text:
        yield "text has gaps"
    if long := [line for line in text.splitlines() if len(line.encode()) > 998]:
        yield f"text has long lines {long}"
    home = f"{settings.BASE_URL.rstrip('/')}/"
    for link in set(re.findall(r'href="(https?://[^"]+)"', html)) - {home}:
        if link.replace("&amp;", "&") not in text:
            yield f"text lacks {link}"


def _of_page(page, one):
    page.set_content(plain_text(one.rendered.html))
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            yield f"{wide} px too wide at {size['width']}"
    if one.language != "en":  # the colours are those of the templates
        return
    page.set_viewport_size(NARROW)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for found in Axe().run(page).response["violations"]:
            yield f"{scheme}: {found['id']} {found['nodes'][0]['html'][:200]} {found['nodes'][0]['failureSummary'][:200]}"


def test_hostile_names_break_no_mail(network, browser, rf):
    """Names in every script, very long words, markup: the sheet stays as wide as the screen and shows them as they are."""
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    names = ["<b>Bold</b> & \"quoted\" 'name'", "\u202eمدينة عمّان الكبرى\u202c", "Ѓорѓи 🚲🌳"]
    for user, name in zip(User.objects.order_by("pk"), names * 10, strict=False):
        user.name = name
        user.save()
    Publication.objects.update(title=long[:100])
    found = example_emails()
    page = browser.new_page(viewport=NARROW)
    alert = []
    page.on("dialog", lambda dialog: alert.append(dialog.message))
    complaints = []
    for one in found:
        html = plain_text(one.rendered.html)
        assert "<b>Bold" not in html
        page.set_content(framed(rf.get("/"), html).content.decode())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            complaints.append(f"{one.kind} {one.language}: {wide} px too wide")
    page.close()
    assert (complaints, alert) == ([], [])
    assert len(found) == 3 * len(all_kinds())
