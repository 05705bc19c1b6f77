"""A receiver of mail on loopback that counts, and that can be as unfriendly as mail servers are.

`run_sink` starts it in a process of its own. What it has accepted stands in its log before it says so, so that what was
delivered can be counted whatever happens to anybody.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

GREETING = b"220 sink ESMTP\r\n"
EXTENSIONS = (
    b"250-sink\r\n250-PIPELINING\r\n250-SIZE 20000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
)
FINE, GO_ON, TAKEN = b"250 2.1.0 Ok\r\n", b"354 Go on\r\n", b"250 2.0.0 Ok: taken\r\n"
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Faults:
    """How the sink misbehaves.

    Attributes:
        later: the share of addresses that are refused for now (450) at their first attempt.
        refused: the share of addresses that are refused for good (550 5.1.1).
        closing_every: every so many messages are answered with 421 at their beginning, and the connection is closed.
        cut_before_every: the connection is cut before the final dot of every so many messages.
        cut_after_every: it is cut after the final dot, without an answer; the message counts as delivered.
        delay: seconds before a message is answered.
    """

    later: float = 0.0
    refused: float = 0.0
    closing_every: int = 0
    cut_before_every: int = 0
    cut_after_every: int = 0
    delay: float = 0.0


@dataclass
class Sink:
    """A running sink, as its parent sees it."""

    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    def deliveries(self) -> Counter[str]:
        """Count the messages that the sink has taken over, by Message-ID."""
        return Counter(line[6:] for line in self._lines() if line.startswith("taken "))

    def count(self, what: str) -> int:
        """Count one kind of event: taken, cut-before, cut-after, closing, later or refused."""
        return sum(line.startswith(f"{what} ") for line in self._lines())

    def change(self, faults: Faults) -> None:
        """Behave otherwise from now on."""
        if self.process.stdin:
            self.process.stdin.write(json.dumps(asdict(faults)).encode() + b"\n")
            self.process.stdin.flush()

    def _lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@contextmanager
def run_sink(faults: Faults | None = None) -> Iterator[Sink]:
    """Run a sink in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        log.touch()
        command = [sys.executable, "-m", "exchange.bench.sink", str(log), json.dumps(asdict(faults or Faults()))]
        with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                yield Sink(int(process.stdout.readline()), log, process)  # type: ignore[union-attr]
            finally:
                process.kill()


@dataclass
class Desk:
    """What all connections of the sink share."""

    faults: Faults
    log: int  # a file descriptor
    begun: int = 0
    ended: int = 0
    tried: set[str] = field(default_factory=set)

    def note(self, what: str, about: str) -> None:
        os.write(self.log, f"{what} {about}\n".encode())

    def judge(self, address: str) -> bytes:
        """Return what is said of a recipient."""
        share = zlib.crc32(address.encode()) % 10_000 / 10_000
        if share < self.faults.refused:
            self.note("refused", address)
            return b"550 5.1.1 Nobody of that name\r\n"
        if share < self.faults.refused + self.faults.later and address not in self.tried:
            self.tried.add(address)
            self.note("later", address)
            return b"450 4.2.1 Try again later\r\n"
        return FINE


class Session(asyncio.Protocol):
    """One connection; it answers all that has come with one write."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.pending = b""
        self.in_data = False
        self.recipient = ""
        self.end: Callable[[], None] | None = None  # how the connection ends, once it is to end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.pending += data
        answers: list[bytes] = []
        while self.end is None:
            stop = b"\r\n.\r\n" if self.in_data else b"\r\n"
            part, found, rest = self.pending.partition(stop)
            if not found:
                break
            self.pending = rest
            answers.append(self.take(part) if self.in_data else self.obey(part))
        if self.desk.faults.delay:
            asyncio.get_running_loop().call_later(self.desk.faults.delay, self.answer, answers)
        else:
            self.answer(answers)

    def answer(self, answers: list[bytes]) -> None:
        """Say what is to be said, in order, and then perhaps leave."""
        self.transport.write(b"".join(answers))
        if self.end:
            self.end()

    def obey(self, line: bytes) -> bytes:
        """Return the answer to a command; empty where the connection is cut instead."""
        known = {b"MAIL": self.mail, b"RCPT": self.rcpt, b"DATA": self.data, b"QUIT": self.quit}
        if answer := known.get(line[:4].upper()):
            return answer(line)
        return EXTENSIONS if line[1:4].upper() in {b"HLO", b"ELO"} else FINE

    def mail(self, _line: bytes) -> bytes:
        desk = self.desk
        desk.begun += 1
        self.recipient = ""
        if _is_turn(desk.begun, desk.faults.closing_every):
            desk.note("closing", str(desk.begun))
            self.end = self.transport.close
            return b"421 4.3.2 Closing\r\n"
        return FINE

    def rcpt(self, line: bytes) -> bytes:
        address = line.partition(b"<")[2].partition(b">")[0].decode()
        answer = self.desk.judge(address)
        self.recipient = address if answer is FINE else ""
        return answer

    def data(self, _line: bytes) -> bytes:
        if not self.recipient:
            return b"503 5.5.1 No recipient\r\n"
        if _is_turn(self.desk.begun, self.desk.faults.cut_before_every):
            self.desk.note("cut-before", self.recipient)
            self.end = self.transport.abort
            return b""
        self.in_data = True
        return GO_ON

    def quit(self, _line: bytes) -> bytes:
        self.end = self.transport.close
        return b"221 2.0.0 Bye\r\n"

    def take(self, message: bytes) -> bytes:
        """Take a message over: it is in the log before anything is said."""
        self.in_data = False
        desk = self.desk
        desk.ended += 1
        found = MESSAGE_ID.search(message, 0, 4_096)
        desk.note("taken", found[1].decode() if found else "?")
        if _is_turn(desk.ended, desk.faults.cut_after_every):
            desk.note("cut-after", str(desk.ended))
            self.end = self.transport.abort
            return b""
        return TAKEN


def _is_turn(number: int, every: int) -> bool:
    return bool(every) and number % every == 0


async def _serve(desk: Desk, commands: IO[bytes], tell: IO[str]) -> None:
    loop = asyncio.get_running_loop()

    def change() -> None:
        if line := os.read(commands.fileno(), 65_536):
            desk.faults = Faults(**json.loads(line.splitlines()[-1]))
        else:
            os._exit(0)  # the parent is gone

    loop.add_reader(commands.fileno(), change)
    server = await loop.create_server(lambda: Session(desk), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], file=tell, flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until the parent closes standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log")
    parser.add_argument("faults")
    arguments = parser.parse_args()
    log = os.open(arguments.log, os.O_WRONLY | os.O_APPEND)
    asyncio.run(_serve(Desk(Faults(**json.loads(arguments.faults)), log), sys.stdin.buffer, sys.stdout))


if __name__ == "__main__":
    main()
