"""
A breaker for each gateway: one that fails again and again is left alone for a while.

All processes share it through the stock Redis. While that is out of reach each of them goes by the
same rules in its own memory: a Redis that is down fails no call to a gateway, and a gateway that is
down then keeps nobody waiting either.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import structlog

from app.core.ids import new_id
from app.core.problems import ServiceUnavailable
from app.core.redis_client import clock_ms, foreign_errors, redis
from app.payments import keys, scripts
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.scripts import Outcome

log = structlog.get_logger(__name__)

# In a row, over all processes: one broken connection is nothing.
FAILURES_TO_OPEN = 5
# Failures this far apart have nothing to do with one another.
WINDOW_MS = 60_000
PAUSE_MS = 10_000
LONGEST_PAUSE_MS = 120_000
# Longer than any call takes: a trial that has told nothing by then died with its process.
TRIAL_MS = 30_000

State = Literal["closed", "open", "trial"]


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """
    Let a call to gateway ``name`` through, unless it has failed too often of late.

    Calls run side by side: nothing is held while one is made. It has failed where it raises
    `GatewayUnavailable`; where it returns or raises `GatewayRefused` the gateway has answered. Any
    other exception tells nothing of the gateway.

    Raises:
        GatewayUnavailable: the call was not made; ``retry_after`` tells when to ask again.
    """
    token = str(new_id())
    memory, turn = _enter(name, token)
    outcome: Outcome = "neither"
    try:
        yield
        outcome = "success"
    except GatewayUnavailable:
        outcome = "failure"
        raise
    except GatewayRefused:
        outcome = "success"
        raise
    finally:
        _leave(name, memory, token, turn, outcome)


def state(name: str) -> State:
    """Tell whether calls to gateway ``name`` are let through: all, none, or one as a trial."""
    key = keys.breaker(name)
    server: Any = redis()
    try:
        with foreign_errors():
            until_ms, trial = server.hmget(key, "until_ms", "trial")
        now = clock_ms(server, key)
    except ServiceUnavailable:
        return _memory(name).state()
    return _state(int(until_ms) if until_ms else None, trial, now)


@dataclass
class _Known:
    """What is known of a gateway's failures; in Redis it is the hash of `keys.breaker`."""

    turn: str = ""
    failures: int = 0
    until_ms: int | None = None
    pause_ms: int = 0
    trial: str | None = None
    forgotten_ms: int = 0


class Memory:
    """The breaker of one gateway in this process alone, by the rules of lua/payments/."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin closed; ``clock`` tells seconds."""
        self._clock = clock
        self._lock = Lock()
        self._known = _Known()

    def enter(self, token: str) -> str:
        """
        Let a call through; returns the breaker's turn, which belongs to its report.

        Raises:
            GatewayUnavailable: the breaker is open.
        """
        with self._lock:
            now, known = self._look()
            if known.until_ms is None:
                return known.turn
            if now < known.until_ms:
                left_ms = known.until_ms - now
                raise GatewayUnavailable(retry_after=max(1, -(-left_ms // 1000)))
            known.trial, known.until_ms = token, now + TRIAL_MS
            known.forgotten_ms = known.until_ms + WINDOW_MS
            return known.turn

    def leave(self, token: str, turn: str, outcome: Outcome) -> int | None:
        """Tell how a call ended; returns what `scripts.leave` does."""
        with self._lock:
            now, known = self._look()
            is_trial = known.trial == token
            if not is_trial and (known.until_ms is not None or known.turn != turn):
                return None
            if outcome == "failure":
                return self._fail(token, now, is_trial=is_trial)
            if outcome == "success":
                known.failures = 0
                if is_trial:
                    self._known = _Known(token, forgotten_ms=now + WINDOW_MS)
                    return 0
            elif is_trial:
                known.until_ms = now
            return None

    def state(self) -> State:
        """Tell what `breaker.state` does."""
        with self._lock:
            now, known = self._look()
            return _state(known.until_ms, known.trial, now)

    def _fail(self, token: str, now: int, *, is_trial: bool) -> int | None:
        known = self._known
        known.failures += 1
        known.forgotten_ms = now + WINDOW_MS
        if not is_trial and known.failures < FAILURES_TO_OPEN:
            return None
        pause_ms = min(2 * known.pause_ms, LONGEST_PAUSE_MS) if is_trial else PAUSE_MS
        until_ms = now + pause_ms
        self._known = _Known(
            token, until_ms=until_ms, pause_ms=pause_ms, forgotten_ms=until_ms + WINDOW_MS
        )
        return pause_ms

    def _look(self) -> tuple[int, _Known]:
        now = int(self._clock() * 1000)
        if now >= self._known.forgotten_ms:
            self._known = _Known()
        return now, self._known


_memories: dict[str, Memory] = {}


def _memory(name: str) -> Memory:
    return _memories.setdefault(name, Memory())


def _state(until_ms: int | None, trial: str | None, now: int) -> State:
    if until_ms is None:
        return "closed"
    return "open" if trial is None and now < until_ms else "trial"


def _enter(name: str, token: str) -> tuple[Memory | None, str]:
    """Ask Redis, and where it is out of reach this process' memory, which is returned then."""
    try:
        return None, scripts.enter(
            redis(), name, token=token, trial_ms=TRIAL_MS, window_ms=WINDOW_MS
        )
    except ServiceUnavailable:
        memory = _memory(name)
    return memory, memory.enter(token)


def _leave(name: str, memory: Memory | None, token: str, turn: str, outcome: Outcome) -> None:
    """Report to whoever let the call through: nobody else knows its turn."""
    if memory is None:
        try:
            pause_ms = scripts.leave(
                redis(),
                name,
                token=token,
                turn=turn,
                outcome=outcome,
                most_failures=FAILURES_TO_OPEN,
                first_pause_ms=PAUSE_MS,
                longest_pause_ms=LONGEST_PAUSE_MS,
                window_ms=WINDOW_MS,
            )
        except ServiceUnavailable:
            # The next call asks this process' memory; a trial is given up in due time.
            return
    else:
        pause_ms = memory.leave(token, turn, outcome)
    is_shared = memory is None
    if pause_ms:
        log.warning("gateway.breaker_opened", gateway=name, pause_ms=pause_ms, is_shared=is_shared)
    elif pause_ms == 0:
        log.info("gateway.breaker_closed", gateway=name, is_shared=is_shared)
