"""Signing in by way of one's organisation, against a real OpenID provider."""

import html
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from members.accounts.models import SignIn, User
from members.directory.models import MemberRole
from members.people.models import JoinRequest, SignInProvider
from members.people.providers import save_provider
from tests.oidc import CLIENT, SECRET, Provider

SILENT = "Your organisation’s sign-in does not answer as it should. Use your password."


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("provider"))
    yield provider
    provider.stop()


@pytest.fixture
def idp(running, monkeypatch):
    """Return the provider as if it had just started, with a certificate that is trusted here."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.bundle))
    running.signing_key, running.kid, running.audience, running.issuer_said = running.key, "one", CLIENT, None
    running.lives, running.claims, running.asked = 300, {}, []
    return running


@pytest.fixture
def lahti_provider(cast, idp):
    """Return the sign-in of Lahti, for addresses of lahti.example; Alice has such an address."""
    User.objects.filter(pk=cast.alice.pk).update(email="alice@lahti.example")
    provider = SignInProvider(member=cast.lahti, issuer=idp.issuer, client_id=CLIENT, domains=["lahti.example"])
    return save_provider(provider=provider, secret=SECRET, by=cast.ada)


def go(client, idp, claims, email="alice@lahti.example", **extra):
    """Sign in at the provider as whoever `claims` say; return the answer that the browser ends with."""
    idp.claims = {"sub": "7", "email": email, "email_verified": True, "name": "Alice Virtanen"} | claims
    page = client.post(reverse("people:provider_find"), {"email": email, **extra})
    target = html.unescape(re.search(r'href="(https://localhost[^"]+/authorize[^"]+)"', page.text).group(1))
    return client.get(idp.authorize(target))


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def test_verified_address_of_the_domain_opens_the_account_that_has_it(client, cast, lahti_provider, idp):
    response = go(client, idp, {})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert signed_in_as(client) == cast.alice
    (asked,) = idp.asked
    assert {name: asked[name] for name in ("client_id", "response_type", "login_hint", "code_challenge_method")} == {
        "client_id": CLIENT, "response_type": "code", "login_hint": "alice@lahti.example",
        "code_challenge_method": "S256",
    }  # fmt: skip
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert list(SocialAccount.objects.values_list("user", "provider", "uid")) == [
        (cast.alice.pk, lahti_provider.app_id, "7")
    ]
    assert list(SignIn.objects.values_list("user", "method", "succeeded", "second_factor")) == [
        (cast.alice.pk, "provider", True, False)
    ]
    assert Message.objects.get().kind == "accounts.account_connected"


def test_second_time_the_person_is_known_by_what_the_provider_calls_them(client, cast, lahti_provider, idp):
    go(client, idp, {})
    client.logout()
    go(client, idp, {"email": "alice.virtanen@lahti.example"})
    assert signed_in_as(client) == cast.alice
    assert SocialAccount.objects.count() == 1


def test_sign_in_leads_where_the_person_wanted_to_go_and_nowhere_else(client, cast, lahti_provider, idp):
    assert go(client, idp, {}, next="/members/").headers["Location"] == "/members/"
    client.logout()
    assert go(client, idp, {}, next="https://evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email": "carlos@city.example"}, "carlos@city.example is not an address of this organisation."),
        ({"email": "alice@sub.lahti.example"}, "alice@sub.lahti.example is not an address of this organisation."),
        ({"email": "alice@lahti.example@city.example"}, "Your organisation has not told us your e-mail address."),
        ({"email": ""}, "Your organisation has not told us your e-mail address."),
        ({"email_verified": False}, "Your organisation does not say that your e-mail address is verified."),
        ({"email_verified": "false"}, "Your organisation does not say that your e-mail address is verified."),
        ({"email_verified": None}, "Your organisation does not say that your e-mail address is verified."),
    ],
)
def test_provider_signs_nobody_in_by_an_address_that_it_may_not(client, cast, lahti_provider, idp, claims, why):
    response = go(client, idp, claims)
    assert response.status_code == 403
    assert html.escape(why) in response.text
    assert signed_in_as(client) is None
    assert SocialAccount.objects.count() == 0
    assert User.objects.count() == 9


def test_provider_signs_in_nobody_whose_account_has_another_domain_by_now(client, cast, lahti_provider, idp):
    """Alice has changed jobs: Lahti still knows her as number 7, but the account is Pontevedra's person's."""
    go(client, idp, {})
    client.logout()
    User.objects.filter(pk=cast.alice.pk).update(email="alice@pontevedra.example")
    response = go(client, idp, {})
    assert response.status_code == 403
    assert "Your account has an address of another organisation now." in response.text
    assert signed_in_as(client) is None
    assert list(SignIn.objects.order_by("pk").values_list("succeeded", flat=True)) == [True, False]


def test_trusted_provider_may_leave_out_that_its_addresses_are_verified(client, cast, lahti_provider, idp):
    SignInProvider.objects.update(is_trusted=True)
    assert go(client, idp, {"email_verified": False}).status_code == 403
    assert go(client, idp, {"email_verified": None}).status_code == 302
    assert signed_in_as(client) == cast.alice


@pytest.mark.parametrize("what", ["signature", "kid", "audience", "expired", "issuer", "discovery"])
def test_token_that_is_not_the_issuers_for_us_and_now_is_refused(client, cast, lahti_provider, idp, what):
    if what == "signature":
        idp.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif what == "kid":
        idp.kid = "another"
    elif what == "audience":
        idp.audience = "somebody else"
    elif what == "expired":
        idp.lives = -300
    claims = {"iss": "https://evil.example"} if what == "issuer" else {}
    if what == "discovery":
        idp.issuer_said = "https://evil.example"
        page = client.post(reverse("people:provider_find"), {"email": "alice@lahti.example"})
        assert SILENT in page.text
    else:
        response = go(client, idp, claims)
        assert (response.status_code, SILENT in response.text) == (401, True)
    assert signed_in_as(client) is None


def test_answer_without_the_state_of_this_browser_is_refused(client, cast, lahti_provider, idp):
    go(client, idp, {})
    client.logout()
    back = reverse("people:provider_back", args=[lahti_provider.app_id])
    assert client.get(back, {"code": "x", "state": "y"}).status_code == 401
    assert client.get(back, {"error": "access_denied"}).status_code == 401
    assert signed_in_as(client) is None


def test_provider_without_a_trusted_certificate_is_not_spoken_to(client, cast, lahti_provider, idp, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    page = client.post(reverse("people:provider_find"), {"email": "alice@lahti.example"})
    assert SILENT in page.text


@pytest.mark.parametrize("change", [{"is_active": False}, {"member__is_active": False}])
def test_provider_that_is_not_in_use_signs_nobody_in(client, cast, lahti_provider, idp, change):
    if "is_active" in change:
        SignInProvider.objects.update(is_active=False)
    else:
        type(cast.lahti).objects.filter(pk=cast.lahti.pk).update(is_active=False)
    page = client.post(reverse("people:provider_find"), {"email": "alice@lahti.example"})
    assert "No organisation with this address signs people in here. Use your password." in page.text
    assert client.get(reverse("people:provider_back", args=[lahti_provider.app_id])).status_code == 404


@pytest.mark.parametrize("name", ["oidc-7", "openid_connect", "oidc-" + "x" * 36, "google"])
def test_provider_that_does_not_exist_is_not_there(client, cast, lahti_provider, idp, name):
    assert client.get(reverse("people:provider_back", args=[name])).status_code == 404


def test_account_that_is_closed_stays_closed(client, cast, lahti_provider, idp):
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert go(client, idp, {}).headers["Location"] == reverse("account_inactive")
    assert signed_in_as(client) is None


def test_password_that_somebody_else_may_have_set_does_not_outlive_a_proven_address(
    client, cast, lahti_provider, idp, with_password
):
    cast.alice.email = "alice@lahti.example"
    with_password(cast.alice, verified=False)
    go(client, idp, {})
    assert signed_in_as(client) == cast.alice
    assert not User.objects.get(pk=cast.alice.pk).has_usable_password()


# Somebody without an account -----------------------------------------------------------------------------------------


def test_newcomer_gets_an_account_and_waits_for_the_liaison_where_the_member_takes_its_domain(
    client, cast, lahti_provider, idp
):
    type(cast.lahti).objects.filter(pk=cast.lahti.pk).update(email_domains=["lahti.example"])
    response = go(client, idp, {"sub": "8", "name": "Ilkka"}, email="ilkka@lahti.example")
    assert response.status_code == 302
    user = signed_in_as(client)
    assert (user.email, user.name, user.has_usable_password()) == ("ilkka@lahti.example", "Ilkka", False)
    assert EmailAddress.objects.get(user=user).verified
    asked = JoinRequest.objects.get()
    assert (asked.user, asked.member, asked.answered_at) == (user, cast.lahti, None)
    assert not MemberRole.objects.filter(user=user).exists()
    assert [m.user for m in Message.objects.filter(kind="people.join_requested")] == [cast.alice]
    assert client.get(reverse("directory:member_detail", args=["lahti"])).status_code == 404


def test_newcomer_is_told_to_ask_for_an_invitation_where_the_member_takes_nobody(client, cast, lahti_provider, idp):
    response = go(client, idp, {"sub": "8"}, email="ilkka@lahti.example")
    assert response.status_code == 200
    assert signed_in_as(client) is None
    assert User.objects.count() == 9
    assert "account/signup_closed.html" in [one.name for one in response.templates]


# Setting it up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["alice", "bob", "kaisa", "eva", "xavier", "nora"])
def test_only_an_administrator_sets_up_a_sign_in(cast, idp, person):
    provider = SignInProvider(member=cast.lahti, issuer=idp.issuer, client_id=CLIENT, domains=["lahti.example"])
    with pytest.raises(PermissionDenied):
        save_provider(provider=provider, secret=SECRET, by=getattr(cast, person))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "http://login.example"),
        ("issuer", "https://"),
        ("issuer", "https://user@login.example"),
        ("issuer", "https://login.example/?a=b"),
        ("issuer", "ftp://login.example"),
        ("domains", ["Lahti"]),
        ("domains", ["@lahti.example"]),
        ("domains", []),
        ("client_id", ""),
    ],
)
def test_sign_in_with_a_mistake_is_not_kept(cast, idp, field, value):
    facts = {"member": cast.lahti, "issuer": idp.issuer, "client_id": CLIENT, "domains": ["lahti.example"]}
    with pytest.raises(ValidationError) as caught:
        save_provider(provider=SignInProvider(**facts | {field: value}), secret=SECRET, by=cast.ada)
    assert list(caught.value.message_dict) == [field]


def test_domain_belongs_to_one_sign_in(cast, lahti_provider, idp):
    other = SignInProvider(
        office=cast.europe, issuer=idp.issuer, client_id=CLIENT, domains=["europe.example", "lahti.example"]
    )
    with pytest.raises(ValidationError) as caught:
        save_provider(provider=other, secret=SECRET, by=cast.ada)
    assert caught.value.message_dict == {"domains": ["Another organisation’s sign-in has one of these domains."]}


def test_secret_is_sealed_and_kept_until_there_is_another(cast, lahti_provider):
    assert SECRET not in lahti_provider.sealed_secret
    save_provider(provider=lahti_provider, secret="", by=cast.ada)
    assert SignInProvider.objects.get().secret == SECRET
    assert [entry.details for entry in Entry.objects.filter(verb="sign_in_set")] == [
        {"issuer": lahti_provider.issuer, "domains": ["lahti.example"], "active": True}
    ] * 2


def test_another_issuer_opens_no_account_by_the_number_of_the_former(client, cast, lahti_provider, idp):
    go(client, idp, {})
    former = lahti_provider.app_id
    lahti_provider.issuer = "https://login.example"
    save_provider(provider=lahti_provider, secret="", by=cast.ada)
    assert SocialAccount.objects.count() == 0
    assert SignInProvider.objects.get().app_id != former
