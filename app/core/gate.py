"""
The gate: how much is worked at once, how much waits for it, and what all others are told.

Beyond what it can do, a server without one answers all of them late, and works for people who have
gone. This one answers soon whom it takes, and tells the rest at once when to come back. There are
three lanes, so that no crowd of buyers keeps out the news of their payments, and no long list of
the staff's keeps out a buyer.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from werkzeug.wsgi import ClosingIterator

from app.core.problems import Overloaded

log = structlog.get_logger(__name__)

# By what an address begins with; all else is the shop's.
MONEY = ("/webhooks/", "/api/v1/payments/", "/healthz", "/readyz", "/metrics")
STAFF = ("/admin", "/api/v1/admin")
# What one lane does not answer in so long, a gateway has given up on, and a person as well.
LONGEST_WAIT_SECONDS = 4.0
# All who are told to come back do not come back together.
SOONEST_SECONDS, LATEST_SECONDS = 1, 3
TOLD_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How many requests a lane works at once, how many wait for that, and for how long."""

    at_once: int
    waiting: int
    seconds: float


class Lane:
    """Requests of one kind: worked in the order in which they came."""

    def __init__(self, name: str, rules: Rules) -> None:
        """Let in by ``rules``."""
        self.name = name
        self._rules = rules
        self._changed = threading.Condition()
        self._working = 0
        self._line: list[object] = []
        self._shed, self._told_at = 0, float("-inf")

    def enter(self) -> bool:
        """Come in, now or after a while in the line; False for who is to come back later."""
        with self._changed:
            if not self._line and self._working < self._rules.at_once:
                self._working += 1
                return True
            if len(self._line) >= self._rules.waiting:
                return self._turn_away()
            me = object()
            self._line.append(me)
            is_my_turn = self._changed.wait_for(
                lambda: self._line[0] is me and self._working < self._rules.at_once,
                self._rules.seconds,
            )
            self._line.remove(me)
            if is_my_turn:
                self._working += 1
            self._changed.notify_all()
            return is_my_turn or self._turn_away()

    def leave(self) -> None:
        """Make room for the next one."""
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def _turn_away(self) -> bool:
        self._shed += 1
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY_SECONDS:
            log.warning("gate.shed", lane=self.name, requests=self._shed)
            self._shed, self._told_at = 0, now
        return False


class Gate:
    """A WSGI app that lets into another one as much as it can do."""

    def __init__(self, app: WSGIApplication, *, shop: Rules, money: Rules, staff: Rules) -> None:
        """Guard ``app`` by the rules of three lanes."""
        self._app = app
        self._shop, self._money = Lane("shop", shop), Lane("money", money)
        self._staff = Lane("staff", staff)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or tell when to come back."""
        lane = self._lane(environ.get("PATH_INFO", ""))
        if not lane.enter():
            return _turned_away(environ, start_response)
        leave = _once(lane.leave)
        try:
            answer = self._app(environ, start_response)
        except BaseException:
            leave()
            raise
        # A long file is worked on until its last byte has gone.
        return ClosingIterator(answer, [leave])

    def _lane(self, path: str) -> Lane:
        if path.startswith(MONEY):
            return self._money
        return self._staff if path.startswith(STAFF) else self._shop


def guard(app: WSGIApplication, *, at_once: int, waiting: int, seconds: float) -> Gate:
    """Guard an app: buyers by these numbers, the news of their payments and staff beside them."""
    return Gate(
        app,
        shop=Rules(at_once, waiting, seconds),
        money=Rules(max(1, at_once // 2), waiting, LONGEST_WAIT_SECONDS),
        staff=Rules(max(1, at_once // 2), max(1, waiting // 4), LONGEST_WAIT_SECONDS),
    )


def _turned_away(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    after = random.randint(SOONEST_SECONDS, LATEST_SECONDS)  # noqa: S311 - nobody's secret
    request_id = str(environ.get("HTTP_X_REQUEST_ID", ""))[:64]
    body = json.dumps(Overloaded().body() | {"request_id": request_id}).encode()
    headers = [
        ("Content-Type", "application/problem+json"), ("Content-Length", str(len(body))),
        ("Retry-After", str(after)), ("Cache-Control", "no-store"),
    ]  # fmt: skip
    start_response("503 Service Unavailable", headers)
    return [body]


def _once(call: Callable[[], Any]) -> Callable[[], Any]:
    """Make a call that does nothing when it comes a second time."""
    calls = [call]
    return lambda: calls.pop()() if calls else None
