"""Questions and comments: who reads and writes them, who hears of them and how, and what nobody can do with them."""

import html
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.connections.blocks import block_person
from exchange.conversations import commenting
from exchange.conversations.delivering import choose_way
from exchange.conversations.limits import MOST_AN_HOUR
from exchange.conversations.mentions import find_mentions
from exchange.conversations.models import Comment, Delivery, Following
from exchange.conversations.reporting import COMMENT
from exchange.moderation.services import answer_appeal, appeal_decision, decide_case, report_thing
from members.directory.models import MemberRole
from members.people.erasing import erase_person
from members.people.seeing import people_visible_to
from practices.library.services import archive_publication
from practices.sharing.public import public_path
from tests.factories import MemberRoleFactory, PublicationFactory, UserFactory
from tests.practices.acts import fresh, rows
from tests.threads import at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
NASTY = "Is it **dear**? <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/y.png)"


@pytest.fixture
def practice(cast):
    """Return a published practice of Lahti, for which Alice and Bob write."""
    return PublicationFactory(owner=cast.lahti, title="School meals")


def ask(publication, by, text="What did it cost?", kind="question"):
    return commenting.add_comment(publication=publication, kind=kind, text=text, language="en", by=by)


def reply(comment, by, text="About ten euros."):
    return commenting.reply_to_comment(comment=comment, text=text, language="en", by=by)


def edit(comment, by, text="How much did it cost?"):
    return commenting.edit_comment(comment=comment, text=text, language="en", by=by)


def mark(comment, by, *, is_answer=True):
    return commenting.mark_answer(comment=comment, is_answer=is_answer, by=by)


def told():
    return sorted(one.recipient.partition("@")[0] for one in Message.objects.filter(kind="conversations.comment"))


def in_digest():
    entries = Entry.objects.filter(audience="person").select_related("person").order_by("pk")
    return [(one.person.name, one.verb) for one in entries]


def everything():
    return [rows(model) for model in (Comment, Following, Entry, Message)]


def text_of(client, publication):
    return html.unescape(client.get(reverse("conversations:publication_talk", args=[publication.pk])).text)


# Who reads and writes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_in_the_network_asks_replies_and_reads(name, cast, practice):
    person, question = getattr(cast, name), ask(practice, cast.carlos)
    before = everything()
    if name == "nora":
        for act in (lambda: ask(practice, person), lambda: reply(question, person)):
            with pytest.raises(PermissionDenied):
                act()
        assert everything() == before
        assert not Comment.objects.visible_to(person).exists()
        return
    assert ask(practice, person, "And who pays?").by == person
    assert reply(question, person).parent == question
    assert Comment.objects.visible_to(person).count() == 3


@pytest.mark.parametrize("name", PEOPLE)
def test_only_the_author_edits_and_deletes_and_the_asker_or_owner_marks(name, cast, practice):
    person, question = getattr(cast, name), ask(practice, cast.carlos)
    answer = reply(question, cast.rita)
    before = everything()
    if name in {"carlos", "alice", "bob"}:
        assert mark(answer, person).is_answer
        assert not mark(answer, person, is_answer=False).is_answer
    else:
        with pytest.raises(PermissionDenied):
            mark(answer, person)
    for act in (lambda: edit(question, person), lambda: commenting.delete_comment(comment=question, by=person)):
        if name == "carlos":
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()
            assert fresh(question) == question
    if name not in {"carlos", "alice", "bob"}:
        assert everything() == before


def test_nothing_is_said_about_what_is_not_published(cast, practice):
    hidden = PublicationFactory(owner=cast.lahti, state="unpublished")
    with pytest.raises(PermissionDenied):
        ask(hidden, cast.carlos)
    with pytest.raises(ValidationError, match="Nobody can write about it now"):
        ask(hidden, cast.alice)
    question = ask(practice, cast.carlos)
    archive_publication(publication=practice, reason="Over.", by=cast.kaisa)
    assert not Comment.objects.visible_to(cast.carlos).exists()
    assert Comment.objects.visible_to(cast.alice).exists()
    with pytest.raises(ValidationError, match="Nobody can write about it now"):
        reply(fresh(question), cast.alice)


