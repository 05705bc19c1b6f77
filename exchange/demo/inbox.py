"""The demo's mail server: accepts everything, keeps it as files and shows it in the browser. Nothing leaves here."""

import email
import email.policy
import html
import threading
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/inbox.css"></head>
<body><header><a href="/">Inbox of the demo</a> <small>Every e-mail that Talkoo sends here, and nowhere else.</small>
</header><main>{body}</main></body></html>"""
STYLE = """:root{color-scheme:light dark;font:17px/1.5 system-ui,sans-serif}
body{margin:0;color:light-dark(#1c2321,#eceae3);background:light-dark(#faf8f3,#161b19)}
header,main{max-width:60rem;margin:auto;padding:1rem}a{color:light-dark(#1f5d4c,#7fc4ae)}
header a{font:600 1.3rem Georgia,serif;text-decoration:none;margin-right:1rem}
ol{list-style:none;padding:0}li{border-top:1px solid light-dark(#d8d4c8,#39413e);padding:.7rem 0}
li a{display:block;font-weight:600;font-size:1.05rem;padding:.2rem 0}small,dt{color:light-dark(#55605c,#a5b0ab)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:70vh;border:1px solid light-dark(#d8d4c8,#39413e);background:#fff}
pre{white-space:pre-wrap;overflow-wrap:anywhere}"""
HEADERS_SHOWN = ("From", "To", "Date", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID")


class Keeper:
    """The SMTP side: writes each message as one file, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.content or b""
        data = content.encode() if isinstance(content, str) else content
        path = self.folder / f"{time.time_ns()}.eml"
        partial = path.with_suffix(".part")
        partial.write_bytes(data)
        partial.rename(path)
        return "250 Message accepted for delivery"


def read_messages(folder: Path) -> list[tuple[str, EmailMessage]]:
    """Return (name, message) of every mail in `folder`, the newest first."""
    return [(path.stem, read_message(path)) for path in sorted(folder.glob("*.eml"), reverse=True)]


def read_message(path: Path) -> EmailMessage:
    """Parse one kept mail.

    Raises:
        OSError: there is no such file.
    """
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def part_text(message: EmailMessage, subtype: str) -> str:
    """Return the text of the part `text/subtype`, or an empty string."""
    part = message.get_body((subtype,))
    return str(part.get_content()) if part else ""


class Pages(BaseHTTPRequestHandler):
    """The browser's side: a list, a page for each message, its HTML part in a frame that may do nothing."""

    folder: Path

    def do_GET(self) -> None:
        name, _, part = unquote(self.path).strip("/").partition("/")
        path = self.folder / f"{name}.eml"
        if not name:
            self._answer(self._list())
        elif name == "inbox.css":
            self._answer(STYLE, "text/css")
        elif name.isdigit() and path.exists():
            message = read_message(path)
            if part == "html":
                policy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
                self._answer(part_text(message, "html"), policy=policy)
            else:
                self._answer(self._message(name, message))
        else:
            self._answer(PAGE.format(title="Not found", body="<p>There is no such message.</p>"), status=404)

    def _list(self) -> str:
        rows = [
            f'<li><a href="/{name}">{html.escape(message["Subject"] or "")}</a>'
            f"<small>{html.escape(message['To'] or '')} · {_when(message):%Y-%m-%d %H:%M} UTC</small></li>"
            for name, message in read_messages(self.folder)[:500]
        ]
        empty = "<p>Nothing yet. Invite a colleague, submit a practice, or ask for your digest now.</p>"
        return PAGE.format(title="Inbox", body=f"<ol>{''.join(rows)}</ol>" if rows else empty)

    def _message(self, name: str, message: EmailMessage) -> str:
        facts = "".join(
            f"<dt>{key}</dt><dd>{html.escape(str(message[key]))}</dd>" for key in HEADERS_SHOWN if message[key]
        )
        subject = html.escape(message["Subject"] or "")
        frame = f'<iframe sandbox="allow-popups" src="/{name}/html" title="The message as HTML"></iframe>'
        text = html.escape(part_text(message, "plain"))
        body = f"<h1>{subject}</h1><dl>{facts}</dl>{frame}<h2>As text</h2><pre>{text}</pre>"
        return PAGE.format(title=subject, body=body)

    def _answer(self, text: str, kind: str = "text/html", status: int = 200, policy: str = "") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", policy or "default-src 'none'; style-src 'self'; frame-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's
        """Keep quiet."""


def serve(*, folder: Path, smtp_port: int, http_port: int, stop: threading.Event) -> None:
    """Serve SMTP and the pages on the loopback address until `stop` is set.

    Raises:
        OSError: a port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = type("InboxPages", (Pages,), {"folder": folder})
    web = ThreadingHTTPServer(("127.0.0.1", http_port), pages)
    smtp = Controller(Keeper(folder), hostname="127.0.0.1", port=smtp_port)
    smtp.start()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        stop.wait()
    finally:
        smtp.stop()
        web.shutdown()
        web.server_close()


def _when(message: EmailMessage) -> datetime:
    return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
