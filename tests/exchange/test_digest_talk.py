"""What people wrote, in the digests of those who want to hear of it there."""

import quopri
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.journal.services import number_entries
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from config.vocabulary.models import Topic
from exchange.connections.blocks import block_person
from exchange.conversations import commenting, gathering, grouping, messaging
from exchange.conversations.delivering import choose_way
from exchange.conversations.models import Comment, Delivery, Membership, Post
from exchange.digests.emails import preview_digest
from exchange.digests.models import Subscription
from exchange.digests.selection import select_for
from exchange.digests.services import build_message
from exchange.digests.talk import MOST_PERSONAL, MOST_TALK
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def carlos(cast, subscribe):
    """Return Carlos, who hears of everything in the digest, and of nothing else there."""
    Delivery.objects.create(user=cast.carlos, questions="digest", threads="digest", groups="digest")
    subscribe(cast.carlos, sections=[], confirmed_no=number_entries())
    return cast.carlos


@pytest.fixture
def practice(cast):
    return PublicationFactory(owner=cast.lahti, title="School meals")


def selection_of(user):
    subscription = Subscription.objects.get(user=user)
    (selection,) = select_for([subscription], highest=number_entries())
    return subscription, selection


def mail_of(user):
    """Return the digest as it would be sent now; None where it would be empty."""
    subscription, selection = selection_of(user)
    message = build_message(subscription, selection, 0, key="x", now=timezone.now())
    return preview_digest(message, subscription)


def digest_of(user):
    """Return the text of `mail_of`."""
    mail = mail_of(user)
    return mail and quopri.decodestring(bytes(mail.text)).decode()


def answer(cast, practice, carlos):
    question = commenting.add_comment(publication=practice, kind="question", text="Cost?", language="en", by=carlos)
    return commenting.reply_to_comment(comment=question, text="Ten euros.", language="en", by=cast.alice)


def discuss(cast, carlos):
    values = {"name": "Kitchens", "kind": "community", "admission": "open", "about": "Food", "office": None}
    group = grouping.found_group(values=values | {"topic": Topic.objects.get(code="food")}, by=cast.alice)
    grouping.act_for_oneself(group=group, act="join", by=carlos)
    thread = messaging.begin_discussion(group=group, subject="Cooks", text="Who cooks?", by=cast.alice)
    return group, thread


def test_answers_and_groups_come_with_a_reason_each_and_are_told_once(cast, practice, carlos):
    answer(cast, practice, carlos)
    discuss(cast, carlos)
    text = digest_of(carlos)
    for part in ("School meals", "An answer to your question.", "Cooks", "New in your group Kitchens.", "Alice"):
        assert part in text, part
    assert [verb for verb, _ in selection_of(carlos)[1].talk] == ["discussed", "replied"]
    assert selection_of_others(cast) == []
    Subscription.objects.filter(user=carlos).update(confirmed_no=number_entries())
    assert selection_of(carlos)[1].is_empty
    assert digest_of(carlos) is None


def test_people_come_first_in_the_subject_and_what_is_left_out_is_not_counted_there(cast, publish, carlos):
    most = MOST_PERSONAL + MOST_TALK
    for number in range(most + 2):
        question = commenting.add_comment(
            publication=publish(cast.lahti, f"Practice {number}"), kind="question", text="?", language="en", by=carlos
        )
        commenting.reply_to_comment(comment=question, text="Ten euros.", language="en", by=cast.alice)
    Subscription.objects.filter(user=carlos).update(sections=["new"])
    mail = mail_of(carlos)
    items = bytes(mail.text).decode().count("Less of this:")
    assert items
    assert mail.subject == f"Alice: Practice {most + 1}, and {most - 1 + items} more"
    assert re.search(
        r'class="preheader"[^>]*>\s*An answer to your question\.', quopri.decodestring(bytes(mail.html)).decode()
    )
    assert "And 2 more:" in bytes(mail.text).decode()


