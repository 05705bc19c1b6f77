"""Saying that a text is still true, from a mail, in a browser that is not signed in."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.outbox.sender import Sender
from practices.library.models import Publication
from practices.upkeep.models import Check
from practices.upkeep.services import ask_due

CONTACT = "calles@pontevedra.example"


@pytest.fixture
def mailed(network, practice, smtp, settings):
    """Return the two links of the mail to the contact address."""
    settings.BASE_URL = network.url
    ago = timezone.now() - timedelta(days=400)
    Publication.objects.filter(pk=practice.pk).update(
        confirmed_at=ago, unconfirmed_at=ago + timedelta(days=395), contact_email=CONTACT, language="fi"
    )
    ask_due()
    Sender().run()
    (mail,) = smtp.to(CONTACT)
    return re.findall(r"http\S+/still-true/\S+", mail.get_body(("plain",)).get_content())


@pytest.mark.parametrize("script", [True, False])
def test_mail_link_confirms_without_signing_in(mailed, practice, browser, script):
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(mailed[0])
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    expect(page.locator("main")).to_contain_text(practice.title)
    assert Check.objects.get().answered_at is None
    page.click("main form button")
    expect(page.locator("main form")).to_have_count(0)
    practice.refresh_from_db()
    assert practice.unconfirmed_at is None
    assert timezone.now() - practice.confirmed_at < timedelta(minutes=5)
    page.goto(mailed[1])  # the other link of the same mail
    expect(page.locator("main form")).to_have_count(0)
    assert Check.objects.get().answer == "still_true"
    context.close()


def test_mail_link_says_that_it_needs_an_update(mailed, practice, page):
    page.goto(mailed[1])
    page.click("main form button")
    expect(page.locator("main form")).to_have_count(0)
    check = Check.objects.get()
    assert (check.answer, check.answered_from) == ("needs_update", CONTACT)
    practice.refresh_from_db()
    assert practice.unconfirmed_at is not None
