"""Lists of saved publications: whose they are, who reads them, and what they never tell."""

import html

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from practices.library.models import Publication
from practices.library.services import archive_publication
from practices.uptake import bookmarks
from practices.uptake.models import Bookmark, BookmarkList
from tests.factories import MemberFactory, MemberRoleFactory, PublicationFactory
from tests.practices.acts import fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")
LONG = "x" * 100_000


@pytest.fixture
def heat(cast):
    """Return Alice's list "Heat", shared with nobody."""
    return bookmarks.make_list(name="Heat", by=cast.alice)


@pytest.fixture
def practice(cast):
    return PublicationFactory(owner=cast.pontevedra, title="Heat from the river")


def keep(publication, bookmark_list, by, note=""):
    return bookmarks.save_bookmark(publication=publication, bookmark_list=bookmark_list, note=note, by=by)


def share(bookmark_list, by, member, name="Heat"):
    return bookmarks.change_list(bookmark_list=bookmark_list, name=name, shared_with=member, by=by)


def save(client, publication, **typed):
    return client.post(reverse("uptake:bookmark_save", args=[publication.pk]), typed)


def names(rows):
    return [one.name for one in rows]


# Who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
def test_list_is_its_owners_and_shared_its_members_to_read(name, cast, heat, practice):
    person = getattr(cast, name)
    assert BookmarkList.objects.visible_to(person).exists() == (name == "alice")
    bookmark = keep(practice, heat, cast.alice)
    share(heat, cast.alice, cast.lahti)
    assert BookmarkList.objects.visible_to(person).exists() == (name in {"alice", "bob", "rita"})
    if name == "alice":
        return
    for act in (
        lambda: keep(practice, heat, person),
        lambda: share(heat, person, None),
        lambda: bookmarks.remove_bookmark(bookmark=bookmark, by=person),
        lambda: bookmarks.delete_list(bookmark_list=heat, by=person),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert (Bookmark.objects.get(), fresh(heat).shared_with) == (bookmark, cast.lahti)


def test_list_is_shared_with_a_member_of_ones_own_only(cast, heat):
    with pytest.raises(PermissionDenied):
        share(heat, cast.alice, cast.pontevedra)
    assert fresh(heat).shared_with is None


def test_shared_list_stays_when_its_owner_has_left(cast, heat, as_person):
    share(heat, cast.alice, cast.lahti)
    MemberRole.objects.filter(user=cast.alice).delete()
    forget_roles(cast.alice)
    assert list(BookmarkList.objects.visible_to(cast.rita)) == [heat]
    assert list(BookmarkList.objects.visible_to(cast.alice)) == []  # no place in the network
    MemberRoleFactory(user=cast.alice, member=MemberFactory())
    url = reverse("uptake:list_change", args=[heat.pk])
    assert as_person(cast.alice).post(url, {"name": "Warm", "shared_with": cast.lahti.pk}).status_code == 302
    assert (fresh(heat).name, fresh(heat).shared_with) == ("Warm", cast.lahti)
    as_person(cast.alice).post(url, {"name": "Warm", "shared_with": ""})
    assert not BookmarkList.objects.visible_to(cast.rita).exists()


def test_person_without_a_place_makes_no_list(cast):
    with pytest.raises(PermissionDenied):
        bookmarks.make_list(name="Mine", by=cast.nora)


def test_journal_hears_nothing_of_private_lists(cast, heat, practice):
    before = Entry.objects.count()
    keep(practice, heat, cast.alice)
    assert Entry.objects.count() == before


# Saving --------------------------------------------------------------------------------------------------------------


def test_save_into_a_new_list_then_into_a_known_one_by_its_name(cast, practice, as_person):
    client = as_person(cast.rita)
    sent = save(client, practice, new_list="Water", note="Ask about the pump")
    assert (sent.status_code, sent.headers["Location"]) == (302, practice.get_absolute_url())
    other = PublicationFactory(owner=cast.lahti)
    save(client, other, new_list=" wATER ")
    made = BookmarkList.objects.get()
    assert (made.name, made.owner, made.shared_with) == ("Water", cast.rita, None)
    assert [one.publication.pk for one in made.bookmarks.all()] == [other.pk, practice.pk]  # the newest first
    page = client.get(practice.get_absolute_url()).text
    assert f'href="{made.get_absolute_url()}"' in page


def test_saving_again_keeps_one_row_and_takes_a_new_note(cast, heat, practice, as_person):
    client = as_person(cast.alice)
    for note in ("First", "", "Second"):
        assert save(client, practice, list=heat.pk, note=note).status_code == 302
        assert Bookmark.objects.get().note == (note or "First")


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"note": ""}, "new_list", "Please give the new list a name."),
        ({"new_list": "   "}, "new_list", "Please give the new list a name."),
        ({"new_list": LONG}, "new_list", "Ensure this value has at most 80 characters (it has 100000)."),
        ({"new_list": "a\x00"}, "new_list", "Null characters are not allowed."),
        ({"new_list": "A", "note": LONG}, "note", "Ensure this value has at most 500 characters (it has 100000)."),
        ({"list": "99999"}, "list", "Select a valid choice. That choice is not one of the available choices."),
        ({"list": "x\x00"}, "list", "Null characters are not allowed."),
    ],
    ids=str,
)
def test_bad_value_is_told_beside_its_field(typed, field, error, cast, practice, as_person):
    sent = save(as_person(cast.alice), practice, **typed)
    assert (sent.status_code, sent.context["form"].errors) == (200, {field: [error]})
    assert not Bookmark.objects.exists()
    assert not BookmarkList.objects.exists()


