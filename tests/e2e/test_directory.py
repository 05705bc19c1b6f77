"""Finding and comparing members in a browser: with the keyboard, with and without JavaScript."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import listen

AINO = "aino@joensuu.example"


def test_members_are_chosen_on_several_pages_of_the_list_and_compared(network, page):
    network.sign_in(page, AINO)
    heard = listen(page)
    page.goto(f"{network.url}/members/?q=lahti")
    page.locator("#m-lahti").focus()
    with page.expect_response(re.compile("m=lahti")):
        page.keyboard.press("Space")
    expect(page.locator("#m-lahti")).to_be_focused()
    page.fill("#id_q", "joensuu")
    expect(page.locator("#m-joensuu")).to_be_visible()
    expect(page.locator("#m-lahti")).to_have_count(0)
    page.locator("#m-joensuu").check()
    expect(page.locator(".compare-bar .chip")).to_have_count(2)
    expect(page).to_have_url(re.compile("m=.*m="))
    page.locator(".compare-bar .button").click()
    expect(page.locator("thead th")).to_have_count(2)
    assert sorted(page.locator("thead th > a:first-child").all_inner_texts()) == [
        "Joensuun kaupunki",
        "Lahden kaupunki",
    ]
    page.go_back()
    expect(page.locator(".compare-bar .chip")).to_have_count(2)
    # Leaving the search box asks too, and is given up for the box that was ticked: htmx says so.
    assert [one for one in heard if not one.startswith(("htmx:afterRequest", "htmx:sendAbort"))] == []


def test_facet_narrows_the_list_and_its_chip_takes_it_away(network, page):
    network.sign_in(page, AINO)
    page.goto(f"{network.url}/members/")
    everybody = page.locator(".list-head h2").inner_text()
    page.locator("#kind-town").check()
    expect(page.locator(".chips .chip")).to_have_count(1)
    expect(page.locator(".list-head h2")).not_to_have_text(everybody)
    page.locator(".chips .chip").click()
    expect(page.locator(".list-head h2")).to_have_text(everybody)


def test_map_of_members_leads_closer_and_to_what_is_there_by_keyboard(network, page):
    page.emulate_media(reduced_motion="reduce")
    network.sign_in(page, AINO)
    heard = listen(page)
    page.goto(f"{network.url}/members/?view=map")
    marks = page.locator(".map a.map-dot")
    most = int(marks.first.inner_text())
    marks.first.focus()
    with page.expect_response(re.compile(r"map\.json.*zoom=")):
        page.keyboard.press("Enter")
    expect(marks.first).to_be_focused()
    assert int(marks.first.inner_text() or 1) < most
    page.locator("[data-map-list]").click()
    expect(page).to_have_url(re.compile("area="))
    expect(page.locator(".chips a")).to_have_count(1)
    assert heard == []


def test_without_javascript_the_list_is_narrowed_down_and_members_compared(network, browser):
    context = browser.new_context(java_script_enabled=False, base_url=network.url)
    page = context.new_page()
    network.sign_in(page, AINO)
    page.goto("/members/?country=MK&view=map")
    expect(page.locator(".map")).to_be_hidden()
    page.locator("summary", has_text="1").first.click()
    page.locator("#m-bitola").check()
    page.locator("#m-strumica").check()
    page.locator("noscript button[formaction]").click()
    expect(page).to_have_url(re.compile(r"/members/compare/\?.*m=bitola&m=strumica"))
    expect(page.locator("thead th")).to_have_count(2)
    context.close()
