"""One SMTP connection, used for many messages, that always knows how far a message got."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import Enum

from django.conf import settings

MESSAGES_PER_CONNECTION = 100


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
        """Whether the recipient's address cannot get mail (RFC 3463); 5.1.7 and 5.1.8 speak of the sender's."""
        code = self.enhanced_code
        return code == "5.2.1" or (code.startswith("5.1.") and code not in {"5.1.7", "5.1.8"})

    @property
    def enhanced_code(self) -> str:
        """The enhanced status code (RFC 3463) of the reply, such as "5.1.1", or an empty string."""
        found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", self.text)
        return found.group(1) if found else ""


@dataclass(frozen=True)
class Envelope:
    """Whom a message is from and to; `size` in bytes."""

    sender: str
    recipient: str
    size: int | None = None


class CannotConnectError(Exception):
    """No connection to the mail server: nothing was sent, and it makes no sense to go on."""


class Transport:
    """A connection that is opened when it is needed and reused."""

    def __init__(self) -> None:
        self.smtp: smtplib.SMTP | None = None
        self.sent = 0

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
            kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
            smtp = kind(
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
        except (OSError, smtplib.SMTPException) as error:
            if smtp:
                smtp.close()
            raise CannotConnectError(str(error) or type(error).__name__) from error
        self.smtp, self.sent = smtp, 0

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        smtp, self.smtp = self.smtp, None
        if smtp:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def begin(self, envelope: Envelope) -> Outcome | None:
        """Announce a message; call `open` before. None: the server waits for it."""
        if self.smtp is None:
            return Outcome(Fate.NOT_SENT, text="no connection")
        try:
            for command in self._envelope(envelope.sender, envelope.recipient):
                code, reply = self.smtp.docmd(command)
                if code not in {250, 251, 354}:
                    return self._refused(code, reply)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Fate.NOT_SENT, text=str(error) or type(error).__name__)
        return None

    def finish(self, data: bytes, _following: Envelope | None = None) -> Outcome:
        """Hand over the message that was announced."""
        if self.smtp is None:
            return Outcome(Fate.NOT_SENT, text="no connection")
        dot_sent = False
        try:
            self.smtp.send(_dot_stuffed(data))
            dot_sent = True
            self.smtp.send(b".\r\n")
            code, reply = self.smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Fate.UNKNOWN if dot_sent else Fate.NOT_SENT, text=str(error) or type(error).__name__)
        if code != 250:
            return self._refused(code, reply)
        self.sent += 1
        return Outcome(Fate.ACCEPTED, code, _text(reply))

    def abandon(self) -> None:
        """Leave a message that was announced."""
        self._drop()

    def _envelope(self, sender: str, recipient: str) -> list[str]:
        utf8 = " SMTPUTF8" if not (sender + recipient).isascii() else ""
        return [f"MAIL FROM:<{sender}>{utf8}", f"RCPT TO:<{recipient}>", "DATA"]

    def _refused(self, code: int, reply: bytes) -> Outcome:
        """Make ready for the next message; a server that closes (421) or talks nonsense gets a new connection."""
        outcome = Outcome(Fate.DEFERRED if 400 <= code < 500 else Fate.REFUSED, code, _text(reply))
        if code < 400 or code == 421:
            self._drop()
            return Outcome(Fate.DEFERRED if code == 421 else Fate.NOT_SENT, code, _text(reply))
        try:
            if self.smtp:
                self.smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return outcome

    def _drop(self) -> None:
        if self.smtp:
            self.smtp.close()
        self.smtp = None


def _dot_stuffed(data: bytes) -> bytes:
    """Double the dots that begin a line (RFC 5321, 4.5.2), with every line ending in CRLF."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _text(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", errors="replace").split())
