"""Reviewing in a browser: what changed in the middle, the decision with its reason at the side."""

import re

from playwright.sync_api import expect

from practices.editorial.models import Revision
from tests.e2e.conftest import listen

KAISA, MIKKO = "kaisa@network.example", "mikko@lahti.example"


def test_coordinator_reads_the_diff_asks_for_changes_and_approves(network, page):
    change = Revision.objects.get(state="submitted", publication__owner_member__slug="lahti")
    network.sign_in(page, KAISA)
    heard = listen(page)
    page.goto(f"{network.url}/review/")
    page.get_by_role("link", name=change.title).click()
    expect(page.locator(".diff-field ins").first).to_be_visible()
    expect(page.locator(".diff-field", has_text="mobility@lahti.example").locator("ins")).to_have_text(
        "mobility@lahti.example"
    )
    page.check("[name=verdict][value=changes_requested]")
    page.locator("form:has([name=verdict]) button").click()
    expect(page.locator(".alert-bad")).to_be_focused()  # a reason is missing
    page.locator("form:has([name=verdict]) [name=reason]").fill("Mistä luku on?")
    page.locator("form:has([name=verdict]) button").click()
    page.wait_for_url(re.compile("/review/$"))
    change.refresh_from_db()
    assert change.state == "changes_requested"

    network.sign_in(page, MIKKO)
    page.goto(f"{network.url}/revisions/{change.pk}/sources/")
    expect(page.locator("main")).to_contain_text("Mistä luku on?")
    page.fill("[name=source_title]", "Kaupungin raportti")
    page.locator("#editor .form-actions button[name=check]").click()
    page.click("form[action$='/submit/'] button")
    network.sign_in(page, KAISA)
    page.goto(f"{network.url}/revisions/{change.pk}/review/")
    expect(page.locator(".diff-field ins", has_text="Kaupungin raportti")).to_be_visible()
    page.check("[name=verdict][value=approved]")
    page.locator("form:has([name=verdict]) button").click()
    page.wait_for_url(re.compile("/review/$"))
    page.goto(f"{network.url}/publications/{change.publication_id}/")
    expect(page.locator("article")).to_contain_text("Kaupungin raportti")
    page.goto(f"{network.url}/publications/{change.publication_id}/history/")
    expect(page.locator(".diff-field ins", has_text="Kaupungin raportti")).to_be_visible()
    assert heard == []


def test_rows_are_added_moved_and_removed(network, page):
    draft = Revision.objects.get(state="draft")
    network.sign_in(page, "elena@bitola.example")
    page.goto(f"{network.url}/revisions/{draft.pk}/sources/")
    for number, title in enumerate(("Прв", "Втор")):
        page.fill(f"[name=links-{number}-title]", title)
        page.fill(f"[name=links-{number}-url]", f"https://city.example/{number}")
        page.click("[name=act][value='links:add:0']")
    page.click("[name=act][value='links:up:1']")
    expect(page.locator("[name=links-0-title]")).to_have_value("Втор")
    page.fill("[name=links-0-title]", "Втор, поправен")
    page.keyboard.press("Enter")  # saves and goes on; it does not press a row's button
    page.wait_for_url(re.compile("/check/"))
    draft.refresh_from_db()
    assert [row["title"] for row in draft.content["links"]] == ["Втор, поправен", "Прв"]
    page.goto(f"{network.url}/revisions/{draft.pk}/sources/")
    page.click("[name=act][value='links:remove:0']")
    expect(page.locator("[name=links-0-title]")).to_have_value("Прв")