def test_whoever_is_named_in_a_group_reads_so_though_more_was_written_since(cast, practice, carlos):
    _group, thread = discuss(cast, carlos)
    named = messaging.write_post(thread=thread, text="@Carlos cooks.", by=cast.alice)
    messaging.write_post(thread=thread, text="So it is.", by=cast.alice)
    text = digest_of(carlos)
    assert "New in your group Kitchens. You are named there." in text
    assert named.get_absolute_url() in text
    commenting.add_comment(publication=practice, kind="question", text="@Carlos?", language="en", by=cast.rita)
    assert "A question in which you are named." in digest_of(carlos)


def selection_of_others(cast):
    (selection,) = select_for([Subscription(user=cast.rita)], highest=number_entries())
    return selection.talk


@pytest.mark.parametrize("end", ["deleted", "hidden", "muted", "blocked", "left", "group hidden", "archived"])
def test_what_may_not_be_shown_any_more_is_left_out(end, cast, practice, carlos):
    reply = answer(cast, practice, carlos)
    group, thread = discuss(cast, carlos)
    if end == "deleted":
        commenting.delete_comment(comment=reply, by=cast.alice)
        Post.objects.update(text="")
    elif end == "hidden":
        Comment.objects.update(hidden_at=timezone.now())
        Post.objects.update(hidden_at=timezone.now())
    elif end == "muted":
        choose_way(user=carlos, thing=practice, choice="mute")
        choose_way(user=carlos, thing=group, choice="mute")
    elif end == "blocked":
        block_person(person=cast.alice, by=carlos)
    elif end == "left":
        Membership.objects.filter(user=carlos).update(state="left")
        choose_way(user=carlos, thing=practice, choice="mute")
    elif end == "group hidden":
        type(group).objects.update(hidden_at=timezone.now())
        choose_way(user=carlos, thing=practice, choice="mute")
    else:
        type(practice).objects.update(state="archived")
        choose_way(user=carlos, thing=thread, choice="mute")
    assert digest_of(carlos) is None


def test_what_was_written_to_the_reader_comes_first_and_the_rest_leads_to_where_it_is(cast, practice, carlos):
    answer(cast, practice, carlos)
    group, _thread = discuss(cast, carlos)
    starts = timezone.now() + timedelta(days=3)
    for number in range(MOST_TALK + 1):
        values = {"title": f"Meeting {number}", "starts_at": starts, "ends_at": starts + timedelta(hours=1)}
        gathering.save_event(
            group=group,
            event=None,
            values=values | {"time_zone": "UTC", "place": "", "link": "", "about": ""},
            by=cast.alice,
        )
    text = digest_of(carlos)
    assert text.index("An answer to your question.") < text.index("Meeting ")
    assert text.count("It meets on") == MOST_TALK
    assert "And 2 more" in text
    assert absolute_url(reverse("conversations:group_list")) in text


def test_who_joins_is_told_in_the_digest_to_those_who_want_it_there(cast, carlos):
    """To a keeper who wants to join, to others that they are invited or in; at once nothing, and once."""
    Delivery.objects.filter(user=carlos).update(joins="digest")
    values = {"kind": "community", "about": "Food", "office": None, "topic": Topic.objects.get(code="food")}
    own = grouping.found_group(values=values | {"name": "Mine", "admission": "request"}, by=carlos)
    theirs = grouping.found_group(values=values | {"name": "Theirs", "admission": "closed"}, by=cast.alice)
    grouping.act_for_oneself(group=own, act="ask", message="Please.", by=cast.bob)
    grouping.act_as_keeper(group=theirs, person=carlos, act="invite", by=cast.alice)
    assert not Message.objects.filter(kind="conversations.membership", user=carlos).exists()
    text = digest_of(carlos)
    for part in ("Mine", "Bob", "Wants to join your group.", "Theirs", "Alice", "Invites you to this group."):
        assert part in text, part
    grouping.act_as_keeper(group=own, person=cast.bob, act="approve", by=carlos)
    grouping.act_for_oneself(group=theirs, act="refuse", by=carlos)
    assert digest_of(carlos) is None  # answered meanwhile
