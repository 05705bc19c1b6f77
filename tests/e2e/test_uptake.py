"""Taking something up and keeping it, in a browser."""

import pytest
from playwright.sync_api import expect

from practices.uptake.models import BookmarkList, Uptake
from tests.e2e.conftest import listen

AINO, LUCIA = "aino@joensuu.example", "lucia@pontevedra.example"


def test_member_records_uptake_and_the_owner_confirms_it(network, page, practice):
    heard = listen(page)
    network.sign_in(page, AINO)
    page.goto(network.url + practice.get_absolute_url())
    page.click(f"a[href='{practice.get_absolute_url()}uptake/new/']")
    page.check("[name=state][value=adapting]")
    page.fill("[name=changed]", "Kaksi katua ensin.")
    page.fill("[name=cost_amount]", "12 500,50")
    page.click("main form.form-narrow button")
    expect(page.locator("main .alert-bad")).to_be_visible()  # which currency?
    assert page.locator("[name=changed]").input_value() == "Kaksi katua ensin."
    page.fill("[name=cost_currency]", "eur")
    page.click("main form.form-narrow button")
    expect(page.locator("#uptake")).to_contain_text("Kaksi katua ensin.")
    uptake = Uptake.objects.get(member__slug="joensuu")
    assert (uptake.state, str(uptake.cost_amount), uptake.confirmed_at) == ("adapting", "12500.50", None)
    network.sign_in(page, LUCIA)
    page.goto(network.url)
    page.click(f"a[href='/uptake/{uptake.pk}/confirm/']")
    page.check("[name=answer][value=confirm]")
    page.click("main form.form-narrow button")
    expect(page).to_have_url(f"{network.url}/uptake/")
    page.goto(network.url + practice.get_absolute_url())
    expect(page.locator("#uptake .badge-good")).to_have_count(2)  # Bitola's was confirmed before
    practice.refresh_from_db()
    assert (practice.uptake_count, practice.evidence) == (2, "taken_up")
    assert heard == []


@pytest.mark.parametrize("javascript", [True, False])
def test_publication_is_saved_into_a_new_list_and_taken_out(javascript, network, browser, practice):
    context = browser.new_context(java_script_enabled=javascript, base_url=network.url)
    page = context.new_page()
    network.sign_in(page, AINO)
    page.goto(practice.get_absolute_url())
    page.click("main a[href$='/save/']")
    page.fill("[name=new_list]", "Kadut")
    page.fill("[name=note]", "Kysy busseista")
    page.click("form[action$='/save/'] button")
    made = BookmarkList.objects.get(name="Kadut")
    page.click(f"main a[href='{made.get_absolute_url()}']")
    expect(page.locator("main")).to_contain_text("Kysy busseista")
    page.click("form[action$='/remove/'] button")
    expect(page.locator("main .empty")).to_be_visible()
    context.close()
