"""What asks and offers mean, as vectors that compare with those of publications."""

import logging
from collections.abc import Collection

from pgvector import HalfVector

from exchange.peers.models import Notice
from practices.search.embedding import EmbeddingError, get_embedder
from practices.search.indexing import passages_of, unmeant
from practices.search.space import place_of_text, place_passages

BATCH = 32
log = logging.getLogger(__name__)


def embed_notices(pks: Collection[int] | None = None) -> int:
    """Embed the open ones that are not embedded yet; returns how many. Without a model, topics alone are compared.

    Args:
        pks: only these; all by default.
    """
    rows = Notice.objects.filter(state=Notice.State.OPEN, meaning=None).order_by("pk")
    rows = rows if pks is None else rows.filter(pk__in=pks)
    done, last = 0, 0
    try:
        embedder = get_embedder()
        while batch := list(rows.filter(pk__gt=last)[:BATCH]):
            done, last = done + len(batch), batch[-1].pk
            pieces = [[one.text for one in passages_of({"title": row.title, "text": row.text})] for row in batch]
            places = place_passages(embedder, [text for each in pieces for text in each])
            at = 0
            for row, each in zip(batch, pieces, strict=True):
                middle = HalfVector(place_of_text(places[at : at + len(each)]))
                at += len(each)
                # One that was changed meanwhile stays to be embedded.
                Notice.objects.filter(pk=row.pk, title=row.title, text=row.text).update(meaning=middle)
    except EmbeddingError as error:
        log.warning("Asks and offers are compared by their topics alone for now. %s", error)
    return done


def is_embedding() -> bool:
    """Whether publications wait to be embedded, and there is a model that does it."""
    if not unmeant().exists():
        return False
    try:
        get_embedder()
    except EmbeddingError:
        return False
    return True
