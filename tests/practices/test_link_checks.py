"""Links that lead nowhere any more, and contact addresses that no mail reaches."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.fetching import PUBLIC
from config.kit.markdown import links_in
from config.outbox.addresses import dead_addresses
from config.outbox.models import Message, Suppression
from config.outbox.sender import Sender
from config.outbox.suppression import suppress
from practices.library.models import Publication
from practices.upkeep import links as upkeep_links
from practices.upkeep.emails import QUESTION
from practices.upkeep.links import MOST_LINKS, check_links, links_of
from practices.upkeep.models import Check, LinkCheck, LinkRound
from practices.upkeep.queries import read_cares
from practices.upkeep.services import ask_due
from tests.factories import MemberFactory, PublicationFactory, RevisionFactory
from tests.practices.acts import fresh
from tests.threads import at_once
from tests.webserver import web  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
CONTACT = "food@city.example"


def of(owner, *urls, **changes):
    rows = [{"title": f"Link {number}", "url": url} for number, url in enumerate(urls)]
    return PublicationFactory(owner=owner, links=rows, **changes)


def next_round(web, **limits):  # noqa: F811
    """Look at everything again as if a week had passed; return how many publications had their turn."""
    LinkRound.objects.update(checked_at=timezone.now() - timedelta(days=8))
    return check_links(policy=web.policy(), **limits)


def found(publication):
    rows = LinkCheck.objects.filter(publication=publication).order_by("pk")
    return [(row.url.partition("example")[2].partition("/")[2], row.status, row.failures) for row in rows]


def told():
    return sorted(Message.objects.filter(kind="upkeep.broken_links").values_list("recipient", flat=True))


# Which links ---------------------------------------------------------------------------------------------------------


def test_links_of_a_markdown_text():
    text = (
        "[a](https://a.example/x?y=1) and <http://b.example> and [again](https://a.example/x?y=1), no"
        " [mail](mailto:a@b.example), [path](/here), [ftp](ftp://c.example), [ref]\n\n[ref]: HTTPS://d.example/ä\n\n"
        "`[code](https://no.example)`\n\n- *[nested](https://e.example/)*\n\nhttps://bare.example ![](https://img.example)"
    )
    assert links_in(text)[:4] == [
        "https://a.example/x?y=1", "http://b.example", "HTTPS://d.example/%C3%A4", "https://e.example/",
    ]  # fmt: skip
    assert "https://no.example" not in links_in(text)
    assert links_in("") == []


def test_links_of_a_publication_are_those_its_page_shows(cast):
    publication = PublicationFactory(
        owner=cast.lahti, kind="project",
        source_title="S", source_url="https://city.example/source",
        solution="[one](https://city.example/solution)", seeking="[own](https://city.example/seeking)",
        indicators=[{"metric": "M", "source_url": "https://city.example/indicator"}],
        commitments=[{"level": "local", "title": "C", "url": "https://city.example/plan"}],
        links=[{"title": "L", "url": "https://city.example/link"}, {"title": "F", "url": "ftp://city.example/"},
               {"title": "T", "url": "https://city.example/source"}],
        building_blocks=[{"title": "B", "lesson": "<https://city.example/lesson>"}],
    )  # fmt: skip
    assert links_of(publication) == [
        f"https://city.example/{name}"
        for name in ("source", "indicator", "plan", "link", "solution", "seeking", "lesson")
    ]
    many = PublicationFactory(
        owner=cast.lahti, solution=" ".join(f"<https://city.example/{n}>" for n in range(MOST_LINKS + 9))
    )
    assert len(links_of(many)) == MOST_LINKS


# Looking at them -----------------------------------------------------------------------------------------------------


def test_link_is_broken_after_two_rounds_in_a_row_and_told_once(cast, web, smtp):  # noqa: F811
    web.answers["/good"] = (200, {}, b"")
    publication = of(cast.lahti, web.url("/good"), web.url("/gone"))
    assert check_links(policy=web.policy()) == 1
    assert found(publication) == [("good", "ok", 0), ("gone", "broken", 1)]
    assert (check_links(policy=web.policy()), told()) == (0, [])  # its turn is over for a week
    first = LinkCheck.objects.get(status="broken").first_broken_at
    for number in (2, 3):
        assert next_round(web) == 1
        assert found(publication)[1] == ("gone", "broken", number)
        assert told() == ["alice@city.example"]
    assert LinkCheck.objects.get(status="broken").first_broken_at == first
    Sender().run()
    (mail,) = smtp.messages
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == f"Broken links: {publication.title}"
    assert web.url("/gone") in text
    assert web.url("/good") not in text
    assert "Nothing is there any more" in text


def test_newly_broken_ones_are_told_and_known_ones_not_again(cast, web):  # noqa: F811
    web.answers["/b"] = (200, {}, b"")
    publication = of(cast.lahti, web.url("/a"), web.url("/b"))
    next_round(web)
    next_round(web)
    web.answers["/b"] = (404, {}, b"")
    next_round(web)
    assert len(told()) == 1
    next_round(web)
    last = Message.objects.filter(kind="upkeep.broken_links").order_by("pk").last()
    assert last.payload["links"] == [LinkCheck.objects.get(publication=publication, url=web.url("/b")).pk]
    assert len(told()) == 2


def test_link_that_works_again_begins_anew(cast, web):  # noqa: F811
    publication = of(cast.lahti, web.url("/a"))
    next_round(web)
    web.answers["/a"] = (200, {}, b"")
    next_round(web)
    row = LinkCheck.objects.get()
    assert (row.status, row.failures, row.first_broken_at, row.reported_at) == ("ok", 0, None, None)
    web.answers["/a"] = (500, {}, b"")
    next_round(web)
    assert (found(publication), told()) == ([("a", "unreachable", 1)], [])


@pytest.mark.parametrize(
    ("status", "kept"),
    [(200, "ok"), (204, "ok"), (401, "ok"), (403, "ok"), (429, "ok"), (404, "broken"), (410, "broken"),
     (400, "broken"), (500, "unreachable"), (503, "unreachable")],
)  # fmt: skip
def test_what_an_answer_means(status, kept, cast, web):  # noqa: F811
    web.answers["/a"] = (status, {}, b"")
    publication = of(cast.lahti, web.url("/a"))
    next_round(web)
    assert found(publication)[0][1] == kept


def test_places_that_we_do_not_go_to_are_never_asked_nor_told(cast, web):  # noqa: F811
    web.answers["/"] = (200, {}, b"secret")
    web.names["inside.example"] = ["10.0.0.7"]
    publication = of(cast.lahti, "http://10.0.0.7/", web.url(host="inside.example"), "https://city.example:8443/")
    for _turn in range(3):
        next_round(web)
    assert [status for _, status, _ in found(publication)] == ["unchecked"] * 3
    assert (web.asked, told()) == ([], [])


def test_by_default_nothing_on_loopback_is_asked(cast, web):  # noqa: F811
    assert check_links.__kwdefaults__["policy"] is PUBLIC
    publication = of(cast.lahti, f"http://127.0.0.1:{web.port}/", "http://localhost/", "http://[::1]/")
    assert check_links() == 1
    assert [status for _, status, _ in found(publication)] == ["unchecked"] * 3
    assert web.asked == []


def test_where_no_server_answers_our_own_line_is_down(cast, web):  # noqa: F811
    url = web.url("/a")
    web.stop()
    hosts = [of(cast.lahti, url.replace("city", name)) for name in ("a", "b", "c")]
    assert check_links(policy=web.policy()) == 0
    assert LinkCheck.objects.count() == 0
    rounds = LinkRound.objects.filter(checked_at__lt=timezone.now() - timedelta(days=6, hours=22))
    assert rounds.count() == len(hosts)  # tried again in an hour
    LinkRound.objects.update(checked_at=timezone.now() - timedelta(days=8))
    hosts[0].delete()
    assert check_links(policy=web.policy()) == 2


def test_silent_server_is_not_waited_for_again_and_again(cast, web):  # noqa: F811
    web.answers = {f"/{number}": (503, {}, b"") for number in range(9)}
    publication = of(cast.lahti, *(web.url(f"/{number}") for number in range(9)))
    check_links(policy=web.policy())
    assert [status for _, status, _ in found(publication)] == ["unreachable"] * 9
    assert {path for _, path, _ in web.asked} == {"/0", "/1", "/2"}


def test_batches_take_the_longest_waiting_and_stop_in_time(cast, web):  # noqa: F811
    rows = [of(cast.lahti, web.url(f"/{number}")) for number in range(4)]
    assert check_links(policy=web.policy(), batch=2) == 2
    assert {one.publication for one in LinkRound.objects.all()} == {rows[0], rows[1]}
    assert check_links(policy=web.policy(), budget=0) == 0
    assert check_links(policy=web.policy()) == 2  # given back at once
    LinkRound.objects.filter(publication=rows[2]).update(checked_at=timezone.now() - timedelta(days=8))
    before = time.monotonic()
    assert check_links(policy=web.policy(), batch=1) == 1
    assert time.monotonic() - before < upkeep_links.BUDGET
    assert LinkCheck.objects.get(publication=rows[2]).failures == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_look_once(cast, web):  # noqa: F811
    publication = of(cast.lahti, web.url("/a"))
    assert sorted(at_once(*[lambda: check_links(policy=web.policy())] * 2)) == [0, 1]
    assert found(publication) == [("a", "broken", 1)]


def test_only_what_is_published_is_looked_at(cast, web):  # noqa: F811
    of(cast.lahti, web.url("/a"), state="archived")
    PublicationFactory(owner=cast.lahti, state="unpublished")
    assert check_links(policy=web.policy()) == 0


def test_link_that_was_taken_out_is_forgotten(cast, as_person, web):  # noqa: F811
    publication = of(cast.lahti, web.url("/a"))
    next_round(web)
    next_round(web)
    assert len(read_cares(cast.alice)) == 1
    RevisionFactory(publication=publication, by=cast.bob, reviewer=cast.kaisa, state="approved", links=[])
    page = as_person(cast.bob).get(publication.get_absolute_url()).text
    assert "lead nowhere" not in page
    next_round(web)
    assert LinkCheck.objects.count() == 0


@pytest.mark.parametrize("left", ["archived", "works"])
def test_mail_is_not_sent_where_nothing_is_broken_any_more(left, cast, web, smtp):  # noqa: F811
    publication = of(cast.lahti, web.url("/a"))
    next_round(web)
    next_round(web)
    if left == "archived":
        Publication.objects.filter(pk=publication.pk).update(state="archived", archived_reason="x")
    else:
        web.answers["/a"] = (200, {}, b"")
        next_round(web)
    Sender().run()
    assert smtp.messages == []


def test_only_authors_see_which_links_are_broken(cast, as_person, web):  # noqa: F811
    publication = of(cast.lahti, web.url("/gone"))
    next_round(web)
    assert "lead nowhere" not in as_person(cast.bob).get(publication.get_absolute_url()).text
    next_round(web)
    for name in ("alice", "bob"):
        assert "lead nowhere" in as_person(getattr(cast, name)).get(publication.get_absolute_url()).text
    for name in ("rita", "carlos", "kaisa", "ada"):
        assert "lead nowhere" not in as_person(getattr(cast, name)).get(publication.get_absolute_url()).text


# Addresses that no mail reaches --------------------------------------------------------------------------------------


def letter(address, state, attempts=1):
    count = Message.objects.count()
    return Message.objects.create(
        kind=QUESTION.name, key=str(count), recipient=address, language="en", state=state, attempts=attempts
    )


@pytest.mark.parametrize(
    ("states", "dead"),
    [
        ([], False),
        (["failed"], True),
        (["sent", "failed"], True),
        (["failed", "sent"], False),  # it works again
        (["failed", "ready"], True),
        (["failed", "suppressed"], True),
        (["retry"], False),
        (["unknown"], False),
        (["expired"], False),
    ],
)
def test_address_whose_last_mail_failed_for_good_is_dead(states, dead, db):
    for state in states:
        letter(CONTACT, state)
    letter("other@city.example", "failed")
    assert dead_addresses([CONTACT, "", "FOOD@city.example"]) == ({CONTACT, "FOOD@city.example"} if dead else set())


def test_mail_that_could_not_be_written_says_nothing_of_the_address(db):
    letter(CONTACT, "failed", attempts=0)
    assert dead_addresses([CONTACT]) == set()


@pytest.mark.parametrize(("scope", "dead"), [("all", True), ("digest", False)])
def test_suppressed_address_is_dead_unless_it_only_left_the_digests(scope, dead, db):
    suppress(address=CONTACT, scope=Suppression.Scope(scope), reason="bounce")
    assert bool(dead_addresses(["Food@City.example"])) == dead


def test_refused_question_shows_the_liaison_that_the_contact_is_dead(cast, as_person, smtp):
    publication = PublicationFactory(owner=cast.lahti)
    Publication.objects.filter(pk=publication.pk).update(confirmed_at=timezone.now() - timedelta(days=400))
    smtp.at_rcpt[CONTACT] = "550 5.1.1 No such user"
    ask_due()
    Sender().run()
    text = f"Mail to {CONTACT} does not arrive."
    for name in ("alice", "bob"):
        person = getattr(cast, name)
        assert text in as_person(person).get(publication.get_absolute_url()).text
        assert "Mail does not reach" in as_person(person).get(reverse("editorial:my_work")).text
    for name in ("rita", "carlos", "eva"):
        person = getattr(cast, name)
        assert text not in as_person(person).get(publication.get_absolute_url()).text
        assert "Mail does not reach" not in as_person(person).get(reverse("editorial:my_work")).text


# All that one writes -------------------------------------------------------------------------------------------------


def test_what_needs_care_is_named_with_its_reasons(cast):
    now = timezone.now()
    fine, asked, lapsed, broken, dead, other = (
        PublicationFactory(owner=owner, title=title, contact_email=f"{title.lower()}@city.example")
        for title, owner in zip(
            ("Fine", "Asked", "Lapsed", "Broken", "Dead", "Other"), [cast.lahti] * 5 + [cast.pontevedra], strict=True
        )
    )
    for one in (asked, other):
        Check.objects.create(publication=one, confirmed_at=one.confirmed_at, asked_at=now)
    Check.objects.create(publication=lapsed, confirmed_at=lapsed.confirmed_at, asked_at=now,
                         answer="needs_update", answered_at=now)  # fmt: skip
    Check.objects.create(publication=fine, confirmed_at=now - timedelta(days=500), asked_at=now, overtaken_at=now)
    Publication.objects.filter(pk=lapsed.pk).update(unconfirmed_at=now)
    LinkCheck.objects.create(publication=broken, url="https://x.example/", status="broken", checked_at=now, failures=2)
    LinkCheck.objects.create(publication=fine, url="https://x.example/", status="broken", checked_at=now, failures=1)
    letter(dead.contact_email, "failed")
    assert [(str(care.publication), [str(one) for one in care.reasons]) for care in read_cares(cast.bob)] == [
        ("Lapsed", ["Not confirmed in time", "Needs an update"]),
        ("Asked", ["Still true?"]),
        ("Broken", ["Broken links"]),
        ("Dead", ["Mail does not reach its contact address"]),
    ]
    assert [str(care.publication) for care in read_cares(cast.carlos)] == ["Other"]
    assert read_cares(cast.rita) == read_cares(cast.ada) == read_cares(cast.kaisa) == []


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_care_takes_as_many_queries_for_one_as_for_thirty(rows, cast, django_assert_num_queries):
    for number in range(rows):
        PublicationFactory(owner=cast.lahti, contact_email=f"{number}@city.example")
        PublicationFactory(owner=MemberFactory(office=cast.finland))
    Publication.objects.update(unconfirmed_at=timezone.now())
    read_cares(cast.alice)
    with django_assert_num_queries(6):
        assert len(read_cares(cast.alice)) == rows
    assert fresh(cast.alice)
