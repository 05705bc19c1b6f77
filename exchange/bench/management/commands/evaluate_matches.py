"""`manage.py evaluate_matches`: how well suggestions are those of a coordinator, as one JSON object."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.bench.matching import evaluate, read_cases, read_exposure, read_lists
from exchange.bench.measure import scratch_database
from exchange.demo.notices import load_notices
from exchange.demo.services import load_places
from exchange.peers.matching import match_all
from members.directory.models import Member
from practices.search.embedding import EmbeddingError
from practices.search.indexing import embed_documents, unmeant


class Command(BaseCommand):
    help = (
        "Match the demo's members, asks and offers in a database of their own, and compare with a coordinator's choice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the JSON object alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        tell = (lambda _text: None) if options["json"] else self.stderr.write
        with scratch_database():
            load_places()
            load_notices()
            tell("The demo's members, publications, asks and offers are there.")
            try:
                embed_documents(unmeant())
            except EmbeddingError as error:
                raise CommandError(str(error)) from error
            started = time.perf_counter()
            match_all(tell=lambda name, count: tell(f"{name}: {count}"))
            seconds = round(time.perf_counter() - started, 1)
            found = evaluate(read_cases(), read_lists(), read_exposure(), Member.objects.listed().count())
        self.stdout.write(json.dumps(found | {"seconds": seconds}))
