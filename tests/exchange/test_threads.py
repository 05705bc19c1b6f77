"""Threads: who is in them, who can write, what a block does, and what upper rooms get."""

import html
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.connections.blocks import block_person, unblock_person
from exchange.connections.models import Connection
from exchange.connections.services import accept_request, remove_connection, request_connection
from exchange.conversations import messaging
from exchange.conversations.delivering import choose_way
from exchange.conversations.models import Delivery, Post, Reader, Thread
from exchange.conversations.reporting import POST
from exchange.moderation.services import decide_case, report_thing
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from members.people.erasing import erase_person
from tests.practices.acts import fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
NASTY = "Is it **dear**? <script>alert(1)</script> [x](javascript:alert(1))"


def connect(one, other):
    return accept_request(connection=request_connection(to=other, message="Hello", by=one), by=other)


@pytest.fixture
def thread(cast):
    """Return a thread of Carlos with Bob."""
    connect(cast.carlos, cast.bob)
    return begin(cast.carlos, cast.bob)


@pytest.fixture
def three(cast):
    """Return a thread of Carlos with Bob and Eva."""
    connect(cast.carlos, cast.bob)
    connect(cast.carlos, cast.eva)
    return begin(cast.carlos, cast.bob, cast.eva)


def begin(by, *people, subject="Bicycles", text="Shall we talk?"):
    return messaging.begin_thread(people=people, subject=subject, text=text, by=by)


def write(thread, by, text="Gladly."):
    return messaging.write_post(thread=thread, text=text, by=by)


def told():
    rows = Message.objects.filter(kind="conversations.message").order_by("pk")
    return [one.recipient.partition("@")[0] for one in rows]


def seen_by(person):
    return [one.text for one in Post.objects.visible_to(person).order_by("pk")]


@pytest.mark.parametrize("name", PEOPLE)
def test_only_its_readers_see_and_write(name, cast, thread, client):
    person = getattr(cast, name)
    client.force_login(person)
    status = client.get(thread.get_absolute_url()).status_code
    if name in {"bob", "carlos"}:
        assert write(thread, person).by == person
        assert status == 200
    else:
        with pytest.raises(PermissionDenied):
            write(thread, person)
        with pytest.raises(PermissionDenied):
            messaging.leave_thread(thread=thread, by=person)
        assert status == 404
        assert seen_by(person) == []


@pytest.mark.parametrize("name", PEOPLE)
def test_one_writes_to_those_one_is_connected_with(name, cast):
    person = getattr(cast, name)
    if name != "nora" and person != cast.bob:
        with pytest.raises(ValidationError, match="people you are connected with"):
            begin(person, cast.bob)
        connect(person, cast.bob)
        assert begin(person, cast.bob).readers.count() == 2
        with pytest.raises(ValidationError, match="people you are connected with"):
            begin(person, cast.bob, cast.rita if name != "rita" else cast.alice)
    with pytest.raises((ValidationError, PermissionDenied)):
        begin(person, person)
    with pytest.raises((ValidationError, PermissionDenied)):
        begin(person)


def test_bad_words_are_refused_and_kept(cast, thread, client):
    client.force_login(cast.bob)
    for text, error in (("", "required"), ("x" * 5_001, "at most 5000"), ("a\x00b", "Null characters")):
        sent = client.post(thread.get_absolute_url(), {"text": text})
        assert error in str(sent.context["form"].errors)
    place = reverse("conversations:thread_create")
    sent = client.post(place, {"people": [cast.rita.pk], "subject": "x" * 121, "text": "Kept"})
    assert set(sent.context["form"].errors) == {"people", "subject"}
    assert "Kept" in sent.text
    assert Post.objects.count() == 1


