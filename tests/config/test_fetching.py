"""Fetching addresses that people typed: what is never asked, and how long it may take."""

import http.client
import os
import socket
import ssl
import subprocess
import threading
import time
from ipaddress import ip_address

import pytest
from django.conf import settings

from config.kit.fetching import (
    MOST_BYTES,
    PUBLIC,
    Policy,
    RefusedError,
    UnreachableError,
    fetch,
    is_public,
    probe,
    resolve_name,
)
from tests.webserver import LOOPBACK, web  # noqa: F401 - a fixture

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - not bound to
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.8",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1",
    "fd12:3456::1", "fec0::1", "ff02::1", "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::1", "2001:db8::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC_ONES = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", PRIVATE)
def test_address_that_is_not_on_the_public_internet(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC_ONES)
def test_address_on_the_public_internet(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.1.2.3/", "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/", "https://192.168.0.1/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://[::]/",
        "http://localhost/", "http://LOCALHOST./", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
        "http://0x7f000001/", "http://127.1/", "http://127.0.0.1./", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/",
        "http://8.8.8/", "http://010.8.8.8/",
        "http://user:secret@city.example/", "http://@127.0.0.1/", "http://127.0.0.1:22/", "http://city.example:22/",
        "http://city.example:8443/", "http://city.example:99999/", "ftp://city.example/", "file:///etc/passwd",
        "gopher://127.0.0.1/", "javascript:alert(1)", "//city.example/", "city.example", "", "http://", "http:///x",
        "http://[::1", "http://a..b/", "http://city.example/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_what_is_never_asked(url):
    with pytest.raises(RefusedError):
        fetch(url)


def test_server_on_loopback_is_never_asked(web):  # noqa: F811
    web.answers["/"] = (200, {}, b"secret")
    ports = Policy(ports=frozenset({web.port}))
    for host in (LOOPBACK, "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        with pytest.raises(RefusedError):
            fetch(web.url(host=host), policy=ports)
    assert web.asked == []


@pytest.mark.parametrize("addresses", [["8.8.8.8", LOOPBACK], [LOOPBACK, "8.8.8.8"], ["2606:4700:4700::1111", "::1"]])
def test_name_with_one_public_and_one_private_address_is_refused(addresses):
    with pytest.raises(RefusedError, match="public"):
        fetch("http://city.example/", policy=Policy(resolve=lambda *_: addresses))


def test_name_is_resolved_once_and_that_address_is_asked(web):  # noqa: F811
    """A name server that names another address at each question changes nothing."""
    web.answers["/a?b=c"] = (200, {"Content-Type": "text/plain"}, b"Hello")
    answers = iter([[LOOPBACK], ["10.0.0.1"], ["10.0.0.1"]])
    found = fetch(web.url("/a?b=c#part"), policy=web.policy(resolve=lambda *_: next(answers)))
    assert (found.status, found.body, found.content_type) == (200, b"Hello", "text/plain")
    assert found.url == web.url("/a?b=c")
    assert next(answers) == ["10.0.0.1"]
    ((method, path, headers),) = web.asked
    assert (method, path, headers["Host"]) == ("GET", "/a?b=c", f"city.example:{web.port}")
    assert headers["User-Agent"] == f"Talkoo (+{settings.BASE_URL})"
    assert {"Cookie", "Authorization", "Referer"}.isdisjoint(headers)


def test_path_in_any_script_is_escaped_and_escapes_stay(web):  # noqa: F811
    web.answers["/%D0%BC%D0%BE%D0%B1%D0%B0/%C3%A4%20b?q=%C3%B6"] = (200, {}, b"")
    assert fetch(web.url("/моба/%C3%A4 b?q=ö"), policy=web.policy()).status == 200


def test_redirects_are_followed(web):  # noqa: F811
    web.answers["/"] = (301, {"Location": "/next"}, b"")
    web.answers["/next"] = (302, {"Location": web.url("/end", host="other.example")}, b"")
    web.answers["/end"] = (200, {}, b"Here")
    found = fetch(web.url(), policy=web.policy())
    assert (found.body, found.url) == (b"Here", web.url("/end", host="other.example"))
    assert [headers["Host"].partition(":")[0] for _, _, headers in web.asked] == [
        "city.example", "city.example", "other.example",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://inside.example:{port}/", "http://[::1]/", "file:///etc/passwd",
               "http://169.254.169.254/", "http://a:b@city.example/", "http://[", "http://city.example:25/"],
)  # fmt: skip
def test_redirect_to_where_we_do_not_go_is_refused(web, target):  # noqa: F811
    web.names = {"inside.example": ["10.0.0.1"], "127.0.0.1": ["127.0.0.2"], "::1": ["::1"],
                 "169.254.169.254": ["169.254.169.254"]}  # fmt: skip
    web.answers["/go"] = (302, {"Location": target.format(port=web.port)}, b"")
    with pytest.raises(RefusedError):
        fetch(web.url("/go"), policy=web.policy())
    assert [path for _, path, _ in web.asked] == ["/go"]


def test_redirects_end(web):  # noqa: F811
    for number in range(6):
        web.answers[f"/{number}"] = (302, {"Location": f"/{number + 1}"}, b"")
    web.answers["/6"] = (200, {}, b"")
    with pytest.raises(UnreachableError, match="too many"):
        fetch(web.url("/0"), policy=web.policy())
    assert len(web.asked) == 6
    assert fetch(web.url("/1"), policy=web.policy()).status == 200


@pytest.mark.parametrize("refusal", [405, 501, 403, 404, 500])
def test_get_is_asked_where_head_is_refused(web, refusal):  # noqa: F811
    web.answers["HEAD", "/"] = (refusal, {}, b"")
    web.answers["GET", "/"] = (200, {}, b"x")
    assert probe(web.url(), policy=web.policy()).status == 200
    web.answers["/gone"] = (410, {}, b"")
    assert probe(web.url("/gone"), policy=web.policy()).status == 410
    web.answers["HEAD", "/there"] = (200, {}, b"")
    assert probe(web.url("/there"), policy=web.policy()).status == 200
    assert [(method, path) for method, path, _ in web.asked] == [
        ("HEAD", "/"), ("GET", "/"), ("HEAD", "/gone"), ("GET", "/gone"), ("HEAD", "/there"),
    ]  # fmt: skip


def test_long_answer_is_cut_off(web):  # noqa: F811
    web.answers["/"] = (200, {}, b"x" * (4 * MOST_BYTES))
    assert len(fetch(web.url(), policy=web.policy()).body) == MOST_BYTES


def test_proxy_of_the_environment_is_not_asked(web, monkeypatch):  # noqa: F811
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.answers["/"] = (200, {}, b"")
    assert fetch(web.url(), policy=web.policy()).status == 200
    assert "http_proxy" in os.environ


def test_name_that_nobody_knows_and_port_where_nobody_listens(web):  # noqa: F811
    def unknown(*_args):
        raise socket.gaierror("Name or service not known")

    with pytest.raises(UnreachableError, match="no such name"):
        fetch("http://nowhere.example/", policy=Policy(resolve=unknown))
    web.stop()
    with pytest.raises(UnreachableError, match="cannot connect"):
        fetch(web.url(), policy=web.policy())


def test_second_address_is_tried_where_the_first_does_not_answer(web):  # noqa: F811
    web.answers["/"] = (200, {}, b"")
    policy = web.policy(resolve=lambda *_: ["127.0.0.9", LOOPBACK], allows=lambda _: True)
    assert fetch(web.url(), policy=policy).status == 200


def test_public_policy_asks_the_systems_names_and_two_ports():
    assert (PUBLIC.resolve, PUBLIC.allows, PUBLIC.ports, PUBLIC.seconds) == (
        resolve_name, is_public, frozenset({80, 443}), 20.0,
    )  # fmt: skip
    assert resolve_name("127.0.0.1", 80) == [LOOPBACK]


# Servers that do not behave ------------------------------------------------------------------------------------------


class RawServer:
    """Accepts one connection at a time and gives it to `talk`."""

    def __init__(self, talk):
        self.heard = b""
        self.socket = socket.create_server((LOOPBACK, 0))
        self.port = self.socket.getsockname()[1]
        self.talk, self.stopping = talk, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self.heard = connection.recv(4096)
                    self.talk(self, connection)
                except OSError:
                    continue

    def drip(self, connection, start, piece):
        connection.sendall(start)
        while not self.stopping.is_set():
            connection.sendall(piece)
            time.sleep(0.05)

    def stop(self):
        self.stopping.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def raw():
    """Return a function that starts a server and gives it with a policy that leads to it."""
    started = []

    def raw(talk, seconds=0.6):
        server = RawServer(talk)
        started.append(server)
        return server, Policy(lambda *_: [LOOPBACK], lambda _: True, frozenset({server.port}), seconds)

    yield raw
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: x\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
)
def test_server_that_drips_bytes_is_left_in_time(raw, start, piece):
    server, policy = raw(lambda server, connection: server.drip(connection, start, piece))
    begun = time.monotonic()
    with pytest.raises(UnreachableError):
        fetch(f"http://city.example:{server.port}/", policy=policy)
    assert time.monotonic() - begun < 3


