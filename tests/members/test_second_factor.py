"""Second factors: set up, asked for, lost, and asked of those whose role needs one."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.outbox.models import Message
from members.accounts.models import SignIn, User
from members.accounts.second_factor import KNOWN, KNOWN_FOR
from members.accounts.secrets import seal, unseal
from members.directory.models import MemberRole
from tests.fixtures import PASSWORD
from tests.keys import SoftKey, give_key

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


def code_of(secret, *, later=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def confirm(client):
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def set_up(client, user):
    """Sign in and set up an app; return its key."""
    sign_in(client, user)
    confirm(client)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.headers["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def alice(cast, with_password):
    return with_password(cast.alice)


def test_app_is_asked_for_once_it_is_set_up(client, alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(client, alice)
    assert set(Message.objects.values_list("kind", flat=True)) >= {"accounts.totp_activated"}
    client.logout()
    assert sign_in(client, alice).headers["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    page = client.get(reverse("mfa_authenticate"))
    assert page.status_code == 200
    assert client.get("/members/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, later=1)})
    assert is_signed_in(client)
    assert list(SignIn.objects.order_by("pk").values_list("method", "second_factor", "succeeded")) == [
        ("password", False, True), ("password", True, False), ("password", True, True),
    ]  # fmt: skip


def test_somebody_with_a_second_factor_can_change_their_address(client, alice, mail_to, link_in):
    set_up(client, alice)
    client.post(reverse("account_email"), {"email": "alice@lahti.example", "action_add": ""})
    client.post(link_in(mail_to("alice@lahti.example"), "/accounts/confirm-email/"))
    assert User.objects.get(pk=alice.pk).email == "alice@lahti.example"


def test_recovery_code_opens_once(client, alice):
    set_up(client, alice)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    assert code in client.get(reverse("mfa_view_recovery_codes")).text
    for opens in (True, False):
        client.logout()
        sign_in(client, alice)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_signed_in(client) == opens


def test_setting_up_asks_for_the_password_first(client, alice):
    sign_in(client, alice)
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert client.get(reverse(name)).headers["Location"].startswith(reverse("account_reauthenticate"))


def test_wrong_code_sets_nothing_up(client, alice):
    sign_in(client, alice)
    confirm(client)
    client.get(reverse("mfa_activate_totp"))
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_key_is_sealed_in_the_database(client, alice):
    secret = set_up(client, alice)
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert unseal(kept) == secret


def test_secrets_are_read_with_a_former_key_too(settings):
    sealed = seal("secret")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 40
    assert unseal(sealed) == "secret"


def test_somebody_elses_key_is_not_there(client, cast, alice):
    theirs = give_key(cast.bob, "Key")
    sign_in(client, alice)
    confirm(client)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[theirs.pk])).status_code == 404
        assert client.post(reverse(name, args=[theirs.pk]), {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().wrap().name == "Key"


def test_keys_are_listed_renamed_and_removed_by_their_owner(client, alice):
    sign_in(client, alice)
    key = give_key(alice)
    confirm(client)
    client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Green key"})
    assert "Green key" in client.get(reverse("mfa_list_webauthn")).text
    assert client.get(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 200
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.exists()


def test_key_is_added_and_opens_as_second_factor_and_instead_of_a_password(client, alice):
    key = SoftKey()
    sign_in(client, alice)
    confirm(client)
    options = client.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]
    made = {"name": "Blue key", "passwordless": "on", "credential": json.dumps(key.make(options))}
    assert client.post(reverse("mfa_add_webauthn"), made).headers["Location"] == reverse("mfa_view_recovery_codes")
    client.logout()
    sign_in(client, alice)
    asked = client.get(reverse("mfa_authenticate")).context["js_data"]["request_options"]
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(SoftKey().prove(asked))})
    assert not is_signed_in(client)
    asked = client.get(reverse("mfa_authenticate")).context["js_data"]["request_options"]
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(key.prove(asked))})
    assert is_signed_in(client)
    client.logout()
    asked = client.get(reverse("mfa_login_webauthn"), headers=JSON).json()["request_options"]
    client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(key.prove(asked))})
    assert is_signed_in(client)
    methods = SignIn.objects.order_by("pk").values_list("method", "second_factor", "succeeded")
    assert list(methods)[-2:] == [("password", True, True), ("passkey", False, True)]


@pytest.mark.parametrize("nonsense", ["{}", "[]", '{"id": "x"}', "no json", "7"])
def test_what_is_no_key_is_not_added(client, alice, nonsense):
    sign_in(client, alice)
    confirm(client)
    client.get(reverse("mfa_add_webauthn"))
    page = client.post(reverse("mfa_add_webauthn"), {"name": "Key", "credential": nonsense})
    assert (page.status_code, Authenticator.objects.count()) == (200, 0)


def test_passkey_login_offers_a_challenge_and_takes_no_nonsense(client, db):
    answer = client.get(reverse("mfa_login_webauthn"), headers=JSON)
    assert answer.status_code == 200
    assert "challenge" in answer.json()["request_options"]["publicKey"]
    for nonsense in ("{}", "[]", '{"id": "x"}', "no json"):
        response = client.post(reverse("mfa_login_webauthn"), {"credential": nonsense})
        assert response.status_code == 302
        assert not is_signed_in(client)


# Asked by role -------------------------------------------------------------------------------------------------------

ASKED = {
    ("administrator",): {"ada"},
    ("administrator", "coordinator"): {"ada", "kaisa", "eva"},
    ("expert",): {"xavier"},
    ("liaison",): {"alice", "carlos"},
    ("contributor",): {"bob"},
    ("reader",): {"rita"},
    (): set(),
}
PEOPLE = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")


@pytest.mark.parametrize("roles", ASKED)
def test_roles_that_are_named_need_a_second_factor(client, cast, settings, roles):
    settings.SECOND_FACTOR_ROLES = list(roles)
    led = set()
    for name in PEOPLE:
        client.force_login(getattr(cast, name))
        response = client.get("/")
        if (response.status_code, response.headers.get("Location")) == (302, reverse("mfa_index")):
            led.add(name)
        else:
            assert response.status_code == 200
    assert led == ASKED[roles]


def test_somebody_without_the_factor_gets_to_set_it_up_and_to_leave_and_to_nothing_else(
    client, cast, settings, with_password
):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    sign_in(client, with_password(cast.kaisa))
    for path in ("/members/", "/profile/", "/review/", "/publications/", reverse("accounts:sessions"), "/admin/"):
        assert client.get(path).headers["Location"] == reverse("mfa_index"), path
    assert client.get("/publications/", headers=HTMX).status_code == 401
    assert client.post(reverse("directory:invite", args=["lahti"]), {"email": "x@city.example"}).status_code == 302
    page = client.get(reverse("mfa_index"))
    assert (page.status_code, "Your role asks for a second factor." in page.text) == (200, True)
    assert client.post(reverse("accounts:set_language"), {"language": "fi"}).status_code == 302
    confirm(client)
    client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code_of(client.session["mfa.totp.secret"])})
    assert client.get("/members/").status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_recovery_codes_alone_are_no_factor(client, cast, settings):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    Authenticator.objects.create(user=cast.kaisa, type="recovery_codes", data={"seed": seal("x"), "used_mask": 0})
    client.force_login(cast.kaisa)
    assert client.get("/members/").headers["Location"] == reverse("mfa_index")


def test_role_that_is_given_later_asks_from_then_on(client, cast, settings):
    settings.SECOND_FACTOR_ROLES = ["liaison"]
    client.force_login(cast.bob)
    assert client.get("/members/").status_code == 200
    MemberRole.objects.filter(user=cast.bob).update(role="liaison")
    assert client.get("/members/").headers["Location"] == reverse("mfa_index")


def test_page_for_those_who_are_not_signed_in_asks_no_factor(client, cast, settings):
    settings.SECOND_FACTOR_ROLES = ["administrator"]
    assert client.get(reverse("account_login")).status_code == 200
    assert User.objects.count() == 9


def factor_queries(client):
    """Return whether a page that `client` opens asks the database for a second factor."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/members/")
    return answer.status_code, any("mfa_authenticator" in one["sql"] for one in queries)


