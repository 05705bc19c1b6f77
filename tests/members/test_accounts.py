"""Sign-in, passwords, addresses, the profile, and the support tool."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation

from config.outbox.models import Message
from members.accounts.emails import KINDS, queue_account_mail
from members.accounts.models import User
from members.accounts.secrets import seal
from members.directory.models import Contact, Invitation
from members.people.models import SignInProvider
from members.people.providers import save_provider
from tests.fixtures import PASSWORD

WRONG = "The email address and/or password you specified are not correct."
OTHER = "another long passphrase"
HTMX = {"HX-Request": "true"}


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def texts(response):
    """Return the form's errors as the page shows them, by field."""
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


# Sign-in -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["alice@city.example", "Alice@City.Example", " ALICE@CITY.EXAMPLE "])
def test_sign_in_with_any_letter_case(client, cast, with_password, email):
    with_password(cast.alice)
    response = sign_in(client, email)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert signed_in_as(client) == cast.alice


@pytest.mark.parametrize(("email", "password"), [("alice@city.example", OTHER), ("nobody@city.example", PASSWORD)])
def test_sign_in_refused_says_the_same_for_wrong_password_and_unknown_address(
    client, cast, with_password, email, password
):
    with_password(cast.alice)
    response = sign_in(client, email, password)
    assert response.status_code == 200
    assert texts(response) == {"__all__": [WRONG]}
    assert email in response.text
    assert signed_in_as(client) is None


def test_sign_in_goes_on_to_where_one_wanted_to_be_and_never_elsewhere(client, cast, with_password):
    with_password(cast.alice)
    address = reverse("account_login")
    data = {"login": "alice@city.example", "password": PASSWORD}
    assert client.post(address, data | {"next": "/members/"}).headers["Location"] == "/members/"
    client.logout()
    assert client.post(address, data | {"next": "https://evil.example/"}).headers["Location"] == "/"


def test_sign_in_of_unverified_address_sends_a_link_instead(client, cast, with_password, mail_to, link_in):
    with_password(cast.alice, verified=False)
    response = sign_in(client, "alice@city.example", follow=True)
    assert "Your address is not confirmed yet." in response.text
    assert signed_in_as(client) is None
    link = link_in(mail_to("alice@city.example"), "/accounts/confirm-email/")
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified  # opening the link alone does nothing: mail scanners do so too
    client.post(link)
    assert EmailAddress.objects.get().verified
    sign_in(client, "alice@city.example")
    assert signed_in_as(client) == cast.alice


