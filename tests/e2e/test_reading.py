"""Finding and reading in a browser, by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

AINO, KAISA = "aino@joensuu.example", "kaisa@network.example"


@pytest.fixture
def listing(network, page):
    network.sign_in(page, AINO)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{network.url}/publications/")
    return page


def test_choices_narrow_the_list_and_the_back_button_undoes_it(listing):
    heading = listing.locator("#listing h2")
    expect(heading).to_contain_text("49")
    listing.check("#topic-water")
    expect(heading).to_contain_text("14")
    expect(listing).to_have_url(re.compile(r"topic=water"))
    expect(listing.locator(".chips .chip")).to_have_count(1)
    expect(listing.locator("#facet-pathway")).to_have_attribute("open", "")  # stays as it was
    listing.fill("main [name=q]", "lahti")
    expect(listing).to_have_url(re.compile(r"q=lahti"))
    listing.go_back()
    expect(listing).to_have_url(re.compile(r"topic=water"))
    expect(heading).to_contain_text("14")
    listing.locator(".chips .chip").first.click()
    expect(heading).to_contain_text("49")


@pytest.mark.parametrize(
    ("address", "words", "facet", "sort"),
    [
        ("/publications/", "vesi", "#topic-water", "title"),
        ("/offers/", "water", "#format-call", "ending"),
        ("/members/", "a", "#kind-city", None),
    ],
)
def test_words_are_still_there_after_the_back_button(network, page, address, words, facet, sort):
    network.sign_in(page, AINO)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{network.url}{address}")
    box, order = page.locator("main [name=q]"), page.locator("main [name=sort]")
    first = order.input_value()
    box.fill(words)
    expect(page).to_have_url(re.compile(r"q=\w"))
    if sort:
        order.select_option(sort)
        expect(page).to_have_url(re.compile(f"sort={sort}"))
    name, value = facet[1:].split("-")
    page.locator(facet).check()
    expect(page).to_have_url(re.compile(f"{name}={value}"))
    page.go_back()
    expect(page).not_to_have_url(re.compile(f"{name}={value}"))
    expect(box).to_have_value(words)
    expect(order).to_have_value(sort or first)
    expect(page.locator(facet)).not_to_be_checked()
    page.locator(facet).check()  # the words go along with the next choice
    expect(page).to_have_url(re.compile(f"q=.*{name}={value}"))
    for _ in range(3 if sort else 2):
        page.go_back()
    expect(page).to_have_url(f"{network.url}{address}")
    expect(box).to_have_value("")
    expect(order).to_have_value(first)


def test_suggestions_are_chosen_by_the_keyboard_and_left_with_escape(listing):
    box = listing.locator("main [name=q]")
    expect(box).to_have_attribute("role", "combobox")
    box.press_sequentially("wat")
    options = listing.locator("[role=option]")
    expect(options.first).to_contain_text("Vesi")  # she reads Finnish
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("wat")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("e")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("ArrowDown")
    box.press("Enter")
    expect(listing).to_have_url(re.compile(r"/publications/\?topic=water$"))


def test_keyboard_alone_reaches_the_text_and_the_menu(listing):
    listing.keyboard.press("Tab")
    expect(listing.locator(".skip")).to_be_focused()
    listing.keyboard.press("Enter")
    expect(listing.locator("main")).to_be_focused()
    menu = listing.locator("details.menu")
    menu.locator("summary").focus()
    listing.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    listing.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_one_key_goes_on_in_the_queue(network, page):
    network.sign_in(page, KAISA)
    page.goto(f"{network.url}/review/")
    page.locator(".work-title").first.click()
    page.wait_for_url("**/revisions/*/review/")  # with the script that knows the keys
    first = page.locator("h1").first.inner_text()
    page.keyboard.press("n")
    expect(page.locator("h1").first).not_to_have_text(first)
    page.fill("[name=reason]", "nnn")  # letters in a field are letters
    assert page.locator("[name=reason]").input_value() == "nnn"


def test_language_switch_changes_the_page_at_once(network, page):
    page.goto(f"{network.url}/accounts/login/")
    page.select_option("#switch-language", "fi")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    expect(page.locator("h1")).to_have_text("Kirjaudu sisään")


def test_page_prints_without_navigation(network, page, practice):
    network.sign_in(page, AINO)
    page.goto(network.url + practice.get_absolute_url())
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