def test_nobody_saves_into_the_list_of_another(cast, heat, practice, as_person):
    share(heat, cast.alice, cast.lahti)
    sent = save(as_person(cast.bob), practice, list=heat.pk)
    assert "list" in sent.context["form"].errors
    assert not Bookmark.objects.exists()


def test_lists_are_not_without_end(cast, monkeypatch):
    for number in range(bookmarks.MOST_LISTS):
        bookmarks.make_list(name=f"L{number}", by=cast.alice)
    with pytest.raises(ValidationError, match="very many lists"):
        bookmarks.make_list(name="One more", by=cast.alice)
    assert bookmarks.make_list(name="l3", by=cast.alice).name == "L3"


@pytest.mark.django_db(transaction=True)
def test_same_new_list_asked_for_twice_at_once_is_made_once(cast, practice):
    first, second = at_once(*[lambda: bookmarks.make_list(name="Heat", by=cast.alice)] * 2)
    assert first == second == BookmarkList.objects.get()
    kept = at_once(*[lambda: keep(practice, first, cast.alice)] * 2)
    assert kept[0] == kept[1] == Bookmark.objects.get()


# Reading -------------------------------------------------------------------------------------------------------------


def test_what_is_not_readable_any_more_is_shown_without_its_text(cast, heat, practice, as_person):
    keep(practice, heat, cast.alice, note="Ask them")
    archive_publication(publication=practice, reason="Over.", by=cast.eva)
    share(heat, cast.alice, cast.lahti)
    for person in (cast.alice, cast.rita):
        text = as_person(person).get(heat.get_absolute_url()).text
        assert "This is archived or not shown any more." in text
        assert "Ask them" in text
        assert "Heat from the river" not in text
        assert "Pontevedra" not in text
    mine = bookmarks.make_list(name="Ours", by=cast.carlos)
    keep(Publication.objects.get(pk=practice.pk), mine, cast.carlos)
    text = as_person(cast.carlos).get(mine.get_absolute_url()).text
    assert ("Heat from the river" in text, "Archived" in text) == (True, True)  # its author


def test_index_shows_own_lists_and_those_of_colleagues_with_sizes(cast, heat, practice, as_person):
    keep(practice, heat, cast.alice)
    share(heat, cast.alice, cast.lahti)
    bookmarks.make_list(name="Secret", by=cast.alice)
    bookmarks.make_list(name="Mine", by=cast.rita)
    page = as_person(cast.rita).get(reverse("uptake:list_index"))
    assert (names(page.context["mine"]), names(page.context["shared"])) == (["Mine"], ["Heat"])
    assert [one.size for one in page.context["shared"]] == [1]
    assert "Secret" not in page.text
    page = as_person(cast.alice).get(reverse("uptake:list_index"))
    assert (names(page.context["mine"]), names(page.context["shared"])) == (["Heat", "Secret"], [])


def test_reader_of_a_shared_list_gets_no_buttons(cast, heat, practice, as_person):
    keep(practice, heat, cast.alice)
    share(heat, cast.alice, cast.lahti)
    found = [
        [word in html.unescape(as_person(person).get(heat.get_absolute_url()).text) for word in ("Take out", "Delete")]
        for person in (cast.alice, cast.bob)
    ]
    assert found == [[True, True], [False, False]]


# Changing ------------------------------------------------------------------------------------------------------------


def test_two_lists_of_one_person_have_two_names(cast, heat, as_person):
    other = bookmarks.make_list(name="Water", by=cast.alice)
    bookmarks.make_list(name="Fire", by=cast.bob)
    client, url = as_person(cast.alice), reverse("uptake:list_change", args=[other.pk])
    for name, error in (
        ("heat", "You have another list of this name."),
        ("", "This field is required."),
        (LONG, "Ensure this value has at most 80 characters (it has 100000)."),
    ):
        assert client.post(url, {"name": name}).context["form"].errors == {"name": [error]}
    assert client.post(url, {"name": "Fire"}).status_code == 302
    assert client.post(url, {"name": "fire"}).status_code == 302
    assert fresh(other).name == "fire"


def test_deleted_list_leaves_the_publications(cast, heat, practice, as_person):
    keep(practice, heat, cast.alice)
    client, url = as_person(cast.alice), reverse("uptake:list_delete", args=[heat.pk])
    assert "1 practice or project is in it" in client.get(url).text
    assert client.post(url).status_code == 302
    assert (BookmarkList.objects.count(), Bookmark.objects.count(), Publication.objects.count()) == (0, 0, 1)


def test_taken_out_publication_is_out(cast, heat, practice, as_person):
    bookmark = keep(practice, heat, cast.alice)
    other = keep(PublicationFactory(owner=cast.lahti), heat, cast.alice)
    as_person(cast.alice).post(reverse("uptake:bookmark_remove", args=[bookmark.pk]))
    assert Bookmark.objects.get() == other


# Queries -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, 30])
@pytest.mark.parametrize(("shown", "queries"), [("index", 5), ("list", 7), ("publication", 9)])
def test_pages_take_as_many_queries_for_any_number(
    shown, queries, number, cast, heat, practice, as_person, django_assert_num_queries
):
    for row in range(number):
        keep(PublicationFactory(owner=cast.lahti), heat, cast.alice)
        keep(practice, bookmarks.make_list(name=f"L{row}", by=cast.alice), cast.alice)
        share(bookmarks.make_list(name=f"B{row}", by=cast.bob), cast.bob, cast.lahti, name=f"B{row}")
    url = {
        "index": reverse("uptake:list_index"),
        "list": heat.get_absolute_url(),
        "publication": practice.get_absolute_url(),
    }[shown]
    client = as_person(cast.alice)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200
