"""Writing in a browser: nothing that was typed is lost."""

import re

from playwright.sync_api import expect

from practices.editorial.models import Revision
from practices.editorial.steps import ORDER
from tests.e2e.conftest import listen
from tests.uploads import drawing, written

AINO, ELENA = "aino@joensuu.example", "elena@bitola.example"


def open_draft(network, page, step="story"):
    draft = Revision.objects.get(state="draft")
    page.goto(f"{network.url}/revisions/{draft.pk}/{step}/")
    return draft


def type_into(page, name, text):
    page.locator(f"[name={name}]").fill(text)


def test_sign_in_form_leads_to_the_first_page_and_a_wrong_password_says_so(network, page):
    page.goto(network.url)
    page.fill("[name=login]", AINO)
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".alert-bad")).to_be_focused()
    page.fill("[name=password]", network.password)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Aino Karhu")


def test_text_is_saved_while_typing(network, page):
    network.sign_in(page, ELENA)
    heard = listen(page)
    draft = open_draft(network, page)
    with page.expect_response(re.compile(r"\d/story/")):
        type_into(page, "results", "Три степени помалку.")
    expect(page.locator("#saved .saved-problem")).to_have_count(0)
    draft.refresh_from_db()
    assert draft.content["results"] == "Три степени помалку."
    type_into(page, "results", "Три степени помалку, и сенка.")
    page.locator("#editor .form-actions button:not([name])").click()  # right after typing
    expect(page).to_have_url(re.compile("/contact/$"))
    draft.refresh_from_db()
    assert draft.content["results"] == "Три степени помалку, и сенка."
    assert heard == []


def test_text_typed_after_the_session_ended_is_kept_and_put_back(network, page):
    network.sign_in(page, ELENA)
    draft = open_draft(network, page)
    page.context.clear_cookies()
    type_into(page, "results", "Не смее да се изгуби.")
    expect(page.locator("#saved .saved-problem")).to_be_visible()
    network.sign_in(page, ELENA)
    open_draft(network, page)
    assert page.locator("[name=results]").input_value() == ""
    with page.expect_response(re.compile(r"\d/story/")):
        page.locator("[data-kept=back]").click()
    assert page.locator("[name=results]").input_value() == "Не смее да се изгуби."
    expect(page.locator("#saved .saved-problem")).to_have_count(0)
    draft.refresh_from_db()
    assert draft.content["results"] == "Не смее да се изгуби."


def test_second_window_is_told_and_overwrites_nothing(network, page):
    network.sign_in(page, ELENA)
    draft = open_draft(network, page)
    other = page.context.new_page()
    open_draft(network, other)
    with page.expect_response(re.compile(r"\d/story/")):
        type_into(page, "results", "Од првиот прозорец.")
    type_into(other, "results", "Од вториот прозорец.")
    expect(other.locator("#saved .saved-problem")).to_be_visible()
    draft.refresh_from_db()
    assert draft.content["results"] == "Од првиот прозорец."
    other.locator("#editor .form-actions button:not([name])").click()
    told = other.locator("main .alert-attention").first
    expect(told.locator("del")).to_have_text("вториот")
    expect(told.locator("ins")).to_have_text("првиот")
    assert other.locator("[name=results]").input_value() == "Од вториот прозорец."
    draft.refresh_from_db()
    assert draft.content["results"] == "Од првиот прозорец."
    other.locator("#editor .form-actions button:not([name])").click()  # "Save mine instead"
    expect(other).to_have_url(re.compile("/contact/$"))
    draft.refresh_from_db()
    assert draft.content["results"] == "Од вториот прозорец."


def test_practice_is_written_submitted_and_read_without_javascript(network, browser):
    context = browser.new_context(java_script_enabled=False, base_url=network.url)
    page = context.new_page()
    network.sign_in(page, AINO)
    page.goto("/write/new/")
    page.check("[name=kind][value=project]")
    page.fill("[name=title]", "Talvipyöräily")
    page.click("main form button")
    fields = {"summary": "Aurataan ensin.", "start_year": "2025", "challenge": "a", "solution": "b", "results": "c"}
    for step in ORDER[:-1]:
        expect(page.locator("#editor")).to_be_visible()
        for name, text in fields.items():
            if page.locator(f"[name={name}]").count():
                page.fill(f"[name={name}]", text)
        if step == "themes":
            page.check("[name=pathways][value=low_emission]")
            page.check("[name=topics][value=mobility]")
        if step == "contact":
            page.fill("[name=contact_email]", "bikes@joensuu.example")
        page.locator("#editor .form-actions button:not([name])").click()
    page.click("form[action$='/submit/'] button")
    assert Revision.objects.get(publication__title="Talvipyöräily").state == "submitted"
    page.goto("/publications/")
    page.fill("main [name=q]", "pontevedra")
    page.locator("main [name=q]").press("Enter")
    expect(page.locator(".result h3").first).to_contain_text("Pontevedra")
    context.close()


def test_cover_is_chosen_without_javascript(network, browser):
    context = browser.new_context(java_script_enabled=False, base_url=network.url)
    page = context.new_page()
    network.sign_in(page, ELENA)
    draft = open_draft(network, page, "sources")
    sizes = {"street.png": (60, 40), "bridge.png": (80, 40)}
    page.set_input_files(
        "[name=photos-upload]",
        [
            {"name": name, "mimeType": "image/png", "buffer": written(drawing(size), "PNG")}
            for name, size in sizes.items()
        ],
    )
    page.click("button[value='photos:upload:0']")
    for number, alt in enumerate(["A street", "A bridge"]):
        page.fill(f"[name=photos-{number}-alt]", alt)
        page.fill(f"[name=photos-{number}-credit]", "Bitola")
        page.select_option(f"[name=photos-{number}-licence]", "CC0-1.0")
    expect(page.locator("button[value^='photos:first:']")).to_have_count(1)
    page.click("button[value='photos:first:1']")
    expect(page.locator("[name=photos-0-alt]")).to_have_value("A bridge")
    page.goto(f"/revisions/{draft.pk}/check/")
    expect(page.locator(".photos img").first).to_have_attribute("alt", "A bridge")
    context.close()
