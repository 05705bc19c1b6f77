"""From planning to the reader's inbox, and out of the list again."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.emails import leave_url
from exchange.digests.models import Subscription
from exchange.digests.services import plan_digests, send_now, unsubscribe
from members.directory.models import MemberRole
from practices.editorial.services import decide_revision
from practices.library.models import Publication
from practices.library.services import archive_publication, mark_seen
from tests.factories import MemberRoleFactory

Cadence = Subscription.Cadence
TITLE = "Heat from data centres"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def at(time_machine):
    """Return a function that sets the clock, in UTC; it goes on from there."""
    return lambda text: time_machine.move_to(utc(text), tick=True)


@pytest.fixture
def carlos(cast, publish, subscribe, at):
    """A daily reader in Helsinki's zone at 7 (05:00 UTC in winter), one practice to tell, on 25 November at noon."""
    at("2026-11-25 10:00")
    publish(cast.lahti)
    Subscription.objects.all().delete()
    subscription = subscribe(
        cast.carlos, cadence="daily", hour=7, time_zone="Europe/Helsinki", next_due=utc("2026-11-26 05:00")
    )
    others = Subscription.objects.exclude(pk=subscription.pk)
    others.update(cadence=Cadence.NEVER, next_due=None)
    return subscription


def digests():
    return list(Message.objects.filter(kind="digests.digest").order_by("pk"))


def titles_of(message):
    names = dict(Publication.objects.values_list("pk", "title"))
    return [names[pk] for pk, *_ in message.payload["items"]]


def run_in_threads(count, work):
    """Do `work` in `count` threads at once; return what each returned or raised."""
    results, barrier = [], threading.Barrier(count)

    def run():
        try:
            barrier.wait(30)
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# Planning


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
    assert sum(run_in_threads(3, plan_digests)) == 31
    assert len(digests()) == 31
    assert len({message.user_id for message in digests()}) == 31


@pytest.mark.django_db(transaction=True)
def test_new_people_get_one_subscription_from_two_planners(cast, at):
    at("2026-11-25 10:00")
    cast.alice.language, cast.alice.time_zone = "fi", "Europe/Helsinki"
    cast.alice.save()
    assert run_in_threads(2, plan_digests) == [0, 0]
    people = {one.user.name for one in Subscription.objects.select_related("user")}
    assert people == {"Alice", "Bob", "Rita", "Carlos", "Kaisa", "Eva", "Xavier", "Ada"}
    alice = Subscription.objects.get(user=cast.alice)
    assert (alice.language, alice.time_zone, alice.cadence) == ("fi", "Europe/Helsinki", "weekly")
    assert alice.next_due == utc("2026-11-30 05:00")
    assert alice.sections == ["waiting", "new"]


@pytest.mark.parametrize("readers", [1, 3, 30])
def test_planning_does_the_same_queries_for_any_number_of_readers(
    cast, carlos, subscribe, at, django_assert_num_queries, readers
):
    for _ in range(readers - 1):
        subscribe(MemberRoleFactory(member=cast.pontevedra).user, cadence="daily", next_due=utc("2026-11-26 05:00"))
    at("2026-11-26 06:00:10")
    with django_assert_num_queries(27):
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


# "Send it to me now"


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
    results = run_in_threads(2, lambda: send_now(subscription=carlos, by=cast.carlos))
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


# Sending


@pytest.fixture
def deliver(carlos, smtp, at):
    """Return a function that plans what is due on 26 November at seven and sends it; it returns the mail to Carlos."""

    def deliver(when="2026-11-26 05:00:10"):
        at(when)
        before = len(smtp.messages)
        plan_digests()
        Sender().run()
        return smtp.messages[before:]

    return deliver


def test_headers(cast, carlos, deliver, smtp):
    (mail,) = deliver()
    (message,) = digests()
    assert message.state == "sent"
    assert mail["To"] == "carlos@city.example"
    assert mail["From"] == "Talkoo <talkoo@network.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<digest.network.example>"
    assert mail["Feedback-ID"] == "digests.digest:network.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{message.uuid}@network.example>"
    assert mail["Date"].datetime.replace(second=0) == utc("2026-11-26 05:00")
    assert mail["Content-Language"] == "en"
    # As bytes: mail programs do not decode the link (RFC 2369, 2), and Python's own parser would hide that.
    head = re.sub(rb"\r\n[ \t]", b" ", smtp.raw[0].partition(b"\r\n\r\n")[0])
    links = f"<{leave_url(carlos)}>, <mailto:talkoo@network.example?subject=unsubscribe>"
    assert f"\r\nList-Unsubscribe: {links}\r\n".encode() in head