def test_name_server_that_does_not_answer_is_left_in_time(raw):
    release = threading.Event()
    begun = time.monotonic()
    policy = Policy(resolve=lambda *_: release.wait(10) and [LOOPBACK], seconds=0.3)
    with pytest.raises(UnreachableError):
        fetch("http://city.example/", policy=policy)
    assert time.monotonic() - begun < 3
    release.set()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"\x00" * 100_000,
                                    b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
                                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])  # fmt: skip
def test_what_is_no_answer(raw, answer):
    server, policy = raw(lambda _server, connection: connection.sendall(answer), seconds=5)
    with pytest.raises(UnreachableError):
        fetch(f"http://city.example:{server.port}/", policy=policy)


def test_tls_names_the_host_and_not_the_address(raw):
    server, policy = raw(lambda _server, _connection: None, seconds=5)
    with pytest.raises(UnreachableError):
        fetch(f"https://city.example:{server.port}/", policy=policy)
    assert server.heard[:1] == b"\x16"
    assert b"city.example" in server.heard


def test_certificate_that_nobody_vouches_for_is_not_accepted(raw, tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=city.example",
         "-addext", "subjectAltName=DNS:city.example", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("there is no openssl on this machine")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server = socket.create_server((LOOPBACK, 0))
    problems = []

    def serve():
        connection, _ = server.accept()
        try:
            context.wrap_socket(connection, server_side=True).close()
        except (OSError, http.client.HTTPException) as error:
            problems.append(error)
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = server.getsockname()[1]
    policy = Policy(lambda *_: [LOOPBACK], lambda _: True, frozenset({port}), 5)
    with pytest.raises(UnreachableError, match="certificate verify failed"):
        fetch(f"https://city.example:{port}/", policy=policy)
    thread.join(5)
    server.close()
