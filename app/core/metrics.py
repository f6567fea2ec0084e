"""
Metrics for Prometheus: what each process counts, and what Postgres and Redis say when asked.

What cannot be asked is left out, and the answer says so: a dependency that is down must not take
the eyes with it.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, db, jobs, measures, replica
from app.core.api import Blueprint
from app.core.db import transaction
from app.core.problems import Problem, ServiceUnavailable, Unauthenticated
from app.core.redis_client import redis

log = structlog.get_logger(__name__)

blueprint = Blueprint("metrics", __name__, description="For Prometheus")


class Source(Collector):
    """
    Something that is asked of Postgres or of the stock Redis.

    An answer that costs more the longer the shop is there is kept for some seconds.
    """

    needs = "postgres"
    kept_seconds = 0

    def __init__(self) -> None:
        """Know nothing yet."""
        self._told: Sequence[Metric] = ()
        self._until = 0.0

    def ask(self) -> Iterator[Metric]:
        """Ask now."""
        raise NotImplementedError

    def collect(self) -> Iterable[Metric]:
        """Tell what was found, now or a moment ago."""
        if monotonic() >= self._until:
            self._told = list(self.ask())
            self._until = monotonic() + self.kept_seconds
        return self._told


class JobsSource(Source):
    """How many jobs wait, since when, and how many were given up, by queue."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        waiting = gauge("ora_jobs_waiting", "Jobs not done yet.", "queue")
        retried = gauge("ora_jobs_retried", "Of those, jobs that failed and are tried on.", "queue")
        failed = gauge("ora_jobs_failed", "Jobs left for a person.", "queue")
        age = gauge(
            "ora_jobs_oldest_age_seconds", "How long the first job that is due has waited.", "queue"
        )
        with transaction() as session:
            for queue, counts in jobs.unfinished(session).items():
                waiting.add_metric([queue], counts.waiting)
                retried.add_metric([queue], counts.retried)
                failed.add_metric([queue], counts.failed)
                age.add_metric([queue], counts.oldest_seconds)
        yield from (waiting, retried, failed, age)


class ClockSource(Source):
    """How late each job of the clock is: their normal number is zero."""

    def ask(self) -> Iterator[Metric]:
        """Look now."""
        late = gauge("ora_clock_late_seconds", "Seconds since a late job was due.", "job")
        with transaction() as session:
            for hand in clock.hands(session, now=datetime.now(UTC)):
                late.add_metric([hand.name], hand.late_seconds)
        yield late


class ReplicaSource(Source):
    """How late the replica is, where there is one; away, it is later each second."""

    def ask(self) -> Iterator[Metric]:
        """Look now."""
        lag = replica.lag_seconds()
        if lag is not None:
            late = gauge("ora_replica_lag_seconds", "How old what the replica has may be.")
            late.add_metric([], lag)
            yield late


class Guarded(Collector):
    """All sources, each asked only while what it needs can be reached."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Take the sources."""
        self._sources = tuple(sources)

    def collect(self) -> Iterator[Metric]:
        """Ask those that can answer."""
        up = gauge("ora_dependency_up", "Whether it can be reached: 1 or 0.", "dependency")
        reached = {name: _is_reached(ask) for name, ask in _DEPENDENCIES.items()}
        for name, is_up in reached.items():
            up.add_metric([name], is_up)
        yield up
        for source in self._sources:
            if reached[source.needs]:
                yield from _told(source)


def gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    """Begin a gauge."""
    return GaugeMetricFamily(name, meaning, labels=labels)


def _told(source: Source) -> Iterable[Metric]:
    try:
        return list(source.collect())
    except Problem as problem:
        log.warning("metrics.not_told", what=type(source).__name__, error=problem)
        return ()


def _postgres() -> None:
    with db.engine().connect() as connection:
        connection.execute(text("SELECT 1"))


_DEPENDENCIES: Mapping[str, Callable[[], Any]] = {
    "postgres": _postgres,
    "stock_redis": lambda: redis().ping(),
    "queue_redis": lambda: jobs.connection().ping(),
}


def _is_reached(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except (RedisError, SQLAlchemyError):
        return False
    return True


def init_app(app: Flask, sources: Iterable[Source], *, token: str | None) -> None:
    """Let ``/metrics`` tell what these know; with a token, only to who has it."""
    registry = CollectorRegistry()
    registry.register(Guarded((JobsSource(), ClockSource(), ReplicaSource(), *sources)))
    app.extensions["ora_metrics"] = registry, token


@blueprint.get("/metrics")
@blueprint.response(200, description="In Prometheus' text format")
@blueprint.raises(Unauthenticated, ServiceUnavailable)
def show_metrics() -> Response:
    """
    Tell what an operator watches; numbers of the whole shop, without a name in them.

    Where the shop has a `METRICS_TOKEN`, it is to be sent as a bearer token.
    """
    registry, token = current_app.extensions["ora_metrics"]
    given = request.headers.get("Authorization", "")
    if token is not None and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Unauthenticated
    told = generate_latest(registry) + generate_latest(measures.of_all_processes())
    return Response(told, content_type=CONTENT_TYPE_LATEST)