def test_long_address_of_the_site_stays_whole_in_the_header(carlos, deliver, smtp, settings):
    settings.BASE_URL = "https://exchange.network-of-local-governments-with-a-long-name.example.org"
    settings.MAIL_DOMAIN = "exchange.network-of-local-governments-with-a-very-long-name-indeed.example.org"
    deliver()
    head = smtp.raw[0].partition(b"\r\n\r\n")[0]
    assert f"<{leave_url(carlos)}>".encode() in head
    assert b"=?" not in head


@pytest.mark.parametrize(
    ("language", "topic", "country"), [("en", "Energy", "Finland"), ("fi", "Energia", "Suomi"), ("mk", "Енергија", "Финска")]
)  # fmt: skip
def test_both_parts_hold_the_items_in_the_readers_language(cast, carlos, subscribe, deliver, language, topic, country):
    subscribe(cast.carlos, topics=["energy"], language=language)
    (mail,) = deliver()
    with override(language):
        heading = gettext("New practices and projects")
        reason = gettext("You follow the topic %(topic)s.") % {"topic": topic}
    link = "http://localhost:8000" + Publication.objects.get().get_absolute_url()
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert mail["Content-Language"] == language
    assert f'<html lang="{language}">' in html
    for part in (text, html):
        for shown in (heading, reason, country, TITLE, "Waste heat warms the town.", "Lahden kaupunki", link):
            assert shown in part
        assert leave_url(carlos) in part
        assert "http://localhost:8000/digest/" in part
    assert "<style>" in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize(
    "title",
    [
        "Фотоволтаици на сите десет основни училишта во општината",
        "Trees 🌳🌲 for every street, and a very long title that has to go over several lines of a header",
        "Nabbens våtmark: renat dagvatten",
        "A & B < C > D \"quoted\" 'so'",
    ],
)
def test_subject_names_the_best_item(cast, carlos, publish, deliver, subscribe, title):
    publish(cast.lahti, title, topics=["water"])
    subscribe(cast.carlos, topics=["water", "energy"], pathways=["circular"])
    Publication.objects.get(title=TITLE).topics.clear()
    (mail,) = deliver()
    assert mail["Subject"] == f"{title}, and 1 more"


def test_subject_of_one_item_is_its_title(deliver):
    (mail,) = deliver()
    assert mail["Subject"] == TITLE


def test_subject_of_what_waits_names_it(cast, carlos, submit, subscribe, deliver):
    Publication.objects.all().delete()
    submit(cast.lahti, cast.alice, "For Kaisa")
    subscribe(cast.kaisa, cadence="daily", next_due=utc("2026-11-26 05:00"), time_zone="Europe/Helsinki")
    Message.objects.all().delete()
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == ("kaisa@network.example", "For Kaisa")
    text = mail.get_body(("plain",)).get_content()
    assert "Waits for your review." in text


def test_author_reads_that_changes_are_asked_for(cast, carlos, submit, subscribe, deliver, smtp):
    decide_revision(
        revision=submit(cast.lahti, cast.alice, "To change"), verdict="changes_requested", reason="Why?", by=cast.kaisa
    )
    subscribe(cast.bob, cadence="daily", next_due=utc("2026-11-26 05:00"), time_zone="Europe/Helsinki")
    deliver()
    (mail,) = smtp.to("bob@city.example")
    text = mail.get_body(("plain",)).get_content()
    assert "* To change" in text
    assert "The reviewer asks for changes." in text
    assert "To change" not in smtp.to("carlos@city.example")[0].get_body(("plain",)).get_content()


def test_what_waits_is_capped_with_an_honest_rest(cast, carlos, submit, subscribe, deliver, smtp):
    for number in range(7):
        submit(cast.lahti, cast.alice, f"Submitted {number}")
    Publication.objects.exclude(title__startswith="Submitted").delete()
    subscribe(cast.kaisa, cadence="daily", next_due=utc("2026-11-26 05:00"), time_zone="Europe/Helsinki")
    deliver()
    mail = next(mail for mail in smtp.to("kaisa@network.example") if mail["List-Id"])
    assert mail["Subject"] == "Submitted 0, and 6 more"
    for part in mail.iter_parts():
        shown = [number for number in range(7) if f"Submitted {number}" in part.get_content()]
        assert shown == [0, 1, 2, 3, 4]
        assert "And 2 more" in part.get_content()


def test_html_of_others_is_shown_as_text(cast, carlos, publish, deliver):
    publish(cast.lahti, "<script>alert(1)</script>", summary="<img src=x onerror=alert(2)>")
    (mail,) = deliver()
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)</script>" in mail.get_body(("plain",)).get_content()


def test_what_is_archived_before_sending_is_left_out(cast, carlos, publish, smtp, at):
    publish(cast.lahti, "Good")
    at("2026-11-26 05:00:10")
    plan_digests()
    archive_publication(publication=Publication.objects.get(title=TITLE), reason="Wrong", by=cast.kaisa)
    assert Sender().run() == 1
    (mail,) = smtp.messages
    assert mail["Subject"] == "Good"
    assert all(TITLE not in part.get_content() for part in mail.iter_parts())


