"""Every request is named, timed and told of, by its route and never by its path or its values."""

from collections.abc import Mapping
from functools import cache
from time import perf_counter
from typing import Literal

import structlog
from flask import Flask, Response, request
from prometheus_client import Counter, Histogram

from app.core import measures, tracing
from app.core.api import request_id

log = structlog.get_logger(__name__)

# Which requests have a line in the log: none, those that may change something or fail, or all.
Logged = Literal["none", "changes", "all"]
# They change nothing, and most requests are of these.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = READING | {"POST", "PUT", "PATCH", "DELETE"}
SERVER_ERROR = 500
_BEGUN_KEY = "ora.begun"
_SPAN_KEY = "ora.span"


def route() -> str:
    """Tell the route of this request, of which there are not more than the shop has."""
    rule = request.url_rule
    return "none" if rule is None else rule.rule


def init_app(app: Flask, *, logged: Logged, is_continued: bool) -> None:
    """
    Watch every request of an app.

    Where a proxy of ours stands in front, a trace that it has begun ``is_continued``; a stranger
    cannot choose in which one they are.
    """

    @app.before_request
    def _begin() -> None:
        request.environ[_BEGUN_KEY] = perf_counter()
        structlog.contextvars.clear_contextvars()
        named = {"request_id": request_id()}
        order_id = (request.view_args or {}).get("order_id")
        if order_id is not None:
            named["order_id"] = str(order_id)
        structlog.contextvars.bind_contextvars(**named)
        if tracing.is_on():
            _enter_span(named, request.headers.get("traceparent") if is_continued else None)

    @app.after_request
    def _end(response: Response) -> Response:
        seconds = perf_counter() - request.environ.get(_BEGUN_KEY, perf_counter())
        count, time = _measures(_method(), route(), response.status_code)
        count.inc()
        time.observe(seconds)
        _tell(response.status_code, seconds, logged)
        if tracing.is_on():
            _leave_span(response.status_code)
        return response


def _enter_span(named: Mapping[str, str], traceparent: str | None) -> None:
    entered = tracing.span(
        f"{_method()} {route()}",
        kind="server",
        of=traceparent,
        http__request__method=_method(),
        http__route=route(),
        **{f"ora__{key}": value for key, value in named.items()},
    )
    entered.__enter__()
    request.environ[_SPAN_KEY] = entered


def _leave_span(status: int) -> None:
    entered = request.environ.pop(_SPAN_KEY, None)
    if entered is not None:
        tracing.about(http__response__status_code=status)
        if status >= SERVER_ERROR:
            tracing.mark_failed(str(status))
        entered.__exit__(None, None, None)


@cache
def _measures(method: str, of: str, status: int) -> tuple[Counter, Histogram]:
    """Find what counts such requests, and what times them; there are as many as routes."""
    return (
        measures.requests.labels(method, of, str(status)),
        measures.request_seconds.labels(method, of),
    )


def _method() -> str:
    """Tell the method, which a client may choose from outside of HTTP."""
    return request.method if request.method in METHODS else "other"


def _tell(status: int, seconds: float, logged: Logged) -> None:
    is_failed = status >= SERVER_ERROR
    is_told = logged == "all" or (
        logged == "changes" and (is_failed or request.method not in READING)
    )
    if is_told:
        (log.warning if is_failed else log.info)(
            "request.done",
            method=_method(),
            route=route(),
            status=status,
            duration_ms=round(seconds * 1_000, 1),
        )