def test_comments_are_no_part_of_the_public_edition(cast, practice, client):
    ask(practice, cast.carlos, "A question inside")
    type(practice).objects.filter(pk=practice.pk).update(is_public=True)
    text = client.get(public_path(fresh(practice))).text
    assert "School meals" in text
    assert "A question inside" not in text


def test_answer_is_one_and_replies_are_one_level_deep(cast, practice):
    question = ask(practice, cast.carlos)
    first, second = reply(question, cast.alice), reply(question, cast.bob)
    mark(first, cast.carlos)
    mark(second, cast.alice)
    assert [fresh(one).is_answer for one in (first, second)] == [False, True]
    with pytest.raises(ValidationError, match="reply to the question"):
        reply(first, cast.carlos)
    said = ask(practice, cast.carlos, kind="comment")
    with pytest.raises(PermissionDenied):
        mark(reply(said, cast.alice), cast.carlos)
    commenting.delete_comment(comment=second, by=cast.bob)
    assert not fresh(second).is_answer
    with pytest.raises(ValidationError, match="not there any more"):
        mark(second, cast.carlos)


def test_words_are_changed_for_half_an_hour_and_deleted_ones_leave_their_place(cast, practice, client):
    question = ask(practice, cast.carlos)
    reply(question, cast.alice, "Ten euros.")
    assert edit(question, cast.carlos).edited_at is not None
    Comment.objects.update(at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(ValidationError, match="half an hour"):
        edit(fresh(question), cast.carlos)
    commenting.delete_comment(comment=question, by=cast.carlos)
    assert fresh(question).text == ""
    client.force_login(cast.rita)
    text = text_of(client, practice)
    assert ("Deleted by its author" in text, "Ten euros" in text, "How much" in text) == (True, True, False)
    with pytest.raises(ValidationError, match="nobody can reply"):
        reply(fresh(question), cast.bob)


def test_link_to_a_comment_leads_to_the_page_on_which_it_stands(cast, practice, client):
    first = ask(practice, cast.carlos, "The first of all")
    answer = reply(first, cast.alice, "Its answer")
    for number in range(20):
        ask(practice, cast.rita, f"Question {number}")
    client.force_login(cast.rita)
    place = reverse("conversations:publication_talk", args=[practice.pk])
    for address, is_there in (
        (first.get_absolute_url(), True),
        (answer.get_absolute_url(), True),
        (place, False),
        (f"{place}?comment=x", False),
        (f"{place}?comment={'9' * 5_000}", False),
        (f"{place}?comment=999999", False),
    ):
        assert ("The first of all" in client.get(address).text) == is_there, address


def test_nobody_is_shown_a_form_for_what_is_not_there_any_more(cast, practice, client):
    question = ask(practice, cast.carlos)
    client.force_login(cast.rita)
    place = reverse("conversations:comment_reply", args=[question.pk])
    assert client.get(place).status_code == 200
    Comment.objects.update(hidden_at=timezone.now())
    assert client.get(place).url == question.get_absolute_url()
    sent = client.post(place, {"text": "My words", "language": "en"})
    assert "My words" in sent.text


def test_language_is_that_of_the_last_text_else_the_readers_own(cast, practice, client):
    type(cast.carlos).objects.filter(pk=cast.carlos.pk).update(language="fi")
    client.force_login(cast.carlos)
    place = reverse("conversations:publication_talk", args=[practice.pk])
    assert client.get(place).context["form"].initial["language"] == "fi"
    commenting.add_comment(publication=practice, kind="comment", text="Olá", language="es", by=cast.carlos)
    assert client.get(place).context["form"].initial["language"] == "es"


def test_address_of_a_button_explains_itself(cast, practice, client):
    client.force_login(cast.carlos)
    page = client.get(reverse("conversations:publication_follow", args=[practice.pk]))
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "There is no page at this address" in page.text


# Bad input -----------------------------------------------------------------------------------------------------------


def test_injected_html_stays_text(cast, practice, client, smtp):
    question = ask(practice, cast.carlos, NASTY)
    reply(question, cast.rita, NASTY)
    Sender().run()
    client.force_login(cast.bob)
    pages = [client.get(place).text for place in (practice.get_absolute_url(), question.get_absolute_url())]
    mails = [mail.get_body(("html",)).get_content() for mail in smtp.messages]
    assert len(mails) == 5
    for text in pages + mails:
        assert "<strong>dear</strong>" in text
        for bad in ("<script>alert", 'href="javascript:', "<img"):
            assert bad not in text


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("text", "", "This field is required."),
        ("text", "   ", "This field is required."),
        ("text", "x" * 5_001, "at most 5000 characters"),
        ("text", "a\x00b", "Null characters are not allowed."),
        ("kind", "shout", "Select a valid choice."),
        ("language", "xx", "Select a valid choice."),
    ],
    ids=lambda value: str(value)[:10],
)
def test_bad_value_is_told_beside_its_field_and_the_rest_is_kept(name, value, error, cast, practice, client):
    client.force_login(cast.carlos)
    typed = {"text": "My own words", "kind": "question", "language": "en"} | {name: value}
    sent = client.post(reverse("conversations:publication_talk", args=[practice.pk]), typed)
    assert error in sent.context["form"].errors[name][0]
    assert typed["text"].strip() in html.unescape(sent.text)
    assert not Comment.objects.exists()


