"""`manage.py post`: plan and send without Celery, and settle what is unknown."""

import logging
import signal
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from config.outbox.reconciling import read_postfix_log, reconcile
from config.outbox.sender import stopping

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Do once what Celery beat does again and again: plan what is due and send what waits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until SIGTERM, every WAKE_EVERY seconds")
        acts = parser.add_subparsers(dest="act")
        settle = acts.add_parser("reconcile", help="settle what is unknown with the mail server's log (Postfix)")
        settle.add_argument("--log", type=Path, required=True, help="the log; several joined into one in order of time")
        settle.add_argument(
            "--complete",
            action="store_true",
            help="nothing is missing in it: what it does not have, although it covers the time, is sent again",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["act"] == "reconcile":
            self.reconcile(options["log"], complete=options["complete"])
        else:
            self.post(forever=options["forever"])

    def post(self, *, forever: bool) -> None:
        if forever:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stopping.set())
        current_app.loader.import_default_modules()
        while True:
            try:
                for entry in settings.CELERY_BEAT_SCHEDULE.values():
                    current_app.tasks[str(entry["task"])]()
            except (DatabaseError, InterfaceError):
                if not forever:
                    raise
                logger.exception("The database is away; trying again in %s seconds", settings.WAKE_EVERY)
                connection.close()
            if not forever or stopping.wait(settings.WAKE_EVERY):
                return

    def reconcile(self, path: Path, *, complete: bool) -> None:
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                found = read_postfix_log(lines, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        if found.first is None or found.last is None:
            raise CommandError(f"{path} is no log of Postfix: it has no line that could be read.")
        done = reconcile(found, complete=complete)
        self.stdout.write(
            f"The log covers {found.first:%Y-%m-%d %H:%M} to {found.last:%Y-%m-%d %H:%M}. "
            f"Sent: {done.sent}. To be sent again: {done.ready}. Still unknown: {done.unknown}."
        )
