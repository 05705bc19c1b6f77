"""What is due is planned once; and "send it to me now"."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.models import Subscription
from exchange.digests.services import plan_digests, send_now, unsubscribe
from exchange.peers.models import Notice
from members.directory.models import MemberRole
from practices.library.models import Publication
from practices.library.services import mark_seen
from practices.uptake.models import Uptake
from tests.exchange.acts import TITLE, digests, titles_of, utc
from tests.factories import MemberRoleFactory
from tests.threads import at_once

Cadence = Subscription.Cadence


def test_due_ones_only_are_planned_and_only_once(cast, carlos, subscribe, at):
    subscribe(cast.eva, cadence="daily", next_due=utc("2026-11-26 05:00:31"))
    at("2026-11-26 05:00:10")
    assert plan_digests() == 1
    assert plan_digests() == 0
    (message,) = digests()
    assert (message.user, message.recipient, message.language) == (cast.carlos, "carlos@city.example", "en")
    assert message.key == f"digests.digest:{carlos.pk}:daily:Europe/Helsinki:2026-11-26"
    assert message.priority == Message.Priority.BULK
    assert message.expires_at == utc("2026-11-27 05:00")
    publication = Publication.objects.get()
    assert message.payload == {
        "subscription": carlos.pk,
        "low": 0,
        "high": 1,
        "items": [[publication.pk, 1, "size", ""]],
        "more": 0,
        "waits": False,
        "echoes": [],
        "more_echoes": 0,
        "talk": [],
        "fits": [],
    }
    carlos.refresh_from_db()
    assert (carlos.next_due, carlos.last_due, carlos.confirmed_no) == (
        utc("2026-11-27 05:00"),
        utc("2026-11-26 05:00"),
        0,
    )


@pytest.mark.parametrize(
    ("missed", "now", "start", "following"),
    [
        ("2026-11-25 05:00", "2026-11-25 05:03", "2026-11-25 05:03", "2026-11-26 05:00"),  # minutes late
        ("2026-11-25 05:00", "2026-11-25 10:00", "2026-11-25 10:00", "2026-11-26 05:00"),  # hours late
        ("2026-11-25 05:00", "2026-11-25 18:59", "2026-11-25 18:59", "2026-11-26 05:00"),
        # At night: in the morning, together with what would come an hour later.
        ("2026-11-25 05:00", "2026-11-25 19:30", "2026-11-26 04:00", "2026-11-27 05:00"),
        ("2026-11-22 05:00", "2026-11-25 22:30", "2026-11-26 04:00", "2026-11-27 05:00"),
        # After days: one, and no second one a few minutes later.
        ("2026-11-22 05:00", "2026-11-25 12:00", "2026-11-25 12:00", "2026-11-26 05:00"),
        ("2026-11-22 05:00", "2026-11-25 04:50", "2026-11-25 04:50", "2026-11-26 05:00"),
    ],
)
def test_late_planner_sends_one_and_skips_no_day(carlos, publish, cast, at, missed, now, start, following):
    Subscription.objects.filter(pk=carlos.pk).update(next_due=utc(missed))
    at(now)
    assert plan_digests() == 1
    assert plan_digests() == 0
    (message,) = digests()
    assert abs(message.not_before - utc(start)) < timedelta(minutes=1)
    assert message.expires_at == utc(following)
    carlos.refresh_from_db()
    assert carlos.next_due == utc(following)
    Message.objects.update(state="sent")
    publish(cast.lahti, "News")
    at((utc(following) - timedelta(minutes=1)).replace(tzinfo=None).isoformat())
    assert plan_digests() == 0
    at(utc(following).replace(tzinfo=None).isoformat())
    assert plan_digests() == 1


def test_weekly_planned_a_few_seconds_late_comes_a_week_later(carlos, at):
    Subscription.objects.filter(pk=carlos.pk).update(cadence="weekly", weekday=2, next_due=utc("2026-11-25 05:00"))
    at("2026-11-25 05:00:20")
    assert plan_digests() == 1
    carlos.refresh_from_db()
    assert carlos.next_due == utc("2026-12-02 05:00")


def test_busy_one_waits_until_the_other_is_settled(cast, carlos, publish, at):
    at("2026-11-26 05:00:10")
    plan_digests()
    publish(cast.lahti, "News")
    at("2026-11-27 05:00:10")
    for state in Message.OPEN:
        Message.objects.update(state=state)
        assert plan_digests() == 0
    Message.objects.update(state="expired")
    assert plan_digests() == 1
    assert titles_of(digests()[-1]) == ["News", TITLE]


def test_empty_one_is_not_queued_but_its_time_moves_on(cast, carlos, at):
    mark_seen(publication=Publication.objects.get(), by=cast.carlos)
    at("2026-11-26 05:00:10")
    assert plan_digests() == 0
    carlos.refresh_from_db()
    assert (digests(), carlos.next_due, carlos.last_due) == ([], utc("2026-11-27 05:00"), None)


def test_coordinator_whose_own_text_waits_gets_no_empty_digest(cast, carlos, submit, subscribe, smtp, at):
    """Kaisa submitted it herself as a colleague of Lahti: nothing waits for her, and nothing else is new."""
    MemberRoleFactory(user=cast.kaisa, member=cast.lahti, role="contributor")
    Subscription.objects.all().update(cadence=Cadence.NEVER)
    kaisa = subscribe(cast.kaisa, cadence="daily", next_due=timezone.now())
    submit(cast.lahti, cast.kaisa)
    assert plan_digests() == 0
    with pytest.raises(ValidationError, match="nothing new"):
        send_now(subscription=kaisa, by=cast.kaisa)


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_queue_one_message_a_subscription_and_period(cast, carlos, subscribe, at):
    for number in range(30):
        role = MemberRoleFactory(member=cast.pontevedra, user__email=f"reader{number}@city.example")
        subscribe(role.user, cadence="daily", next_due=utc("2026-11-26 05:00"))
    at("2026-11-26 05:00:10")
    assert sum(at_once(*[plan_digests] * 3)) == 31
    assert len(digests()) == 31
    assert len({message.user_id for message in digests()}) == 31


@pytest.mark.django_db(transaction=True)
def test_new_people_get_one_subscription_from_two_planners(cast, at):
    at("2026-11-25 10:00")
    cast.alice.language, cast.alice.time_zone = "fi", "Europe/Helsinki"
    cast.alice.save()
    assert at_once(*[plan_digests] * 2) == [0, 0]
    people = {one.user.name for one in Subscription.objects.select_related("user")}
    assert people == {"Alice", "Bob", "Rita", "Carlos", "Kaisa", "Eva", "Xavier", "Ada"}
    alice = Subscription.objects.get(user=cast.alice)
    assert (alice.language, alice.time_zone, alice.cadence) == ("fi", "Europe/Helsinki", "weekly")
    assert alice.next_due == utc("2026-11-30 05:00")
    assert alice.sections == ["waiting", "new", "uptake", "peers"]


@pytest.mark.parametrize("readers", [1, 3, 30])
def test_planning_does_the_same_queries_for_any_number_of_readers(
    cast, carlos, subscribe, at, django_assert_num_queries, readers
):
    for _ in range(readers - 1):
        subscribe(MemberRoleFactory(member=cast.pontevedra).user, cadence="daily", next_due=utc("2026-11-26 05:00"))
    at("2026-11-26 06:00:10")
    ContentType.objects.get_for_models(Publication, Uptake, Notice)  # which are kept for as long as a process lives
    with django_assert_num_queries(32):
        assert plan_digests() == readers


@pytest.mark.parametrize("loss", ["role", "member", "account", "everything"])
def test_people_who_have_left_the_network_get_none(cast, carlos, smtp, at, loss):
    def leave():
        if loss == "role":
            MemberRole.objects.filter(user=cast.carlos).delete()
        elif loss == "member":
            type(cast.pontevedra).objects.filter(pk=cast.pontevedra.pk).update(is_active=False)
        elif loss == "account":
            type(cast.carlos).objects.filter(pk=cast.carlos.pk).update(is_active=False)
        else:
            cast.carlos.delete()

    at("2026-11-26 05:00:10")
    assert plan_digests() == 1
    leave()  # between planning and sending
    assert Sender().run() == 0
    assert [message.state for message in digests()] == ["suppressed"]
    at("2026-11-27 05:00:10")
    assert plan_digests() == 0
    assert smtp.raw == []


def test_asked_for_now_is_planned_at_any_hour_and_moves_no_time(cast, carlos, at):
    at("2026-11-25 23:30")  # half past one in Helsinki
    send_now(subscription=carlos, by=cast.carlos)
    assert digests() == []
    assert plan_digests() == 1
    (message,) = digests()
    assert message.not_before <= timezone.now()
    assert message.expires_at - message.not_before == timedelta(hours=1)
    carlos.refresh_from_db()
    assert (carlos.next_due, carlos.asked_at, carlos.last_due) == (utc("2026-11-26 05:00"), None, None)


def test_asked_for_when_due_is_one_digest(cast, carlos, at):
    send_now(subscription=carlos, by=cast.carlos)
    at("2026-11-26 22:30")
    assert plan_digests() == 1
    (message,) = digests()
    assert message.not_before <= timezone.now()
    carlos.refresh_from_db()
    assert (carlos.next_due, carlos.asked_at) == (utc("2026-11-28 05:00"), None)


def test_asking_is_refused_when_there_is_nothing_new(cast, carlos):
    mark_seen(publication=Publication.objects.get(), by=cast.carlos)
    with pytest.raises(ValidationError, match="nothing new"):
        send_now(subscription=carlos, by=cast.carlos)


def test_asking_is_refused_to_who_gets_no_digest(cast, carlos):
    unsubscribe(subscription=carlos)
    with pytest.raises(ValidationError, match="no digest at present"):
        send_now(subscription=carlos, by=cast.carlos)


def test_asking_is_refused_while_one_is_on_its_way(cast, carlos):
    send_now(subscription=carlos, by=cast.carlos)
    for _ in ("asked", "planned"):
        with pytest.raises(ValidationError, match="on its way"):
            send_now(subscription=carlos, by=cast.carlos)
        plan_digests()


def test_asking_and_changing_for_somebody_else_is_refused(cast, carlos):
    with pytest.raises(PermissionDenied):
        send_now(subscription=carlos, by=cast.ada)


@pytest.mark.django_db(transaction=True)
def test_double_click_asks_once(cast, carlos):
    results = at_once(*[lambda: send_now(subscription=carlos, by=cast.carlos)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "ValidationError"]
    assert plan_digests() == 1


def test_page_asks_for_it_and_says_so(cast, carlos, client):
    client.force_login(cast.carlos)
    assert client.get(reverse("digests:send_now")).status_code == 405
    page = client.post(reverse("digests:send_now"), follow=True)
    assert page.redirect_chain == [(reverse("digests:subscription"), 302)]
    assert "Your digest is on its way to carlos@city.example." in page.text
    page = client.post(reverse("digests:send_now"), follow=True)
    assert "Your digest is on its way already." in page.text
    assert plan_digests() == 1
