"""Background work: only the meaning of texts takes long enough to be done here."""

import logging

from celery import shared_task
from django.db.models import QuerySet

from practices.search.embedding import EmbeddingError
from practices.search.indexing import embed_documents, unmeant
from practices.search.models import Document

MOST_AT_ONCE = 16  # documents of one task: a few seconds, so that mail does not wait for them
log = logging.getLogger(__name__)


@shared_task
def embed_publication_task(pk: int) -> None:
    """Embed what a publication says; what this leaves is taken up by `embed_rest_task`."""
    _embed(unmeant().filter(publication=pk))


@shared_task
def embed_rest_task() -> None:
    """Embed what changed and was not embedded: an import, or a time without a model."""
    if _embed(unmeant()) == MOST_AT_ONCE:
        embed_rest_task.delay()


def _embed(documents: QuerySet[Document]) -> int:
    try:
        return embed_documents(documents, limit=MOST_AT_ONCE)
    except EmbeddingError as error:
        log.warning("Search goes by words alone for now. %s", error)
        return 0
