"""A real web server on loopback that says what a test tells it to, and remembers what it was asked."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from config.kit.fetching import Policy, is_public

LOOPBACK = "127.0.0.1"


class WebServer:
    """`answers` maps (method, path), or a path alone, to (status, headers, body); the rest is 404."""

    def __init__(self):
        self.answers, self.asked = {}, []
        self.server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.names = {}  # further names, with their addresses
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True)
        self.thread.start()

    def url(self, path="/", host="city.example"):
        return f"http://{host}:{self.port}{path}"

    def policy(self, **changes):
        """Return a policy under which every name is this server, which is allowed besides the public internet."""
        facts = {"resolve": self.resolve, "allows": self.allows, "ports": frozenset({80, 443, self.port})}
        return Policy(**facts | changes)

    def resolve(self, host, _port):
        literal = host.replace(".", "").isdigit() or ":" in host
        return self.names.get(host, [host if literal else LOOPBACK])

    def allows(self, address):
        return address == ip_address(LOOPBACK) or is_public(address)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def _handler(self):
        web = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                web.asked.append((self.command, self.path, dict(self.headers)))
                known = web.answers.get((self.command, self.path), web.answers.get(self.path))
                status, headers, body = known or (404, {}, b"")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = answer  # noqa: N815 - the library's names

            def log_message(self, *_args):
                """Say nothing."""

        return Handler


@pytest.fixture
def web():
    server = WebServer()
    yield server
    server.stop()
