"""The demo's processes: web server, Celery worker, Celery beat and the SMTP inbox."""

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.kit.processes import python, start_process, stop_process, tail

PATIENCE = 60.0  # seconds a process may take until it answers


class NotStartedError(Exception):
    """A process ended or did not answer; the message holds the end of its log."""


@dataclass
class Processes:
    """The running demo. Started in the order web, inbox, worker, beat; stopped the other way round."""

    data: Path
    wake_every: float = 5.0
    web_port: int = 8000
    smtp_port: int = 2525
    inbox_port: int = 8025
    parts: tuple[str, ...] = ("inbox", "web", "worker", "beat")
    started: dict[str, psutil.Popen] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)  # where the log of each began this time

    def __post_init__(self) -> None:
        taken: set[int] = set()
        for name in ("web_port", "smtp_port", "inbox_port"):
            port = free_port(getattr(self, name), taken)
            setattr(self, name, port)
            taken.add(port)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.web_port}"

    @property
    def inbox_address(self) -> str:
        return f"http://localhost:{self.inbox_port}"

    @property
    def mail_folder(self) -> Path:
        return self.data / "mail"

    @property
    def run_dir(self) -> Path:
        return self.data / "run"

    def start(self, tell: Callable[[str], None]) -> None:
        """Start every part and wait until each answers.

        Raises:
            NotStartedError: one did not.
        """
        env = os.environ | {
            "TALKOO_EMBEDDED": "0",
            "BASE_URL": self.address,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "WAKE_EVERY": str(self.wake_every),
            "SECOND_FACTOR_ROLES": os.environ.get("SECOND_FACTOR_ROLES", ""),  # its accounts are shared
        }
        for name in self.parts:
            tell(f"Starting {LABELS[name]}")
            command = [python(), *self._command(name)]
            log = self.run_dir / f"{name}.log"
            self.began[name] = log.stat().st_size if log.exists() else 0
            self.started[name] = start_process(name, command, run_dir=self.run_dir, env=env)
        for name in self.parts:
            self._await(name)

    def stop(self) -> None:
        """Stop every part that was started; the worker finishes the message in hand."""
        for name in reversed(list(self.started)):
            stop_process(name, run_dir=self.run_dir)
        self.started.clear()

    def ended(self) -> str | None:
        """Return the name of a part that has ended by itself, if one has."""
        return next((name for name, process in self.started.items() if process.poll() is not None), None)

    def log(self, name: str) -> str:
        return tail(name, run_dir=self.run_dir)

    def _said(self, name: str) -> str:
        """Return all that a process has said since it was started; on a busy machine the last lines are soon others."""
        with (self.run_dir / f"{name}.log").open(errors="replace") as log:
            log.seek(self.began[name])
            return log.read()

    def _command(self, name: str) -> list[str | Path]:
        celery = ["-m", "celery", "-A", "config"]
        commands: dict[str, list[str | Path]] = {
            "web": ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.web_port}", "--workers", "2",
                    "--threads", "4", "--no-control-socket"],
            "inbox": ["manage.py", "inbox", "--folder", self.mail_folder, "--smtp-port", str(self.smtp_port),
                      "--http-port", str(self.inbox_port)],
            "worker": [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            "beat": [*celery, "beat", "--schedule", self.run_dir / "beat-schedule", "--pidfile", "", "--loglevel", "INFO"],
        }  # fmt: skip
        return commands[name]

    def _await(self, name: str) -> None:
        answers: dict[str, Callable[[], bool]] = {
            "web": lambda: _http_answers(f"{self.address}/accounts/login/"),
            "inbox": lambda: _http_answers(self.inbox_address),
            "worker": lambda: "ready." in self._said(name),
            "beat": lambda: "beat: Starting" in self._said(name),
        }
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.started[name].poll() is not None:
                raise NotStartedError(f"{LABELS[name]} ended at once:\n{self.log(name)}")
            if answers[name]():
                return
            time.sleep(0.1)
        raise NotStartedError(f"{LABELS[name]} does not answer after {PATIENCE:.0f} s:\n{self.log(name)}")


LABELS = {
    "web": "the web server",
    "worker": "the Celery worker",
    "beat": "Celery beat",
    "inbox": "the SMTP inbox",
}


def free_port(wanted: int, taken: set[int]) -> int:
    """Return `wanted` if it is free on the loopback address, else one that is. 0 asks for any."""
    for port in (wanted, *[0] * 20):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            if found not in taken:
                return found
    raise NotStartedError("There is no free port on this machine.")


def _http_answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
