"""One SMTP connection, used for many messages, that always knows how far a message got."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from django.conf import settings

from config.outbox.codes import enhanced_code, is_bad_address

MESSAGES_PER_CONNECTION = 100
# What a server says to MAIL, RCPT and DATA where it goes on.
EXPECTED = ({250}, {250, 251}, {354})


class Fate(Enum):
    """What became of a message."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # the server said 4xx
    REFUSED = "refused"  # the server said 5xx
    NOT_SENT = "not sent"  # the connection was lost before the final dot: the server cannot have taken it
    UNKNOWN = "unknown"  # the connection was lost after it: the server may have


@dataclass(frozen=True)
class Outcome:
    """A fate, with the server's reply."""

    fate: Fate
    code: int = 0
    text: str = ""

    @property
    def reply(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def is_bad_address(self) -> bool:
        """Whether the recipient's address cannot get mail."""
        return is_bad_address(self.enhanced_code)

    @property
    def enhanced_code(self) -> str:
        """The enhanced status code (RFC 3463) of the reply, such as "5.1.1", or an empty string."""
        return enhanced_code(self.text)


@dataclass(frozen=True)
class Envelope:
    """Whom a message is from and to; `size` in bytes."""

    sender: str
    recipient: str
    size: int | None = None


class CannotConnectError(Exception):
    """No connection to the mail server: nothing was sent, and it makes no sense to go on."""


class Transport:
    """A connection that is opened when it is needed and reused.

    Where the server offers PIPELINING (RFC 2920) the envelope is one write, and it travels with the final dot of the
    message before: one round trip a message.
    """

    def __init__(self) -> None:
        self.smtp: smtplib.SMTP | None = None
        self.sent = 0
        self.announced: Envelope | None = None  # its commands have left, its replies are not read yet
        self.is_awaited = False  # the server waits for a message's data

    def open(self) -> None:
        """Connect, with TLS and a password where the settings say so.

        Raises:
            CannotConnectError: the server does not answer, or does not let us in.
        """
        if self.smtp and self.sent >= MESSAGES_PER_CONNECTION:
            self.close()
        if self.smtp:
            return
        smtp = None
        try:
            connect = _smtp_over_tls() if settings.EMAIL_USE_SSL else smtplib.SMTP
            smtp = connect(
                settings.EMAIL_HOST,
                settings.EMAIL_PORT,
                local_hostname=settings.MAIL_DOMAIN,
                timeout=settings.EMAIL_TIMEOUT,
            )
            smtp.ehlo_or_helo_if_needed()  # raises where the server wants no dialogue at all
            if settings.EMAIL_USE_TLS:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_HOST_USER:
                smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            if smtp.sock:  # else a dot would wait for the receipt of what went before it
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, smtplib.SMTPException) as error:
            if smtp:
                smtp.close()
            raise CannotConnectError(str(error) or type(error).__name__) from error
        self.smtp, self.sent, self.announced, self.is_awaited = smtp, 0, None, False

    def close(self) -> None:
        """Say goodbye, if anybody still listens; a server that waits for a message would take it for one."""
        if self.announced or self.is_awaited:
            self.abandon()
        smtp, self.smtp = self.smtp, None
        if smtp:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def begin(self, envelope: Envelope) -> Outcome | None:
        """Announce a message; call `open` before.

        Returns:
            None where the server waits for the message, else what became of it: deferred, refused or not sent.
        """
        outcome = self._begin(envelope)
        self.is_awaited = outcome is None
        return outcome

    def _begin(self, envelope: Envelope) -> Outcome | None:
        if self.smtp is None:
            return Outcome(Fate.NOT_SENT, text="no connection")
        announced, self.announced = self.announced, None
        try:
            commands = self._commands(envelope)
        except ValueError as error:
            return Outcome(Fate.REFUSED, text=str(error))
        try:
            if announced == envelope:
                return self._read_replies()
            if announced:
                raise smtplib.SMTPServerDisconnected("another message was announced")
            if self.smtp.has_extn("pipelining"):
                self.smtp.send(_lines(commands))
                return self._read_replies()
            return self._ask_one_by_one(commands)
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            return Outcome(Fate.NOT_SENT, text=str(error) or type(error).__name__)

    def finish(self, data: bytes, following: Envelope | None = None) -> Outcome:
        """Hand over the message that was announced with `begin`.

        Every reply of the server is definite. What is lost with the connection is `NOT_SENT` up to the final dot and
        `UNKNOWN` from there on.

        Args:
            data: the message; its lines end with CRLF.
            following: the message that is begun next; its envelope leaves with this one's dot.
        """
        if self.smtp is None:
            return Outcome(Fate.NOT_SENT, text="no connection")
        self.is_awaited = False
        last = b".\r\n"
        if following and self.sent + 1 < MESSAGES_PER_CONNECTION and self.smtp.has_extn("pipelining"):
            try:
                last += _lines(self._commands(following))
                self.announced = following
            except ValueError:
                pass  # said when it is begun
        dot_sent = False
        try:
            self.smtp.send(_dot_stuffed(data))
            dot_sent = True
            self.smtp.send(last)
            code, reply = self.smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            return Outcome(Fate.UNKNOWN if dot_sent else Fate.NOT_SENT, text=str(error) or type(error).__name__)
        if 400 <= code < 600:
            return self._refused(code, reply)
        if code // 100 != 2:
            self.abandon()
            return Outcome(Fate.UNKNOWN, code, _text(reply))
        self.sent += 1
        return Outcome(Fate.ACCEPTED, code, _text(reply))

    def abandon(self) -> None:
        """Break the connection off: the server must not take what was begun."""
        smtp, self.smtp, self.announced, self.is_awaited = self.smtp, None, None, False
        if smtp:
            smtp.close()

    def _commands(self, envelope: Envelope) -> list[bytes]:
        """Return MAIL, RCPT and DATA.

        Raises:
            ValueError: the server does not take such an address, or it could not be one.
        """
        if self.smtp is None:
            return []
        options = ""
        if not (envelope.sender + envelope.recipient).isascii():
            if not self.smtp.has_extn("smtputf8"):
                raise ValueError("the mail server takes no address with such letters (SMTPUTF8)")
            options += " BODY=8BITMIME SMTPUTF8"
        if envelope.size is not None and self.smtp.has_extn("size"):
            options += f" SIZE={envelope.size}"
        if re.search(r"[\s<>\x00-\x1f]", envelope.sender + envelope.recipient):
            raise ValueError("not an e-mail address")
        lines = [f"MAIL FROM:<{envelope.sender}>{options}", f"RCPT TO:<{envelope.recipient}>", "DATA"]
        return [line.encode() for line in lines]

    def _ask_one_by_one(self, commands: list[bytes]) -> Outcome | None:
        for command, expected in zip(commands, EXPECTED, strict=True):
            code, reply = self._reply(_lines([command]))
            if code not in expected:
                return self._refused(code, reply)
        return None

    def _read_replies(self) -> Outcome | None:
        """Read the replies to MAIL, RCPT and DATA, each of which came whatever the one before was."""
        replies: list[tuple[int, bytes]] = []
        for _ in EXPECTED:
            try:
                replies.append(self._reply())
            except (OSError, smtplib.SMTPException):
                if not replies or replies[-1][0] < 400:
                    raise
                self.abandon()  # the server said why, and left
                break
            if replies[-1][0] == 421:
                break
        bad = next((one for one, expected in zip(replies, EXPECTED, strict=False) if one[0] not in expected), None)
        if bad is None:
            return None
        if replies[-1][0] == 354:
            self.abandon()  # it waits for a message that has nobody to go to
        return self._refused(*bad)

    def _reply(self, command: bytes = b"") -> tuple[int, bytes]:
        if self.smtp is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        if command:
            self.smtp.send(command)
        return self.smtp.getreply()

    def _refused(self, code: int, reply: bytes) -> Outcome:
        """Make ready for the next message; a server that closes (421) or talks nonsense gets a new connection."""
        if code < 400 or code == 421:
            self.abandon()
            return Outcome(Fate.DEFERRED if code == 421 else Fate.NOT_SENT, code, _text(reply))
        outcome = Outcome(Fate.DEFERRED if code < 500 else Fate.REFUSED, code, _text(reply))
        if self.smtp and not self.announced:  # what was announced stands already for a new beginning
            try:
                self.smtp.rset()
            except (OSError, smtplib.SMTPException):
                self.abandon()
        return outcome


def _smtp_over_tls() -> Callable[..., smtplib.SMTP]:
    # Left to itself, smtplib would believe any certificate.
    return partial(smtplib.SMTP_SSL, context=ssl.create_default_context())


def _lines(commands: Iterable[bytes]) -> bytes:
    return b"".join(command + b"\r\n" for command in commands)


def _dot_stuffed(data: bytes) -> bytes:
    """Double the dots that begin a line (RFC 5321, 4.5.2), and end the last line."""
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _text(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", errors="replace").split())