def test_digest_of_which_nothing_is_left_is_empty_and_moves_no_watermark(cast, carlos, smtp, at):
    at("2026-11-26 05:00:10")
    plan_digests()
    archive_publication(publication=Publication.objects.get(), reason="Wrong", by=cast.kaisa)
    assert Sender().run() == 0
    carlos.refresh_from_db()
    assert ([one.state for one in digests()], carlos.confirmed_no, smtp.raw) == (["empty"], 0, [])


def test_sent_digest_moves_the_watermark_to_the_end_of_its_window(cast, carlos, publish, deliver, at):
    deliver()
    publish(cast.lahti, "News")
    carlos.refresh_from_db()
    assert carlos.confirmed_no == 1
    (mail,) = deliver("2026-11-27 05:00:10")
    assert mail["Subject"] == "News"
    assert TITLE not in mail.get_body(("plain",)).get_content()
    assert deliver("2026-11-28 05:00:10") == []


@pytest.mark.parametrize("outcome", ["failed", "unknown", "expired"])
def test_what_was_not_sent_rolls_over_into_the_next(cast, carlos, publish, deliver, smtp, at, outcome):
    if outcome == "failed":
        smtp.after_data = {"carlos@city.example": "554 5.7.1 Refused"}
    elif outcome == "unknown":
        smtp.drop_after_dot = {"carlos@city.example"}
    at("2026-11-26 05:00:10")
    plan_digests()
    if outcome == "expired":
        at("2026-11-27 05:00:00")
    Sender().run()
    carlos.refresh_from_db()
    assert ([one.state for one in digests()], carlos.confirmed_no) == ([outcome], 0)
    smtp.after_data, smtp.drop_after_dot = {}, set()
    publish(cast.lahti, "News")
    (mail,) = deliver("2026-11-27 05:00:10")
    assert mail["Subject"] == "News, and 1 more"
    assert TITLE in mail.get_body(("plain",)).get_content()
    assert [one.state for one in digests()] == [outcome, "sent"]  # never sent again by itself


def test_second_attempt_has_the_same_content_and_message_id(cast, carlos, publish, deliver, smtp, at):
    smtp.after_data = {"carlos@city.example": "450 4.2.1 Later"}
    assert deliver() == []
    first = dict(digests()[0].payload)
    publish(cast.lahti, "News")
    smtp.after_data = {}
    (mail,) = deliver("2026-11-26 05:10:00")
    (message,) = digests()
    assert (message.attempts, message.payload, mail["Message-ID"]) == (2, first, message.message_id)
    assert mail["Subject"] == TITLE
    assert "News" not in mail.get_body(("plain",)).get_content()
    carlos.refresh_from_db()
    assert carlos.confirmed_no == 1


@pytest.mark.parametrize(
    ("back", "sent", "days"),
    [
        ("2026-11-26 10:00", "2026-11-26 10:00", 1),
        ("2026-11-26 18:59", "2026-11-26 18:59", 1),
        # At night, and shortly before the next one: that one tells everything.
        ("2026-11-26 19:30", "2026-11-27 05:01", 1),
        ("2026-11-27 04:50", "2026-11-27 05:01", 1),
        # A weekly one comes the next morning.
        ("2026-11-26 19:30", "2026-11-27 04:01", 7),
    ],
)
def test_mail_server_that_comes_back_late_wakes_nobody_and_sends_one(
    carlos, subscribe, settings, smtp, at, back, sent, days
):
    if days == 7:
        Subscription.objects.filter(pk=carlos.pk).update(cadence="weekly", weekday=3)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    at("2026-11-26 05:00:10")
    plan_digests()
    assert Sender().run() == 0
    settings.EMAIL_PORT = port
    moments = sorted({back, "2026-11-26 23:00", "2026-11-27 04:01", "2026-11-27 05:00:30", sent, "2026-11-27 05:02"})
    arrived = []
    for moment in moments[moments.index(back) :]:
        at(moment)
        arrived += [moment] * Sender().run()
        plan_digests()
    assert arrived == [sent]
    assert smtp.messages[0]["Subject"] == TITLE


def test_asked_for_now_comes_at_night(cast, carlos, smtp, at):
    at("2026-11-25 23:30")
    send_now(subscription=carlos, by=cast.carlos)
    plan_digests()
    assert Sender().run() == 1


def test_change_of_language_takes_effect_with_the_next_digest(cast, carlos, publish, subscribe, smtp, deliver, at):
    at("2026-11-26 05:00:10")
    plan_digests()
    subscribe(cast.carlos, language="mk")
    Sender().run()
    publish(cast.lahti, "News")
    deliver("2026-11-27 05:00:10")
    assert [mail["Content-Language"] for mail in smtp.messages] == ["en", "mk"]


# Leaving


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
    decide_revision(revision=revision, verdict="approved", reason="", by=cast.eva)
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


# The page of one's own


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
