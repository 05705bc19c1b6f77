"""What goes into whose digest, and why."""

import threading

import pytest
from django.db import connections, transaction

from config.journal.models import Entry
from config.journal.services import number_entries
from exchange.digests.models import Subscription
from exchange.digests.selection import MOST_ITEMS, select_for
from practices.editorial.models import Revision
from practices.editorial.services import decide_revision
from practices.library.models import Publication
from practices.library.services import archive_publication, mark_seen
from tests.factories import MemberFactory, MemberRoleFactory, UserFactory


def select(subscription):
    (selection,) = select_for([subscription], highest=number_entries())
    return selection


def chosen(subscription):
    """Return the titles with their reasons, in order."""
    titles = dict(Publication.objects.values_list("pk", "title"))
    return [(titles[item.publication], item.reason, item.about) for item in select(subscription).items]


def titles(subscription):
    return [title for title, *_ in chosen(subscription)]


@pytest.mark.parametrize(
    ("population", "country", "language", "reason"),
    [
        # Carlos' Pontevedra is in Spain and has 50,000 people; he reads English and Galician.
        (25_000, "FI", "fi", ("size", "")),
        (60_000, "ES", "en", ("size", "")),
        (100_000, "ES", "en", ("country", "ES")),
        (24_999, "FI", "fi", ("new", "")),
        (100_001, "FI", "fi", ("new", "")),
        (None, "FI", "fi", ("new", "")),
        (5_000, "ES", "en", ("country", "ES")),
        (5_000, "FI", "en", ("language", "en")),
        (5_000, "FI", "gl", ("language", "gl")),
    ],
)
def test_reason_is_the_best_of_size_country_and_language(
    cast, publish, subscribe, population, country, language, reason
):
    cast.carlos.languages_read = ["gl"]
    cast.carlos.save()
    owner = MemberFactory(population=population, country=country, office=cast.finland)
    publish(owner, "New", language=language)
    assert chosen(subscribe(cast.carlos)) == [("New", *reason)]


def test_topics_and_pathways_go_first_and_leave_the_rest_out(cast, publish, subscribe):
    far = MemberFactory(population=5_000, country="JP", office=cast.bonn)
    publish(far, "Pathway", topics=["food"], pathways=["resilient"], language="ja")
    publish(far, "Topic", topics=["water"], pathways=["equitable"], language="ja")
    publish(far, "Two topics", topics=["water", "energy"], pathways=["equitable"], language="ja")
    publish(cast.lahti, "Neither", topics=["food"], pathways=["equitable"])
    publish(cast.lahti, "Topic, pathway, size and language", topics=["water"], pathways=["resilient"])
    assert chosen(subscribe(cast.carlos, topics=["water", "energy"], pathways=["resilient"])) == [
        ("Topic, pathway, size and language", "topic", "water"),
        ("Two topics", "topic", "energy"),
        ("Topic", "topic", "water"),
        ("Pathway", "pathway", "resilient"),
    ]


def test_what_nobody_confirmed_comes_after_what_fits_less(cast, publish, subscribe):
    publish(cast.lahti, "Two topics", topics=["water", "energy"])
    publish(cast.lahti, "Topic", topics=["water"])
    reader = subscribe(cast.carlos, topics=["water", "energy"])
    assert titles(reader) == ["Two topics", "Topic"]
    Publication.objects.filter(title="Two topics").update(unconfirmed_at="2026-11-25T10:00Z")
    assert titles(reader) == ["Topic", "Two topics"]


def test_equal_ones_come_newest_first(cast, publish, subscribe):
    for title in ("First", "Second", "Third"):
        publish(cast.lahti, title)
    assert titles(subscribe(cast.carlos)) == ["Third", "Second", "First"]


def test_own_members_publications_are_left_out(cast, publish, subscribe):
    publish(cast.lahti, "Of Lahti")
    publish(cast.pontevedra, "Of Pontevedra")
    publish(cast.europe, "Of the office")
    assert titles(subscribe(cast.rita)) == ["Of Pontevedra", "Of the office"]
    assert titles(subscribe(cast.carlos)) == ["Of Lahti", "Of the office"]


def test_seen_ones_are_left_out_until_a_newer_version(cast, publish, subscribe):
    publication = publish(cast.lahti)
    mark_seen(publication=publication, by=cast.carlos)
    carlos, eva = subscribe(cast.carlos), subscribe(cast.eva)
    assert titles(carlos) == []
    assert titles(eva) == ["Heat from data centres"]
    publish(publication=publication)
    assert titles(carlos) == ["Heat from data centres"]
    (item,) = select(carlos).items
    assert item.version == 2


def test_publication_published_and_updated_appears_once(cast, publish, subscribe):
    publication = publish(cast.lahti)
    publish(cast.lahti, "Other")
    publish(publication=publication)
    publish(publication=publication)
    assert titles(subscribe(cast.carlos)) == ["Heat from data centres", "Other"]


def test_cap_says_honestly_how_many_more(cast, publish, subscribe):
    for number in range(MOST_ITEMS + 3):
        publish(cast.lahti, f"Practice {number}")
    publish(cast.pontevedra, "Own")
    mark_seen(publication=Publication.objects.get(title="Practice 0"), by=cast.carlos)
    selection = select(subscribe(cast.carlos))
    assert (len(selection.items), selection.more) == (8, 2)
    selection = select(subscribe(cast.carlos, confirmed_no=3))
    assert (len(selection.items), selection.more) == (8, 0)


