"""A municipality joins, in a browser: from the first line to a liaison who is signed in."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from config.outbox.sender import Sender
from members.directory.models import Member
from members.fees.models import Invoice
from members.joining.models import Application
from tests.e2e.conftest import listen
from tests.members.joining import CONTACTS, PDF

KAISA = "kaisa@network.example"
APPLICANT = "rita@rovaniemi.example"
SAVE = "main form.form-narrow .form-actions button"


def text_of(data):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


@pytest.fixture
def link_to(smtp):
    """Return a function that sends what waits, and finds the last link to a place in mails to somebody."""

    def find(address, place):
        Sender().run()
        texts = [one.get_body(("plain",)).get_content() for one in smtp.messages if one["To"] == address]
        line = [line for text in texts for line in text.splitlines() if place in line][-1]
        return line[line.index(place) :].strip()

    return find


def _upload(page):
    """Put both papers in."""
    for purpose, name in (("signed_form", "allekirjoitettu hakemus.pdf"), ("decision", "päätös.pdf")):
        file = {"name": name, "mimeType": "application/pdf", "buffer": PDF + purpose.encode()}
        page.set_input_files(f"#file-{purpose}", file)
        page.click(f"form:has(#file-{purpose}) button")
        expect(page.locator("main")).to_contain_text(name)


def _approve_and_pay(network, office):
    """Let Kaisa approve it, read the invoice and enter the payment; return the invoice."""
    network.sign_in(office, KAISA)
    office.goto(Application.objects.get(name="Rovaniemen kaupunki").get_absolute_url())
    office.click("form:has([value=approve]) button")
    invoice = Invoice.objects.get(member__name_en="Rovaniemi")
    with office.expect_download() as download:
        office.click("main a[href$='invoice.pdf']")
    text = text_of(download.value.path().read_bytes())
    for part in (invoice.name, "1,200 EUR", "1275", invoice.reference, "Rovaniemen kaupunki", "Membership of"):
        assert part in text, part
    office.fill("[name=amount]", "1200")
    office.click(SAVE)
    expect(office.locator("main .badge-good")).to_be_visible()
    assert Member.objects.get(name_en="Rovaniemi").is_active
    return invoice


def test_rovaniemi_joins(network, browser, link_to):
    context = browser.new_context(base_url=network.url, accept_downloads=True, locale="en")
    page = context.new_page()
    heard = listen(page)
    page.goto("/apply/")
    page.fill("[name=name]", "Rovaniemen kaupunki")
    page.select_option("[name=country]", "FI")
    page.fill("[name=applicant_name]", "Rita Revontuli")
    page.fill("[name=applicant_title]", "Ilmastokoordinaattori")
    page.fill("[name=applicant_email]", APPLICANT)
    page.click("main form button")
    page.fill("[name=name_en]", "Rovaniemi")
    expect(page.locator("#saved")).to_contain_text("Saved")  # as it was typed
    page.goto(link_to(APPLICANT, "/apply/mail/"))  # another day, by the link of the mail
    page.click("main form button")
    page.click("nav.steps-nav a >> nth=0")
    assert page.input_value("[name=name_en]") == "Rovaniemi"
    page.fill("[name=population]", "65738")
    page.click(SAVE)
    for name, value in CONTACTS.items():
        page.fill(f"[name={name}]", value)
    page.click(SAVE)
    with page.expect_download() as download:
        page.click("main a[href$='application.pdf']")
    text = text_of(download.value.path().read_bytes())
    for part in (
        "Application for membership",
        "Rovaniemen kaupunki",
        "65,738",
        "Kaupunginjohtaja",
        "1275",
        "Signature",
    ):
        assert part in text, part
    _upload(page)
    page.click("main a.button-primary")
    page.click("form[action$='/submit/'] button")
    expect(page.locator("main")).to_contain_text("It has been with")

    desk = browser.new_context(base_url=network.url, accept_downloads=True)
    invoice = _approve_and_pay(network, desk.new_page())
    desk.close()
    page.reload()
    expect(page.locator("main")).to_contain_text("is a member. Welcome!")
    page.goto(link_to(APPLICANT, "/invitations/"))
    page.fill("[name=name]", "Rita Revontuli")
    page.fill("[name=password]", "revontulet ja poro 2026")
    page.click("main form.form-narrow button, main form[method=post] button[type=submit]")
    expect(page.locator("header.site-header")).to_contain_text("Rita Revontuli")
    page.goto("/members/rovaniemi/fees/")
    expect(page.locator("main")).to_contain_text(invoice.name)
    assert heard == []
    context.close()