def test_thirty_an_hour_and_nothing_typed_is_lost(cast, practice, client):
    for number in range(MOST_AN_HOUR):
        ask(practice, cast.carlos, f"Question {number}")
    client.force_login(cast.carlos)
    typed = {"text": "The thirty-first", "kind": "question", "language": "en"}
    place = reverse("conversations:publication_talk", args=[practice.pk])
    sent = client.post(place, typed)
    assert "You have written 30 messages in an hour" in html.unescape(sent.text)
    assert "The thirty-first" in sent.text
    assert ask(practice, cast.rita).pk
    Entry.objects.filter(by=cast.carlos).update(at=timezone.now() - timedelta(minutes=61))
    assert client.post(place, typed).status_code == 302


# Who hears of it -----------------------------------------------------------------------------------------------------


def test_owners_people_followers_and_those_under_the_question_hear_of_it(cast, practice):
    choose_way(user=cast.eva, thing=practice, choice="follow")
    choose_way(user=cast.bob, thing=practice, choice="mute")
    question = ask(practice, cast.carlos)
    assert told() == ["alice", "eva"]
    reply(question, cast.xavier)
    assert told() == ["alice", "alice", "carlos", "eva", "eva"]
    reply(question, cast.alice)
    assert told() == ["alice", "alice", "carlos", "carlos", "eva", "eva", "eva", "xavier"]


@pytest.mark.parametrize(
    ("way", "mails", "entries"),
    [("at_once", ["alice", "bob"], []), ("digest", ["alice"], [("Bob", "question_asked")]), ("never", ["alice"], [])],
)
def test_way_is_the_persons_choice(way, mails, entries, cast, practice):
    Delivery.objects.create(user=cast.bob, questions=way)
    ask(practice, cast.carlos)
    assert (told(), in_digest()) == (mails, entries)


