"""`manage.py evaluate_search`: how well search finds what it should, as one JSON object."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.search.embedding import EmbeddingError
from practices.search.evaluating import BadQueriesError, evaluate, read_queries
from practices.search.indexing import embed_documents, unmeant


class Command(BaseCommand):
    help = "Search for questions of which it is known what answers them, among what is published here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queries", type=Path, required=True, help="JSON Lines with q, language and relevant")
        parser.add_argument("--json", action="store_true", help="print the JSON object alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            queries = read_queries(options["queries"])
        except BadQueriesError as error:
            raise CommandError(str(error)) from error
        try:
            embedded = embed_documents(unmeant())
        except EmbeddingError as error:
            raise CommandError(str(error)) from error
        if not options["json"]:
            self.stderr.write(f"{len(queries)} questions; {embedded} documents had to be embedded first.")
        self.stdout.write(json.dumps(evaluate(queries)))
