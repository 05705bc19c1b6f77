"""How many messages a second one plain SMTP session brings to the sink: what a sender is measured by."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from exchange.bench.sink import Sink

FROM, TO = "bench@network.example", "reader@city.example"


@dataclass(frozen=True)
class SinkLimit:
    """Messages a second, and by what they were sent."""

    per_s: float
    by: str


def measure_limit(sink: Sink, message: bytes, *, number: int = 5_000, sessions: int = 1) -> SinkLimit:
    """Send `message` so many times: with Postfix's `smtp-source` where it is found, else with a bare socket loop.

    `smtp-source` is looked for on the PATH, beside the system's programs, and where SMTP_SOURCE says.
    """
    program = find_smtp_source()
    start = time.perf_counter()
    if program:
        _run_smtp_source(program, sink.port, message, number, sessions)
    else:
        _loop(sink.port, message, number)
    return SinkLimit(round(number / (time.perf_counter() - start), 1), "smtp-source" if program else "socket loop")


def find_smtp_source() -> Path | None:
    """Return Postfix's load generator, if it is on the machine; an unpacked package will do."""
    found = os.environ.get("SMTP_SOURCE") or shutil.which("smtp-source", path=f"{os.environ['PATH']}:/usr/sbin")
    return Path(found) if found else None


def _run_smtp_source(program: Path, port: int, message: bytes, number: int, sessions: int) -> None:
    libraries = [program.parents[1] / "lib" / "postfix", *(program.parents[1] / "lib").glob("*-linux-gnu")]
    with tempfile.NamedTemporaryFile() as file:
        file.write(message.replace(b"\r\n", b"\n"))
        file.flush()
        subprocess.run(
            [
                program, "-d", "-s", str(sessions), "-m", str(number), "-f", FROM, "-t", TO, "-F", file.name,
                f"127.0.0.1:{port}",
            ],
            check=True,
            capture_output=True,
            timeout=300,
            env=os.environ | {"LD_LIBRARY_PATH": ":".join(map(str, libraries))},
        )  # fmt: skip


def _loop(port: int, message: bytes, number: int) -> None:
    """Do the same dialogue as `smtp-source`: each command waits for its answer."""
    steps = [b"MAIL FROM:<%s>\r\n" % FROM.encode(), b"RCPT TO:<%s>\r\n" % TO.encode(), b"DATA\r\n", message + b".\r\n"]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(4_096)
        connection.sendall(b"EHLO bench\r\n")
        connection.recv(4_096)
        for _ in range(number):
            for step in steps:
                connection.sendall(step)
                connection.recv(4_096)
