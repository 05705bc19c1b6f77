"""What mail services report: checked, kept as it came, acted on once."""

import hashlib
import hmac
import json
from base64 import b64encode

import pytest
from django.urls import reverse

from config.outbox import kinds
from config.outbox.kinds import Kind
from config.outbox.models import Feedback, Message
from config.outbox.providers import PROVIDERS, anymail_settings
from config.outbox.sender import Sender
from config.outbox.services import queue_message
from config.outbox.suppression import suppressed_scopes

KEY = "a-signing-key-of-the-service"
pytestmark = pytest.mark.django_db


@pytest.fixture
def mailgun(settings, client):
    """Return a function that reports an event of Mailgun's, signed with `key`."""
    settings.MAIL_SERVICE = "mailgun"
    settings.ANYMAIL = anymail_settings("mailgun", KEY)

    def report(message, event, *, key=KEY, to=None, **data):
        signed = hmac.new(key.encode(), b"17642300001", hashlib.sha256).hexdigest()
        headers = {"message-id": message.message_id.strip("<>") if message else "someone@else.example"}
        body = {
            "signature": {"timestamp": "1764230000", "token": "1", "signature": signed},
            "event-data": {
                "event": event,
                "recipient": to or (message and message.recipient),
                "timestamp": 1764230000.5,
                "message": {"headers": headers},
                **data,
            },
        }
        return client.post(reverse("outbox:mail_reports"), json.dumps(body), content_type="application/json")

    return report


@pytest.fixture
def sent(queue, smtp):
    message = queue("a")
    Sender().run()
    message.refresh_from_db()
    assert message.state == "sent"
    return message


def bounced(text="550 5.1.1 No such mailbox"):
    return {"severity": "permanent", "reason": "bounce", "delivery-status": {"message": text, "description": ""}}


def test_bounce_is_kept_and_stops_the_address(sent, mailgun):
    assert mailgun(sent, "failed", **bounced()).status_code == 200
    kept = Feedback.objects.get()
    assert (kept.service, kept.event, kept.message, kept.recipient) == ("Mailgun", "bounced", sent, "a@city.example")
    assert json.loads(kept.original)["event-data"]["delivery-status"]["message"] == "550 5.1.1 No such mailbox"
    assert suppressed_scopes(["a@city.example"]) == {"a@city.example": {"all"}}
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert [(one.state, one.note) for one in sent.events.all()] == [
        ("ready", ""),
        ("sent", "250 2.0.0 Taken"),
        ("sent", "bounced: 550 5.1.1 No such mailbox"),
    ]


def test_same_report_twice_changes_nothing_the_second_time(sent, mailgun):
    for _ in range(2):
        assert mailgun(sent, "failed", **bounced()).status_code == 200
    assert Feedback.objects.count() == 1
    assert sent.events.count() == 3


@pytest.mark.parametrize("text", ["552 5.2.2 Mailbox full", "550 5.7.1 Blocked", "550 5.1.8 Bad sender"])
def test_address_that_may_be_well_again_is_not_stopped(sent, mailgun, text):
    assert mailgun(sent, "failed", **bounced(text)).status_code == 200
    assert Feedback.objects.count() == 1
    assert suppressed_scopes(["a@city.example"]) == {}


def test_bounce_without_a_code_stops_the_address_by_its_reason(sent, mailgun):
    assert mailgun(sent, "failed", **bounced("Unknown user")).status_code == 200
    assert suppressed_scopes(["a@city.example"]) == {"a@city.example": {"all"}}


def test_refusal_for_now_is_nothing(sent, mailgun):
    assert mailgun(sent, "failed", severity="temporary", reason="generic").status_code == 200
    assert (Feedback.objects.count(), suppressed_scopes(["a@city.example"])) == (0, {})


@pytest.mark.parametrize(("scope", "stopped"), [("digest", {"digest"}), ("all", {"all"}), ("account", {"all"})])
def test_complaint_stops_what_was_complained_about(smtp, mailgun, scope, stopped):
    kind = kinds.register(Kind(name="test.scope", label="Test", scope=scope, render=lambda _message: None))
    try:
        message = queue_message(kind=kind, key="a", to="a@city.example", language="en", payload={})
        assert mailgun(message, "complained").status_code == 200
    finally:
        del kinds._kinds["test.scope"]
    assert suppressed_scopes(["a@city.example"]) == {"a@city.example": stopped}


