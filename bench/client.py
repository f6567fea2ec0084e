"""
A load client that costs little: plain sockets, one thread, requests written beforehand.

A process of it sends as fast as its connections get answers (closed loop), or at fixed moments
whether or not answers have come (open loop); a wait in an open loop counts from the moment at which
the request was due, so that a server that stalls cannot hide it.
"""

import select
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

RECEIVED = 65_536
CONTINUE_BELOW = b"\r\n\r\n"
LENGTH = b"content-length:"


class Sent(NamedTuple):
    """One request: when it was due and answered, in seconds, and the status of the answer."""

    due: float
    answered: float
    status: int

    @property
    def wait_ms(self) -> float:
        """How long it took, in milliseconds."""
        return (self.answered - self.due) * 1000


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    due: float = 0.0


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
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float
) -> list[Sent]:
    """Send one request after the other on each connection, until the time or they are up."""
    until = time.perf_counter() + seconds
    waiting = iter(requests)
    return _run(port, connections, _as_fast_as_possible(waiting, until))


def open_loop(port: int, requests: Sequence[bytes], *, connections: int, rate: float) -> list[Sent]:
    """Send requests at ``rate`` a second, on as many connections as it takes, up to a limit."""
    begin = time.perf_counter() + 0.05
    timed = ((begin + position / rate, one) for position, one in enumerate(requests))
    return _run(port, connections, timed)


def spread(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    processes: int = 1,
    seconds: float = 0.0,
    rate: float = 0.0,
) -> list[Sent]:
    """Run several clients, each a process of its own; an open loop where there is a rate."""
    shares = [requests[i::processes] for i in range(processes)]
    each = max(1, connections // processes)
    with ProcessPoolExecutor(processes) as pool:
        if rate:
            running = [
                pool.submit(open_loop, port, share, connections=each, rate=rate / processes)
                for share in shares
            ]
        else:
            running = [
                pool.submit(closed_loop, port, share, connections=each, seconds=seconds)
                for share in shares
            ]
        return [sent for run in running for sent in run.result()]


def _as_fast_as_possible(requests: Iterable[bytes], until: float) -> Iterator[tuple[float, bytes]]:
    for one in requests:
        if time.perf_counter() >= until:
            return
        yield 0.0, one


def _run(port: int, count: int, timed: Iterator[tuple[float, bytes]]) -> list[Sent]:
    """Send timed requests, each on a connection that is free; a due time of zero is now."""
    poll = select.epoll()
    by_number: dict[int, _Connection] = {}
    for _ in range(count):
        opened = _open(port)
        by_number[opened.socket.fileno()] = opened
        poll.register(opened.socket.fileno(), select.EPOLLIN)
    free = list(by_number.values())
    sent: list[Sent] = []
    busy = 0
    upcoming = next(timed, None)
    while upcoming is not None or busy:
        now = time.perf_counter()
        while upcoming is not None and free and upcoming[0] <= now:
            connection = free.pop()
            connection.due = upcoming[0] or now
            connection.socket.sendall(upcoming[1])
            busy += 1
            upcoming = next(timed, None)
            now = time.perf_counter()
        patience = 1.0
        if upcoming is not None and free:
            patience = max(0.0, upcoming[0] - now)
        for number, _ in poll.poll(patience):
            connection = by_number[number]
            status = _receive(connection)
            if status:
                sent.append(Sent(connection.due, time.perf_counter(), status))
                free.append(connection)
                busy -= 1
    for connection in by_number.values():
        connection.socket.close()
    poll.close()
    return sent


def _open(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=30)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)


def _receive(connection: _Connection) -> int:
    """Read what has come; the status once the answer is whole, else 0."""
    chunk = connection.socket.recv(RECEIVED)
    if not chunk:
        raise ConnectionError("the server closed a connection that it was to keep")
    received = connection.received
    received += chunk
    end = received.find(CONTINUE_BELOW)
    if end < 0:
        return 0
    head = bytes(received[:end]).lower()
    at = head.find(LENGTH)
    length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(received) < end + len(CONTINUE_BELOW) + length:
        return 0
    status = int(head[9:12])
    received.clear()
    return status


def percentile(waits: Sequence[float], percent: float) -> float:
    """Tell below which value ``percent`` of sorted values lie."""
    if not waits:
        return float("nan")
    return waits[min(len(waits) - 1, int(len(waits) * percent / 100))]
