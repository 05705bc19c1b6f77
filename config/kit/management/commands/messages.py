"""`manage.py messages`: the translations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.kit.catalogues import LANGUAGES, compile_catalogues, update_catalogue


class Command(BaseCommand):
    help = "Bring the .po files up to the code's strings and compile them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["compile"]:
            for language in LANGUAGES:
                catalogue = update_catalogue(language)
                missing = sum(not message.string for message in catalogue if message.id)
                self.stdout.write(f"{language}: {len(catalogue)} strings, {missing} to translate")
        compile_catalogues()
