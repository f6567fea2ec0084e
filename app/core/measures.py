"""
What a process counts and times itself, since no table tells it afterwards.

Where ``PROMETHEUS_MULTIPROC_DIR`` is set, as it has to be where there is more than one process,
all processes of a host write into that folder, and whichever is asked tells the sum of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)

REGISTRY = CollectorRegistry()
# From a look into a cache to what a browser has given up on.
_OF_REQUESTS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# A gateway answers in some hundred milliseconds, and not at all after 13 seconds.
_OF_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15)
_OF_JOBS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

requests = Counter(
    "ora_http_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
request_seconds = Histogram(
    "ora_http_request_duration_seconds",
    "How long a request took to be answered.",
    ["method", "route"],
    buckets=_OF_REQUESTS,
    registry=REGISTRY,
)
checkouts = Counter(
    "ora_checkouts", "Checkouts by what came of them.", ["outcome"], registry=REGISTRY
)
deliveries = Counter(
    "ora_webhook_deliveries",
    "Deliveries of gateways at the door.",
    ["gateway", "outcome"],
    registry=REGISTRY,
)
gateway_calls = Counter(
    "ora_gateway_calls", "Calls to gateways.", ["gateway", "outcome"], registry=REGISTRY
)
gateway_seconds = Histogram(
    "ora_gateway_call_duration_seconds",
    "How long a gateway took to answer, or not to.",
    ["gateway"],
    buckets=_OF_CALLS,
    registry=REGISTRY,
)
jobs_worked = Counter("ora_jobs_worked", "Tries of jobs.", ["job", "outcome"], registry=REGISTRY)
job_seconds = Histogram(
    "ora_job_duration_seconds",
    "How long a try of a job took.",
    ["job"],
    buckets=_OF_JOBS,
    registry=REGISTRY,
)
connections = Gauge(
    "ora_postgres_connections_in_use",
    "Connections that are taken from the pools of all processes.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
no_connection = Counter(
    "ora_postgres_pool_timeouts",
    "Times that no connection of a pool was free in time.",
    registry=REGISTRY,
)
reads = Counter(
    "ora_reads", "Reads that may be a moment old, by who answered.", ["server"], registry=REGISTRY
)
# Whom the gate lets in, by what they want (app/core/gate.py).
LANES = ("shop", "gateway", "money", "staff", "watch")
requests_shed = Counter(
    "ora_requests_shed", "Requests that were told to come back.", ["lane"], registry=REGISTRY
)
requests_working = Gauge(
    "ora_requests_working",
    "Requests that are worked.",
    ["lane"],
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
requests_waiting = Gauge(
    "ora_requests_waiting",
    "Requests that wait for a place.",
    ["lane"],
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
for _lane in LANES:
    # From the start, so that the first of them is seen as one more.
    for _measure in (requests_shed, requests_working, requests_waiting):
        _measure.labels(_lane)


def of_all_processes() -> CollectorRegistry:
    """Return what can be told of every process of this host that writes into the folder."""
    if not FOLDER:
        return REGISTRY
    _bury(Path(FOLDER))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, FOLDER)  # type: ignore[no-untyped-call]
    return registry


@contextmanager
def timed(histogram: Histogram, *labels: str) -> Iterator[None]:
    """Time what is done meanwhile, however it ends."""
    begun = perf_counter()
    try:
        yield
    finally:
        histogram.labels(*labels).observe(perf_counter() - begun)


def _bury(folder: Path) -> None:
    """Forget what the dead had in use; what they have counted stays counted."""
    pids = {file.stem.rpartition("_")[2] for file in folder.glob("gauge_live*_*.db")}
    for pid in pids:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            # It lives, and is somebody else's.
            continue
