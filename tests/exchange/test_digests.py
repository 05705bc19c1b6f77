"""The digest as it is sent: headers, text, what is in it at that moment."""

import re

import pytest
from django.utils.translation import gettext, override

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.composing import leave_url
from exchange.digests.models import Subscription
from exchange.digests.services import get_subscription, plan_digests, send_now
from members.outgoing.services import send_again
from practices.editorial.services import decide_revision
from practices.library.models import Publication
from practices.library.services import archive_publication
from tests.exchange.acts import TITLE, digests, utc

Cadence = Subscription.Cadence


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
        revision=submit(cast.lahti, cast.alice, "To change"),
        verdict="changes_requested",
        reason="Why?",
        edition=2,
        version=0,
        by=cast.kaisa,
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
    assert mail["Subject"] == "Submitted 0, and 4 more"
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
    assert ([one.state for one in digests()], smtp.raw) == (["empty"], [])
    assert get_subscription(cast.carlos).confirmed_no == 0


def test_sent_digest_moves_the_watermark_to_the_end_of_its_window(cast, carlos, publish, deliver, at):
    deliver()
    publish(cast.lahti, "News")
    assert get_subscription(cast.carlos).confirmed_no == 1
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
    assert [one.state for one in digests()] == [outcome]
    assert get_subscription(cast.carlos).confirmed_no == 0
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
    assert get_subscription(cast.carlos).confirmed_no == 1


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


def test_longest_digest_stays_under_sixty_kilobytes(cast, carlos, publish, subscribe, deliver, smtp):
    """Eight items with the longest titles and summaries there can be, in letters that take two bytes each."""
    for number in range(9):
        publish(cast.finland, f"{number} " + "Жолти " * 16, summary="Топлина од отпадна вода. " * 12, language="mk")
    subscribe(cast.carlos, language="mk")
    deliver()
    assert len(smtp.raw[-1]) < 60_000


@pytest.mark.parametrize("entry", [["?"], ["x", 1, "new", ""], [{}], None, ["{pk}", 1, "uptake", "many"]])
def test_item_that_nobody_can_read_is_left_out_and_the_rest_arrives(cast, carlos, publish, smtp, at, entry):
    other = publish(cast.lahti, "Poison")
    at("2026-11-26 05:00:10")
    plan_digests()
    (message,) = digests()
    entry = [other.pk if part == "{pk}" else part for part in entry] if entry else entry
    items = [entry, *(one for one in message.payload["items"] if one[0] != other.pk)]
    Message.objects.update(payload=message.payload | {"items": items})
    assert Sender().run() == 1
    (mail,) = smtp.messages
    assert mail["Subject"] == TITLE
    assert "Poison" not in mail.get_body(("plain",)).get_content()


def test_digest_that_is_sent_again_moves_nothing(cast, publish, carlos, deliver):
    """A coordinator may send an old one again; what the newer one told is not told once more."""
    deliver()
    publish(cast.lahti, "Second")
    deliver("2026-11-27 05:00:10")
    first, second = digests()
    told = get_subscription(cast.carlos).confirmed_no
    assert told == second.payload["high"]
    send_again(message=first, by=cast.eva)
    (mail,) = deliver("2026-11-27 05:10")
    assert TITLE in mail["Subject"]
    assert get_subscription(cast.carlos).confirmed_no == told
    assert deliver("2026-11-28 05:00:10") == []
    assert [one.state for one in digests()] == ["sent", "sent", "sent"]
