"""Metrics for Prometheus, read from Postgres when asked for, so that any process tells the same."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from flask import Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core import clock, jobs
from app.core.api import Blueprint
from app.core.db import transaction
from app.core.problems import ServiceUnavailable

blueprint = Blueprint("metrics", __name__, description="For Prometheus")


class JobsCollector(Collector):
    """How many jobs wait and how many were given up, by queue."""

    def collect(self) -> Iterator[Metric]:
        """Count them now."""
        waiting = GaugeMetricFamily("ora_jobs_waiting", "Jobs not done yet.", labels=["queue"])
        failed = GaugeMetricFamily("ora_jobs_failed", "Jobs left for a person.", labels=["queue"])
        with transaction() as session:
            for queue, counts in jobs.unfinished(session).items():
                waiting.add_metric([queue], counts.waiting)
                failed.add_metric([queue], counts.failed)
        yield waiting
        yield failed


class ClockCollector(Collector):
    """How late each job of the clock is: their normal number is zero."""

    def collect(self) -> Iterator[Metric]:
        """Look now."""
        late = GaugeMetricFamily(
            "ora_clock_late_seconds", "Seconds since a late job was due.", labels=["job"]
        )
        with transaction() as session:
            for hand in clock.hands(session, now=datetime.now(UTC)):
                late.add_metric([hand.name], hand.late_seconds)
        yield late


def init_app(app: Flask, collectors: Iterable[Collector]) -> None:
    """Let ``/metrics`` tell what these collect."""
    registry = CollectorRegistry()
    for collector in (JobsCollector(), ClockCollector(), *collectors):
        registry.register(collector)
    app.extensions["ora_metrics"] = registry


@blueprint.get("/metrics")
@blueprint.response(200, description="In Prometheus' text format")
@blueprint.raises(ServiceUnavailable)
def show_metrics() -> Response:
    """Tell what an operator watches; numbers of the whole shop, without a name in them."""
    text = generate_latest(current_app.extensions["ora_metrics"])
    return Response(text, content_type=CONTENT_TYPE_LATEST)
