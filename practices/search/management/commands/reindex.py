"""`manage.py reindex`: make the documents of all publications anew, and embed what is not embedded."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from practices.library.models import Publication
from practices.search.embedding import EmbeddingError
from practices.search.indexing import embed_documents, index_words, unmeant
from practices.search.models import Document

STEP = 100  # publications indexed in one transaction


class Command(BaseCommand):
    help = (
        "Index every publication for search. It can be stopped at any time: run again, it embeds what is left."
        " Readers search on meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=0, help="the publication to go on with")
        parser.add_argument("--all-meanings", action="store_true", help="embed again what is embedded: another model")
        parser.add_argument("--words-only", action="store_true", help="leave the embedding to the workers")

    def handle(self, *_args: Any, **options: Any) -> None:
        every = Publication.objects.filter(pk__gte=options["first"]).order_by("pk")
        total, done = every.count(), 0
        rows = every.select_related("owner_member", "owner_office", "practice", "project")
        last = options["first"] - 1
        while batch := list(rows.filter(pk__gt=last)[:STEP]):
            with transaction.atomic():
                index_words(batch)
            last, done = batch[-1].pk, done + len(batch)
            self.stderr.write(f"words: {done} of {total} (stopped here, go on with --from {last + 1})")
        if options["all_meanings"]:
            Document.objects.update(meant_digest="")
        if options["words_only"]:
            return
        left, start = unmeant().count(), time.monotonic()
        try:
            embed_documents(unmeant(), tell=lambda made: self._tell(made, left, start))
        except EmbeddingError as error:
            raise CommandError(f"{error}\nSearching by words works; run this again to go on.") from error

    def _tell(self, done: int, total: int, start: float) -> None:
        rest = (time.monotonic() - start) / done * max(0, total - done)
        self.stderr.write(f"meaning: {done} of {total}, about {rest / 60:.0f} min left")
