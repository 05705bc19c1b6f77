"""Fetching an address that somebody typed, without letting it reach into the network that this server stands in.

The name is resolved once and the connection goes to the very address that was checked, so that a second answer of the
name server cannot lead elsewhere (DNS rebinding). Every redirect is checked in the same way. Nothing is taken from the
environment: no proxy, no stored credentials.
"""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0  # between two pieces of an answer
ALL_SECONDS = 20.0  # for everything: names, redirects, and a server that sends a byte at a time
MOST_BYTES = 64 * 1024
MOST_REDIRECTS = 5
MOST_ADDRESSES = 4  # of one name, tried one after the other
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
# Special by the registries of IANA, and not known as such to every Python that we run on.
SPECIAL = (IPv4Network("192.0.0.0/24"), IPv6Network("3fff::/20"), IPv6Network("5f00::/16"))
LONGEST = 2_000  # characters of an address

Address = IPv4Address | IPv6Address


class FetchError(Exception):
    """There is no answer. The text is for a log."""


class RefusedError(FetchError):
    """We do not go there: not http, another port, credentials, or a place that is not on the public internet."""


class UnreachableError(FetchError):
    """We went there, and no whole answer came in time."""


@dataclass(frozen=True)
class Fetched:
    """An answer. `url` is where redirects ended, `body` its first MOST_BYTES bytes as they came."""

    status: int
    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class _Target:
    """An address taken apart: `host` in ASCII, `port` said or understood."""

    parts: SplitResult
    host: str
    port: int


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, and is no other way to write one that is not."""
    if isinstance(address, IPv6Address):
        if address.teredo:
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    special = (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or any(address in network for network in SPECIAL)
    )
    return address.is_global and not special


def resolve_name(host: str, port: int) -> list[str]:
    """Return the addresses of a name, each once.

    Raises:
        OSError: there is no such name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Policy:
    """Where we may go. Tests name their own; everybody else takes PUBLIC.

    Attributes:
        resolve: from a name and a port to addresses; raises OSError.
        allows: whether we may connect to an address. One that it refuses among several refuses the name.
        ports: that may be connected to.
        seconds: for everything together.
    """

    resolve: Callable[[str, int], list[str]] = resolve_name
    allows: Callable[[Address], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})
    seconds: float = ALL_SECONDS


PUBLIC = Policy()


def fetch(url: str, *, method: str = "GET", policy: Policy = PUBLIC) -> Fetched:
    """Fetch `url`, following redirects.

    Raises:
        RefusedError: it, or where it leads to, is no place that we go to.
        UnreachableError: no answer came in time.
    """
    return _follow(url, method, policy, time.monotonic() + policy.seconds)


def probe(url: str, *, policy: Policy = PUBLIC) -> Fetched:
    """Ask whether something is at `url`: HEAD, and GET where that is refused, as many servers do without reason.

    Raises:
        RefusedError, UnreachableError: as `fetch`.
    """
    deadline = time.monotonic() + policy.seconds
    head = _follow(url, "HEAD", policy, deadline)
    return head if head.status < 400 else _follow(url, "GET", policy, deadline)


def _follow(url: str, method: str, policy: Policy, deadline: float) -> Fetched:
    for _turn in range(MOST_REDIRECTS + 1):
        response, location = _ask(_take_apart(url, policy), method, policy, deadline)
        if location is None:
            return response
        try:
            url = urljoin(url, location)
        except ValueError as error:
            raise RefusedError("redirected to what is no address") from error
    raise UnreachableError("too many redirects")


