"""What this room tells in the history of a member."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from config.journal.models import Entry
from members.directory.history import Reader, Said


def tell_joined(entries: Sequence[Entry], _reader: Reader) -> dict[int, Said]:
    """Tell that a member has joined. What it pays is its own matter, and its office's."""
    return {one.pk: Said(_("Became a member of the network")) for one in entries}
