"""Leaving with one click, and the page of one's own wishes."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.composing import leave_url
from exchange.digests.models import Subscription
from exchange.digests.services import plan_digests, send_now
from practices.editorial.services import decide_revision
from practices.library.models import Publication
from practices.library.services import mark_seen
from tests.exchange.acts import TITLE, digests, utc

Cadence = Subscription.Cadence


@pytest.fixture
def stranger():
    """A client without cookies that is held to CSRF checks, as a mail provider's server is."""
    return Client(enforce_csrf_checks=True)


def one_click(stranger, subscription):
    return stranger.post(leave_url(subscription), {"List-Unsubscribe": "One-Click"})


def test_one_click_leaves_without_cookie_session_or_redirect(cast, carlos, stranger):
    send_now(subscription=carlos, by=cast.carlos)
    answer = one_click(stranger, carlos)
    assert (answer.status_code, "Location" in answer, "sessionid" in answer.cookies) == (200, False, False)
    assert "You get no more digests" in answer.text
    carlos.refresh_from_db()
    assert (carlos.cadence, carlos.next_due, carlos.asked_at) == ("never", None, None)
    assert one_click(stranger, carlos).status_code == 200
    assert Entry.objects.filter(verb="unsubscribed").count() == 1


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_the_link_changes_nothing(carlos, stranger, method):
    before = Subscription.objects.filter(pk=carlos.pk).values().get()
    answer = getattr(stranger, method)(leave_url(carlos))
    assert answer.status_code == 200
    assert Subscription.objects.filter(pk=carlos.pk).values().get() == before
    if method == "get":
        assert '<form method="post">' in answer.text


@pytest.mark.parametrize("token", ["", "1", "1:abc", "{pk}x", "x{token}", "{token}x", "{other}:{signature}"])
def test_tampered_link_is_not_found(carlos, stranger, token):
    good = leave_url(carlos).rstrip("/").rpartition("/")[2]
    pk, signature = good.split(":")
    bad = token.format(pk=pk, token=good, other=int(pk) + 1, signature=signature)
    for method in (stranger.get, stranger.post):
        assert method(f"/digest/leave/{bad}/").status_code == 404
    carlos.refresh_from_db()
    assert carlos.cadence == "daily"


def test_link_of_last_years_message_still_works(carlos, deliver, stranger, at):
    (mail,) = deliver()
    link = re.search("<(http[^>]+)>", mail["List-Unsubscribe"]).group(1)
    at("2027-11-26 12:00")
    assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    carlos.refresh_from_db()
    assert carlos.cadence == "never"


def test_queued_digest_is_suppressed_after_leaving_and_other_mail_still_goes(cast, carlos, submit, stranger, smtp, at):
    at("2026-11-26 05:00:10")
    plan_digests()
    one_click(stranger, carlos)
    revision = submit(cast.pontevedra, cast.carlos, "Mine")
    decide_revision(revision=revision, verdict="approved", reason="", edition=2, version=0, by=cast.eva)
    Sender().run()
    (digest,) = digests()
    assert (digest.state, digest.reply) == ("suppressed", "not wanted any more")
    assert [mail["Subject"] for mail in smtp.to("carlos@city.example")] == ["Published: Mine"]
    at("2026-11-27 05:00:10")
    assert plan_digests() == 0


def test_page_of_the_link_speaks_the_readers_language(cast, carlos, stranger, subscribe):
    subscribe(cast.carlos, language="fi")
    with override("fi"):
        expected = gettext("You get no more digests")
    assert expected in one_click(stranger, carlos).text


VALID = {
    "cadence": "weekly", "weekday": "4", "day": "1", "hour": "8", "time_zone": "Europe/Madrid", "language": "en",
    "topics": [], "pathways": [], "sections": ["new"],
}  # fmt: skip


def test_wishes_are_saved_with_the_next_time(cast, carlos, client):
    client.force_login(cast.carlos)
    topic = Subscription.topics.rel.model.objects.get(code="water")
    page = client.post(reverse("digests:subscription"), VALID | {"topics": [topic.pk]}, follow=True)
    assert "Your wishes are saved." in page.text
    carlos.refresh_from_db()
    assert (carlos.cadence, carlos.hour, carlos.time_zone, carlos.sections) == ("weekly", 8, "Europe/Madrid", ["new"])
    assert carlos.next_due == utc("2026-11-27 07:00")
    assert [one.code for one in carlos.topics.all()] == ["water"]
    assert "27 Nov 2026, 08:00" in page.text


