"""What a person keeps in lists of their own."""

from collections.abc import Iterable
from typing import Any

from members.accounts.models import User
from practices.uptake.models import Bookmark, BookmarkList


def read(user: User) -> Iterable[dict[str, Any]]:
    rows = Bookmark.objects.filter(list__owner=user).select_related("list", "publication")
    for row in rows.order_by("list", "pk"):
        yield {"list": row.list.name, "publication": row.publication.title, "note": row.note}


def erase(user: User) -> None:
    """Delete the lists that nobody else reads; a shared one stays with the colleagues who rely on it."""
    BookmarkList.objects.filter(owner=user, shared_with=None).delete()
