"""A client for what takes several requests, each written after the answer to the one before."""

import select
import socket
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.client import HEAD_ENDS, RECEIVED, read_http


class Ask(NamedTuple):
    """A request, and the port of the server that it is for."""

    port: int
    request: bytes


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


Journey = Generator[Ask, Answer, None]


@dataclass
class _Traveller:
    journey: Journey
    connections: dict[int, socket.socket] = field(default_factory=dict)
    received: bytearray = field(default_factory=bytearray)


def travel(journeys: Iterator[Journey], *, travellers: int) -> tuple[float, float]:
    """
    Go on journeys, so many at once, each traveller on the next one as soon as one is over.

    Returns when the first began and the last ended, in seconds of the monotonic clock.
    """
    begun = time.perf_counter()
    poll = select.epoll()
    under_way: dict[int, _Traveller] = {}
    free = [_Traveller(journey) for _, journey in zip(range(travellers), journeys, strict=False)]
    waiting = 0
    for traveller in free:
        waiting += _go_on(poll, under_way, traveller, next(traveller.journey, None))
    while waiting:
        for number, _ in poll.poll(1.0):
            traveller = under_way[number]
            answer = _receive(number, traveller)
            if answer is None:
                continue
            upcoming = _next(traveller, answer, journeys)
            waiting -= not _go_on(poll, under_way, traveller, upcoming)
    for traveller in free:
        for connection in traveller.connections.values():
            connection.close()
    poll.close()
    return begun, time.perf_counter()


def _next(traveller: _Traveller, answer: Answer, journeys: Iterator[Journey]) -> Ask | None:
    """Hand an answer over; what is asked next, of this journey or the next one, or nothing."""
    try:
        return traveller.journey.send(answer)
    except StopIteration:
        for traveller.journey in journeys:
            return next(traveller.journey, None)
        return None


def _go_on(
    poll: select.epoll, under_way: dict[int, _Traveller], traveller: _Traveller, ask: Ask | None
) -> bool:
    """Send what is asked; tells whether there was anything."""
    if ask is None:
        return False
    if ask.port not in traveller.connections:
        opened = socket.create_connection(("127.0.0.1", ask.port), timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        traveller.connections[ask.port] = opened
        under_way[opened.fileno()] = traveller
        poll.register(opened.fileno(), select.EPOLLIN)
    traveller.connections[ask.port].sendall(ask.request)
    return True


def _receive(number: int, traveller: _Traveller) -> Answer | None:
    connection = next(one for one in traveller.connections.values() if one.fileno() == number)
    chunk = connection.recv(RECEIVED)
    if not chunk:
        raise ConnectionError("the server closed a connection that it was to keep")
    traveller.received += chunk
    status = read_http(traveller.received)
    if not status:
        return None
    body = bytes(traveller.received.partition(HEAD_ENDS)[2])
    traveller.received.clear()
    return Answer(status, body)
