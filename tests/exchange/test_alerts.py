"""What is new in saved searches, by e-mail: once, to those who want it, and nothing is lost on the way."""

import re

import pytest
from django.urls import reverse

from config.outbox.models import Message
from config.outbox.sender import Sender
from config.vocabulary.models import Topic
from exchange.digests.alert_emails import stop_url
from exchange.digests.alerts import plan_alerts
from exchange.digests.models import Alert, Subscription
from practices.library.models import Publication
from practices.library.services import archive_publication, mark_seen
from practices.search.indexing import embed_documents, unmeant
from practices.search.models import SavedSearch
from practices.search.saving import save_search
from tests.exchange.acts import utc
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_embedder(settings):
    settings.EMBEDDER = "none"


@pytest.fixture
def save(cast, subscribe, at):
    """Return a function that saves a search of Carlos, who reads at 7 in Helsinki (5:00 UTC); it is 25 November, noon."""
    at("2026-11-25 10:00")
    subscribe(cast.carlos, hour=7, weekday=0, time_zone="Europe/Helsinki")
    Subscription.objects.update(next_due=None)

    def save(cadence="at_once", query="topic=energy", name="Energy"):
        saved = save_search(query=query, values={"name": name, "cadence": cadence}, by=cast.carlos)
        plan_alerts()
        return saved

    return save


def told():
    """Return what was queued: the kind, and by the name of each search the titles."""
    names = dict(SavedSearch.objects.values_list("pk", "name"))
    titles = dict(Publication.objects.values_list("pk", "title"))
    return [
        (one.kind, {names[pk]: [titles[publication] for publication in pks] for pk, pks, _ in one.payload["searches"]})
        for one in Message.objects.filter(kind__startswith="digests.alert").order_by("pk")
    ]


def test_what_is_published_is_told_at_once_and_once(cast, publish, save, smtp):
    publish(cast.lahti, "Before")
    save()
    assert plan_alerts() == 0  # what was there before is nothing new
    publish(cast.lahti, "Heat")
    publish(cast.lahti, "Meals", topics=["food"])
    assert plan_alerts() == 1
    assert told() == [("digests.alert_at_once", {"Energy": ["Heat"]})]
    Sender().run()
    (mail,) = smtp.messages
    assert mail["Subject"] == "Energy: Heat"
    assert "one-click" in mail["List-Unsubscribe-Post"].lower()
    assert plan_alerts() == 0


def test_new_version_is_nothing_new(cast, publish, save):
    publication = publish(cast.lahti, "Heat")
    save()
    publish(publication=publication, title="Heat again")
    assert plan_alerts() == 0


def test_searches_of_a_day_come_in_one_message_at_the_hour_of_the_digest(cast, publish, save, at):
    save("daily")
    save("daily", "country=FI", "Finland")
    save("weekly", "topic=energy", "Weekly")
    publish(cast.lahti, "Heat")
    at("2026-11-26 04:59")
    assert plan_alerts() == 0
    at("2026-11-26 05:01")
    assert plan_alerts() == 1
    assert told() == [("digests.alert", {"Energy": ["Heat"], "Finland": ["Heat"]})]
    at("2026-11-30 05:01")  # Monday
    plan_alerts()
    assert told()[1:] == [("digests.alert", {"Weekly": ["Heat"]})]


def test_what_two_searches_found_is_shown_once(cast, publish, save, at, smtp):
    save("daily")
    save("daily", "country=FI", "Finland")
    publish(cast.lahti, "Heat")
    publish(cast.lahti, "Meals", topics=["food"])
    at("2026-11-26 05:01")
    plan_alerts()
    Sender().run()
    (mail,) = smtp.messages
    text = mail.get_body(("plain",)).get_content()
    assert [text.count(one) for one in ("* Heat", "* Meals", "Finland")] == [1, 1, 3]  # and the country of each
    assert mail["Subject"] == "2 new in your saved searches: Heat and others"


def test_day_without_news_sends_nothing(cast, save, at):
    save("daily")
    at("2026-11-27 05:01")
    assert plan_alerts() == 0
    assert Alert.objects.get().next_due == utc("2026-11-28 05:00")


def test_what_did_not_arrive_comes_with_the_next(cast, publish, save):
    save()
    publish(cast.lahti, "Heat")
    plan_alerts()
    Message.objects.filter(kind="digests.alert_at_once").update(state=Message.State.FAILED)
    assert plan_alerts() == 0  # not again and again to an address that does not work
    publish(cast.lahti, "Wind")
    plan_alerts()
    assert told()[1:] == [("digests.alert_at_once", {"Energy": ["Wind", "Heat"]})]


