"""`manage.py load_publications FILE.jsonl`: practices and projects with their members."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.library.importing import BadFileError, load_file


class Command(BaseCommand):
    help = "Publish the entries of a JSON Lines file. A bad line is named, and then nothing is loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            new, there = load_file(options["file"])
        except BadFileError as error:
            raise CommandError(f"{error}\nNothing was loaded.") from error
        self.stdout.write(f"{new} publications loaded, {there} were there already.")
