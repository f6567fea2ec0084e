"""Every request is named, timed and told of, by its route and never by its path or its values."""

from functools import cache
from time import perf_counter
from typing import Literal

import structlog
from flask import Flask, Response, request
from prometheus_client import Counter, Histogram

from app.core import measures
from app.core.api import request_id

log = structlog.get_logger(__name__)

# Which requests have a line in the log: none, those that may change something or fail, or all.
Logged = Literal["none", "changes", "all"]
# They change nothing, and most requests are of these.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = READING | {"POST", "PUT", "PATCH", "DELETE"}
SERVER_ERROR = 500
_BEGUN_KEY = "ora.begun"


def route() -> str:
    """Tell the route of this request, of which there are not more than the shop has."""
    rule = request.url_rule
    return "none" if rule is None else rule.rule


def init_app(app: Flask, *, logged: Logged) -> None:
    """Watch every request of an app."""

    @app.before_request
    def _begin() -> None:
        request.environ[_BEGUN_KEY] = perf_counter()
        structlog.contextvars.clear_contextvars()
        named = {"request_id": request_id()}
        order_id = (request.view_args or {}).get("order_id")
        if order_id is not None:
            named["order_id"] = str(order_id)
        structlog.contextvars.bind_contextvars(**named)

    @app.after_request
    def _end(response: Response) -> Response:
        seconds = perf_counter() - request.environ.get(_BEGUN_KEY, perf_counter())
        count, time = _measures(_method(), route(), response.status_code)
        count.inc()
        time.observe(seconds)
        _tell(response.status_code, seconds, logged)
        return response


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
