"""
The wires of this process, each with the stage in between: to Redis, to Postgres, to the gateway.

What is random in the shop is drawn from the seed. Nothing of this is undone: a process that was
wired is good for histories and for nothing else.
"""

import itertools
import select
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import razorpay.client
import redis
import requests
import stamina
import structlog
from flask import Flask
from psycopg import waiting
from redis.exceptions import ConnectionError as RedisGone
from requests.adapters import BaseAdapter
from werkzeug.test import Client

import sandbox.entities
from app.checkout import start
from app.config import Settings
from app.core import db, ids, jobs, points
from app.inventory import adjustments, counters
from app.payments import breaker
from sim.stage import KilledError, Stage

# How long a statement may take before it is asked whether it waits for a lock. What decides is
# the answer, never the time.
PATIENCE_MS = 4
_really_redis = redis.Redis.execute_command
_really_pipeline = redis.client.Pipeline.execute
_really_commit = psycopg.Connection.commit
_really_statement = db.statement


class Wires:
    """Where the wires lead now: to the stage of the history that is played, if one is."""

    def __init__(self, settings: Settings, monitor: psycopg.Connection[Any]) -> None:
        """Put the stage between this process and everything else."""
        self.stage: Stage | None = None
        self._monitor = monitor
        self._numbers = itertools.count(1)
        points.listen(settings, self._point)
        _silence()
        razorpay.client.print = lambda *_: None
        stamina.set_testing(True, attempts=3, cap=True)
        ids.uuid7 = self._next_id
        redis.Redis.execute_command = self._redis(_really_redis)
        redis.client.Pipeline.execute = self._redis(_really_pipeline)
        psycopg.Connection.commit = self._commit()
        psycopg.Connection.wait = self._wait()
        db.statement = self._statement
        counters._SPLIT = Memory(self)
        # A shelf has few units here, and is to be split all the same.
        counters.FEW = 1
        # RQ only wakes, and may lose it; here workers look by themselves.
        jobs.wake = lambda _: None
        jobs.woken = lambda _: None

    @property
    def monitor_pid(self) -> int:
        """Tell which backend it is that looks who waits for whom."""
        return self._monitor.info.backend_pid

    def begin_anew(self, seed: str) -> None:
        """Begin to number ids again, and draw what is random from this seed."""
        self._numbers = itertools.count(1)
        drawn = Random(seed)
        start.uuid4 = lambda: UUID(int=drawn.getrandbits(128), version=4)
        adjustments.uuid4 = start.uuid4
        sandbox.entities.secrets = drawn
        breaker._memories.clear()
        counters._SPLIT.clear()

    def _next_id(self) -> UUID:
        return UUID(int=(7 << 76) | (2 << 62) | next(self._numbers))

    def _point(self, name: str) -> None:
        if self.stage is not None:
            self.stage.point(name)

    def _call(self, kind: str) -> str | None:
        return self.stage.call(kind) if self.stage is not None else None

    def _redis(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def instead(client: Any, *args: Any, **options: Any) -> Any:
            lost = self._call("redis")
            if lost == "before":
                raise RedisGone("lost")
            answer = really(client, *args, **options)
            if lost == "after":
                raise RedisGone("lost")
            return answer

        return instead

    def _commit(self) -> Callable[..., None]:
        def instead(connection: psycopg.Connection[Any]) -> None:
            lost = self._call("commit")
            if lost == "before":
                connection.rollback()
            else:
                _really_commit(connection)
            if lost:
                raise psycopg.OperationalError("lost")

        return instead

    def _statement(self, query: str, parameters: Any) -> list[tuple[Any, ...]]:
        lost = self._call("statement")
        rows = [] if lost == "before" else _really_statement(query, parameters)
        if lost:
            raise db.CommitUnknown
        return rows

    def _wait(self) -> Callable[..., Any]:
        def instead(connection: Any, gen: Any, *_: Any, **__: Any) -> Any:
            stage = self.stage
            actor = stage.current if stage is not None else None
            if stage is None or actor is None or connection is self._monitor:
                return waiting.wait(gen, connection.pgconn.socket, interval=0.1)
            if actor.is_dead and gen.__name__ != "_rollback_gen":
                # What was begun dies with the process, and Postgres undoes it.
                raise KilledError
            answer = self._waited(stage, connection, gen)
            if any(one.waits_for for one in stage.actors):
                stage.settle()
            return answer

        return instead

    def _waited(self, stage: Stage, connection: Any, gen: Any) -> Any:
        socket = _Socket(connection, self._monitor)
        try:
            wanted = next(gen)
            while True:
                ready = socket.poll(wanted, PATIENCE_MS)
                if ready:
                    wanted = gen.send(ready)
                elif socket.is_held_up():
                    stage.wait_for(socket)
        except StopIteration as end:
            return end.value


class Memory(dict[str, int]):
    """
    What processes remember of products' counters, each for itself: here they are all one process.

    Before a history and after it all that is done is done by one more.
    """

    def __init__(self, wires: Wires) -> None:
        """Remember for whoever is at work."""
        super().__init__()
        self._wires = wires
        self._own: dict[str, dict[str, int]] = {}

    def get(self, sku: str, other: Any = None) -> Any:
        """Tell what whoever is at work remembers."""
        return self._here().get(sku, other)

    def pop(self, sku: str, other: Any = None) -> Any:
        """Have whoever is at work forget it."""
        return self._here().pop(sku, other)

    def __setitem__(self, sku: str, count: int) -> None:
        """Have whoever is at work remember it."""
        self._here()[sku] = count

    def clear(self) -> None:
        """Have all forget everything."""
        self._own.clear()

    def _here(self) -> dict[str, int]:
        stage = self._wires.stage
        actor = stage.current if stage is not None else None
        return self._own.setdefault(actor.name if actor else "", {})


class _Socket:
    """The socket of a connection on which an answer of Postgres is awaited."""

    def __init__(self, connection: Any, monitor: psycopg.Connection[Any]) -> None:
        self._number = connection.pgconn.socket
        self.pid = connection.pgconn.backend_pid
        self._monitor = monitor

    def poll(self, wanted: int, milliseconds: int) -> int:
        """Tell which of reading (1) and writing (2) can be done."""
        poll = select.poll()
        events = (select.POLLIN if wanted & 1 else 0) | (select.POLLOUT if wanted & 2 else 0)
        poll.register(self._number, events)
        for _, found in poll.poll(milliseconds):
            can_read = found & (select.POLLIN | select.POLLHUP | select.POLLERR)
            return (1 if can_read else 0) | (2 if found & select.POLLOUT else 0)
        return 0

    def is_held_up(self) -> bool:
        """Tell whether Postgres says that another backend is in the way."""
        return bool(self.blockers())

    def blockers(self) -> set[int]:
        """Tell which backends are in the way, those that wait themselves included."""
        asked = self._monitor.execute("SELECT pg_blocking_pids(%s)", [self.pid]).fetchone()
        return set(asked[0]) if asked else set()

    def is_queued(self, others: Sequence["_Socket"]) -> bool:
        """Tell whether one of these waits for the same: the server would say who is next."""
        mine = self.blockers()
        return any(other.pid in mine or mine & other.blockers() for other in others)

    def is_blocked(self) -> bool:
        """Tell whether it is still in the way, once it is one or the other for certain."""
        while not self.poll(1, 0):
            if self.is_held_up():
                return True
            self.poll(1, 1)
        return False

    def cancel(self) -> None:
        """Have Postgres give the statement up, and wait until it has."""
        self._monitor.execute("SELECT pg_cancel_backend(%s)", [self.pid])
        while not self.poll(1, PATIENCE_MS):
            pass


class InProcess(BaseAdapter):
    """Carries the shop's calls to a gateway that is an app of this process."""

    def __init__(self, gateway: Flask, wires: Wires) -> None:
        """Call ``gateway``."""
        super().__init__()
        self._client, self._wires = Client(gateway), wires

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Make one call; lost, it was done or not."""
        lost = self._wires._call("gateway")
        if lost == "before":
            raise requests.ConnectionError("lost")
        told = self._client.open(
            request.path_url, method=request.method, data=request.body,
            headers=list(request.headers.items()),
        )  # fmt: skip
        if lost == "after":
            raise requests.ConnectionError("lost")
        answer = requests.Response()
        answer.status_code, answer._content = told.status_code, told.get_data()
        answer.headers.update(told.headers)
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        """Nothing is open."""


def _silence() -> None:
    def drop(*_: Any) -> Any:
        raise structlog.DropEvent

    structlog.configure(processors=[drop], cache_logger_on_first_use=False)
