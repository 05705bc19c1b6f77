"""A passkey in a real browser, with an authenticator that the browser pretends: added, and used to sign in."""

import pytest

from members.accounts.models import SignIn, User
from tests.e2e.conftest import listen

ELENA = "elena@bitola.example"


@pytest.fixture
def page(browser):
    """Return a page whose browser has a platform authenticator."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def test_passkey_is_added_and_opens_the_account(network, page):
    heard = listen(page)
    User.objects.filter(email=ELENA).update(language="en")
    network.sign_in(page, ELENA)
    page.goto(f"{network.url}/accounts/second-factor/webauthn/add/")
    page.get_by_label("Sign in with it instead of a password").check()
    page.get_by_role("button", name="Add a key").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{network.url}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{network.url}/")
    assert list(SignIn.objects.values_list("user__email", "method", "succeeded")) == [(ELENA, "passkey", True)]
    assert heard == []