def test_sign_in_of_closed_account_is_refused(client, cast, with_password):
    with_password(cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    response = sign_in(client, "alice@city.example", follow=True)
    assert signed_in_as(client) is None
    assert "This account is closed" in response.text


def test_closed_account_is_out_at_once(client, cast):
    client.force_login(cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_too_many_attempts_are_refused_with_a_clear_answer(client, cast, with_password):
    with_password(cast.alice)
    answers = [sign_in(client, "alice@city.example", "wrong") for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert texts(answers[4]) == {"__all__": [WRONG]}
    assert texts(answers[5]) == {"__all__": ["Too many failed login attempts. Try again later."]}
    assert texts(sign_in(client, "alice@city.example")) == texts(answers[5])  # the right one does not help now
    assert signed_in_as(client) is None


def test_too_many_requests_from_one_place_are_answered_429(client, db):
    answers = [client.post(reverse("account_reset_password"), {"email": f"p{n}@city.example"}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert "Too many attempts" in answers[-1].text


def test_nobody_signs_up_by_themselves(client, db):
    assert "By invitation" in client.get(reverse("account_signup")).text
    data = {"email": "new@city.example", "password1": PASSWORD, "password2": PASSWORD}
    assert "By invitation" in client.post(reverse("account_signup"), data).text
    assert not User.objects.exists()


def test_sign_out_needs_a_post(client, cast):
    client.force_login(cast.alice)
    client.get(reverse("account_logout"))
    assert signed_in_as(client) == cast.alice
    response = client.post(reverse("account_logout"))
    assert response.headers["Location"] == reverse("account_login")
    assert signed_in_as(client) is None


# Passwords -----------------------------------------------------------------------------------------------------------


def test_forgotten_password_by_a_link_in_a_mail_that_works_once(client, cast, with_password, mail_to, link_in):
    User.objects.filter(pk=with_password(cast.alice).pk).update(language="fi")
    response = client.post(reverse("account_reset_password"), {"email": "Alice@City.example"}, follow=True)
    assert "We have sent you a message." in response.text
    assert "key" not in Message.objects.get().payload  # the secret is made when it is sent
    mail = mail_to("alice@city.example")
    assert mail["Content-Language"] == "fi"
    link = link_in(mail, "/accounts/password/reset/key/")
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    weak = client.post(address, {"password1": "short", "password2": "short"})
    assert weak.status_code == 200
    assert list(texts(weak)) == ["password1"]
    client.post(address, {"password1": OTHER, "password2": OTHER})
    sign_in(client, "alice@city.example")
    assert signed_in_as(client) is None
    sign_in(client, "alice@city.example", OTHER)
    assert signed_in_as(client) == cast.alice
    client.logout()
    again = client.get(link, follow=True)
    assert "This link does not work any more" in again.text
    assert client.post(link, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 200
    assert User.objects.get(pk=cast.alice.pk).check_password(OTHER)


def test_forgotten_password_does_not_tell_who_has_an_account(client, cast, with_password, mail_to):
    with_password(cast.alice)
    pages = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in ("alice@city.example", "stranger@city.example")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert [page.text.count("We have sent you a message.") for page in pages] == [1, 1]
    assert not any("city.example" in page.text for page in pages)
    assert mail_to("stranger@city.example")["Subject"] == "There is no account for this address"


def test_forgotten_password_of_closed_account_gives_no_link(client, cast, with_password, smtp, mail_to):
    User.objects.filter(pk=with_password(cast.alice).pk).update(is_active=False)
    client.post(reverse("account_reset_password"), {"email": "alice@city.example"})
    assert "password/reset/key" not in str(mail_to("alice@city.example"))


def test_change_of_password_keeps_one_signed_in_and_tells_by_mail(client, cast, with_password, mail_to):
    with_password(cast.alice)
    sign_in(client, "alice@city.example")
    address = reverse("account_change_password")
    wrong = client.post(address, {"oldpassword": OTHER, "password1": OTHER, "password2": OTHER})
    assert list(texts(wrong)) == ["oldpassword"]
    client.post(address, {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER})
    assert signed_in_as(client) == cast.alice
    assert client.get("/").status_code == 200
    assert mail_to("alice@city.example")["Subject"] == "Your password was changed"


# Addresses -----------------------------------------------------------------------------------------------------------


def change_address(client, email, **extra):
    return client.post(reverse("account_email"), {"email": email, "action_add": ""}, **extra)


def test_change_of_address_counts_once_it_is_confirmed(client, cast, with_password, mail_to, link_in, smtp):
    with_password(cast.alice)
    sign_in(client, "alice@city.example")
    change_address(client, "Alice.New@City.example")
    assert User.objects.get(pk=cast.alice.pk).email == "alice@city.example"
    assert "alice.new@city.example" in client.get(reverse("account_email")).text
    client.post(link_in(mail_to("alice.new@city.example"), "/accounts/confirm-email/"))
    assert User.objects.get(pk=cast.alice.pk).email == "alice.new@city.example"
    notice = mail_to("alice@city.example")
    assert notice["Subject"] == "Your e-mail address was changed"
    assert "from alice@city.example to alice.new@city.example" in notice.get_body(("plain",)).get_content()
    client.logout()
    assert texts(sign_in(client, "alice@city.example")) == {"__all__": [WRONG]}
    sign_in(client, "alice.new@city.example")
    assert signed_in_as(client) == cast.alice


def test_change_of_address_can_be_given_up_and_the_link_then_does_nothing(
    client, cast, with_password, mail_to, link_in
):
    with_password(cast.alice)
    sign_in(client, "alice@city.example")
    change_address(client, "new@city.example")
    link = link_in(mail_to("new@city.example"), "/accounts/confirm-email/")
    client.post(reverse("account_email"), {"email": "new@city.example", "action_remove": ""})
    client.post(link)
    assert User.objects.get(pk=cast.alice.pk).email == "alice@city.example"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["alice@city.example"]


@pytest.mark.parametrize("has_signed_in", [True, False])
def test_change_of_address_to_somebody_elses_is_refused_without_telling(
    client, cast, with_password, mail_to, link_in, has_signed_in
):
    with_password(cast.alice)
    if has_signed_in:
        with_password(cast.bob)
    sign_in(client, "alice@city.example")
    assert change_address(client, "bob@city.example", follow=True).status_code == 200
    link = link_in(mail_to("bob@city.example"), "/accounts/confirm-email/")
    client.post(link)  # Bob opens it without reading
    assert User.objects.get(pk=cast.alice.pk).email == "alice@city.example"
    assert User.objects.get(pk=cast.bob.pk).email == "bob@city.example"


def test_first_sign_in_of_somebody_made_on_the_command_line(client, db, mail_to, link_in):
    admin_user = User.objects.create_superuser("First@Network.example", PASSWORD, name="First")
    assert (admin_user.email, admin_user.is_administrator) == ("first@network.example", True)
    sign_in(client, "first@network.example")
    client.post(link_in(mail_to("first@network.example"), "/accounts/confirm-email/"))
    sign_in(client, "first@network.example")
    assert signed_in_as(client) == admin_user


# Mail ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fi", "mk"])
@pytest.mark.parametrize("name", KINDS)
def test_every_account_mail_is_written_in_every_language(cast, mail_to, name, language):
    cast.alice.language = language
    cast.alice.save(update_fields=["language"])
    EmailAddress.objects.create(user=cast.alice, email=cast.alice.email, verified=False)
    facts = {
        "timestamp": "2026-03-31T12:00:00+00:00", "ip": "192.0.2.7", "user_agent": "Browser <1>",
        "from_email": "old@city.example", "to_email": "new@city.example", "deleted_email": "old@city.example",
    }  # fmt: skip
    queue_account_mail(name=name, to=cast.alice.email, user=cast.alice, facts=facts)
    mail = mail_to(cast.alice.email)
    parts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    assert mail["Content-Language"] == language
    assert f'<html lang="{language}">' in parts[1]
    assert "Browser <1>" not in parts[1]
    assert all(part.strip() for part in (mail["Subject"], *parts))
    with translation.override(language):
        foot = translation.gettext("You get this message because you have an account at %(network_name)s.")
    assert (foot % {"network_name": "Talkoo"} in parts[0]) == (name != "unknown_account")


def test_account_mail_is_for_nobody_else_than_the_one_it_speaks_of(cast, with_password, client):
    """Alice's claim on Bob's address does not make her the reader of mail to it."""
    EmailAddress.objects.create(user=cast.alice, email=cast.bob.email, verified=False)
    with_password(cast.bob)
    sign_in(client, cast.bob.email)
    change = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    client.post(reverse("account_change_password"), change)
    message = Message.objects.get(kind="accounts.password_changed")
    assert (message.recipient, message.user) == (cast.bob.email, cast.bob)


# The profile ---------------------------------------------------------------------------------------------------------

PROFILE = {
    "name": "Alice Virtanen", "job_title": "Planner", "language": "fi", "time_zone": "Europe/Helsinki",
    "languages_read": ["fi", "en"],
}  # fmt: skip


def test_profile_is_kept(client, cast):
    client.force_login(cast.alice)
    response = client.post(reverse("accounts:profile"), PROFILE, follow=True)
    with translation.override("fi"):  # the language chosen just now
        assert translation.gettext("Your profile is saved.") in response.text
    user = User.objects.get(pk=cast.alice.pk)
    assert {name: getattr(user, name) for name in PROFILE} == PROFILE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", ""),
        ("language", "tlh"),
        ("languages_read", ["fi", "xx"]),
        ("name", ""),
        ("name", "N" * 121),
        ("name", "Al\x00ice"),
        ("job_title", "Plan\x00ner"),
    ],
)
@pytest.mark.parametrize(("headers", "status"), [({}, 200), (HTMX, 422)])
def test_profile_with_a_mistake_says_so_beside_the_field(client, cast, field, value, headers, status):
    client.force_login(cast.alice)
    response = client.post(reverse("accounts:profile"), PROFILE | {field: value}, headers=headers)
    assert response.status_code == status
    assert list(texts(response)) == [field]
    for name in ("name", "job_title"):
        if name != field:
            assert f'value="{PROFILE[name]}"' in response.text
    assert 'value="en" id="id_languages_read_0" checked' in response.text or field == "languages_read"
    user = User.objects.get(pk=cast.alice.pk)
    assert (user.name, user.language, user.time_zone) == ("Alice", "en", "UTC")


def test_profile_of_somebody_else_cannot_be_changed(client, cast):
    client.force_login(cast.alice)
    client.post(
        reverse("accounts:profile"), PROFILE | {"id": cast.bob.pk, "email": "x@city.example", "pk": cast.bob.pk}
    )
    assert User.objects.get(pk=cast.bob.pk).name == "Bob"
    assert User.objects.get(pk=cast.alice.pk).email == "alice@city.example"
    client.post(reverse("accounts:profile"), PROFILE | {"is_administrator": "on"})
    assert not User.objects.get(pk=cast.alice.pk).is_administrator


# Language and time zone ----------------------------------------------------------------------------------------------


def switch(client, language, target="/members/"):
    return client.post(reverse("accounts:set_language"), {"language": language, "next": target})


def test_language_of_somebody_signed_in_is_theirs_everywhere(client, cast):
    client.force_login(cast.alice)
    assert switch(client, "fi").headers["Location"] == "/members/"
    assert User.objects.get(pk=cast.alice.pk).language == "fi"
    page = client.get("/members/", headers={"Accept-Language": "mk"})
    assert '<html lang="fi">' in page.text
    assert page.headers["Content-Language"] == "fi"


def test_language_of_somebody_not_signed_in_is_the_cookies_then_the_browsers(client, db):
    login = reverse("account_login")
    assert '<html lang="mk">' in client.get(login, headers={"Accept-Language": "mk;q=0.9, fi;q=0.3"}).text
    switch(client, "fi", login)
    assert '<html lang="fi">' in client.get(login, headers={"Accept-Language": "mk"}).text


@pytest.mark.parametrize("language", ["tlh", "", "fi\x00", "FI"])
def test_unknown_language_changes_nothing(client, cast, language):
    client.force_login(cast.alice)
    assert switch(client, language).status_code == 302
    assert User.objects.get(pk=cast.alice.pk).language == "en"
    assert "django_language" not in client.cookies


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "", "home:home\x00"]
)
def test_language_switch_leads_nowhere_else(client, db, target):
    location = switch(client, "fi", target).headers["Location"]
    assert location == "/"


def test_times_are_shown_in_the_readers_zone_and_language(client, cast):
    Invitation.objects.create(
        member=cast.lahti, email="new@city.example", role="reader", language="en",
        expires_at=datetime(2027, 1, 31, 22, 30, tzinfo=UTC),
    )  # fmt: skip
    client.force_login(cast.alice)
    assert "31 Jan 2027, 22:30" in client.get(cast.lahti.get_absolute_url()).text
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Europe/Helsinki", language="fi")
    assert "1.2.2027 0.30" in client.get(cast.lahti.get_absolute_url()).text


# Characters that no database keeps -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account_login", {"login": "a\x00@city.example", "password": PASSWORD}),
        ("account_login", {"login": "alice@city.example", "password": "pass\x00word"}),
        ("account_reset_password", {"email": "a\x00@city.example"}),
    ],
)
def test_nul_byte_in_a_public_form_gives_a_message(client, db, name, data):
    response = client.post(reverse(name), data)
    assert response.status_code == 200
    assert texts(response)


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("account_email", {"email": "a\x00@city.example", "action_add": ""}, 200),
        ("account_email", {"email": "a\x00@city.example", "action_send": ""}, 302),
        ("account_email", {"email": "a\x00@city.example", "action_remove": ""}, 302),
        ("account_change_password", {"oldpassword": "a\x00", "password1": "b\x00", "password2": "c\x00"}, 200),
        ("account_reauthenticate", {"password": "a\x00"}, 200),
    ],
)
def test_nul_byte_in_a_form_about_the_account_gives_a_message(client, cast, with_password, name, data, status):
    client.force_login(with_password(cast.alice))
    assert client.post(reverse(name), data).status_code == status