def test_archived_ones_vanish(cast, publish, subscribe):
    publication = publish(cast.lahti)
    carlos = subscribe(cast.carlos)
    archive_publication(publication=publication, reason="Wrong", by=cast.kaisa)
    assert select(carlos).is_empty


def test_window_ends_at_the_highest_number_and_begins_after_the_watermark(cast, publish, subscribe):
    for title in ("One", "Two", "Three"):
        publish(cast.lahti, title)
    number_entries()
    carlos = subscribe(cast.carlos, confirmed_no=1)
    names = dict(Publication.objects.values_list("pk", "title"))
    (selection,) = select_for([carlos], highest=2)
    assert [names[item.publication] for item in selection.items] == ["Two"]


@pytest.mark.parametrize("sections", [[], ["new"], ["waiting"], ["new", "waiting"]])
def test_sections_that_are_not_wanted_stay_empty(cast, publish, submit, subscribe, sections):
    publish(cast.pontevedra)
    submit(cast.lahti, cast.alice)
    selection = select(subscribe(cast.kaisa, sections=sections))
    assert (len(selection.items), selection.more) == (int("new" in sections), 0)
    assert selection.waits is ("waiting" in sections)


def who_waits(cast):
    """Return for whom something waits, after checking that rendering would find the same."""
    found = set()
    for name, user in vars(cast).items():
        subscription = Subscription.objects.filter(user__email=getattr(user, "email", "")).first()
        if subscription:
            waits = select(subscription).waits
            to_do = Revision.objects.awaiting_review_by(user).exists()
            to_do |= Revision.objects.written_by(user).filter(state="changes_requested").exists()
            assert waits == to_do, name
            found |= {name} if waits else set()
    return found


def test_what_waits_is_for_those_who_can_act_on_it(cast, submit, subscribe):
    # Kaisa also reads at Lahti, and nobody reviews what their own member submitted.
    other = UserFactory(email="karl@network.example")
    cast.karl = other
    cast.finland.roles.create(user=other, role="coordinator")
    MemberRoleFactory(user=cast.kaisa, member=cast.lahti, role="reader")
    subscribe(cast.kaisa)
    assert who_waits(cast) == set()
    revision = submit(cast.lahti, cast.alice)
    assert who_waits(cast) == {"karl", "ada"}
    decide_revision(revision=revision, verdict="changes_requested", reason="Numbers?", edition=2, version=0, by=other)
    assert who_waits(cast) == {"alice", "bob"}
    decided = submit(cast.finland, cast.kaisa, "Of the office")  # its parent decides
    assert who_waits(cast) == {"alice", "bob", "eva", "ada"}
    decide_revision(revision=decided, verdict="changes_requested", reason="Numbers?", edition=2, version=0, by=cast.eva)
    assert who_waits(cast) == {"alice", "bob", "kaisa", "karl"}


@pytest.mark.parametrize("name", ["kaisa", "xavier", "ada"])
def test_people_without_a_member_get_what_is_new(cast, publish, subscribe, name):
    publish(cast.lahti, language="ja")
    publish(cast.finland, "English")
    assert chosen(subscribe(getattr(cast, name))) == [
        ("English", "language", "en"),
        ("Heat from data centres", "new", ""),
    ]


def test_person_outside_the_network_has_no_subscription(cast, publish, subscribe):
    publish(cast.lahti)
    subscribe(cast.alice)
    assert not Subscription.objects.filter(user=cast.nora).exists()


def test_role_at_an_inactive_member_says_nothing(cast, publish, subscribe):
    publish(cast.lahti, language="ja")
    subscription = subscribe(cast.carlos)
    cast.pontevedra.is_active = False
    cast.pontevedra.save()
    assert chosen(subscription) == [("Heat from data centres", "new", "")]


@pytest.mark.parametrize("readers", [1, 3, 30])
def test_number_of_queries_is_the_same_for_any_number_of_readers(
    cast, publish, submit, subscribe, django_assert_num_queries, readers
):
    for number in range(readers):
        role = MemberRoleFactory(member=cast.pontevedra)
        subscribe(role.user, topics=["energy"])
        publish(cast.lahti, f"Practice {number}")
        submit(cast.lahti, cast.alice)
    highest = number_entries()
    rows = Subscription.objects.filter(topics__code="energy").select_related("user")
    subscriptions = list(rows.prefetch_related("topics", "pathways"))
    select_for(subscriptions, highest=highest)  # content types are kept
    with django_assert_num_queries(12):
        selections = select_for(subscriptions, highest=highest)
    assert [len(one.items) + one.more for one in selections] == [readers] * readers


@pytest.mark.django_db(transaction=True)
def test_entry_that_commits_late_is_not_skipped(cast, publish, subscribe):
    written, go_on = threading.Event(), threading.Event()

    def write_slowly():
        try:
            with transaction.atomic():
                publish(cast.lahti, "Late")
                written.set()
                go_on.wait(30)
        finally:
            connections.close_all()

    carlos = subscribe(cast.carlos)
    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert written.wait(30)
    publish(cast.lahti, "Early")
    assert titles(carlos) == ["Early"]
    carlos.confirmed_no = number_entries()
    go_on.set()
    thread.join()
    late, early = Entry.objects.order_by("pk")
    assert titles(carlos) == ["Late"]
    late.refresh_from_db()
    assert (late.number, early.number) == (2, 1)
