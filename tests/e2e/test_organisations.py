"""Signing in by way of an organisation in a real browser: there and back under our content policy."""

import pytest

from members.accounts.models import SignIn, User
from members.directory.models import Member
from members.people.models import SignInProvider
from members.people.providers import save_provider
from tests.e2e.conftest import listen
from tests.oidc import CLIENT, SECRET, Provider

MIKKO = "mikko@lahti.example"


@pytest.fixture
def idp(tmp_path, monkeypatch):
    provider = Provider(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(provider.bundle))
    yield provider
    provider.stop()


@pytest.mark.parametrize("scripts", [True, False])
def test_browser_goes_to_the_organisation_and_comes_back_signed_in(network, browser, idp, scripts):
    lahti, ada = Member.objects.get(name_en="Lahti"), User.objects.get(email="ada@network.example")
    row = SignInProvider(member=lahti, issuer=idp.issuer, client_id=CLIENT, domains=["lahti.example"])
    save_provider(provider=row, secret=SECRET, by=ada)
    idp.claims = {"sub": "7", "email": MIKKO, "email_verified": True}
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=scripts, locale="en-GB")
    page = context.new_page()
    heard = listen(page)
    page.goto(f"{network.url}/accounts/login/?next=/members/")
    page.locator("a[href^='/sign-in/']").click()
    page.locator("#id_email").fill(MIKKO)
    page.locator("main form button").click()
    page.wait_for_url(f"{network.url}/members/")
    assert list(SignIn.objects.values_list("user__email", "method")) == [(MIKKO, "provider")]
    assert heard == []
    context.close()
