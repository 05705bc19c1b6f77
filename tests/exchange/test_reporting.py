"""What of conversations can be reported: what those who decide see, what is hidden with it, and who is told."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.journal.services import number_entries
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.conversations import commenting, gathering, grouping, messaging
from exchange.conversations.models import Delivery, Group, GroupEvent, GroupFile
from exchange.conversations.reporting import COMMENT, FILE, GROUP, MEETING, POST
from exchange.digests.emails import preview_digest
from exchange.digests.models import Subscription
from exchange.digests.selection import select_for
from exchange.digests.services import build_message
from exchange.home.soon import meetings_of
from exchange.moderation import services
from exchange.moderation.models import Case
from practices.sharing.feeds import feed_token
from tests.exchange.gathering import found, meet, own
from tests.factories import PublicationFactory
from tests.practices.acts import fresh
from tests.uploads import PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast):
    """Return a group of Alice, in which Bob and Carlos are. What Bob does there, Kaisa decides about, and then Eva."""
    group = found(cast.alice)
    for person in (cast.bob, cast.carlos):
        own(group, "join", person)
    return group


def report(reportable, thing, by):
    return services.report_thing(reportable=reportable, thing=thing, reason="Not polite.", by=by)


def hide(case, by):
    return services.decide_case(case=case, verdict="hide", reason="Not here.", by=by)


def restore(case, author, by):
    case = services.appeal_decision(case=case, text="It was a joke.", by=author)
    return services.answer_appeal(case=case, verdict="restore", reason="So it was.", by=by)


def told(kind):
    rows = Message.objects.filter(kind=f"moderation.{kind}").order_by("pk")
    return [one.recipient.partition("@")[0] for one in rows]


def page_of(client, person, thing):
    client.force_login(person)
    return " ".join(client.get(thing if isinstance(thing, str) else thing.get_absolute_url()).text.split())


def test_those_who_decide_see_what_was_reported_and_what_stands_there_now(cast, client):
    practice = PublicationFactory(owner=cast.lahti)
    comment = commenting.add_comment(publication=practice, kind="comment", text="Bad words", language="en", by=cast.bob)
    case = report(COMMENT, comment, cast.carlos)
    assert "As it is now" not in page_of(client, cast.kaisa, case)
    commenting.edit_comment(comment=comment, text="Rude words", language="en", by=cast.bob)
    hide(case, cast.kaisa)
    services.appeal_decision(case=case, text="It was a joke.", by=cast.bob)
    for person in (cast.kaisa, cast.eva, cast.bob):
        text = page_of(client, person, case)
        for part in ("As it was reported", "Bad words", "As it is now", "Rude words"):
            assert part in text
    comment = commenting.add_comment(publication=practice, kind="comment", text="Bad again", language="en", by=cast.bob)
    case = report(COMMENT, comment, cast.carlos)
    commenting.delete_comment(comment=comment, by=cast.bob)
    text = page_of(client, cast.kaisa, case)
    assert ("Bad again" in text, "It is deleted." in text) == (True, True)


# Groups --------------------------------------------------------------------------------------------------------------


def test_all_keepers_hear_that_their_group_is_hidden_and_any_can_appeal(cast, group, client):
    grouping.set_keeper(group=group, person=cast.bob, is_keeper=True, by=cast.alice)
    grouping.set_keeper(group=group, person=cast.carlos, is_keeper=True, by=cast.alice)
    own(group, "leave", cast.alice)
    for keeper in (cast.bob, cast.carlos):
        with pytest.raises(ValidationError, match="This is your own"):
            report(GROUP, group, keeper)
    case = hide(report(GROUP, group, cast.rita), cast.kaisa)
    assert told("author") == ["bob", "carlos"]
    mail = Message.objects.filter(kind="moderation.author").first()
    assert mail.payload["what"] == "hidden"
    for name, sees in (("bob", True), ("carlos", True), ("alice", False), ("rita", False)):
        person = getattr(cast, name)
        client.force_login(person)
        assert client.get(case.get_absolute_url()).status_code == (200 if sees else 404)
        assert Case.objects.visible_to(person).exists() == person.has_perm("moderation.view_case", case) == sees
    text = page_of(client, cast.carlos, case)
    assert ("something you look after" in text, "Why should it be shown again?" in text) == (True, True)
    with pytest.raises(PermissionDenied):
        services.appeal_decision(case=case, text="No.", by=cast.alice)
    restore(case, cast.carlos, cast.eva)
    assert told("author") == ["bob", "carlos", "bob", "carlos"]
    assert Group.objects.visible_to(cast.bob).exists()


def test_keeper_who_coordinates_does_not_decide_about_their_group(cast, client):
    group = found(cast.kaisa)
    case = report(GROUP, group, cast.rita)
    assert told("office") == ["ada"]
    assert not cast.kaisa.has_perm("moderation.decide_case", case)
    client.force_login(cast.kaisa)
    assert "Kitchens" not in client.get(reverse("moderation:queue")).text
    assert client.get(case.get_absolute_url()).status_code == 404


# Threads -------------------------------------------------------------------------------------------------------------


def test_subject_is_reported_and_hidden_with_the_first_message(cast, group, client, smtp):
    thread = messaging.begin_discussion(group=group, subject="Bad subject", text="Bad words", by=cast.bob)
    first = thread.posts.get()
    later = messaging.write_post(thread=thread, text="Good words", by=cast.bob)
    case = hide(report(POST, later, cast.carlos), cast.kaisa)
    assert case.excerpt == "Good words"
    assert fresh(thread).title == "Bad subject"
    case = report(POST, first, cast.carlos)
    assert "Bad subject" in page_of(client, cast.kaisa, case)
    case = hide(case, cast.kaisa)
    Delivery.objects.create(user=cast.carlos, groups="at_once")
    Message.objects.all().delete()
    messaging.write_post(thread=thread, text="What was it?", by=cast.alice)
    Sender().run()
    (mail,) = smtp.messages
    assert mail["Subject"] == "Alice: A hidden subject"
    pages = [page_of(client, cast.carlos, one) for one in (thread, group)] + [str(mail), str(fresh(thread))]
    assert [("Bad subject" in one, "A hidden subject" in one) for one in pages] == [(False, True)] * 4
    restore(case, cast.bob, cast.eva)
    assert "Bad subject" in page_of(client, cast.carlos, thread)


def test_whoever_answers_has_not_written_the_subject(cast, group):
    thread = messaging.begin_discussion(group=group, subject="Cooks", text="Who?", by=cast.alice)
    answer = messaging.write_post(thread=thread, text="Bad words", by=cast.bob)
    assert report(POST, answer, cast.carlos).excerpt == "Bad words"
    called = messaging.open_thread(people=[cast.bob, cast.carlos], subject="An exchange", purpose="x", by=cast.bob)
    post = messaging.write_post(thread=called, text="Bad words too", by=cast.bob)
    assert report(POST, post, cast.carlos).excerpt == "Bad words too"


# Meetings and files --------------------------------------------------------------------------------------------------


def test_hidden_meeting_is_nowhere(cast, group, client, smtp):
    Delivery.objects.create(user=cast.alice, groups="at_once")
    Subscription.objects.get_or_create(user=cast.carlos)
    event = meet(group, cast.bob, title="Bad meeting")
    case = report(MEETING, event, cast.carlos)
    assert reverse("moderation:report_create", args=["meeting", event.pk]) in page_of(client, cast.carlos, group)
    case = hide(case, cast.kaisa)
    assert case.excerpt == "Bad meeting\nLahti\nhttps://city.example/call\nFood"
    meetings = reverse("conversations:group_meetings", args=[group.pk])
    places = [group.get_absolute_url(), meetings, reverse("conversations:group_list"), "/"]
    client.force_login(cast.carlos)
    texts = [client.get(one).text for one in places]
    texts += [client.get(reverse("exchanges:own_calendar", args=[feed_token(cast.carlos)])).text]
    assert [text.count("Bad meeting") for text in texts] == [0] * 5
    assert not meetings_of(cast.carlos)["meetings"].exists()
    for name in ("event_edit", "event_file", "event_cancel"):
        assert client.get(reverse(f"conversations:{name}", args=[event.pk])).status_code == 404
    with pytest.raises(ValidationError, match="not there any more"):
        meet(group, cast.bob, event=fresh(event), place="Kuopio")
    subscription = Subscription.objects.get(user=cast.carlos)
    (selection,) = select_for([subscription], highest=number_entries())
    digest = preview_digest(build_message(subscription, selection, 0, key="x", now=timezone.now()), subscription)
    assert not digest or b"Bad meeting" not in bytes(digest.text)
    Sender().run()
    assert not [one for one in smtp.messages if one["To"] == cast.alice.email and "meets" in one["Subject"]]
    restore(case, cast.bob, cast.eva)
    assert "Bad meeting" in page_of(client, cast.carlos, group)
    assert GroupEvent.objects.visible_to(cast.carlos).get() == event


def test_reported_file_is_open_to_those_who_decide_until_it_may_stay(cast, group, client):
    file = gathering.add_file(group=group, upload=SimpleUploadedFile("Bad.pdf", PDF), by=cast.bob)
    place = reverse("conversations:file_download", args=[file.pk])

    def opened_by():
        found = set()
        for name in ("alice", "bob", "carlos", "rita", "kaisa", "eva", "ada", "xavier"):
            client.force_login(getattr(cast, name))
            answer = client.get(place)
            if answer.streaming:
                list(answer)
                found.add(name)
            else:
                assert answer.status_code == 404
        return found

    assert reverse("moderation:report_create", args=["file", file.pk]) in page_of(client, cast.carlos, group)
    assert opened_by() == {"alice", "bob", "carlos"}
    case = report(FILE, file, cast.carlos)
    assert place in page_of(client, cast.kaisa, case)
    assert opened_by() == {"alice", "bob", "carlos", "kaisa", "eva", "ada"}
    case = hide(case, cast.kaisa)
    assert "Bad.pdf" not in page_of(client, cast.carlos, group)
    assert opened_by() == {"kaisa", "eva", "ada"}
    restore(case, cast.bob, cast.eva)
    assert opened_by() == {"alice", "bob", "carlos"}
    assert GroupFile.objects.visible_to(cast.carlos).get() == file
