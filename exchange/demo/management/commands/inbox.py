"""`manage.py inbox`: the demo's mail server."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exchange.demo.inbox import serve


class Command(BaseCommand):
    help = "Serve an SMTP inbox on this machine that keeps every mail and shows it in the browser."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, required=True, help="where the mails are kept")
        parser.add_argument("--smtp-port", type=int, default=2525)
        parser.add_argument("--http-port", type=int, default=8025)

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        serve(folder=options["folder"], smtp_port=options["smtp_port"], http_port=options["http_port"], stop=stop)
