"""Where people are signed in, and the history of it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.ops.retention import keep_retention, rules
from config.ops.tasks import keep_retention_task
from members.accounts.models import SignIn
from members.accounts.sign_ins import end_sessions
from tests.fixtures import PASSWORD

FIREFOX, PHONE = {"User-Agent": "Firefox on Linux"}, {"User-Agent": "A telephone"}
PAGE = "/profile/sessions/"


def sign_in(user, password=PASSWORD, **extra):
    client = Client(headers=extra.pop("headers", FIREFOX), **extra)
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    return client


@pytest.fixture
def alice(cast, with_password):
    return with_password(cast.alice)


def is_signed_in(client):
    return client.get(PAGE).status_code == 200


def test_sessions_are_listed_with_browser_and_address_and_one_is_this_one(alice):
    first = sign_in(alice, REMOTE_ADDR="192.0.2.1")
    sign_in(alice, headers=PHONE, REMOTE_ADDR="192.0.2.2")
    page = first.get(PAGE)
    assert [(one.user_agent, one.ip) for one in page.context["sessions"]] == [
        ("A telephone", "192.0.2.2"), ("Firefox on Linux", "192.0.2.1"),
    ]  # fmt: skip
    assert page.text.count("This one") == 1
    assert page.context["current"] == first.session.session_key


def test_session_is_ended_by_its_owner(alice):
    here, there = sign_in(alice), sign_in(alice, headers=PHONE)
    row = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(reverse("accounts:session_end", args=[row.pk])).status_code == 302
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_all_others_are_ended_at_once(alice):
    here, *others = (sign_in(alice) for _ in range(3))
    here.post(reverse("accounts:sessions_end_others"))
    assert [is_signed_in(one) for one in (here, *others)] == [True, False, False]


def test_session_of_somebody_else_is_not_there(cast, alice, with_password):
    hers, his = sign_in(alice), sign_in(with_password(cast.bob))
    row = UserSession.objects.get(user=alice)
    assert his.post(reverse("accounts:session_end", args=[row.pk])).status_code == 404
    his.post(reverse("accounts:sessions_end_others"))
    assert is_signed_in(hers)
    with pytest.raises(PermissionDenied):
        end_sessions(user=alice, by=cast.bob)


def test_this_session_is_ended_by_signing_out_alone(alice):
    here = sign_in(alice)
    row = UserSession.objects.get()
    assert here.post(reverse("accounts:session_end", args=[row.pk])).status_code == 404
    assert is_signed_in(here)


def test_session_that_a_new_password_has_ended_is_not_listed(alice):
    here, there = sign_in(alice), sign_in(alice, headers=PHONE)
    change = {"oldpassword": PASSWORD, "password1": "another passphrase", "password2": "another passphrase"}
    here.post(reverse("account_change_password"), change)
    assert [one.user_agent for one in here.get(PAGE).context["sessions"]] == ["Firefox on Linux"]
    assert not is_signed_in(there)


def test_last_use_is_noted_every_five_minutes(alice):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = sign_in(alice)
        began = UserSession.objects.get().last_seen_at
        clock.shift(timedelta(minutes=4))
        client.get("/members/")
        assert UserSession.objects.get().last_seen_at == began
        clock.shift(timedelta(minutes=2))
        client.get("/members/")
        assert UserSession.objects.get().last_seen_at == began + timedelta(minutes=6)


def test_page_reads_as_often_for_many_sessions_as_for_few(alice, django_assert_num_queries):
    client = sign_in(alice)
    for number in (1, 3):
        for _ in range(number):
            sign_in(alice)
        SignIn.objects.bulk_create(SignIn(user=alice, method="password", succeeded=True) for _ in range(number))
        client.get(PAGE)
        with django_assert_num_queries(8):
            client.get(PAGE)


# The history ---------------------------------------------------------------------------------------------------------


def history(user):
    return list(user.sign_ins.order_by("pk").values_list("method", "succeeded", "ip", "user_agent"))


def test_history_holds_what_succeeded_and_what_failed(alice):
    sign_in(alice, password="wrong", headers=PHONE, REMOTE_ADDR="198.51.100.7")
    client = sign_in(alice, REMOTE_ADDR="192.0.2.1")
    assert history(alice) == [
        ("password", False, "198.51.100.7", "A telephone"), ("password", True, "192.0.2.1", "Firefox on Linux"),
    ]  # fmt: skip
    page = client.get(PAGE).text
    assert "198.51.100.7" in page
    assert page.count("Refused") == 1


def test_history_keeps_nothing_of_addresses_without_an_account(db, client):
    client.post(reverse("account_login"), {"login": "nobody@city.example", "password": "x"})
    assert SignIn.objects.count() == 0


def test_history_is_its_owners(cast, alice, client):
    sign_in(alice, REMOTE_ADDR="192.0.2.1")
    client.force_login(cast.bob)
    page = client.get(PAGE)
    assert list(page.context["sign_ins"]) == []
    assert "192.0.2.1" not in page.text


def test_history_is_kept_for_90_days(alice, cast):
    for days in (89, 91):
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            SignIn.objects.create(user=alice, method="password", succeeded=True)
    assert keep_retention()["sign-in history"] == 1
    assert keep_retention()["sign-in history"] == 0
    assert SignIn.objects.count() == 1


def test_notes_of_sessions_that_are_over_are_forgotten(alice):
    client = sign_in(alice)
    sign_in(alice)
    Session.objects.exclude(session_key=client.session.session_key).delete()
    keep_retention_task()
    assert [one.session_key for one in UserSession.objects.all()] == [client.session.session_key]


def test_rule_that_fails_stops_no_other(alice, monkeypatch):
    from config.ops import retention

    monkeypatch.setitem(retention._rules, "a broken one", retention.Rule("a broken one", 1, lambda: 1 // 0, ""))
    assert "sign-in history" in keep_retention()
    assert "a broken one" not in keep_retention()
    assert ("sign-in history", 90) in [(rule.name, rule.days) for rule in rules()]
