"""
Where work comes from: the id of the request that began it goes with every job that it causes.

It travels beside a job's arguments, under a name that no function has a parameter of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import structlog
from flask import has_request_context

from app.core import tracing
from app.core.api import request_id

KEY = "_from"
# Arguments that name what a job is about, which its lines in the log name as well.
_NAMED = ("order_id", "event_id", "payment_id", "subscriber_id")

_origin: ContextVar[Mapping[str, str]] = ContextVar("origin", default=MappingProxyType({}))


def here() -> dict[str, Mapping[str, str]]:
    """Tell where a job comes from that is staged now, to be kept beside its arguments."""
    told = {"request_id": request_id()} if has_request_context() else dict(_origin.get())
    if carrier := tracing.carrier():
        told[tracing.CARRIER_KEY] = carrier
    return {KEY: told} if told else {}


def here_as_json() -> str:
    """Tell the same for a statement that stages a job by itself."""
    return json.dumps(here())


def arguments(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Take a job's own arguments out of what is kept."""
    return {name: value for name, value in kept.items() if name != KEY}


def of(kept: Mapping[str, Any]) -> Mapping[str, str]:
    """Tell where a job came from; nothing of one that nobody asked for."""
    found: Mapping[str, str] = kept.get(KEY) or {}
    return found


@contextmanager
def working(job: str, job_id: int, kept: Mapping[str, Any]) -> Iterator[None]:
    """Name a job, what it is about and where it came from in all that it logs and stages."""
    origin = of(kept)
    named = {name: kept[name] for name in _NAMED if name in kept}
    if request := origin.get("request_id"):
        named["request_id"] = request
    token = _origin.set(origin)
    # What a job finds out it may bind as well: the next one begins with nothing.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job=job, job_id=job_id, **named)
    try:
        with tracing.span(
            f"job {job}",
            kind="consumer",
            of=origin.get(tracing.CARRIER_KEY),
            ora__job=job,
            ora__job_id=job_id,
            **{f"ora__{key}": value for key, value in named.items()},
        ):
            yield
    finally:
        structlog.contextvars.clear_contextvars()
        _origin.reset(token)


@contextmanager
def working_together(job: str, batch: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[None]:
    """Name jobs that are done at once, and the requests that they came from."""
    structlog.contextvars.clear_contextvars()
    requests = [name for _, kept in batch if (name := of(kept).get("request_id"))]
    structlog.contextvars.bind_contextvars(
        job=job, job_ids=[job_id for job_id, _ in batch], request_ids=requests
    )
    links = [each for _, kept in batch if (each := of(kept).get(tracing.CARRIER_KEY))]
    try:
        with tracing.span(f"jobs {job}", kind="consumer", links=links, ora__jobs=len(batch)):
            yield
    finally:
        structlog.contextvars.clear_contextvars()


@contextmanager
def by_the_clock(job: str) -> Iterator[None]:
    """Name a job of the clock, which nobody asked for."""
    named = structlog.contextvars.bound_contextvars(job=job)
    with named, tracing.span(f"clock {job}", kind="consumer", ora__job=job):
        yield


def name_order(order_id: object) -> None:
    """Name the order that this turns out to be about, in what is logged and traced from here on."""
    structlog.contextvars.bind_contextvars(order_id=str(order_id))
    tracing.about(ora__order_id=str(order_id))