@pytest.mark.parametrize("address", ["/members/?q=%00", "/members/%00/", "/accounts/login/?next=%00"])
def test_nul_byte_in_an_address_is_answered_400(client, cast, address):
    client.force_login(cast.alice)
    assert client.get(address).status_code == 400


def test_nul_byte_in_a_cookie_is_nobodys(client, db):
    cookie = r'sessionid="abcdefghijkl\000"'  # as a browser would send it; newer Pythons refuse to make one
    assert client.get("/", headers={"cookie": cookie}).status_code == 400


# The support tool ----------------------------------------------------------------------------------------------------

# Registered by libraries; no permission exists for them, so that nobody gets in.
CLOSED = {
    "auth.Group": "permissions come from roles and rules, never from groups",
    "mfa.Authenticator": "a second factor is its owner's",
    "usersessions.UserSession": "a session is its owner's",
    "socialaccount.SocialAccount": "it is made by signing in",
    "socialaccount.SocialApp": "providers are rows of members.people",
    "socialaccount.SocialToken": "none is kept",
    "account.EmailAddress": "an address is its owner's to confirm; making one here would open their account",
}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def admin_pages(model, obj):
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return [
        reverse(f"{base}_changelist"),
        reverse(f"{base}_changelist") + "?q=a",
        reverse(f"{base}_change", args=[obj.pk]),
        reverse(f"{base}_history", args=[obj.pk]),
        reverse(f"{base}_delete", args=[obj.pk]),
    ]


