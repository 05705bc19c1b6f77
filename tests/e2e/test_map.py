"""The map in a browser: a point is shown, and picked with the mouse or the keyboard."""

import re

from playwright.sync_api import expect

from practices.editorial.models import Revision
from practices.library.models import Publication
from practices.sharing.public import public_path
from tests.e2e.conftest import listen

ELENA, LUCIA = "elena@bitola.example", "lucia@pontevedra.example"


def open_place(network, page):
    """Open the step with the place of Elena's draft."""
    draft = Revision.objects.get(state="draft")
    page.goto(f"{network.url}/revisions/{draft.pk}/contact/")
    return draft


def point_of(page):
    return [float(page.locator(f"[name={name}]").input_value()) for name in ("latitude", "longitude")]


def saves(page):
    return page.expect_response(re.compile(r"\d/contact/"))


def test_point_is_picked_with_the_mouse_and_saved_by_itself(network, page):
    network.sign_in(page, ELENA)
    heard = listen(page)
    draft = open_place(network, page)
    map_ = page.locator(".map")
    expect(map_.locator(".map-dot")).to_be_visible()  # where the member is
    expect(map_.locator("path.map-here")).to_have_count(1)
    before = point_of(page)
    box = map_.bounding_box()
    with saves(page):
        map_.click(position={"x": box["width"] / 2 + 40, "y": box["height"] / 2 - 30})
    after = point_of(page)
    assert 0.5 < after[0] - before[0] < 1.5  # to the north
    assert 1 < after[1] - before[1] < 2.5  # and to the east
    draft.refresh_from_db()
    assert [float(draft.content[name]) for name in ("latitude", "longitude")] == after
    expect(map_.locator(".map-dot")).to_have_count(1)
    assert heard == []


def test_point_is_picked_with_the_keyboard(network, page):
    page.emulate_media(reduced_motion="reduce")
    network.sign_in(page, ELENA)
    draft = open_place(network, page)
    expect(page.locator(".map .map-dot")).to_be_visible()
    before = point_of(page)
    page.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("+")
    with saves(page):
        page.keyboard.press("Enter")
    after = point_of(page)
    assert after[0] > before[0]
    assert after[1] > before[1]
    draft.refresh_from_db()
    assert [float(draft.content[name]) for name in ("latitude", "longitude")] == after


def test_typing_moves_the_point_and_what_is_no_point_takes_it_away(network, page):
    network.sign_in(page, ELENA)
    open_place(network, page)
    dot = page.locator(".map .map-dot")
    expect(dot).to_be_visible()
    page.fill("[name=latitude]", "60,98")
    page.fill("[name=longitude]", "25,66")
    expect(dot).to_be_in_viewport()  # the map has gone there
    page.fill("[name=latitude]", "98")
    expect(dot).to_have_count(0)


def test_page_shows_where_it_is_inside_and_outside_the_network(network, practice, page):
    Publication.objects.filter(pk=practice.pk).update(is_public=True)
    network.sign_in(page, LUCIA)
    heard = listen(page)
    for path in (practice.get_absolute_url(), public_path(practice)):
        page.goto(network.url + path)
        shown = page.get_by_role("region", name=re.compile("Concello de Pontevedra, "))
        expect(shown.locator(".map-dot")).to_have_attribute("title", "Concello de Pontevedra")
        expect(page.locator(".map path.map-here")).to_have_count(1)
        page.context.clear_cookies()
    assert heard == []


def test_without_javascript_there_are_the_fields_and_the_name_of_the_place(network, practice, browser):
    context = browser.new_context(java_script_enabled=False, base_url=network.url)
    page = context.new_page()
    network.sign_in(page, ELENA)
    open_place(network, page)
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator("[name=latitude]")).to_be_visible()
    page.goto(practice.get_absolute_url())
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator("aside").get_by_text("Concello de Pontevedra, Шпанија")).to_be_visible()
    context.close()


def test_map_of_the_list_leads_closer_and_to_what_is_there_by_keyboard(network, page):
    page.emulate_media(reduced_motion="reduce")
    network.sign_in(page, LUCIA)
    heard = listen(page)
    page.goto(f"{network.url}/publications/")
    page.get_by_role("link", name="Map", exact=True).click()
    marks = page.locator(".map a.map-dot")
    expect(marks.first).to_have_accessible_name(re.compile(r":.*\d"))
    most = int(marks.first.inner_text())
    marks.first.focus()
    page.keyboard.press("Enter")
    expect(marks.first).not_to_have_text(str(most))  # drawn anew, which comes after the answer
    expect(marks.first).to_be_focused()
    assert int(marks.first.inner_text() or 1) < most
    page.locator("[data-map-list]").click()
    expect(page).to_have_url(re.compile("area="))
    expect(page.locator(".chips a")).to_have_count(1)
    assert heard == []
