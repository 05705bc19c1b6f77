"""A real SMTP server on loopback whose replies a test chooses."""

import asyncio
import email
import email.policy
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class MailServer:
    """Collects messages. `replies` maps a recipient to what is said: at RCPT ("rcpt", …) or after the data."""

    def __init__(self, **options):
        self.options = options  # of aiosmtpd's SMTP
        self.raw = []
        self.at_ehlo = ""
        self.at_rcpt = {}
        self.after_data = {}
        self.drop_before_dot = set()
        self.drop_after_dot = set()
        self.delay = 0.0
        self.lock = threading.Lock()
        self.controller = _Controller(self, hostname="127.0.0.1", port=0)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's
        session.host_name = hostname
        return [self.at_ehlo] if self.at_ehlo else responses

    async def handle_HELO(self, server, session, envelope, hostname):  # noqa: N802 - aiosmtpd's
        session.host_name = hostname
        return self.at_ehlo or "250 here"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        if address in self.drop_before_dot:
            self.drop_before_dot.discard(address)
            server.transport.abort()
            return "250 OK"
        if reply := self.at_rcpt.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's
        await asyncio.sleep(self.delay)
        to = envelope.rcpt_tos[0]
        if reply := self.after_data.get(to):
            return reply
        with self.lock:
            self.raw.append(envelope.content)
        if to in self.drop_after_dot:
            server.transport.abort()
        return "250 2.0.0 Taken"

    @property
    def messages(self):
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    @property
    def message_ids(self):
        return Counter(message["Message-ID"] for message in self.messages)

    def to(self, address):
        return [message for message in self.messages if message["To"] == address]


class _Controller(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=True, **self.handler.options)

    def _trigger_server(self):
        # With port 0 the system chose one.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