@pytest.fixture
def something_of(cast):
    Contact.objects.create(member=cast.lahti, function="staff", title="Planner", email="plan@city.example")
    linked = SocialAccount.objects.create(user=cast.rita, provider="oidc-x", uid="7")
    return {
        "accounts.User": cast.rita,
        "directory.Member": cast.lahti,
        "directory.Office": cast.finland,
        "auth.Group": Group.objects.create(name="Nobody"),
        "account.EmailAddress": EmailAddress.objects.create(user=cast.rita, email=cast.rita.email),
        "mfa.Authenticator": Authenticator.objects.create(user=cast.rita, type="totp", data={"secret": seal("x")}),
        "usersessions.UserSession": UserSession.objects.create(
            user=cast.rita, ip="192.0.2.1", session_key="elsewhere", user_agent="Browser"
        ),
        "socialaccount.SocialAccount": linked,
        "socialaccount.SocialApp": SocialApp.objects.create(provider="openid_connect", name="x", client_id="x"),
        "socialaccount.SocialToken": SocialToken.objects.create(account=linked, token="x"),
        "people.SignInProvider": save_provider(
            provider=SignInProvider(
                member=cast.lahti, issuer="https://login.example", client_id="x", domains=["lahti.example"]
            ),
            secret="x",
            by=cast.ada,
        ),
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_support_tool_opens_for_an_administrator(client, cast, something_of, model):
    client.force_login(cast.ada)
    assert client.get(reverse("admin:index")).status_code == 200
    label = model._meta.label
    *pages, delete = admin_pages(model, something_of[label])
    for page in pages:
        assert client.get(page).status_code == (403 if label in CLOSED else 200), page
    # A person is erased, never deleted.
    assert client.get(delete).status_code == (403 if label in CLOSED | {"accounts.User": ""} else 200)


@pytest.mark.parametrize("person", ["rita", "alice", "kaisa", "xavier", "nora"])
def test_support_tool_is_closed_to_everybody_else(client, cast, something_of, person):
    client.force_login(getattr(cast, person))
    pages = [page for model in MODELS for page in admin_pages(model, something_of[model._meta.label])]
    for page in [reverse("admin:index"), *pages]:
        response = client.get(page, follow=True)
        assert response.status_code == 403, page


def test_support_tool_sends_who_is_not_signed_in_to_the_one_door(client, db):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert response.status_code == 200


def test_support_tool_keeps_a_change(client, cast, something_of):
    client.force_login(cast.ada)
    page = reverse("admin:directory_member_change", args=[cast.lahti.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    for formset in client.get(page).context["inline_admin_formsets"]:
        for one in [formset.formset.management_form, *formset.formset.initial_forms]:
            data |= {one.add_prefix(name): one[name].value() or "" for name in one.fields}
    response = client.post(page, data | {"about": "By a lake.", "website": "lahti.example"})
    assert response.status_code == 302, response.context["errors"]
    cast.lahti.refresh_from_db()
    assert (cast.lahti.about, cast.lahti.website) == ("By a lake.", "https://lahti.example")


def test_support_tool_never_adds_a_person(client, cast):
    client.force_login(cast.ada)
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403


def test_support_tool_sets_up_the_sign_in_of_an_organisation(client, cast):
    client.force_login(cast.ada)
    page = reverse("admin:people_signinprovider_add")
    facts = {
        "member": cast.lahti.pk, "issuer": "https://login.example", "client_id": "x", "domains": "lahti.example",
        "is_active": "on",
    }  # fmt: skip
    assert "A new sign-in needs its secret." in client.post(page, facts).text
    assert client.post(page, facts | {"new_secret": "of-theirs"}).status_code == 302
    provider = SignInProvider.objects.get()
    assert (provider.member, provider.domains, provider.secret) == (cast.lahti, ["lahti.example"], "of-theirs")
    assert "of-theirs" not in client.get(reverse("admin:people_signinprovider_change", args=[provider.pk])).text
