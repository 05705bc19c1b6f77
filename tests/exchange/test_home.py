"""The first page after sign-in, for each kind of person."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.connections.services import accept_request, request_connection
from exchange.conversations import commenting, gathering, grouping, messaging
from exchange.conversations.delivering import choose_way
from exchange.digests.models import Subscription
from exchange.exchanges import working
from exchange.home.queries import read_home
from exchange.moderation.services import decide_case, report_thing
from exchange.moderation.silences import PERSON
from exchange.peers.matching import match_all
from members.directory.models import Member
from members.directory.rules import forget_roles
from practices.editorial.services import begin_publication, decide_revision
from practices.library.models import Publication
from practices.library.services import archive_publication, mark_seen
from practices.sharing.feeds import feed_token
from tests.exchange.exchanging import led_to
from tests.exchange.gathering import found, meet, own
from tests.factories import MemberFactory

PEOPLE = ["alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada"]


def read(user):
    forget_roles(user)
    return read_home(user)


def names(rows):
    return [str(getattr(row, "publication", row)) for row in rows]


@pytest.fixture
def home(client):
    """Return a function that opens the home page as `user`."""

    def home(user):
        client.force_login(user)
        answer = client.get(reverse("home:home"))
        assert answer.status_code == 200
        return answer

    return home


def test_home_is_behind_sign_in(client, cast):
    answer = client.get(reverse("home:home"))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_what_waits_is_for_those_who_can_act_on_it(cast, submit):
    revision = submit(cast.lahti, cast.alice, "Submitted")
    begin_publication(kind="practice", owner=cast.lahti, language="en", title="Begun", by=cast.bob)
    begin_publication(kind="project", owner=cast.finland, language="en", title="Of the office", by=cast.kaisa)
    tasks = {
        name: ([one.title for one in found["waiting"]], [one.title for one in found["drafts"]])
        for name in PEOPLE
        if (found := read(getattr(cast, name)))
    }
    assert tasks == {
        "alice": ([], ["Begun"]),
        "bob": ([], ["Begun"]),
        "rita": ([], []),
        "carlos": ([], []),
        "kaisa": (["Submitted"], ["Of the office"]),
        "eva": ([], []),
        "xavier": ([], []),
        "ada": (["Submitted"], []),
    }
    decide_revision(revision=revision, verdict="changes_requested", reason="Why?", edition=2, version=0, by=cast.kaisa)
    assert [one.title for one in read(cast.alice)["drafts"]] == ["Begun", "Submitted"]
    assert read(cast.kaisa)["queue_count"] == 0


def test_whoever_may_write_to_nobody_is_led_to_the_reason(cast, home):
    case = report_thing(reportable=PERSON, thing=cast.bob, reason="Rude.", by=cast.carlos)
    assert read(cast.bob)["silenced"] is None
    decide_case(case=case, verdict="hide", reason="Rude.", by=cast.kaisa)
    assert case.get_absolute_url() in home(cast.bob).text
    assert case.get_absolute_url() not in home(cast.carlos).text


def test_what_people_wrote_and_asked_of_one_waits_for_those_alone(cast, publish, home):
    accept_request(connection=request_connection(to=cast.bob, message="Hello", by=cast.carlos), by=cast.bob)
    thread, muted = (
        messaging.begin_thread(people=[cast.bob], subject=subject, text="Hello", by=cast.carlos)
        for subject in ("Bicycles", "Muted")
    )
    choose_way(user=cast.bob, thing=muted, choice="mute")
    practice = publish(cast.lahti, "Heat")
    asked, answered = (
        commenting.add_comment(publication=practice, kind="question", text=text, language="en", by=cast.carlos)
        for text in ("Open?", "Answered?")
    )
    commenting.reply_to_comment(comment=answered, text="Yes.", language="en", by=cast.eva)
    values = {"name": "Kitchens", "kind": "community", "admission": "request", "about": "Food", "office": cast.finland}
    group = grouping.found_group(values=values | {"topic": None}, by=cast.kaisa)
    grouping.act_as_keeper(group=group, person=cast.bob, act="invite", by=cast.kaisa)
    grouping.act_for_oneself(group=group, act="ask", by=cast.carlos)
    found = {
        name: [
            [str(one.pk) for one in read(getattr(cast, name))[what]]
            for what in ("threads", "questions", "invitations", "joining")
        ]
        for name in PEOPLE
    }
    nothing = [[], [], [], []]
    invited, joins = (str(one.pk) for one in group.memberships.exclude(user=cast.kaisa).order_by("pk"))
    assert found == dict.fromkeys(PEOPLE, nothing) | {
        "alice": [[], [str(asked.pk)], [], []],
        "bob": [[str(thread.pk)], [str(asked.pk)], [invited], []],
        "kaisa": [[], [], [], [joins]],
    }
    text = home(cast.bob).text
    for part in (
        "Bicycles",
        "A new message to you",
        "A question nobody has answered yet",
        "You are invited to this group",
    ):
        assert part in text, part
    assert "Wants to join your group" in home(cast.kaisa).text
    menu = " ".join(text.partition("<main")[0].split())
    assert re.search(r"/messages/\" *>Messages <span class=\"count\">1</span>", menu)
    messaging.mark_read(thread=thread, by=cast.bob)
    assert 'class="count"' not in home(cast.bob).text.partition("<main")[0]


def test_queue_longer_than_the_list_is_counted(cast, submit, home):
    for number in range(7):
        submit(cast.lahti, cast.alice, f"Submitted {number}")
    page = home(cast.kaisa)
    titles = [f"Submitted {number}" for number in range(7)]
    assert [title in page.text for title in titles] == [True] * 5 + [False] * 2  # the oldest first
    assert "All 7 in the queue" in " ".join(page.text.split())


def test_newest_are_others_published_unseen_ones(cast, publish, submit):
    publish(cast.finland, "Of the office")
    publish(cast.pontevedra, "Of Pontevedra")
    publish(cast.lahti, "Of Lahti")
    seen = publish(cast.pontevedra, "Seen")
    mark_seen(publication=seen, by=cast.alice)
    archived = publish(cast.pontevedra, "Archived")
    archive_publication(publication=archived, reason="Wrong", by=cast.eva)
    submit(cast.pontevedra, cast.carlos, "Not published yet")
    assert names(read(cast.alice)["newest"]) == ["Of the office", "Of Pontevedra"]  # her country first
    assert names(read(cast.carlos)["newest"]) == ["Of Lahti", "Of the office"]
    assert names(read(cast.kaisa)["newest"]) == ["Seen", "Of Lahti", "Of Pontevedra", "Of the office"]
    assert read(cast.alice)["total"] == 4


def test_what_nobody_confirmed_comes_after_the_rest(cast, publish):
    publish(cast.finland, "Of her country")
    publish(cast.pontevedra, "Of elsewhere")
    Publication.objects.filter(title="Of her country").update(unconfirmed_at=timezone.now())
    assert names(read(cast.alice)["newest"]) == ["Of elsewhere", "Of her country"]
    Publication.objects.update(unconfirmed_at=None)
    assert names(read(cast.alice)["newest"]) == ["Of her country", "Of elsewhere"]


def test_newest_are_six(cast, publish):
    for number in range(8):
        publish(cast.lahti, f"Practice {number}")
    found = read(cast.carlos)
    assert names(found["newest"]) == [f"Practice {number}" for number in range(7, 1, -1)]
    assert found["total"] == 8


def test_peers_are_those_that_fit_best_with_reasons(cast, publish, home):
    near = MemberFactory(name="Near", name_en="Near", population=cast.lahti.population, office=cast.finland)
    for member in (cast.lahti, cast.pontevedra, near):
        publish(member)
    Member.objects.filter(pk=cast.pontevedra.pk).update(population=3_000_000)
    match_all()
    peers = read(cast.rita)["peers"]
    assert [one.match.to_member for one in peers] == [near, cast.pontevedra]
    assert peers[0].reasons[0] in home(cast.rita).text
    assert read(cast.kaisa)["peers"] == []


@pytest.mark.parametrize("name", PEOPLE)
def test_empty_home_offers_the_next_step(cast, home, name):
    text = home(getattr(cast, name)).text
    writes = name in {"alice", "bob", "carlos", "kaisa", "eva"}
    assert f"Welcome, {name.title()}" in text
    assert "Nothing is published yet" in text
    assert ("Write the first one" in text, "Tell your own story" in text) == (writes, writes)
    assert "Waiting for you" not in text
    assert "Places like yours" not in text
    assert "Who has done what you are planning?" in text


def test_home_of_who_has_opened_everything_says_so(cast, publish, home):
    mark_seen(publication=publish(cast.lahti), by=cast.carlos)
    text = home(cast.carlos).text
    assert "You have opened everything that is new" in text
    assert "Nothing is published yet" not in text


def test_next_session_and_next_meeting_are_for_those_who_take_part(cast, home):
    assert read(cast.alice)["soon"] == []
    group = found(cast.carlos)
    own(group, "join", cast.alice)
    later = timezone.now() + timedelta(days=20)
    meet(group, cast.carlos, title="Second call", starts_at=later, ends_at=later + timedelta(hours=1))
    gathering.cancel_event(event=meet(group, cast.carlos, title="Gone"), by=cast.carlos)
    exchange = led_to("agreed", cast)
    for title, days in (("Tour", 2), ("Look back", 5)):
        starts_at = timezone.now() + timedelta(days=days)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "time_zone": "Europe/Helsinki"}
        working.add_session(exchange=exchange, facts={"title": title} | times, by=cast.alice)
    soon = {name: [one.title for one in read(getattr(cast, name))["soon"]] for name in PEOPLE}
    nobody = {name: [] for name in PEOPLE}
    assert soon == nobody | {"alice": ["Tour", "Second call"], "carlos": ["Tour", "Second call"]}
    page = home(cast.alice)
    shown = page.text.partition("Your next meetings")[2].partition("</section>")[0]
    assert [part in shown for part in ("Tour", "School meals", "Second call", "Kitchens", "Look back")] == [
        True
    ] * 4 + [False]
    assert reverse("exchanges:own_calendar", args=[feed_token(cast.alice)]) in shown
    assert "Your next meetings" not in home(cast.rita).text


def test_person_without_a_place_sees_nothing_of_the_network(cast, publish, home):
    publish(cast.lahti)
    text = home(cast.nora).text
    assert "You have no place in the network yet" in text
    assert "Heat from data centres" not in text
    assert "My digest" not in text.partition("<main")[2]


def test_home_shows_the_next_digest_in_its_own_zone_and_writes_nothing(cast, home, subscribe):
    text = home(cast.rita).text
    assert "The next one" in text
    assert not Subscription.objects.exists()
    due = timezone.datetime.fromisoformat("2026-11-30T05:00+00:00")
    subscribe(cast.rita, next_due=due, time_zone="Europe/Helsinki")
    assert "30 Nov 2026, 07:00" in home(cast.rita).text
    subscribe(cast.rita, next_due=None, cadence="never")
    assert "You get no digest at present." in home(cast.rita).text


@pytest.mark.parametrize("rows", [1, 3, 30])
@pytest.mark.parametrize(("name", "queries"), [("alice", 23), ("kaisa", 24)])
def test_home_does_the_same_queries_for_any_number_of_rows(
    cast, publish, submit, subscribe, home, django_assert_num_queries, rows, name, queries
):
    for number in range(rows):
        publish(cast.pontevedra, f"Practice {number}", topics=["water", "energy"])
        submit(cast.lahti, cast.alice, f"Submitted {number}")
        begin_publication(kind="practice", owner=cast.lahti, language="en", title=f"Begun {number}", by=cast.bob)
        publish(MemberFactory(population=50_000, office=cast.bonn))
    assert Publication.objects.published().count() == 2 * rows
    subscribe(cast.alice)
    user = getattr(cast, name)
    home(user)
    with django_assert_num_queries(queries):
        home(user)


def test_home_costs_twelve_queries_where_nothing_waits(
    cast, publish, subscribe, home, client, django_assert_num_queries
):
    for number in range(8):
        publish(cast.pontevedra, f"Practice {number}")
    subscribe(cast.rita)
    assert "Waiting for you" not in home(cast.rita).text
    with django_assert_num_queries(12 + 5):  # five read a catalogue of what this transaction wrote
        client.get(reverse("home:home"))