def test_one_click_ends_the_mail(cast, practice, smtp, client):
    ask(practice, cast.carlos)
    Sender().run()
    mail = next(one for one in smtp.messages if one["To"] == cast.bob.email)
    assert (mail["Subject"], mail["List-Unsubscribe-Post"]) == (
        "Carlos asks: School meals",
        "List-Unsubscribe=One-Click",
    )
    link = "/" + mail["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    assert "Shall we stop" in client.get(link).text
    assert not Delivery.objects.exists()
    assert client.post(link).status_code == 200
    assert Delivery.objects.get().questions == "never"
    ask(practice, cast.carlos, "And who pays?")
    assert told() == ["alice", "alice", "bob"]


@pytest.mark.parametrize("end", ["deleted", "hidden", "muted", "blocked", "never", "left"])
def test_mail_that_is_overtaken_does_not_leave(end, cast, practice, smtp):
    choose_way(user=cast.alice, thing=practice, choice="mute")
    question = ask(practice, cast.carlos)
    if end == "deleted":
        commenting.delete_comment(comment=question, by=cast.carlos)
    elif end == "hidden":
        Comment.objects.update(hidden_at=timezone.now())
    elif end == "muted":
        choose_way(user=cast.bob, thing=practice, choice="mute")
    elif end == "blocked":
        block_person(person=cast.carlos, by=cast.bob)
    elif end == "never":
        Delivery.objects.create(user=cast.bob, questions="never")
    else:
        MemberRole.objects.filter(user=cast.bob).delete()
    Sender().run()
    assert smtp.messages == []


# Mentions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Bob, did you see it?", ["Bob"]),
        ("Ask @bob and @Alice.", ["Alice", "Bob"]),
        ("bob@city.example is no mention", []),
        ("@Nora is in no member", []),
        ("@Nobody At All", []),
        ("@Two of them are called so", []),
        ("@Ann Lee and @Ann", ["Ann", "Ann Lee"]),
        ("@Ann Lee's plan, @Bob’s and @Pat O'Brien's", ["Ann Lee", "Bob", "Pat O'Brien"]),
        ("@Pat O'Brien", ["Pat O'Brien"]),
        ("@", []),
        ("@@Bob", ["Bob"]),
    ],
)
def test_name_that_fits_one_person_is_a_mention(text, named, cast):
    for name in ("Two", "Two", "Ann", "Ann Lee", "Pat O'Brien"):
        MemberRoleFactory(user=UserFactory(name=name), member=cast.lahti)
    assert sorted(one.name for one in find_mentions(text, people_visible_to(cast.carlos))) == named


def test_named_person_hears_of_it_and_the_name_leads_to_them(cast, practice, client, smtp):
    question = ask(practice, cast.carlos, "`@Eva` @Eva [@Eva](https://city.example) @Nora")
    assert told() == ["alice", "bob", "eva"]
    client.force_login(cast.rita)
    text = client.get(question.get_absolute_url()).text
    assert text.count(f'href="/people/{cast.eva.pk}/" rel="nofollow noopener ugc">@Eva</a>') == 1
    assert f"/people/{cast.nora.pk}/" not in text
    Sender().run()
    mails = {mail["To"]: mail for mail in smtp.messages}
    for person, is_named in ((cast.eva, True), (cast.alice, False)):
        mail = mails[person.email]
        assert mail["Subject"] == "Carlos asks: School meals"
        said = mail.get_body(("plain",)).get_content()
        assert ("You are named there." in said) == is_named
        assert "You have chosen" not in said
        assert "Answers to this e-mail reach nobody. Reply on the page:" in said
    edit(question, cast.carlos, "@Eva and @Kaisa")
    assert told() == ["alice", "bob", "eva", "kaisa"]


# Blocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocker", ["bob", "carlos"])
def test_nothing_reaches_somebody_by_any_route_where_there_is_a_block(blocker, cast, practice, client):
    one, other = (cast.bob, cast.carlos) if blocker == "bob" else (cast.carlos, cast.bob)
    for person in (cast.alice, cast.rita):
        choose_way(user=person, thing=practice, choice="mute")
    choose_way(user=cast.bob, thing=practice, choice="follow")
    theirs = ask(practice, cast.bob, "From Bob")
    block_person(person=other, by=one)
    ask(practice, cast.carlos, "@Bob, a question")  # to the owner's people, to those who follow, by name
    reply(theirs, cast.carlos, "A reply from Carlos")  # to whoever wrote it
    assert told() == []
    client.force_login(cast.bob)
    text = text_of(client, practice)
    assert ("A reply from Carlos" in text) == (blocker == "carlos")
    assert ("Somebody you have blocked" in text) == (blocker == "bob")


# Reports -------------------------------------------------------------------------------------------------------------


