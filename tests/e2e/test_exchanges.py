"""From an ask to a finished study visit: Aino in one browser, Lucía in another, and the invitation that both get."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.exchanges.models import Exchange
from exchange.exchanges.services import start_due_exchanges
from exchange.peers.models import Notice
from members.accounts.models import User
from tests.e2e.conftest import SEEN_WIDTHS, listen

AINO, LUCIA, GORAN = (f"{name}.example" for name in ("aino@joensuu", "lucia@pontevedra", "goran@strumica"))


@pytest.fixture
def two(network, browser):
    """Return the pages of Aino and Lucía, each in a browser of its own, in English, and what both complain about."""
    User.objects.filter(email__in=[AINO, LUCIA]).update(language="en")
    Message.objects.all().delete()  # what the demo has queued is another story
    pages, heard = [], []
    for email in (AINO, LUCIA):
        page = browser.new_context(viewport=SEEN_WIDTHS["desk"], locale="en-GB").new_page()
        page.set_default_timeout(20_000)
        heard.append(listen(page))
        network.sign_in(page, email)
        pages.append(page)
    yield *pages, heard
    for page in pages:
        page.context.close()


@pytest.mark.timeout(600)
def test_from_an_ask_to_a_finished_study_visit(network, two, smtp, browser):
    aino, lucia, heard = two
    first = timezone.localdate() + timedelta(days=40)
    ask = ask_the_network(aino, network)
    exchange = propose_visit(lucia, network, ask, first)
    page = f"{network.url}/exchanges/{exchange.pk}/"
    see_nothing_as_a_third(browser, network, page, ask)
    write_agenda(lucia, page)
    agree(aino, network)
    plan_session(lucia, page, first)
    read_invitations(lucia, smtp, exchange.sessions.get())
    let_the_days_come(exchange)
    report(aino, page)
    assert Notice.objects.get(pk=ask.pk).closed_because == "fulfilled"
    give_feedback(aino, lucia, page)
    assert Exchange.objects.get(pk=exchange.pk).state == "completed"
    assert heard == [[], []]


def ask_the_network(aino, network):
    """Aino asks."""
    aino.goto(f"{network.url}/asks/new/")
    aino.get_by_label("Title").fill("How did you free the centre of cars?")
    aino.get_by_label("What do you want to know?").fill("We begin with two streets. **What** came first with you?")
    aino.get_by_label("Mobility").check()
    aino.get_by_label("Low-emission").check()
    aino.get_by_label("Study visit").check()
    aino.get_by_role("button", name="Open it").click()
    ask = Notice.objects.get(title__startswith="How did you free")
    assert aino.url == f"{network.url}/notices/{ask.pk}/"
    return ask


def propose_visit(lucia, network, ask, first):
    """Lucía can help, and proposes three days."""
    lucia.goto(f"{network.url}/notices/{ask.pk}/")
    lucia.get_by_role("link", name="We can help: propose an exchange").click()
    assert lucia.get_by_label("Format").input_value() == "study_visit"
    assert lucia.get_by_label("We share what we know").is_checked()
    lucia.get_by_label("What it is for").fill("Three days in our streets.\n\n<script>alert(1)</script>")
    lucia.get_by_label("First day").fill(first.isoformat())
    lucia.get_by_label("Last day").fill((first + timedelta(days=2)).isoformat())
    lucia.get_by_label("On site").check()
    lucia.get_by_label("Place").fill("Pontevedra, Praza de España 1")
    lucia.get_by_role("button", name="Propose it").click()
    exchange = Exchange.objects.get(notice=ask)
    assert lucia.url == f"{network.url}/exchanges/{exchange.pk}/"
    return exchange


def see_nothing_as_a_third(browser, network, page, ask):
    """A third member sees nothing of it, not even on the page of the ask."""
    stranger = browser.new_context().new_page()
    network.sign_in(stranger, GORAN)
    assert stranger.goto(page).status == 404
    stranger.goto(f"{network.url}/notices/{ask.pk}/")
    assert "Three days" not in stranger.content()
    stranger.context.close()


def write_agenda(lucia, page):
    """Lucía writes the agenda: a row more with a button, and nothing is lost."""
    lucia.get_by_role("link", name="Change the plan").click()
    rows = lucia.locator("fieldset.rows")
    rows.get_by_label("Day").nth(0).fill("1")
    rows.get_by_label("Time").nth(0).fill("10:00")
    rows.get_by_label("What").nth(0).fill("Walk through the old town")
    rows.get_by_role("button", name="One more").click()
    rows.get_by_label("Day").nth(1).fill("2")
    rows.get_by_label("What").nth(1).fill("Talk with shopkeepers")
    lucia.get_by_role("button", name="Save it").click()
    assert lucia.url == page
    assert "Talk with shopkeepers" in lucia.content()


def agree(aino, network):
    """Aino reads it and agrees."""
    aino.goto(f"{network.url}/exchanges/")
    aino.get_by_role("link", name="How did you free the centre of cars?").first.click()
    assert aino.locator("script", has_text="alert(1)").count() == 0
    aino.get_by_role("button", name="Agree").click()
    assert "You have agreed." in aino.content()


def plan_session(lucia, page, first):
    """Lucía plans a session."""
    lucia.goto(page)
    lucia.get_by_role("link", name="Plan a session").click()
    lucia.get_by_label("Day").fill(first.isoformat())
    lucia.get_by_label("Starts at").fill("10:00")
    lucia.get_by_label("Ends at").fill("13:00")
    lucia.get_by_role("button", name="Plan it").click()
    assert lucia.url == f"{page}#sessions"


def read_invitations(lucia, smtp, session):
    """Both have it for their calendars, and it can be downloaded."""
    Sender().run()
    invited = {}
    for mail in smtp.messages:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar = Calendar.from_ical(part.get_content())
                (invited[mail["To"]],) = calendar.walk("VEVENT")
                assert str(calendar["METHOD"]) == part.get_param("method") == "REQUEST"
    assert set(invited) == {AINO, LUCIA}
    for event in invited.values():
        assert event["DTSTART"].dt == session.starts_at
        assert (event["DTSTART"].dt.hour, str(event["DTSTART"].params["TZID"])) == (10, "Europe/Madrid")
        assert str(event["LOCATION"]) == "Pontevedra, Praza de España 1"
    with lucia.expect_download() as download:
        lucia.get_by_role("link", name="Calendar file").click()
    (event,) = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    assert str(event["UID"]) == str(invited[AINO]["UID"])


def let_the_days_come(exchange):
    """The first day has come."""
    today = timezone.localdate()
    Exchange.objects.filter(pk=exchange.pk).update(starts_on=today - timedelta(days=2), ends_on=today)
    assert start_due_exchanges() == 1


def report(aino, page):
    """Aino keeps a note, and reports; without an outcome nothing is completed, and nothing lost."""
    aino.goto(page)
    aino.locator("#notes").get_by_label("Note").fill("They *measured* before they began.")
    aino.get_by_role("button", name="Keep it").click()
    assert aino.locator("#notes em", has_text="measured").count() == 1
    aino.get_by_role("link", name="Write the report").click()
    aino.get_by_label("What happened").fill("We walked, and asked everybody.")
    aino.get_by_role("button", name="Complete the exchange").click()
    assert "Record an outcome first" in aino.content()
    assert aino.get_by_label("What happened").input_value() == "We walked, and asked everybody."
    aino.get_by_role("link", name="Record an outcome").click()
    aino.get_by_label("Recommendation").check()
    aino.get_by_label("In one or two sentences").fill("Count people on foot first.")
    aino.get_by_label("Who follows it up").fill("Traffic planning")
    aino.get_by_role("button", name="Record it").click()
    aino.get_by_role("link", name="Write the report").click()
    aino.get_by_label("What happened").fill("We walked, and asked everybody.")
    aino.get_by_role("button", name="Complete the exchange").click()


def give_feedback(aino, lucia, page):
    """Each side reads what the other says once both have said it."""
    for one, words in ((aino, "It saved us a year."), (lucia, "Good questions.")):
        one.goto(page)
        one.get_by_role("link", name="Give feedback for").click()
        one.get_by_label("5: it changes what we do").check()
        one.get_by_label("In your words").fill(words)
        if one is lucia:
            assert "It saved us a year." not in lucia.content()
        one.get_by_role("button", name="Send it").click()
    assert "It saved us a year." in lucia.locator("#feedback").inner_text()
    aino.goto(page)
    assert "Good questions." in aino.locator("#feedback").inner_text()
