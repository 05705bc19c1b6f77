"""`manage.py bench`: how fast Talkoo is on a generated network, as one JSON object."""

import json
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from config.kit.catalogues import compile_catalogues
from exchange.bench.digest import measure_digests
from exchange.bench.editorial import measure_editorial
from exchange.bench.intake import measure_intake
from exchange.bench.measure import scratch_database
from exchange.bench.members import measure_members
from exchange.bench.network import MEMBERS, make_network, make_readers
from exchange.bench.pages import measure_pages
from exchange.bench.peers import measure_peers
from exchange.bench.shelf import vary

NEWS = 300  # publications that a digest may tell of


class Command(BaseCommand):
    help = "Measure on a generated network, in a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["editorial", "intake", "digest", "pages", "members", "peers"])
        parser.add_argument("--publications", type=int, default=50_000)
        parser.add_argument("--members", type=int, default=MEMBERS)
        parser.add_argument("--users", type=int, default=0, help="readers beside the author of each member")
        parser.add_argument("--rows", type=int, default=10_000, help="of the table that intake imports")
        parser.add_argument("--recipients", type=int, default=25_000, help="of digests")
        parser.add_argument("--senders", type=int, default=4, help="processes that send digests")
        parser.add_argument("--open", type=int, default=5_000, help="asks and offers that are open")
        parser.add_argument("--times", type=int, default=15, help="how often each act is measured")
        parser.add_argument("--json", action="store_true", help="print the JSON object alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        digest = options["what"] == "digest"
        number = 500 if options["what"] in {"digest", "members"} else options["publications"]
        compile_catalogues()
        call_command("collectstatic", interactive=False, verbosity=0)
        with scratch_database():
            start = time.perf_counter()
            make_network(number, options["members"])
            found: dict[str, Any]
            self.tell(f"{number} publications made in {time.perf_counter() - start:.0f} s", options)
            if digest:
                make_readers(options["recipients"], news=NEWS)
                found = measure_digests(options["recipients"], options["senders"])
            elif options["what"] == "pages":
                make_readers(options["users"], news=NEWS)
                vary()
                self.tell("documents and vectors made", options)
                for page in measure_pages(options["times"]):
                    self.stdout.write(json.dumps({"publications": number, **page}))
                return
            elif options["what"] == "members":
                vary()
                found = {"members": options["members"], **measure_members(options["times"])}
            elif options["what"] == "peers":
                vary()
                self.tell("documents and vectors made", options)
                found = measure_peers(options["open"], options["times"])
            elif options["what"] == "intake":
                found = measure_intake(options["rows"])
            else:
                found = measure_editorial(options["times"])
        found = found if options["what"] in {"digest", "members"} else {"publications": number, **found}
        self.stdout.write(json.dumps(found))

    def tell(self, text: str, options: dict[str, Any]) -> None:
        if not options["json"]:
            self.stderr.write(text)
