"""`manage.py load_demo`: the demo network's data."""

from typing import Any

from django.core.management.base import BaseCommand

from exchange.demo.services import load_network


class Command(BaseCommand):
    help = "Load the demo network: offices, members, publications and invented people."

    def handle(self, *_args: Any, **_options: Any) -> None:
        load_network()
