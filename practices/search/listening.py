"""Which acts change what is found."""

from functools import partial

from django.db import transaction

from config.journal.models import Entry
from practices.library.models import Publication
from practices.search.indexing import index_words
from practices.search.tasks import embed_publication_task

CHANGES = frozenset({"published", "updated", "archived", "restored", "translated", "translation_approved", "moved"})


def follow_publications(entry: Entry) -> None:
    """Make a publication findable by its words at once, and by its meaning as soon as a worker has read it."""
    if entry.verb not in CHANGES or not isinstance(entry.object, Publication):
        return
    publication = Publication.objects.select_related("owner_member", "owner_office", "practice", "project").get(
        pk=entry.object_id
    )
    index_words([publication])
    transaction.on_commit(partial(embed_publication_task.delay, publication.pk), robust=True)
