"""`manage.py post`: plan and send without Celery."""

import logging
import signal
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, connection

from config.outbox.sender import stopping

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Do once what Celery beat does again and again: plan what is due and send what waits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until SIGTERM, every WAKE_EVERY seconds")

    def handle(self, *_args: Any, **options: Any) -> None:
        forever = options["forever"]
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