def _take_apart(url: str, policy: Policy) -> _Target:
    """Return the parts of an address that we go to.

    Raises:
        RefusedError: it is no address that we go to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        host = _as_ascii((parts.hostname or "").removesuffix("."))
    except (ValueError, UnicodeError) as error:
        raise RefusedError("no address") from error
    if parts.scheme not in {"http", "https"} or not host or len(url) > LONGEST:
        raise RefusedError("not an http address")
    if "@" in parts.netloc:
        raise RefusedError("credentials in the address")
    if port not in policy.ports:
        raise RefusedError("another port")
    if _is_odd_number(host):
        raise RefusedError("an address in numbers that is written in no usual way")
    return _Target(parts, host, port)


def _as_ascii(host: str) -> str:
    """Return a host as name servers know it (RFC 3490); an IPv6 address stays as it is."""
    return host if ":" in host else host.encode("idna").decode()


def _is_odd_number(host: str) -> bool:
    """Whether a host is an IPv4 address in decimal, octal, hexadecimal or with parts left out."""
    last = host.rpartition(".")[2]
    if not last.isdigit() and not last.startswith("0x"):
        return False
    try:
        return str(IPv4Address(host)) != host
    except ValueError:
        return True


def _ask(target: _Target, method: str, policy: Policy, deadline: float) -> tuple[Fetched, str | None]:
    """Make one request; return the answer and, where it redirects, where to."""
    problem: Exception = UnreachableError("no address")
    for address in _checked_addresses(target, policy, deadline)[:MOST_ADDRESSES]:
        connection = _connection(target, address, _left(deadline))
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            problem = error
            connection.close()
            continue
        return _talk(connection, target, method, deadline)
    raise UnreachableError(f"cannot connect: {problem}") from problem


def _checked_addresses(target: _Target, policy: Policy, deadline: float) -> list[str]:
    """Return the addresses of a name, all of which we may connect to.

    Raises:
        RefusedError: at least one is elsewhere than on the public internet.
        UnreachableError: the name is not known, or nobody answers for it in time.
    """
    workers = ThreadPoolExecutor(max_workers=1)  # the system's look-up cannot be given a time
    try:
        found = workers.submit(policy.resolve, target.host, target.port).result(timeout=_left(deadline))
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
        raise UnreachableError(f"no such name: {error}") from error
    finally:
        workers.shutdown(wait=False, cancel_futures=True)
    for address in found:
        if not policy.allows(ip_address(address.partition("%")[0])):
            raise RefusedError("not on the public internet")
    return found


def _connection(target: _Target, address: str, seconds: float) -> HTTPConnection:
    """Return a connection to an address, which speaks to it as to the host of `target`."""
    timeout = min(CONNECT_SECONDS, seconds)
    if target.parts.scheme == "https":
        # The name that is asked for (SNI) and that the certificate must have.
        return HTTPSConnection(
            address, target.port, timeout=timeout, server_hostname=target.host, cert_reqs="CERT_REQUIRED"
        )
    return HTTPConnection(address, target.port, timeout=timeout)


def _talk(connection: HTTPConnection, target: _Target, method: str, deadline: float) -> tuple[Fetched, str | None]:
    """Ask over a connection that stands, and end it."""
    hurry = threading.Timer(_left(deadline), _hang_up, [connection.sock])
    hurry.daemon = True
    hurry.start()
    connection.timeout = READ_SECONDS
    try:
        connection.request(method, _path(target.parts), headers=_headers(target), preload_content=False)
        response = connection.getresponse()
        location = response.headers.get("Location") if response.status in REDIRECTS else None
        body = b"" if location else response.read(MOST_BYTES, decode_content=False)
        kind = response.headers.get("Content-Type", "")
    # The last two where the timer hung up while TLS was reading.
    except (OSError, HTTPError, HTTPException, ValueError, AttributeError) as error:
        raise UnreachableError(f"no answer: {error}") from error
    finally:
        hurry.cancel()
        connection.close()
    _left(deadline)
    return Fetched(response.status, target.parts._replace(fragment="").geturl(), kind, body), location


def _hang_up(sock: socket.socket) -> None:
    """End a conversation from outside: what reads from the socket then comes to an end."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise UnreachableError("it took too long")
    return left


def _path(parts: SplitResult) -> str:
    """Return the path and query as they go over the wire; what is escaped already stays."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{path}?{query}" if query else path


def _headers(target: _Target) -> dict[str, str]:
    name = f"[{target.host}]" if ":" in target.host else target.host
    said = target.parts.port
    return {
        "Host": f"{name}:{said}" if said else name,
        "User-Agent": f"Talkoo (+{settings.BASE_URL})",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
