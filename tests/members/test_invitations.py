"""The life of an invitation: sent, accepted, withdrawn, expired, twice at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.composing import LEAVE
from members.accounts.models import User
from members.directory import services
from members.directory.models import Invitation, MemberRole, OfficeRole
from members.directory.tokens import invitation_token
from tests.factories import UserFactory
from tests.fixtures import PASSWORD
from tests.members.acts import INVITATION, invite
from tests.pages import without_tokens
from tests.threads import raised_at_once

HTMX = {"HX-Request": "true"}
LIST = "/members/"


def names(response):
    return [member.name for member in response.context["page"]]


REGISTRATION = {
    "name": "Ilkka Uusi", "job_title": "Planner", "time_zone": "Europe/Helsinki", "password": PASSWORD,
}  # fmt: skip


def send_form(client, cast, **changes):
    return client.post(reverse("directory:invite", args=[cast.lahti.slug]), INVITATION | changes)


def link_of(invitation):
    return reverse("directory:invitation_accept", args=[invitation_token(invitation)])


def roles_at(member):
    return dict(MemberRole.objects.filter(member=member).values_list("user__email", "role"))


# Inviting ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["alice", "kaisa", "ada"])
def test_invitation_is_sent_in_the_language_chosen(client, cast, mail_to, link_in, person):
    client.force_login(getattr(cast, person))
    response = send_form(client, cast, email=" New@City.example ")
    assert response.headers["Location"] == cast.lahti.get_absolute_url()
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == (
        "new@city.example", "contributor", getattr(cast, person),
    )  # fmt: skip
    mail = mail_to("new@city.example")
    assert mail["Content-Language"] == "fi"
    assert link_in(mail, "/invitations/") == link_of(invitation)
    assert '<html lang="fi">' in mail.get_body(("html",)).get_content()
    assert Entry.objects.get().verb == "invited"


@pytest.mark.parametrize("person", ["rita", "bob", "carlos", "xavier", "eva"])
def test_invitation_by_somebody_who_may_not(client, cast, person):
    client.force_login(getattr(cast, person))
    assert send_form(client, cast).status_code == 403
    assert not Invitation.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"email": "new@"}, "email", "Enter a valid email address."),
        ({"email": ""}, "email", "This field is required."),
        ({"email": "n\x00w@city.example"}, "email", None),
        ({"email": "n" * 250 + "@city.example"}, "email", None),
        ({"email": "BOB@city.example"}, "email", "This person is here already."),
        (
            {"email": "Again@city.example"},
            "email",
            "This person is invited already. You can send the invitation again.",
        ),
        ({"role": "mayor"}, "role", "Select a valid choice. mayor is not one of the available choices."),
        ({"language": "tlh"}, "language", "Select a valid choice. tlh is not one of the available choices."),
    ],
)
@pytest.mark.parametrize(("headers", "status"), [({}, 200), (HTMX, 422)])
def test_invitation_with_a_mistake_says_so_beside_the_field(client, cast, changes, field, text, headers, status):
    invite(cast, email="again@city.example")
    client.force_login(cast.alice)
    address = reverse("directory:invite", args=[cast.lahti.slug])
    response = client.post(address, INVITATION | changes, headers=headers)
    assert response.status_code == status
    errors = response.context["form"].errors
    assert list(errors) == [field]
    if text:
        assert errors[field] == [text]
    if field != "email":
        assert 'value="new@city.example"' in response.text
    assert ('<option value="contributor" selected>' in response.text) == (field != "role")
    assert Invitation.objects.count() == 1


def test_invitation_again_after_the_first_has_expired(cast):
    first = invite(cast)
    Invitation.objects.update(expires_at=timezone.now())
    second = invite(cast, by="kaisa")
    first.refresh_from_db()
    assert first.withdrawn_at
    assert second.is_open


def test_invitations_a_day_have_a_limit(client, cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_A_DAY", 2)
    client.force_login(cast.alice)
    for number in range(2):
        assert send_form(client, cast, email=f"new{number}@city.example").status_code == 302
    response = send_form(client, cast)
    assert response.context["form"].non_field_errors() == [
        "You have sent many invitations today. Please go on tomorrow."
    ]
    assert 'value="new@city.example"' in response.text
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert send_form(client, cast).status_code == 302


# Joining -------------------------------------------------------------------------------------------------------------


def test_accepting_with_a_new_account(client, cast, mail_to, link_in):
    invite(cast)
    link = link_in(mail_to("new@city.example"), "/invitations/")
    page = client.get(link, headers={"Accept-Language": "fi"})
    assert page.context["form"]["time_zone"].value() == cast.finland.time_zone
    response = client.post(link, REGISTRATION, headers={"Accept-Language": "fi"})
    assert response.headers["Location"] == "/"
    user = User.objects.get(email="new@city.example")
    assert {name: getattr(user, name) for name in ("name", "job_title", "time_zone", "language", "languages_read")} == {
        "name": "Ilkka Uusi", "job_title": "Planner", "time_zone": "Europe/Helsinki", "language": "fi",
        "languages_read": ["fi"],
    }  # fmt: skip
    assert roles_at(cast.lahti)["new@city.example"] == "contributor"
    assert client.get(LIST).status_code == 200
    client.logout()
    client.post(reverse("account_login"), {"login": "new@city.example", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)  # the link has proved the address


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "N" * 121),
        ("name", "Il\x00kka"),
        ("job_title", "\x00"),
        ("time_zone", "Europe/Atlantis"),
        ("password", ""),
        ("password", "short"),
        ("password", "new@city.example"),
        ("password", "long enough\x00"),
        ("password", "p" * 1001),
    ],
)
def test_accepting_with_a_mistake_keeps_what_was_typed(client, cast, field, value):
    link = link_of(invite(cast))
    response = client.post(link, REGISTRATION | {field: value})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    for name in ("name", "job_title"):
        assert f'value="{REGISTRATION[name]}"' in response.text or name == field
    assert PASSWORD not in response.text
    assert not User.objects.filter(email="new@city.example").exists()
    assert Invitation.objects.get().is_open


def test_accepting_with_an_existing_account(client, cast, with_password):
    with_password(cast.nora)
    invitation = invite(cast, email="Nora@nowhere.example", language="en")
    link = link_of(invitation)
    page = client.get(link)
    assert "You have an account already." in page.text
    client.post(link, REGISTRATION)  # nobody takes an account over with a link
    assert User.objects.filter(email="nora@nowhere.example").count() == 1
    sign_in = {"login": "nora@nowhere.example", "password": PASSWORD, "next": link}
    assert client.post(reverse("account_login"), sign_in).headers["Location"] == link
    assert "Accept" in client.get(link).text
    assert roles_at(cast.lahti).get("nora@nowhere.example") is None  # opening it alone does nothing
    response = client.post(link, follow=True)
    assert "You belong to Lahden kaupunki now." in response.text
    assert roles_at(cast.lahti)["nora@nowhere.example"] == "contributor"
    invitation.refresh_from_db()
    assert invitation.accepted_by == cast.nora


def test_accepting_with_the_wrong_account(client, cast):
    link = link_of(invite(cast))
    client.force_login(cast.nora)
    page = client.get(link)
    assert "You are signed in as nora@nowhere.example." in page.text
    assert client.post(link).status_code == 403
    assert "nora@nowhere.example" not in roles_at(cast.lahti)
    assert Invitation.objects.get().is_open
    assert client.post(reverse("account_logout"), {"next": link}).headers["Location"] == link


def test_accepting_keeps_a_role_one_has_got_meanwhile(client, cast):
    link = link_of(invite(cast, email=cast.nora.email, role="reader"))
    MemberRole.objects.create(user=cast.nora, member=cast.lahti, role="liaison")
    client.force_login(cast.nora)
    client.post(link)
    assert roles_at(cast.lahti)[cast.nora.email] == "liaison"
    assert not Invitation.objects.get().is_open


def used(invitation, cast):
    services.register_invited_person(
        invitation=invitation, language="en", **REGISTRATION
    )  # fmt: skip


def expired(invitation, cast):
    Invitation.objects.update(expires_at=timezone.now())


def withdrawn(invitation, cast):
    services.withdraw_invitation(invitation=invitation, by=cast.kaisa)


@pytest.mark.parametrize("act", [used, expired, withdrawn])
@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_is_over_says_so(client, cast, act, method):
    invitation = invite(cast, language="en")
    act(invitation, cast)
    before = roles_at(cast.lahti)
    response = getattr(client, method)(link_of(invitation), REGISTRATION)
    assert response.status_code == 410
    assert "This invitation does not work any more" in response.text
    assert roles_at(cast.lahti) == before


@pytest.mark.parametrize("spoil", [lambda token: f"1{token}", lambda token: token[:-1], lambda _: "1", lambda _: "x:y"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_was_tampered_with_is_404(client, cast, spoil, method):
    token = invitation_token(invite(cast))
    address = reverse("directory:invitation_accept", args=[spoil(token)])
    assert getattr(client, method)(address, REGISTRATION).status_code == 404
    assert not User.objects.filter(email="new@city.example").exists()


def test_link_of_an_unsubscription_is_no_invitation(client, cast):
    address = reverse("directory:invitation_accept", args=[LEAVE.sign(str(invite(cast).pk))])
    assert client.get(address).status_code == 404


# Again and withdrawn -------------------------------------------------------------------------------------------------


def act(client, name, invitation):
    return client.post(reverse(f"directory:{name}", args=[invitation.pk]), follow=True)


def test_sent_again_lives_the_full_time_from_now(client, cast, mail_to, link_in):
    invitation = invite(cast)
    mail_to("new@city.example")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    client.force_login(cast.kaisa)
    assert "The invitation is on its way again." in act(client, "invitation_resend", invitation).text
    client.logout()
    assert client.get(link_in(mail_to("new@city.example"), "/invitations/")).status_code == 200
    left = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


def test_withdrawn_before_it_was_sent_is_not_sent(client, cast, smtp):
    invitation = invite(cast)
    client.force_login(cast.alice)
    assert "The invitation is withdrawn." in act(client, "invitation_withdraw", invitation).text
    Sender().run()
    assert smtp.messages == []
    assert Message.objects.get().state == "empty"
    assert "new@city.example" not in client.get(cast.lahti.get_absolute_url()).text


@pytest.mark.parametrize("name", ["invitation_resend", "invitation_withdraw"])
@pytest.mark.parametrize(
    ("before", "text"),
    [(used, "This invitation was accepted already."), (withdrawn, "This invitation was withdrawn.")],
)
def test_what_is_over_cannot_be_sent_again_or_withdrawn(client, cast, name, before, text):
    invitation = invite(cast)
    before(invitation, cast)
    sent = Message.objects.count()
    client.force_login(cast.alice)
    assert text in act(client, name, invitation).text
    assert Message.objects.count() == sent


# Two at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_invite_the_same_person_at_once_write_once(cast):
    raised = raised_at_once(lambda: invite(cast), lambda: invite(cast, by="kaisa"))
    assert raised == ["ValidationError"]
    assert Invitation.objects.count() == Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_used_twice_at_once_makes_one_account(cast):
    invitation = invite(cast)
    register = {"invitation": invitation, "language": "en", **REGISTRATION}
    raised = raised_at_once(*[lambda: services.register_invited_person(**register)] * 3)
    assert raised == ["ValidationError"] * 2
    assert User.objects.filter(email="new@city.example").count() == 1
    assert roles_at(cast.lahti)["new@city.example"] == "contributor"


@pytest.mark.django_db(transaction=True)
def test_accepted_and_withdrawn_at_once_is_one_of_both(cast):
    invitation = invite(cast, email=cast.nora.email)
    raised = raised_at_once(
        lambda: services.accept_invitation(invitation=invitation, by=cast.nora),
        lambda: services.withdraw_invitation(invitation=invitation, by=cast.alice),
    )
    assert raised == ["ValidationError"]
    invitation.refresh_from_db()
    assert (invitation.accepted_at is None) != (invitation.withdrawn_at is None)
    assert (cast.nora.email in roles_at(cast.lahti)) == (invitation.accepted_at is not None)


# What the directory writes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fi", "mk"])
def test_invitation_is_written_in_every_language(cast, mail_to, language):
    invite(cast, language=language)
    mail = mail_to("new@city.example")
    assert mail["Content-Language"] == language
    with translation.override(language):
        assert translation.gettext("Accept") in mail.get_body(("html",)).get_content()
    assert "Lahden kaupunki" in mail["Subject"]


def test_invitation_by_somebody_who_is_gone_names_nobody(client, cast, mail_to):
    invitation = invite(cast, language="en")
    cast.alice.delete()
    mail = mail_to("new@city.example")
    page = client.get(link_of(invitation))
    assert mail["Subject"] == "Invitation to Lahden kaupunki at Talkoo"
    assert "new@city.example is invited as: Contributor." in " ".join(page.text.split())
    for text in (without_tokens(page), *(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))):
        assert "None" not in text


def test_roles_are_read_once_a_request(cast, django_assert_num_queries):
    user = UserFactory()
    OfficeRole.objects.create(user=user, office=cast.finland, role="expert")
    with django_assert_num_queries(1):
        assert user.has_perm("directory.view_member", cast.lahti)
        assert not user.has_perm("directory.invite_to_member", cast.lahti)


def test_language_of_an_invitation_is_that_of_the_page_and_of_the_account(client, cast):
    link = link_of(invite(cast, language="mk"))
    page = client.get(link, headers={"accept-language": "en"})
    assert '<html lang="mk"' in page.text
    assert page.headers["Content-Language"] == "mk"
    client.post(link, REGISTRATION, headers={"accept-language": "en"})
    assert User.objects.get(email="new@city.example").language == "mk"


def test_language_that_was_switched_to_goes_before_that_of_an_invitation(client, cast):
    link = link_of(invite(cast, language="mk"))
    client.post(reverse("accounts:set_language"), {"language": "fi", "next": link})
    assert '<html lang="fi"' in client.get(link).text