def test_what_is_on_its_way_is_not_told_twice(cast, publish, save):
    save()
    publish(cast.lahti, "Heat")
    plan_alerts()
    publish(cast.lahti, "Wind")
    assert plan_alerts() == 0
    Message.objects.filter(kind="digests.alert_at_once").update(state=Message.State.SENT)
    plan_alerts()
    assert told()[1:] == [("digests.alert_at_once", {"Energy": ["Wind"]})]


def test_ones_own_and_what_was_opened_is_nothing_new(cast, publish, save):
    save()
    publish(cast.pontevedra, "Own")
    mark_seen(publication=publish(cast.lahti, "Opened"), by=cast.carlos)
    assert plan_alerts() == 0


def test_archived_meanwhile_is_not_sent(cast, publish, save, smtp):
    save()
    publication = publish(cast.lahti, "Heat")
    plan_alerts()
    archive_publication(publication=publication, reason="Over.", by=cast.kaisa)
    Sender().run()
    assert smtp.messages == []
    assert Message.objects.get(kind="digests.alert_at_once").state == Message.State.EMPTY


def test_search_that_rests_tells_nothing(cast, publish, save):
    save(query="topic=water")
    Topic.objects.filter(code="water").update(code="waters")
    publish(cast.lahti, "Heat")
    assert plan_alerts() == 0


def test_link_stops_it_with_one_click_without_signing_in(cast, client, publish, save, smtp):
    saved = save()
    publish(cast.lahti, "Heat")
    plan_alerts()
    address = re.sub(r"^https?://[^/]+", "", stop_url([saved.pk]))
    assert "Shall we stop" in client.get(address).content.decode()
    saved.refresh_from_db()
    assert saved.cadence == "at_once"
    for _ in range(2):
        assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    saved.refresh_from_db()
    assert saved.cadence == "never"
    Sender().run()
    assert smtp.messages == []
    plan_alerts()
    assert not Alert.objects.exists()
    assert client.get(reverse("digests:alerts_stop", args=["1:forged"])).status_code == 404


def test_whoever_left_the_network_is_told_nothing(cast, publish, save, smtp):
    save()
    publish(cast.lahti, "Heat")
    plan_alerts()
    cast.carlos.member_roles.all().delete()
    Sender().run()
    assert smtp.messages == []
    publish(cast.lahti, "Wind")
    assert plan_alerts() == 0


def test_another_cadence_counts_from_where_the_last_one_was(cast, publish, save, at):
    saved = save("daily")
    publish(cast.lahti, "Heat")
    SavedSearch.objects.filter(pk=saved.pk).update(cadence="at_once")
    assert plan_alerts() == 1
    assert told() == [("digests.alert_at_once", {"Energy": ["Heat"]})]


def test_what_is_not_embedded_yet_is_waited_for_but_not_for_ever(cast, publish, save, at, settings):
    save(query="q=heat", name="Heat")
    settings.EMBEDDER = ""
    publish(cast.lahti, "Fernwärme", language="de")
    assert plan_alerts() == 0
    embed_documents(unmeant(), limit=9)
    assert plan_alerts() == 1
    publish(cast.lahti, "Heat of the sun")
    Message.objects.update(state=Message.State.SENT)
    assert plan_alerts() == 0
    at("2026-11-25 10:16")
    plan_alerts()
    assert told()[1:] == [("digests.alert_at_once", {"Heat": ["Heat of the sun"]})]


def test_what_waits_to_be_embedded_makes_nothing_new_again(cast, publish, save, at, settings):
    at("2026-11-26 04:50")
    publish(cast.lahti, "Not embedded yet")
    publish(cast.lahti, "Before")
    save("daily")
    settings.EMBEDDER = ""
    at("2026-11-26 05:01")
    assert plan_alerts() == 0
    settings.EMBEDDER = "none"
    publish(cast.lahti, "Heat")
    at("2026-11-27 05:01")
    plan_alerts()
    assert told() == [("digests.alert", {"Energy": ["Heat"]})]


def test_number_of_queries_is_the_same_for_any_number_of_searches_without_news(
    cast, publish, save, django_assert_num_queries
):
    save()
    for number in range(20):
        save_search(query="topic=energy", values={"name": str(number), "cadence": "weekly"}, by=cast.carlos)
    publish(cast.lahti, "Heat")
    plan_alerts()
    with django_assert_num_queries(10):
        plan_alerts()


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_tell_it_once(cast, publish, save):
    for number in range(8):
        save(name=str(number))
    publish(cast.lahti, "Heat")
    assert sum(at_once(plan_alerts, plan_alerts, plan_alerts)) == 8
    assert len(told()) == 8
