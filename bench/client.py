"""
A load client that costs little: plain sockets, one thread, requests written beforehand.

A process of it sends as fast as its connections get answers (closed loop), or at fixed moments
whether or not answers have come (open loop); a wait in an open loop counts from the moment at which
the request was due, so that a server that stalls cannot hide it.
"""

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

RECEIVED = 65_536
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length:"


class Sent(NamedTuple):
    """
    One request: when it was due and answered, and the status of the answer.

    Both in seconds of the monotonic clock, which all processes of a machine share; ``number`` is
    its place among the requests that were handed in.
    """

    due: float
    answered: float
    status: int
    number: int

    @property
    def wait_ms(self) -> float:
        """How long it took, in milliseconds."""
        return (self.answered - self.due) * 1000


def read_http(received: bytearray) -> int:
    """Tell the status of an HTTP answer once it is whole, else 0."""
    end = received.find(HEAD_ENDS)
    if end < 0:
        return 0
    head = bytes(received[:end]).lower()
    at = head.find(LENGTH)
    length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(received) < end + len(HEAD_ENDS) + length:
        return 0
    return int(head[9:12])


class Wire(NamedTuple):
    """What is spoken: how to tell an answer's status, and what is sent once at the beginning."""

    read: Callable[[bytearray], int] = read_http
    greeting: bytes = b""


HTTP = Wire()


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    due: float = 0.0
    number: int = 0


def request(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Write a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def closed_loop(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float, wire: Wire = HTTP
) -> list[Sent]:
    """Send one request after the other on each connection, until the time or they are up."""
    until = time.perf_counter() + seconds
    return _run(port, connections, _as_fast_as_possible(requests, until), wire)


def open_loop(
    port: int, requests: Sequence[bytes], *, connections: int, rate: float, wire: Wire = HTTP
) -> list[Sent]:
    """Send requests at ``rate`` a second, on as many connections as it takes, up to a limit."""
    begin = time.perf_counter() + 0.05
    timed = ((begin + position / rate, one) for position, one in enumerate(requests))
    return _run(port, connections, timed, wire)


def spread(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    processes: int = 1,
    seconds: float = 0.0,
    rate: float = 0.0,
    wire: Wire = HTTP,
) -> list[Sent]:
    """Run several clients, each a process of its own; an open loop where there is a rate."""
    shares = [requests[first::processes] for first in range(processes)]
    each = max(1, connections // processes)
    with ProcessPoolExecutor(processes) as pool:
        if rate:
            running = [
                pool.submit(
                    open_loop, port, share, connections=each, rate=rate / processes, wire=wire
                )
                for share in shares
            ]
        else:
            running = [
                pool.submit(closed_loop, port, share, connections=each, seconds=seconds, wire=wire)
                for share in shares
            ]
        return [
            sent._replace(number=first + sent.number * processes)
            for first, run in enumerate(running)
            for sent in run.result()
        ]


def _as_fast_as_possible(requests: Iterable[bytes], until: float) -> Iterator[tuple[float, bytes]]:
    for one in requests:
        if time.perf_counter() >= until:
            return
        yield 0.0, one


def _run(port: int, count: int, timed: Iterator[tuple[float, bytes]], wire: Wire) -> list[Sent]:
    """Send timed requests, each on a connection that is free; a due time of zero is now."""
    poll = select.epoll()
    by_number: dict[int, _Connection] = {}
    for _ in range(count):
        opened = _open(port, wire)
        by_number[opened.socket.fileno()] = opened
        poll.register(opened.socket.fileno(), select.EPOLLIN)
    free = list(by_number.values())
    sent: list[Sent] = []
    busy = begun = 0
    upcoming = next(timed, None)
    while upcoming is not None or busy:
        now = time.perf_counter()
        while upcoming is not None and free and upcoming[0] <= now:
            connection = free.pop()
            connection.due, connection.number = upcoming[0] or now, begun
            connection.socket.sendall(upcoming[1])
            busy, begun = busy + 1, begun + 1
            upcoming = next(timed, None)
            now = time.perf_counter()
        patience = 1.0
        if upcoming is not None and free:
            patience = max(0.0, upcoming[0] - now)
        for number, _ in poll.poll(patience):
            connection = by_number[number]
            status = _receive(connection, wire)
            if status:
                answered = time.perf_counter()
                sent.append(Sent(connection.due, answered, status, connection.number))
                free.append(connection)
                busy -= 1
    for connection in by_number.values():
        connection.socket.close()
    poll.close()
    return sent


def _open(port: int, wire: Wire) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=30)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if wire.greeting:
        opened.sendall(wire.greeting)
        opened.recv(RECEIVED)
    return _Connection(opened)


def _receive(connection: _Connection, wire: Wire) -> int:
    """Read what has come; the status once the answer is whole, else 0."""
    chunk = connection.socket.recv(RECEIVED)
    if not chunk:
        raise ConnectionError("the server closed a connection that it was to keep")
    connection.received += chunk
    status = wire.read(connection.received)
    if status:
        connection.received.clear()
    return status


def percentile(waits: Sequence[float], percent: float) -> float:
    """Tell below which value ``percent`` of sorted values lie."""
    if not waits:
        return float("nan")
    return waits[min(len(waits) - 1, int(len(waits) * percent / 100))]


def per_second(sent: Sequence[Sent]) -> float:
    """Tell how many were answered a second, from the first due to the last answered."""
    if not sent:
        return 0.0
    return len(sent) / (max(one.answered for one in sent) - min(one.due for one in sent))
