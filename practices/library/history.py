"""What the library says in the history of a member."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from config.journal.models import Entry
from members.directory.history import Reader, Said
from practices.library.models import Publication

ACTS = {
    "published": _("Published: %(title)s"),
    "updated": _("Published a new version: %(title)s"),
    "confirmed": _("Confirmed that it is still true: %(title)s"),
    "archived": _("Archived: %(title)s"),
    "restored": _("Restored: %(title)s"),
}


def tell_publications(entries: Sequence[Entry], reader: Reader) -> dict[int, Said]:
    """Tell what became of publications, of those that the reader may read."""
    readable = Publication.objects.visible_to(reader)
    known = {one.pk: one for one in readable.filter(pk__in={one.object_id for one in entries}).only("title")}
    return {
        one.pk: Said(ACTS[one.verb] % {"title": known[one.object_id].title}, known[one.object_id].get_absolute_url())
        for one in entries
        if one.object_id in known
    }
