"""
The gate: how much is worked at once, how much waits for it, and what all others are told.

Beyond what it can do, a server without one answers all of them late, and works for people who have
gone. This one answers soon whom it takes, and tells the rest at once when to come back. It has a
lane for each kind of request, so that no kind keeps another out (docs/overload.md).
"""

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog

from app.core import measures
from app.core.api import request_id_of
from app.core.problems import Overloaded

log = structlog.get_logger(__name__)

SHOP, GATEWAY, MONEY, STAFF, WATCH = measures.LANES
# By what an address begins with; all else is the shop's. What is not there is answered 404 in the
# lane that it looks like, and no other spelling of an address is answered with more than that.
_BEGINNINGS = (
    (("/webhooks/", "/api/v1/payments/"), MONEY),
    (("/admin", "/api/v1/admin"), STAFF),
    (("/healthz", "/readyz", "/metrics"), WATCH),
)
# A payment is opened at its gateway, which may take seconds and costs us nothing meanwhile.
_CALLS_A_GATEWAY = ("/api/v1/orders/", "/payments")
# What one lane does not answer in so long, a gateway has given up on, and a person as well.
LONGEST_WAIT_SECONDS = 4.0
# All who are told to come back do not come back together.
SOONEST_SECONDS, LATEST_SECONDS = 1, 3
TOLD_EVERY_SECONDS = 1.0
# Threads that are always free to tell somebody to come back.
SPARE_THREADS = 4


@dataclass(frozen=True, slots=True)
class Rules:
    """How many requests a lane works at once, how many wait for that, and for how long."""

    at_once: int
    waiting: int
    seconds: float


def rules(at_once: int, waiting: int, seconds: float) -> dict[str, Rules]:
    """Write the rules of all lanes: those of buyers by these numbers, the others beside them."""
    half, fewer, few = max(1, at_once // 2), max(1, waiting // 2), max(1, waiting // 4)
    return {
        SHOP: Rules(at_once, waiting, seconds),
        GATEWAY: Rules(at_once, few, LONGEST_WAIT_SECONDS),
        MONEY: Rules(half, fewer, LONGEST_WAIT_SECONDS),
        STAFF: Rules(half, few, LONGEST_WAIT_SECONDS),
        WATCH: Rules(2, 4, LONGEST_WAIT_SECONDS),
    }


def threads(of: Mapping[str, Rules]) -> int:
    """
    Tell how many threads a server takes so that nobody waits in front of the gate, unseen.

    One for each place in a lane and in its line; the spare ones turn the others away.
    """
    return sum(one.at_once + one.waiting for one in of.values()) + SPARE_THREADS


class Lane:
    """Requests of one kind: worked in the order in which they came."""

    def __init__(self, name: str, of: Rules) -> None:
        """Let in by these rules."""
        self.name = name
        self._rules = of
        self._lock = threading.Lock()
        self._working = 0
        # Nobody is in it while a place is free.
        self._line: deque[threading.Event] = deque()
        self._shed, self._told_at = 0, float("-inf")
        self._is_working = measures.requests_working.labels(name)
        self._is_waiting = measures.requests_waiting.labels(name)
        self._is_shed = measures.requests_shed.labels(name)

    def enter(self) -> bool:
        """Come in, now or after a while in the line; False for who is to come back later."""
        has_place = self._come()
        if has_place:
            self._is_working.inc()
        else:
            self._is_shed.inc()
            self._tell()
        return has_place

    def leave(self) -> None:
        """Hand the place to the next one in the line, and to nobody else."""
        self._is_working.dec()
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._working -= 1

    def _come(self) -> bool:
        with self._lock:
            if self._working < self._rules.at_once:
                self._working += 1
                return True
            if len(self._line) >= self._rules.waiting:
                return False
            turn = threading.Event()
            self._line.append(turn)
        with self._is_waiting.track_inprogress():
            return turn.wait(self._rules.seconds) or self._has_come(turn)

    def _has_come(self, turn: threading.Event) -> bool:
        """Leave the line, unless one's turn has come this very moment."""
        with self._lock:
            if not turn.is_set():
                self._line.remove(turn)
            return turn.is_set()

    def _tell(self) -> None:
        with self._lock:
            self._shed += 1
            shed, now = self._shed, time.monotonic()
            if now - self._told_at < TOLD_EVERY_SECONDS:
                return
            self._shed, self._told_at = 0, now
        log.warning("gate.shed", lane=self.name, requests=shed)


class Gate:
    """A WSGI app that lets into another one as much as it can do."""

    def __init__(self, app: WSGIApplication, of: Mapping[str, Rules]) -> None:
        """Guard ``app`` by the rules of all lanes."""
        self._app = app
        self.lanes = {name: Lane(name, of[name]) for name in measures.LANES}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or tell when to come back."""
        lane = self.lanes[lane_of(environ.get("PATH_INFO", ""))]
        if not lane.enter():
            return _turned_away(environ, start_response)
        try:
            return _Answer(self._app(environ, start_response), lane.leave)
        except BaseException:
            lane.leave()
            raise


class _Answer:
    """An answer on its way: it has its place until its last byte has gone, or the server closes."""

    def __init__(self, chunks: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._chunks, self._leave = chunks, leave
        self._next = iter(chunks).__next__
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._next()

    def close(self) -> None:
        """Close it, and make room, even where closing breaks."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            getattr(self._chunks, "close", _nothing)()
        finally:
            self._leave()


def lane_of(path: str) -> str:
    """Tell which lane an address is in."""
    for beginnings, name in _BEGINNINGS:
        if path.startswith(beginnings):
            return name
    beginning, end = _CALLS_A_GATEWAY
    return GATEWAY if path.startswith(beginning) and path.endswith(end) else SHOP


def _turned_away(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    after = random.randint(SOONEST_SECONDS, LATEST_SECONDS)  # noqa: S311 - nobody's secret
    request_id = request_id_of(environ)
    body = json.dumps(Overloaded().body() | {"request_id": request_id}).encode()
    headers = [
        ("Content-Type", "application/problem+json"), ("Content-Length", str(len(body))),
        ("Retry-After", str(after)), ("Cache-Control", "no-store"),
        ("X-Request-Id", request_id), ("X-Content-Type-Options", "nosniff"),
    ]  # fmt: skip
    start_response("503 Service Unavailable", headers)
    return [body]


def _nothing() -> None:
    return
