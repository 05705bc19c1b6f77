"""`manage.py demo`: the whole of Talkoo on this machine, with a network in it."""

import fcntl
import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.kit.catalogues import compile_catalogues
from exchange.demo.check import StepFailedError, drive
from exchange.demo.network import OFFICES, PASSWORD, PEOPLE
from exchange.demo.processes import NotStartedError, Processes
from exchange.demo.screenshots import take_screenshots

SHOWN = 5  # of the accounts


class Command(BaseCommand):
    help = "Start the demo network: web server, Celery worker and beat, SMTP inbox. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="forget the demo's data and start over")
        parser.add_argument("--check", action="store_true", help="drive the main job, print one JSON object, stop")
        parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="save pictures of the pages, stop")
        parser.add_argument("--without", action="append", default=[], choices=["worker", "beat", "inbox"],
                            help="with --check: leave a process out, to see that the check notices")  # fmt: skip
        parser.add_argument("--patience", type=float, default=60, help="with --check: seconds to wait for mail")

    def handle(self, *_args: Any, **options: Any) -> None:
        data: Path = settings.DATA_DIR
        if connection.settings_dict["NAME"] != "talkoo" or not (data / "postgres").exists():
            raise CommandError("The demo brings its own PostgreSQL: unset DATABASE_URL and REDIS_URL.")
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, _interrupt)
        with _alone(data):
            if options["check"]:
                self.check_main_job(data, options)
            elif options["screenshots"]:
                self.take_screenshots(data, options["screenshots"])
            else:
                self.run(data, reset=options["reset"])

    def run(self, data: Path, *, reset: bool) -> None:
        if reset:
            _forget(data)
        processes = Processes(data)
        try:
            self.prepare()
            processes.start(self.tell)
            self.tell(self.welcome(processes))
            while not (name := processes.ended()):
                time.sleep(0.5)
            raise CommandError(f"{name} has ended:\n{processes.log(name)}")
        except NotStartedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.tell("\nStopping")
        finally:
            _ignore_interrupts()
            processes.stop()

    def check_main_job(self, data: Path, options: dict[str, Any]) -> None:
        started = time.monotonic()
        parts = tuple(part for part in ("inbox", "web", "worker", "beat") if part not in options["without"])
        processes = Processes(data, wake_every=1.0, web_port=0, smtp_port=0, inbox_port=0, parts=parts)
        result: dict[str, object] = {"ok": False}
        try:
            self.prepare()
            processes.start(self.tell)
            boot = round(time.monotonic() - started, 1)
            result = {"ok": True, "boot_s": boot} | drive(processes, tell=self.tell, patience=options["patience"])
        except (StepFailedError, NotStartedError) as error:
            result = {"ok": False, "failed": str(error)}
            for name in processes.started:
                self.tell(f"--- {name}\n{processes.log(name)}")
        except KeyboardInterrupt:
            result = {"ok": False, "failed": "interrupted"}
        finally:
            _ignore_interrupts()
            processes.stop()
        print(json.dumps(result), flush=True)
        if not result["ok"]:
            sys.exit(1)

    def take_screenshots(self, data: Path, folder: Path) -> None:
        processes = Processes(data, web_port=0, smtp_port=0, inbox_port=0)
        try:
            self.prepare()
            processes.start(self.tell)
            self.tell(f"{take_screenshots(processes, folder, self.tell)} pictures are in {folder}")
        finally:
            _ignore_interrupts()
            processes.stop()

    def prepare(self) -> None:
        self.tell("Preparing the database")
        call_command("migrate", verbosity=0, stdout=sys.stderr)
        self.tell("Loading the demo network")
        call_command("load_demo", stdout=sys.stderr)
        compile_catalogues()
        self.tell("Collecting style sheets and scripts")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True, stdout=sys.stderr)
        connection.close()

    def welcome(self, processes: Processes) -> str:
        offices = {office.slug: office.name for office in OFFICES}
        people = "\n".join(
            f"    {who.email:<24} {who.role} at {offices.get(who.place, who.place) or 'the network'}, reads in {who.language}"
            for who in PEOPLE[:SHOWN]
        )
        return f"""
Talkoo is running at          {processes.address}
Every mail it sends is at     {processes.inbox_address}

Sign in as one of these (all of them invented) with the password  {PASSWORD}
{people}

What to try first
  1. As aino@joensuu.example: read a practice from a city like yours, then write one ("Write").
  2. As kaisa@network.example: decide on what waits in the review queue.
  3. As elena@bitola.example: open "My digest", look at the preview, and have it sent now. It arrives in the inbox.

Ctrl-C stops everything. The data stays; `make demo-reset` starts over."""

    def tell(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the lock of this data folder's demo, so that two never share their processes' records."""
    with (data / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"A demo is running already with the data in {data}.") from error
        yield


def _forget(data: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    for name in ("mail", "media", "static"):
        shutil.rmtree(data / name, ignore_errors=True)
    (data / "run" / "beat-schedule").unlink(missing_ok=True)


def _interrupt(*_signal: object) -> None:
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    """Let nothing disturb the stopping: a second Ctrl-C would leave processes behind."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