def test_saving_topics_while_one_is_due_does_not_lose_it(cast, carlos, client, at):
    client.force_login(cast.carlos)
    at("2026-11-26 05:00:05")
    same = {"cadence": "daily", "weekday": "0", "hour": "7", "time_zone": "Europe/Helsinki"}
    assert client.post(reverse("digests:subscription"), VALID | same).status_code == 302
    assert plan_digests() == 1


def test_choosing_never_forgets_the_wish_to_have_it_now(cast, carlos, client):
    client.force_login(cast.carlos)
    send_now(subscription=carlos, by=cast.carlos)
    page = client.post(reverse("digests:subscription"), VALID | {"cadence": "never"}, follow=True)
    assert "You get no digest at present." in page.text
    client.post(reverse("digests:subscription"), VALID)
    carlos.refresh_from_db()
    assert carlos.asked_at is None
    assert plan_digests() == 0


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "value"),
    [("hour", "5"), ("hour", "21"), ("hour", ""), ("time_zone", "Europe/Atlantis"), ("weekday", "7"), ("day", "29"),
     ("cadence", "hourly"), ("language", "xx"), ("sections", ["all"]), ("topics", ["0"])],
)  # fmt: skip
def test_form_refuses_beside_the_field_and_loses_nothing_typed(cast, carlos, client, field, value, htmx):
    client.force_login(cast.carlos)
    before = Subscription.objects.filter(pk=carlos.pk).values().get()
    headers = {"HX-Request": "true"} if htmx else {}
    page = client.post(reverse("digests:subscription"), VALID | {field: value}, headers=headers)
    assert page.status_code == (422 if htmx else 200)
    assert list(page.context["form"].errors) == [field]
    assert Subscription.objects.filter(pk=carlos.pk).values().get() == before
    if field != "cadence":
        assert re.search(r'value="weekly"[^>]*checked', page.text)
    if field != "time_zone":
        assert '<option value="Europe/Madrid" selected>' in page.text


@pytest.mark.parametrize("name", ["subscription", "preview"])
def test_pages_are_for_people_of_the_network(cast, carlos, client, name):
    assert client.get(reverse(f"digests:{name}")).status_code == 302
    client.force_login(cast.nora)
    assert client.get(reverse(f"digests:{name}")).status_code == 403
    assert not Subscription.objects.filter(user=cast.nora).exists()


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Subscription, Message, Entry)]


def test_preview_is_the_very_mail_in_a_frame_that_runs_nothing(cast, carlos, client):
    client.force_login(cast.carlos)
    before = everything()
    answer = client.get(reverse("digests:preview"))
    assert everything() == before  # the entry has no number yet, and keeps none
    assert before[2][0]["number"] is None
    assert TITLE in answer.text
    assert "From a place of about your size." in answer.text
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = [part.strip() for part in answer["Content-Security-Policy"].split(";")]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert not any("script-src" in part and "unsafe" in part for part in policy)


def test_preview_of_nothing_says_so(cast, carlos, client):
    mark_seen(publication=Publication.objects.get(), by=cast.carlos)
    client.force_login(cast.carlos)
    answer = client.get(reverse("digests:preview"))
    assert "There is nothing new for you at the moment." in answer.text
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_new_person_sees_page_and_preview_before_the_planner_has_been(cast, publish, client):
    publish(cast.lahti)
    client.force_login(cast.carlos)
    assert TITLE in client.get(reverse("digests:preview")).text
    assert client.get(reverse("digests:subscription")).status_code == 200
    assert not Subscription.objects.exists()
    assert client.post(reverse("digests:subscription"), VALID).status_code == 302
    assert Subscription.objects.get(user=cast.carlos).hour == 8


def test_new_person_can_have_it_at_once(cast, publish, client):
    publish(cast.lahti)
    client.force_login(cast.carlos)
    client.post(reverse("digests:send_now"))
    assert plan_digests() == 1
    assert digests()[0].user == cast.carlos
