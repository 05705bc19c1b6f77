"""Every write to lists. They are private, so the journal hears nothing of them."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.uptake.models import Bookmark, BookmarkList

MOST_LISTS = 100


@transaction.atomic
def make_list(*, name: str, by: User) -> BookmarkList:
    """Make a list, or return the one of this name (in any case) that `by` has already.

    Raises:
        PermissionDenied: `by` has no place in the network.
        ValidationError: no name or too long a one, or there are too many lists.
    """
    if not by.has_perm("uptake.add_bookmarklist"):
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)  # two requests at once come one after the other
    mine = BookmarkList.objects.owned_by(by)
    if found := mine.filter(name__iexact=name.strip()).first():
        known: BookmarkList = found
        return known
    if mine.count() >= MOST_LISTS:
        raise ValidationError(_("You have very many lists. Please delete one that you do not need any more."))
    made = BookmarkList(owner=by, name=name.strip())
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def change_list(*, bookmark_list: BookmarkList, name: str, shared_with: Member | None, by: User) -> BookmarkList:
    """Give a list another name, and share it with one member of `by` or with nobody.

    Raises:
        PermissionDenied: it is not theirs, or they have no role at the member.
        ValidationError: no name, too long a one, or that of another list of theirs.
    """
    _check_may_change(bookmark_list, by)
    bookmark_list = BookmarkList.objects.select_for_update(of=("self",)).get(pk=bookmark_list.pk)
    # A list stays shared with a member that its owner has left, as long as they do not change that.
    if shared_with and shared_with.pk not in roles_of(by).members | {bookmark_list.shared_with_id}:
        raise PermissionDenied
    others = BookmarkList.objects.owned_by(by).exclude(pk=bookmark_list.pk)
    if others.filter(name__iexact=name.strip()).exists():
        raise ValidationError({"name": _("You have another list of this name.")})
    bookmark_list.name, bookmark_list.shared_with = name.strip(), shared_with
    bookmark_list.full_clean()
    bookmark_list.save(update_fields=["name", "shared_with"])
    return bookmark_list


def delete_list(*, bookmark_list: BookmarkList, by: User) -> None:
    """Delete a list with what is in it; the publications themselves stay.

    Raises:
        PermissionDenied: it is not theirs.
    """
    _check_may_change(bookmark_list, by)
    bookmark_list.delete()


@transaction.atomic
def save_bookmark(*, publication: Publication, bookmark_list: BookmarkList, note: str, by: User) -> Bookmark:
    """Keep a publication in a list. Saved there already, it stays at its place, with the new note if there is one.

    Raises:
        PermissionDenied: the list is not theirs, or they may not read the publication.
        ValidationError: the note is too long.
    """
    _check_may_change(bookmark_list, by)
    if not by.has_perm("library.view_publication", publication):
        raise PermissionDenied
    BookmarkList.objects.select_for_update(of=("self",)).get(pk=bookmark_list.pk)
    found = Bookmark.objects.filter(list=bookmark_list, publication=publication).first()
    bookmark = found or Bookmark(list=bookmark_list, publication=publication)
    bookmark.note = note.strip() or bookmark.note
    bookmark.full_clean()
    bookmark.save()
    return bookmark


def remove_bookmark(*, bookmark: Bookmark, by: User) -> None:
    """Take a publication out of a list.

    Raises:
        PermissionDenied: the list is not theirs.
    """
    _check_may_change(bookmark.list, by)
    bookmark.delete()


def _check_may_change(bookmark_list: BookmarkList, by: User) -> None:
    if not by.has_perm("uptake.change_bookmarklist", bookmark_list):
        raise PermissionDenied