def test_leaving_at_the_service_stops_the_digest_alone(sent, mailgun):
    assert mailgun(sent, "unsubscribed").status_code == 200
    assert suppressed_scopes(["a@city.example"]) == {"a@city.example": {"digest"}}


@pytest.mark.parametrize("event", ["opened", "clicked"])
def test_what_readers_do_with_a_mail_is_not_kept(sent, mailgun, event):
    assert mailgun(sent, event, ip="192.0.2.1").status_code == 200
    assert (Feedback.objects.count(), sent.events.count()) == (0, 2)


@pytest.mark.parametrize(("event", "state"), [("delivered", "sent"), ("complained", "sent"), ("rejected", "unknown")])
def test_unknown_message_that_the_service_has_had_is_sent(queue, mailgun, event, state):
    message = queue("a")
    Message.objects.update(state="unknown", owner=5)
    assert mailgun(message, event).status_code == 200
    message.refresh_from_db()
    assert message.state == state
    assert (message.sent_at is not None) == (state == "sent")


def test_message_of_others_stops_the_address_all_the_same(mailgun):
    """A service that gives messages its own names still says whom it could not reach."""
    assert mailgun(None, "failed", to="Gone@City.example", **bounced()).status_code == 200
    assert Feedback.objects.get().message is None
    assert suppressed_scopes(["gone@city.example"]) == {"gone@city.example": {"all"}}


def test_nul_byte_in_a_report_is_kept_escaped(sent, mailgun):
    assert mailgun(sent, "failed", **bounced("550 5.1.1 no\x00body")).status_code == 200
    assert "no\\u0000body" in Feedback.objects.get().original
    assert sent.events.last().note == "bounced: 550 5.1.1 nobody"


def test_report_with_a_wrong_signature_is_refused(sent, mailgun):
    assert mailgun(sent, "failed", key="another key", **bounced()).status_code == 400
    assert (Feedback.objects.count(), suppressed_scopes(["a@city.example"])) == (0, {})


def test_service_that_signs_nothing_has_a_password(sent, settings, client):
    settings.MAIL_SERVICE = "postmark"
    settings.ANYMAIL = anymail_settings("postmark", "reports:a-long-password")
    report = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "Email": "a@city.example", "MessageID": "x"}

    def send(password):
        auth = b64encode(f"reports:{password}".encode()).decode()
        return client.post(
            reverse("outbox:mail_reports"),
            json.dumps(report),
            content_type="application/json",
            headers={"Authorization": f"Basic {auth}"},
        )

    assert send("guessed").status_code == 400
    assert Feedback.objects.count() == 0
    assert send("a-long-password").status_code == 200
    assert suppressed_scopes(["a@city.example"]) == {"a@city.example": {"all"}}


def test_nobody_reports_where_no_service_is_set(sent, client):
    assert client.post(reverse("outbox:mail_reports"), "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("pigeon", "a:bcdefghijklmnopq", "MAIL_SERVICE: pigeon is none of"),
        ("postmark", "", "MAIL_SERVICE_KEY: postmark needs user:password"),
        ("postmark", "userwithoutpassword", "MAIL_SERVICE_KEY: postmark needs user:password"),
        ("mailgun", "", "MAIL_SERVICE_KEY: needs 16 characters"),
        ("mailgun", "ключ-от-тврдината", "MAIL_SERVICE_KEY: needs 16 characters or more, in ASCII"),
    ],
)
def test_service_that_anybody_could_speak_for_is_refused_at_the_start(name, key, why):
    with pytest.raises(ValueError, match=why):
        anymail_settings(name, key)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_service_refuses_a_report_that_is_not_its_own(settings, client, name):
    settings.MAIL_SERVICE = name
    settings.ANYMAIL = anymail_settings(name, "reports:a-long-password")
    assert client.post(reverse("outbox:mail_reports"), "{}", content_type="application/json").status_code == 400
    assert client.get(reverse("outbox:mail_reports")).status_code == 405