def test_injected_html_stays_text(cast, client, smtp):
    connect(cast.carlos, cast.bob)
    thread = begin(cast.carlos, cast.bob, subject="<b>Bold</b>", text=NASTY)
    Sender().run()
    client.force_login(cast.bob)
    text = client.get(thread.get_absolute_url()).text
    (mail,) = [one for one in smtp.messages if "Bold" in one["Subject"]]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for found in (text, mail.get_body(("html",)).get_content()):
        assert "<strong>dear</strong>" in found
        assert "&lt;b&gt;Bold" in found
        for bad in ("<script>alert", 'href="javascript:', "<b>Bold"):
            assert bad not in found


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_twice_at_once_stands_once_and_is_told_once(cast):
    for one in (cast.bob, cast.eva):
        connect(cast.carlos, one)
    begun = at_once(*(lambda: begin(cast.carlos, cast.bob),) * 2)
    assert begun[0] == begun[1]
    written = at_once(*(lambda: write(begun[0], cast.bob),) * 2)
    assert written[0] == written[1]
    assert (Thread.objects.count(), Post.objects.count(), told()) == (1, 2, ["bob", "carlos"])
    others = (begin(cast.carlos, cast.bob, cast.eva), begin(cast.carlos, cast.bob, subject="Trams"))
    assert len({begun[0].pk, *(one.pk for one in others)}) == 3


def test_same_words_are_written_again_after_an_answer_and_later(cast, thread):
    first = write(thread, cast.bob, "Yes.")
    assert write(thread, cast.bob, "Yes.") == first
    write(thread, cast.carlos, "And on Monday?")
    second = write(thread, cast.bob, "Yes.")
    assert second != first
    Post.objects.update(at=timezone.now() - timedelta(minutes=10))
    assert write(thread, cast.bob, "Yes.") not in {first, second}


# How it reaches people -----------------------------------------------------------------------------------------------


def test_thread_reads_downwards_and_opens_where_the_first_unread_message_stands(cast, thread, client):
    posts = [write(thread, (cast.bob, cast.carlos)[number % 2], f"Message {number}") for number in range(29)]
    posts += [Post.objects.create(thread=thread, text=f"Message {number}", by=cast.carlos) for number in range(29, 61)]
    client.force_login(cast.bob)

    def shown(address):
        page = client.get(address)
        text = page.text
        assert text.count('id="new"') <= 1
        assert text.rindex('id="post-') < text.index('id="write"')
        return page.context["page"].number, [int(pk) for pk in re.findall(r'id="post-(\d+)"', text)]

    def new_in(text):
        return re.search(r'id="post-(\d+)">\s*<(?:p|div) id="new"', text)

    Reader.objects.filter(user=cast.bob).update(read_at=posts[30].at)
    page = client.get(thread.get_absolute_url())
    assert page.context["page"].number == 2
    assert int(new_in(page.text)[1]) == posts[31].pk
    number, pks = shown(thread.get_absolute_url())
    assert (number, pks) == (3, [one.pk for one in posts[59:]])  # all is read: the last page
    assert int(new_in(client.get(thread.get_absolute_url()).text)[1]) == posts[-1].pk
    assert shown(posts[0].get_absolute_url())[0] == 1
    assert shown(f"{thread.get_absolute_url()}?post=x")[0] == 3
    sent = client.post(thread.get_absolute_url(), {"text": "The last"})
    assert shown(sent.url)[1][-1] == Post.objects.latest("at").pk


def test_others_hear_of_it_as_they_choose(cast, three):
    assert told() == ["bob", "eva"]
    choose_way(user=cast.eva, thing=three, choice="mute")
    Delivery.objects.create(user=cast.carlos, threads="never")
    write(three, cast.bob)
    assert told() == ["bob", "eva"]
    write(three, cast.carlos)
    assert told() == ["bob", "eva", "bob"]


