"""`manage.py evaluate_search`: how well search finds what it should, as one JSON object."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from exchange.bench.measure import scratch_database
from exchange.demo.services import PUBLICATIONS
from members.directory.models import Office
from practices.library.importing import BadFileError, load_file
from practices.library.models import Publication
from practices.search.embedding import EmbeddingError
from practices.search.evaluating import BadQueriesError, Judged, evaluate, read_queries
from practices.search.indexing import embed_documents, unmeant


class Command(BaseCommand):
    help = (
        "Search for questions of which it is known what answers them: among what is published here, or, where that"
        " answers none of them, among the demo's publications in a database of their own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queries", type=Path, required=True, help="JSON Lines with q, language and relevant")
        parser.add_argument(
            "--publications", type=Path, action="append",
            help="search among these instead, as load_publications takes them, in a database of their own; repeatable",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print the JSON object alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            queries = read_queries(options["queries"])
            files = options["publications"]
            if not files and is_answered_here(queries):
                found = self.measure(queries, options)
            else:
                with scratch_database():
                    Office.objects.create(
                        kind=Office.Kind.WORLD, name="Office", slug="office", city="City", country="FI"
                    )
                    for file in files or [PUBLICATIONS]:
                        load_file(file)
                    found = self.measure(queries, options)
        except (BadQueriesError, BadFileError, EmbeddingError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found))

    def measure(self, queries: list[Judged], options: dict[str, Any]) -> dict[str, Any]:
        """Embed what is not embedded yet, and evaluate."""
        embedded = embed_documents(unmeant())
        if not options["json"]:
            number = Publication.objects.published().count()
            self.stderr.write(f"{len(queries)} questions, {number} publications; embedded now: {embedded}")
        return evaluate(queries)


def is_answered_here(queries: Iterable[Judged]) -> bool:
    """Whether anything that is published in the configured database answers one of the questions."""
    wanted = frozenset[str]().union(*(one.relevant for one in queries))
    try:
        return Publication.objects.published().filter(import_id__in=wanted).exists()
    except ProgrammingError:  # nothing was migrated yet
        return False
