"""`manage.py files sweep`: take away what nobody refers to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.files.sweeping import sweep


class Command(BaseCommand):
    help = "Delete uploaded bytes that nothing has referred to for a day. Once a day or week is enough."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["sweep"])

    def handle(self, *_args: Any, **_options: Any) -> None:
        swept = sweep()
        self.stdout.write(f"{swept.blobs} blobs and {swept.files} files without a blob deleted.")