def test_whoever_is_named_reads_so_in_the_mail(cast, three, smtp):
    Message.objects.all().delete()
    write(three, cast.bob, "What does @Eva say?")
    Sender().run()
    said = {
        mail["To"]: ["You are named there." in mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
        for mail in smtp.messages
    }
    assert said == {cast.eva.email: [True, True], cast.carlos.email: [False, False]}


def test_unread_ones_say_so_until_they_are_read(cast, thread, client):
    def is_new():
        return "New</span>" in client.get(reverse("conversations:thread_list")).text

    client.force_login(cast.bob)
    assert is_new()
    client.get(thread.get_absolute_url())
    assert not is_new()
    Reader.objects.update(read_at=timezone.now() - timedelta(minutes=1))
    write(thread, cast.carlos)
    assert is_new()
    client.force_login(cast.carlos)
    assert not is_new()


def test_whoever_leaves_reads_no_more_and_hears_nothing(cast, three, smtp):
    messaging.leave_thread(thread=three, by=cast.eva)
    Sender().run()
    assert [one["To"] for one in smtp.messages if one["Subject"] == "Carlos: Bicycles"] == [cast.bob.email]
    write(three, cast.bob)
    assert told() == ["bob", "eva", "carlos"]
    assert seen_by(cast.eva) == []
    messaging.leave_thread(thread=three, by=cast.bob)
    with pytest.raises(ValidationError, match="Nobody else"):
        write(three, cast.carlos)


def test_whoever_leaves_the_network_reads_nothing(cast, thread):
    MemberRole.objects.filter(user=cast.bob).delete()
    forget_roles(cast.bob)
    assert seen_by(cast.bob) == []
    with pytest.raises(ValidationError, match="Nobody else"):
        write(thread, cast.carlos)


def test_erased_person_leaves_no_words(cast, thread):
    write(thread, cast.bob, "My words")
    erase_person(user=cast.bob, by=cast.bob)
    assert seen_by(cast.carlos) == ["Shall we talk?", ""]


# Blocks and ends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["block by bob", "block by carlos", "removed"])
@pytest.mark.parametrize("writer", ["bob", "carlos"])
def test_two_who_are_not_connected_any_more_write_nothing_and_are_told_the_same(writer, end, cast, thread, client):
    if end == "removed":
        remove_connection(connection=Connection.objects.get(), by=cast.bob)
    else:
        one, other = (cast.bob, cast.carlos) if end == "block by bob" else (cast.carlos, cast.bob)
        block_person(person=other, by=one)
    person = getattr(cast, writer)
    with pytest.raises(ValidationError, match="You are not connected any more"):
        write(thread, person)
    client.force_login(person)
    assert "You are not connected any more" in client.get(thread.get_absolute_url()).text
    sent = client.post(thread.get_absolute_url(), {"text": "My own words"})
    assert "My own words" in html.unescape(sent.text)
    with pytest.raises(ValidationError, match="people you are connected with"):
        begin(person, cast.carlos if writer == "bob" else cast.bob)
    assert Post.objects.count() == 1


def test_in_a_thread_of_three_blocked_people_do_not_reach_each_other(cast, three):
    block_person(person=cast.eva, by=cast.bob)
    before = told()
    write(three, cast.eva, "From Eva, @Bob")
    write(three, cast.bob, "From Bob, @Eva")
    assert told()[len(before) :] == ["carlos", "carlos"]
    assert seen_by(cast.carlos) == ["Shall we talk?", "From Eva, @Bob", "From Bob, @Eva"]
    assert seen_by(cast.bob) == ["Shall we talk?", "From Bob, @Eva"]
    assert seen_by(cast.eva) == ["Shall we talk?", "From Eva, @Bob"]
    unblock_person(person=cast.eva, by=cast.bob)
    write(three, cast.eva, "Later")
    assert seen_by(cast.bob)[-1] == "Later"


def test_reported_message_is_hidden(cast, thread, client):
    post = write(thread, cast.carlos, "Rude words")
    with pytest.raises(PermissionDenied):
        report_thing(reportable=POST, thing=post, reason="Rude.", by=cast.rita)
    case = report_thing(reportable=POST, thing=post, reason="Rude.", by=cast.bob)
    client.force_login(cast.eva)
    text = client.get(case.get_absolute_url()).text
    assert ("Rude words" in text, post.thread.get_absolute_url() in text, "is not open to you" in text) == (
        True,
        False,
        True,
    )
    decide_case(case=case, verdict="hide", reason="Rude.", by=cast.eva)
    client.force_login(cast.bob)
    text = client.get(thread.get_absolute_url()).text
    assert ("Rude words" in text, "Hidden by a coordinator" in text) == (False, True)


# For upper rooms -----------------------------------------------------------------------------------------------------


def test_upper_room_opens_a_thread_for_people_who_are_not_connected(cast):
    thread = messaging.open_thread(people=[cast.alice, cast.carlos], subject="A visit", purpose="exchange", by=None)
    write(thread, cast.alice)
    assert told() == ["carlos"]
    with pytest.raises(ValidationError, match="because of what it is about"):
        messaging.leave_thread(thread=thread, by=cast.alice)
    messaging.set_readers(thread=thread, people=[cast.alice, cast.eva])
    assert (seen_by(cast.carlos), seen_by(cast.eva)) == ([], ["Gladly."])
    messaging.set_readers(thread=thread, people=[cast.alice, cast.carlos])
    assert seen_by(cast.carlos) == ["Gladly."]
    block_person(person=cast.alice, by=cast.carlos)
    with pytest.raises(ValidationError, match="You are not connected any more"):
        write(thread, cast.alice, "Hello?")


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_for_any_number(rows, cast, client, django_assert_num_queries):
    connect(cast.carlos, cast.bob)
    for row in range(rows):
        thread = begin(cast.carlos, cast.bob, subject=f"Bicycles {row}")
        for number in range(rows):
            write(thread, cast.carlos, f"@Bob {number}")
    client.force_login(cast.bob)
    with django_assert_num_queries(9):
        client.get(reverse("conversations:thread_list"))
    with django_assert_num_queries(18):
        client.get(thread.get_absolute_url())


def test_thread_is_one_row_for_each_reader(cast, thread):
    assert (Thread.objects.count(), Reader.objects.count()) == (1, 2)
    assert fresh(thread).last_at == Post.objects.get().at


# Behind a block ------------------------------------------------------------------------------------------------------


def test_what_is_written_behind_a_block_leaves_no_trace(cast, three, client):
    write(three, cast.bob)
    messaging.mark_read(thread=three, by=cast.eva)
    block_person(person=cast.bob, by=cast.eva)
    write(three, cast.bob, "For Carlos")

    def of(person):
        client.force_login(person)
        (row,), _people = zip(*client.get(reverse("conversations:thread_list")).context["threads"], strict=True)
        return Thread.objects.unread_by(person).count(), row.is_unread, row.heard_at

    first, second, last = Post.objects.order_by("pk").values_list("at", flat=True)
    assert of(cast.eva) == (0, False, second)
    assert of(cast.carlos) == (1, True, last)
    write(three, cast.carlos, "For both")
    assert of(cast.eva) == (1, True, Post.objects.latest("pk").at)
    assert first < second


def test_thread_of_which_nothing_can_be_read_is_not_listed(cast, client):
    connect(cast.carlos, cast.bob)
    connect(cast.carlos, cast.eva)
    connect(cast.bob, cast.eva)
    thread = begin(cast.carlos, cast.bob, cast.eva, subject="Trains")
    empty = messaging.open_thread(people=[cast.bob, cast.eva], subject="An exchange", purpose="exchange")
    block_person(person=cast.carlos, by=cast.eva)
    Post.objects.update(at=timezone.now() + timedelta(seconds=1))
    seen = {}
    for person in (cast.bob, cast.eva):
        client.force_login(person)
        page = client.get(reverse("conversations:thread_list"))
        seen[person.name] = (
            {one.pk for one, _people in page.context["threads"]},
            Thread.objects.unread_by(person).count(),
        )
    assert seen == {"Bob": ({thread.pk, empty.pk}, 1), "Eva": ({empty.pk}, 0)}
    assert "There is no message here for you to read" in client.get(thread.get_absolute_url()).text


def test_leaving_asks_first(cast, thread, client):
    client.force_login(cast.bob)
    place = reverse("conversations:thread_leave", args=[thread.pk])
    assert place in client.get(thread.get_absolute_url()).text
    assert "there is no way back" in client.get(place).text
    assert Thread.objects.visible_to(cast.bob).get() == thread
    assert client.post(place).status_code == 302
    assert not Thread.objects.visible_to(cast.bob).exists()


def test_author_is_told_who_is_named(cast, thread, client):
    client.force_login(cast.carlos)
    for text, said in (
        ("Hello", []),
        ("Ask @Bob’s mother, at a@city.example", ["Named there: Bob."]),
        (
            "Ask @Alice",
            ["Nobody is named there: after @ stands no name of one person who can read it, as their page has it."],
        ),
    ):
        answer = client.post(thread.get_absolute_url(), {"text": text}, follow=True)
        assert [str(one) for one in answer.context["messages"]] == said
