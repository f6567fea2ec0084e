"""
One call to an address that somebody else chose.

Its name is looked up once, each address it stands for is judged, and the connection is made to what
was judged, so that a name that means something else a moment later leads nowhere. No redirect is
followed, no proxy asked, and everything has its end: looking up, connecting, the whole call, the
answer's length.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

import certifi

from app.core.texts import storable
from app.subscribers.errors import UndeliverableError

LOOK_UP_SECONDS = 3.0
CONNECT_SECONDS = 3.0
CALL_SECONDS = 10.0
# Of a name's addresses no more are tried.
MOST_ADDRESSES = 3
LONGEST_ANSWER = 500
PORTS = {"http": 80, "https": 443}
# What Python 3.11 takes for public, and is not: a cloud keeps its secrets in the first of them.
_INSIDE_4 = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24")))
# What is public of IPv6; whatever carries an address of IPv4 within it (6to4) is not.
_PUBLIC_6 = ipaddress.ip_network("2000::/3")
_CARRIES_4 = ipaddress.ip_network("2002::/16")

# The resolver knows no time-out; where it hangs, a thread is given up to it, and never more.
_resolver = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolver")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str


def post(url: str, body: bytes, headers: Mapping[str, str], *, public_only: bool) -> Answer:
    """
    Send a body, and read the beginning of the answer.

    Raises:
        UndeliverableError: saying why no answer came.
    """
    parts = urlsplit(url)
    try:
        addresses = _look_up(parts, public_only=public_only)
        with _connected(parts, addresses) as connection:
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("POST", path, body, {"Host": parts.netloc, **headers})
            response = connection.getresponse()
            # No decoding: one letter may take four bytes, and what is cut off is not one.
            first = response.read(LONGEST_ANSWER).decode(errors="replace")
    except TimeoutError:
        raise UndeliverableError("no answer in time") from None
    except HTTPException as error:
        raise UndeliverableError(f"the answer is not HTTP: {type(error).__name__}") from error
    except ssl.SSLError as error:
        raise UndeliverableError(f"no secure connection: {error.reason}") from error
    except OSError as error:
        raise UndeliverableError(f"no connection: {error.strerror or error}") from error
    return Answer(response.status, storable(first.replace("\x00", "�")) or "")


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet: none of ours, and none of a cloud's."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address.is_global and address in _PUBLIC_6 and address not in _CARRIES_4
    is_inside = address.is_multicast or any(address in network for network in _INSIDE_4)
    return address.is_global and not is_inside


def _look_up(parts: SplitResult, *, public_only: bool) -> Sequence[tuple[str, int]]:
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    looked_up = _resolver.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        found = looked_up.result(LOOK_UP_SECONDS)
    except TimeoutError:
        looked_up.cancel()
        raise UndeliverableError("the name could not be looked up in time") from None
    except (OSError, UnicodeError):
        raise UndeliverableError("the name is not known") from None
    addresses = dict.fromkeys(str(place[0]) for *_, place in found)
    # One that is not public is reason enough: who mixes them means no good.
    if public_only and not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise UndeliverableError("the address is not a public one")
    return [(address, port) for address in addresses][:MOST_ADDRESSES]


@contextmanager
def _connected(
    parts: SplitResult, addresses: Sequence[tuple[str, int]]
) -> Iterator[HTTPConnection]:
    """Connect to the first address that answers, and hang up when the call has taken too long."""
    opened = _open(addresses)
    if parts.scheme == "https":
        opened = _trust().wrap_socket(
            opened, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
    # A time-out alone bounds each wait, not their sum: a byte now and then would last for ever.
    is_over = Event()
    end = Timer(CALL_SECONDS, _hang_up, [opened, is_over])
    end.daemon = True
    end.start()
    try:
        if isinstance(opened, ssl.SSLSocket):
            opened.do_handshake()
        connection = HTTPConnection(parts.hostname or "")
        connection.sock = opened
        yield connection
    finally:
        end.cancel()
        opened.close()
        if is_over.is_set():
            # Whatever seems to have come then was cut off.
            raise TimeoutError


def _open(addresses: Sequence[tuple[str, int]]) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return _with_patience(socket.create_connection(address, CONNECT_SECONDS))
        except OSError:
            continue
    return _with_patience(socket.create_connection(addresses[-1], CONNECT_SECONDS))


def _with_patience(opened: socket.socket) -> socket.socket:
    opened.settimeout(CALL_SECONDS)
    return opened


def _hang_up(opened: socket.socket, is_over: Event) -> None:
    is_over.set()
    try:
        # Not SSLSocket's own, which would take the session away from the thread that reads.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
    except OSError:
        return


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
