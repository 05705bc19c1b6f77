"""Announcements as people use them: the pages, and leaving."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.announcements.audience import example_readers
from exchange.announcements.emails import leave_url
from exchange.announcements.models import Announcement, Leave
from exchange.announcements.planning import plan_announcements
from exchange.announcements.services import schedule_announcement, write_announcement
from exchange.digests.services import add_missing_subscriptions
from tests.factories import MemberRoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast):
    said = {"en": ("A meeting in Lahti", "Come to **Lahti** on 3 March. [Programme](https://lahti.example/p)")}
    values = {"office": cast.finland, "topic": None, "is_important": False, "texts": said}
    return write_announcement(values=values, by=cast.kaisa)


def text_of(client, path):
    return " ".join(client.get(path).content.decode().split())


def test_from_the_first_word_to_the_figures(cast, client, smtp):
    client.force_login(cast.kaisa)
    data = {"edition": "0", "office": cast.finland.pk, "subject_en": "A meeting", "body_en": "Come."}
    made = client.post("/announcements/new/", data)
    page = made.headers["Location"]
    text = text_of(client, page)
    assert "Everybody of Finnish Office: its members, its staff, and those of the offices below it" in text
    assert "Send it to 4 people" in text
    client.post(page, {"edition": "1", "send_at": ""})
    assert "Scheduled" in text_of(client, page)
    plan_announcements()
    assert "Stop it" in text_of(client, page)
    moving = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert 'data-hx-trigger="every 3s"' in moving
    assert "<h1" not in moving
    Sender().run()
    plan_announcements()
    assert "every 3s" not in client.get(page, headers={"HX-Request": "true"}).content.decode()
    text = text_of(client, page)
    assert "<dt>Planned</dt> <dd>4</dd>" in text
    assert "<dt>Sent</dt> <dd>4</dd>" in text
    assert re.findall(r"<li> <p>([^<]+)</p>", text) == ["Written", "Scheduled", "Begins to go out"]
    assert "A meeting" in text_of(client, "/announcements/")
    assert 'href="/announcements/"' in text_of(client, "/mail/")


def test_form_that_is_wrong_keeps_what_was_typed(cast, client):
    client.force_login(cast.kaisa)
    data = {"edition": "0", "office": cast.europe.pk, "subject_en": "Kept", "body_en": "Kept too", "body_mk": "Само"}
    text = client.post("/announcements/new/", data).content.decode()
    assert "Kept too" in text
    assert "Само" in text
    assert "Nothing you typed is lost." in text
    assert Announcement.objects.count() == 0


def test_second_of_two_who_change_it_sees_what_stands_there(cast, client, draft):
    client.force_login(cast.kaisa)
    path = reverse("announcements:announcement_edit", args=[draft.pk])
    data = {"office": cast.finland.pk, "edition": "1", "subject_en": "First", "body_en": "The first."}
    assert client.post(path, data).status_code == 302
    text = client.post(path, data | {"subject_en": "Second", "body_en": "The second."}).content.decode()
    for shown in ("Somebody has changed this meanwhile", "What stands there now", "The first.", "The second."):
        assert shown in text
    assert 'name="edition" value="2"' in text
    draft.refresh_from_db()
    assert str(draft) == "First"
    assert client.post(path, data | {"subject_en": "Second", "edition": "2"}).status_code == 302


@pytest.mark.parametrize(
    ("send_at", "words"),
    [
        ("2001-01-01T10:00", "This time has passed."),
        ("2999-01-01T10:00", "This is more than a year away."),
        ("soon", "Enter a valid date/time."),
    ],
)
def test_time_that_makes_no_sense_is_said_beside_the_field(cast, client, draft, send_at, words):
    client.force_login(cast.kaisa)
    text = client.post(draft.get_absolute_url(), {"edition": "1", "send_at": send_at}).content.decode()
    assert words in text
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_time_is_the_writers_own(cast, client, draft):
    cast.kaisa.time_zone = "Europe/Helsinki"
    cast.kaisa.save()
    client.force_login(cast.kaisa)
    at = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    local = at + timedelta(hours=2)  # in winter
    assert at.month in {11, 12, 1, 2}
    client.post(draft.get_absolute_url(), {"edition": "1", "send_at": f"{local:%Y-%m-%dT%H:%M}"})
    draft.refresh_from_db()
    assert draft.send_at == at


def test_previews_are_the_very_message_without_its_links(cast, client, draft):
    client.force_login(cast.kaisa)
    readers = example_readers(draft)
    assert len(readers) == 3
    text = client.get(draft.get_absolute_url()).content.decode()
    for reader in readers:
        path = reverse("announcements:announcement_preview", args=[draft.pk, reader.pk])
        assert path in text
        frame = client.get(path)
        assert "<strong>Lahti</strong>" in frame.content.decode()
        assert "sandbox" in frame.headers["Content-Security-Policy"]
        assert set(re.findall(r'href="([^"]*)"', frame.content.decode())) == {"#"}
    stranger = reverse("announcements:announcement_preview", args=[draft.pk, cast.carlos.pk])
    assert client.get(stranger).status_code == 404


def test_who_was_too_late_is_told_so(cast, client, draft):
    client.force_login(cast.kaisa)
    schedule_announcement(announcement=draft, at=None, edition=1, by=cast.kaisa)
    for path, words in (
        ("edit/", "It is no draft any more."),
        ("stop/", "This is not possible any more. The state is now: Scheduled."),
        ("delete/", "This is not possible any more. The state is now: Scheduled."),
    ):
        answer = client.post(draft.get_absolute_url() + path, follow=True)
        assert words in answer.content.decode()
    plan_announcements()
    answer = client.post(draft.get_absolute_url() + "unschedule/", follow=True)
    assert "The state is now: Going out." in answer.content.decode()
    answer = client.post(draft.get_absolute_url() + "stop/", follow=True)
    assert "Stopped. 4 messages stay here." in answer.content.decode()
    assert Message.objects.filter(state="suppressed").count() == 4


def test_one_click_leaves_without_signing_in_and_the_way_back_is_on_the_page_of_the_digest(cast, client):
    add_missing_subscriptions()
    path = leave_url(cast.alice.pk).partition("//")[2].partition("/")[2]
    assert "Shall we stop sending announcements to alice@city.example?" in text_of(client, f"/{path}")
    assert Leave.objects.count() == 0
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(f"/{path}", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert Leave.objects.get().user == cast.alice
    client.force_login(cast.alice)
    assert "You get no announcements of the network and its offices." in text_of(client, "/digest/")
    client.post("/announcements/mine/")
    assert Leave.objects.count() == 0
    client.post("/announcements/mine/", {"leave": "1"})
    assert Leave.objects.get().user == cast.alice


def test_pages_cost_the_same_for_any_number(cast, client, draft, django_assert_num_queries):
    client.force_login(cast.kaisa)
    for count in (1, 3, 20):
        for number in range(Announcement.objects.count(), count):
            said = {"en": (f"Number {number}", "Text")}
            values = {"office": cast.finland, "topic": None, "is_important": False, "texts": said}
            write_announcement(values=values, by=cast.kaisa)
            MemberRoleFactory(member=cast.lahti)
        for path, queries in (("/announcements/", 9), (draft.get_absolute_url(), 29)):
            client.get(path)
            with django_assert_num_queries(queries):
                client.get(path)