def test_hidden_comment_is_seen_by_nobody_until_an_appeal_restores_it(cast, practice, client):
    comment = ask(practice, cast.carlos, "Rude words")
    case = report_thing(reportable=COMMENT, thing=comment, reason="Rude.", by=cast.rita)
    assert (case.office, case.author, case.excerpt) == (cast.europe, cast.carlos, "Rude words")
    with pytest.raises(PermissionDenied):
        decide_case(case=case, verdict="hide", reason="Rude.", by=cast.kaisa)  # Lahti's office, not the author's
    client.force_login(cast.eva)
    text = client.get(case.get_absolute_url()).text
    assert (comment.get_absolute_url() in html.unescape(text), "is not open to you" in text) == (True, False)
    case = decide_case(case=case, verdict="hide", reason="Rude.", by=cast.eva)
    client.force_login(cast.rita)
    for place in (practice.get_absolute_url(), comment.get_absolute_url()):
        text = client.get(place).text
        assert ("Rude words" in text, "Hidden by a coordinator" in text) == (False, True)
    with pytest.raises(ValidationError):
        edit(fresh(comment), cast.carlos)
    with pytest.raises(ValidationError):
        commenting.delete_comment(comment=fresh(comment), by=cast.carlos)
    case = appeal_decision(case=case, text="It is a quote.", by=cast.carlos)
    answer_appeal(case=case, verdict="restore", reason="So it is.", by=cast.ada)
    assert "Rude words" in client.get(practice.get_absolute_url()).text


# People who go, and two at once --------------------------------------------------------------------------------------


def test_erased_person_leaves_no_words_and_no_name(cast, practice, client):
    question = ask(practice, cast.carlos, "My words")
    reply(question, cast.alice, "To you, @Carlos")
    erase_person(user=cast.carlos, by=cast.carlos)
    client.force_login(cast.rita)
    text = text_of(client, practice)
    assert ("My words" in text, f"/people/{cast.carlos.pk}/" in text) == (False, False)
    assert "A former member of staff" in text


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_twice_at_once_stands_once_and_is_told_once(cast, practice):
    question = ask(practice, cast.rita)
    before = told()
    asked = at_once(*(lambda: ask(practice, cast.carlos, "Twice?"),) * 2)
    replied = at_once(*(lambda: reply(question, cast.carlos, "Twice."),) * 2)
    assert [len({one.pk for one in found}) for found in (asked, replied)] == [1, 1]
    assert Comment.objects.count() == 3
    assert told() == sorted([*before, "alice", "alice", "bob", "bob", "rita"])


def test_same_words_are_written_again_later_elsewhere_by_others_and_after_an_answer(cast, practice):
    question = ask(practice, cast.carlos, "Yes?")
    for one in (
        ask(practice, cast.carlos, "Yes?", kind="comment"),
        ask(practice, cast.rita, "Yes?"),
        ask(PublicationFactory(owner=cast.lahti), cast.carlos, "Yes?"),
        reply(question, cast.carlos, "Yes?"),
    ):
        assert one != question
    assert ask(practice, cast.carlos, " Yes? ") == question
    thanks = reply(question, cast.carlos, "Thank you.")
    assert reply(question, cast.carlos, "Thank you.") == thanks
    reply(question, cast.alice)
    assert reply(question, cast.carlos, "Thank you.") != thanks
    Comment.objects.update(at=timezone.now() - timedelta(minutes=10))
    assert ask(practice, cast.carlos, "Yes?") != question


def test_last_of_the_hour_is_taken_twice(cast, practice):
    sent = [ask(practice, cast.carlos, f"Question {number}") for number in range(MOST_AN_HOUR)]
    assert ask(practice, cast.carlos, sent[-1].text) == sent[-1]


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_at_once_mark_one(cast, practice):
    question = ask(practice, cast.carlos)
    first, second = reply(question, cast.alice), reply(question, cast.rita)
    found = at_once(lambda: mark(first, cast.carlos), lambda: mark(second, cast.alice))
    assert not [one for one in found if isinstance(one, Exception)]
    assert Comment.objects.filter(is_answer=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_what_is_sent_at_once(cast, practice):
    for number in range(MOST_AN_HOUR - 1):
        ask(practice, cast.carlos, f"Question {number}")
    found = at_once(*(lambda number=number: ask(practice, cast.carlos, f"At once {number}") for number in range(3)))
    assert sorted(type(one).__name__ for one in found) == ["Comment", "ValidationError", "ValidationError"]


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_for_any_number(rows, cast, practice, client, django_assert_num_queries):
    for number in range(rows):
        question = ask(practice, cast.carlos, f"Question {number} @Eva")
        for _ in range(rows):
            mark(reply(question, cast.alice, "@Rita"), cast.carlos)
    client.force_login(cast.rita)
    client.get(practice.get_absolute_url())
    with django_assert_num_queries(13):
        client.get(reverse("conversations:publication_talk", args=[practice.pk]))
