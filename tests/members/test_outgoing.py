"""Outgoing mail: who may see whose, why it did not arrive, and sending it again."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.kinds import get_kind
from config.outbox.models import Event, Message, Suppression
from config.outbox.sender import Sender
from config.outbox.services import queue_message
from config.outbox.suppression import suppress, suppressed_scopes
from members.accounts.emails import queue_account_mail
from members.accounts.models import PersonalDataEvent
from members.directory.services import invite_colleague
from members.outgoing.queries import messages_visible_to
from members.outgoing.services import open_address, send_again

pytestmark = pytest.mark.django_db
LIST = "/mail/"


@pytest.fixture
def invited(cast):
    """The message of an invitation to somebody without an account."""
    invite_colleague(member=cast.lahti, email="new@lahti.example", role="reader", language="en", by=cast.alice)
    return Message.objects.get(kind="directory.invitation")


@pytest.fixture
def mail(cast, kind):
    """Return a message to each person of the cast, by name."""
    return {
        name: queue_message(
            kind=kind, key=name, to=getattr(cast, name).email, user=getattr(cast, name), language="en", payload={}
        )
        for name in ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
    }


def page(client, message):
    return client.get(reverse("outgoing:message_detail", args=[message.pk])).content.decode()


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("ada", {"alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora"}),
        ("kaisa", {"alice", "bob", "rita", "kaisa"}),
        ("eva", {"carlos", "xavier", "eva"}),
        ("alice", set()),
        ("xavier", set()),
        ("nora", set()),
    ],
)
def test_coordinators_see_the_mail_of_their_own_people(cast, mail, who, whose):
    user = getattr(cast, who)
    seen = {name for name, message in mail.items() if message in messages_visible_to(user)}
    assert seen == whose
    assert seen == {name for name, message in mail.items() if user.has_perm("outbox.view_message", message)}


def test_mail_of_an_administrator_and_of_other_offices_people_is_not_shown(cast, mail):
    """A digest to them tells what waits elsewhere."""
    cast.lahti.roles.create(user=cast.ada, role="reader")
    cast.lahti.roles.create(user=cast.eva, role="reader")
    assert set(messages_visible_to(cast.kaisa)) == {mail[name] for name in ("alice", "bob", "rita", "kaisa")}


def test_invitation_belongs_to_the_office_of_the_member(cast, invited):
    assert invited in messages_visible_to(cast.kaisa)
    assert invited not in messages_visible_to(cast.eva)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "alice@city.example"}, {"alice"}),
        ({"q": " ALICE@city.example "}, {"alice"}),
        ({"q": "bo"}, {"bob"}),
        ({"q": "carlos"}, set()),
        ({"q": "%"}, set()),
        ({"state": "failed"}, {"rita"}),
        ({"state": "submitting"}, {"bob"}),
        ({"q": "a", "state": "ready"}, {"alice", "kaisa"}),
        ({"kind": "digests.digest"}, set()),
        ({"before": "x"}, {"alice", "bob", "rita", "kaisa"}),
        ({"before": "9" * 40}, {"alice", "bob", "rita", "kaisa"}),
    ],
)
def test_search(cast, mail, client, query, found):
    Message.objects.filter(pk=mail["rita"].pk).update(state="failed")
    Message.objects.filter(pk=mail["bob"].pk).update(state="claimed")
    client.force_login(cast.kaisa)
    text = client.get(f"{LIST}?{urlencode(query)}").content.decode()
    assert {name for name in mail if f"/mail/{mail[name].pk}/" in text} == found


def test_pages_end_where_the_mail_does_and_cost_the_same(cast, kind, client, django_assert_num_queries):
    client.force_login(cast.kaisa)
    for rows in (1, 3, 120):
        for number in range(Message.objects.count(), rows):
            queue_message(
                kind=kind, key=str(number), to="alice@city.example", user=cast.alice, language="en", payload={}
            )
        client.get(LIST)
        with django_assert_num_queries(7):
            text = client.get(LIST).content.decode()
        assert text.count('class="work-row"') == min(rows, 50)
    seen = []
    address = LIST
    while address:
        text = client.get(address).content.decode()
        seen += re.findall(r'href="/mail/(\d+)/"', text)
        older = re.search(r'rel="next"\s+href="([^"]+)"', text)
        address = f"{LIST}{older[1]}" if older else ""
    assert seen == [str(pk) for pk in Message.objects.order_by("-pk").values_list("pk", flat=True)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "ready"}, "It leaves as soon as a sender is free."),
        ({"state": "ready", "not_before": timezone.now() + timedelta(days=1)}, "It leaves at"),
        ({"state": "claimed"}, "A sender has it in hand."),
        ({"state": "submitting"}, "A sender has it in hand."),
        ({"state": "retry", "reply": "450 Later"}, "The mail server refused it for now: 450 Later. The next attempt"),
        ({"state": "sent", "reply": "250 Taken"}, "The mail server has taken it: 250 Taken"),
        ({"state": "failed", "reply": "550 No", "attempts": 1}, "The mail server refused it: 550 No"),
        ({"state": "failed", "reply": "KeyError: x"}, "It could not be written: KeyError: x"),
        ({"state": "suppressed", "reply": "not wanted any more"}, "When its turn came it was not needed any more."),
        ({"state": "suppressed", "reply": "the address is suppressed"}, "Its address gets no such mail."),
        ({"state": "suppressed", "reply": "something else"}, "It was held back: something else"),
        ({"state": "empty"}, "When its turn came there was nothing left to tell."),
        ({"state": "expired"}, "It could not leave in time"),
        ({"state": "unknown"}, "The reader may have it, so it is not sent again by itself."),
    ],
)
def test_page_says_why(cast, mail, client, fields, words):
    Message.objects.filter(pk=mail["alice"].pk).update(**fields)
    client.force_login(cast.kaisa)
    text = page(client, mail["alice"])
    assert words in text
    assert ("Send again" in text) == (fields["state"] not in Message.OPEN)


def test_preview_shows_the_message_without_its_links(cast, invited, client):
    client.force_login(cast.kaisa)
    text = page(client, invited)
    assert "Invitation" in text
    frame = client.get(reverse("outgoing:message_preview", args=[invited.pk]))
    assert "Lahden kaupunki" in frame.content.decode()
    assert "/invitations/" not in text + frame.content.decode()
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert set(re.findall(r'href="([^"]*)"', frame.content.decode())) == {"#"}


def test_what_opens_an_account_is_shown_to_nobody(cast, client):
    queue_account_mail(name="password_reset_key", to=cast.alice.email, user=cast.alice, facts={})
    message = Message.objects.get()
    for who in (cast.kaisa, cast.ada):
        client.force_login(who)
        assert "Nobody but its reader gets to see it" in page(client, message)
        assert client.get(reverse("outgoing:message_preview", args=[message.pk])).status_code == 404


def test_message_that_cannot_be_written_is_said_so(cast, kind, client):
    for key, payload, words in (
        ("broken", {"broken": True}, "It cannot be shown."),
        ("empty", {"empty": True}, "Nothing any more"),
    ):
        message = queue_message(
            kind=kind, key=key, to="alice@city.example", user=cast.alice, language="en", payload=payload
        )
        client.force_login(cast.kaisa)
        assert words in page(client, message)
    Message.objects.filter(pk=message.pk).update(kind="gone.kind")
    assert "It cannot be shown." in page(client, message)


def test_sending_again_makes_a_new_message_and_is_written_down(cast, mail, smtp):
    Sender().run()
    old = Message.objects.get(pk=mail["alice"].pk)
    new = send_again(message=old, by=cast.kaisa)
    assert (new.key, new.payload) == (f"test.note:again:{old.pk}:1", {"again": old.pk})
    with pytest.raises(ValidationError, match="on its way again already"):
        send_again(message=old, by=cast.kaisa)
    assert Sender().run() == 1
    assert send_again(message=old, by=cast.ada).key == f"test.note:again:{old.pk}:2"
    assert [(one.verb, one.by, one.person) for one in Entry.objects.order_by("pk")] == [
        ("sent_again", cast.kaisa, cast.alice),
        ("sent_again", cast.ada, cast.alice),
    ]
    old.refresh_from_db()
    assert (old.state, old.attempts) == ("sent", 1)
    ids = [one["Message-ID"] for one in smtp.messages if one["To"] == "alice@city.example"]
    assert len(set(ids)) == len(ids) == 2


@pytest.mark.parametrize("state", ["ready", "claimed", "submitting", "retry"])
def test_what_is_on_its_way_is_not_sent_again(cast, mail, state):
    Message.objects.filter(pk=mail["alice"].pk).update(state=state)
    with pytest.raises(ValidationError, match="on its way still"):
        send_again(message=mail["alice"], by=cast.kaisa)


def test_coordinator_of_another_office_sends_nothing_again(cast, mail):
    Message.objects.update(state="sent")
    for act in (send_again, open_address):
        with pytest.raises(PermissionDenied):
            act(message=mail["alice"], by=cast.eva)
    assert Message.objects.count() == len(mail)


def test_again_goes_to_the_address_of_today_and_lives_as_long(cast, mail):
    message = mail["alice"]
    Message.objects.filter(pk=message.pk).update(state="expired", expires_at=message.created_at + timedelta(hours=12))
    cast.alice.email = "alice@new.example"
    cast.alice.save()
    again = send_again(message=message, by=cast.kaisa)
    assert again.recipient == "alice@new.example"
    assert timedelta(hours=11) < again.expires_at - timezone.now() <= timedelta(hours=12)


def test_address_that_works_again_gets_mail_again(cast, mail, smtp, client):
    smtp.at_rcpt = {"alice@city.example": "550 5.1.1 No such mailbox"}
    Sender().run()
    client.force_login(cast.kaisa)
    text = page(client, mail["alice"])
    assert "The address works: send mail to it again" in text
    assert "this address gets nothing but what an account needs: 550 5.1.1 No such mailbox" in " ".join(text.split())
    smtp.at_rcpt = {}
    client.post(reverse("outgoing:address_open", args=[mail["alice"].pk]))
    assert suppressed_scopes(["alice@city.example"]) == {}
    client.post(reverse("outgoing:message_again", args=[mail["alice"].pk]))
    assert Sender().run() == 1
    assert Entry.objects.filter(verb="address_opened", by=cast.kaisa, person=cast.alice).count() == 1


def test_wish_of_a_person_is_not_lifted(cast, mail):
    suppress(address="alice@city.example", scope=Suppression.Scope.ALL, reason="bounce")
    suppress(address="alice@city.example", scope=Suppression.Scope.DIGEST, reason="unsubscribed")
    suppress(address="bob@city.example", scope=Suppression.Scope.ALL, reason="complained")
    with pytest.raises(ValidationError, match="No mail came back"):
        open_address(message=mail["bob"], by=cast.kaisa)
    open_address(message=mail["alice"], by=cast.kaisa)
    assert suppressed_scopes(["alice@city.example", "bob@city.example"]) == {
        "alice@city.example": {"digest"},
        "bob@city.example": {"all"},
    }


def test_page_costs_the_same_however_much_happened(cast, mail, client, django_assert_num_queries):
    client.force_login(cast.kaisa)
    message = mail["alice"]
    for count in (1, 3, 30):
        Event.objects.bulk_create(Event(message=message, state="retry", note="450") for _ in range(count))
        page(client, message)
        with django_assert_num_queries(14):
            page(client, message)


def test_every_kind_has_a_name_that_people_use(client, cast, mail):
    client.force_login(cast.kaisa)
    text = client.get(LIST).content.decode()
    assert f">{get_kind('digests.digest').label}<" in text
    assert 'value="submitting"' in text
    assert 'value="claimed"' not in text


def seen():
    return [(one.who.name, one.whose.name, one.what) for one in PersonalDataEvent.objects.order_by("pk")]


def test_address_is_seen_on_the_message_and_written_down_not_in_the_list(cast, mail, client):
    client.force_login(cast.kaisa)
    listed = client.get(LIST).content.decode()
    assert "Alice" in listed
    assert "alice@city.example" not in listed
    assert seen() == []
    assert "alice@city.example" in page(client, mail["alice"])
    page(client, mail["kaisa"])
    page(client, mail["carlos"])
    assert seen() == [("Kaisa", "Alice", "address_seen")]


def test_invitation_to_an_address_without_an_account_leaves_no_record(cast, invited, client):
    client.force_login(cast.kaisa)
    assert "new@lahti.example" in client.get(LIST).content.decode()
    page(client, invited)
    assert seen() == []