def test_factor_is_asked_for_once_a_session(client, cast, settings):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    give_key(cast.kaisa)
    client.force_login(cast.kaisa)
    assert [factor_queries(client) for _ in range(3)] == [(200, True), (200, False), (200, False)]
    client.force_login(cast.eva)
    assert factor_queries(client) == (302, True)
    client.force_login(cast.kaisa)
    assert factor_queries(client) == (200, True)


def test_factor_that_goes_is_missed_in_every_session(client, cast, settings, with_password):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    other = Client()
    kaisa = with_password(cast.kaisa)
    for one in (client, other):
        sign_in(one, kaisa)
    key = give_key(kaisa)
    for one in (client, other):
        assert [factor_queries(one) for _ in range(2)] == [(200, True), (200, False)]
    confirm(client)
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.exists()
    assert [factor_queries(one) for one in (client, other)] == [(302, True), (302, True)]


def test_factor_that_support_takes_away_is_missed(client, cast, settings, with_password):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    sign_in(client, with_password(cast.kaisa))
    give_key(cast.kaisa)
    assert factor_queries(client) == (200, True)
    Authenticator.objects.all().delete()
    assert factor_queries(client) == (302, True)


def test_answer_in_a_session_is_believed_for_some_minutes_alone(client, cast, settings):
    settings.SECOND_FACTOR_ROLES = ["coordinator"]
    client.force_login(cast.kaisa)
    for since, status in ((-KNOWN_FOR - 1, 302), (600, 302), (-KNOWN_FOR + 60, 200)):
        session = client.session
        session[KNOWN] = int(time.time()) + since
        session.save()
        assert factor_queries(client)[0] == status
