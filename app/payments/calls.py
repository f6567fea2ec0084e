"""Calls to a gateway: guarded by its breaker, and made again where that is safe."""

from collections.abc import Callable
from typing import TypeVar

import stamina
import structlog

from app.core import measures, tracing
from app.payments import breaker
from app.payments.errors import GatewayRefused, GatewayUnavailable, MalformedEventError

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

# Connect and read; libraries of gateways would wait for ever, or for a minute.
TIMEOUT_SECONDS = (3.05, 10)
# A call is made again after what failed fast; nobody waits for a second time-out.
TRIES = 3
NOT_AFTER_SECONDS = 5.0
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 1.0
JITTER_SECONDS = 0.2


def once(gateway: str, call: Callable[[], Answer]) -> Answer:
    """
    Make a call that may have been done though no answer came.

    Raises:
        GatewayUnavailable: no answer, one that cannot be read, or none for a while.
        GatewayRefused: the answer is no.
    """
    outcome = "spared"
    named = tracing.span(f"gateway {gateway}", kind="client", peer__service=gateway)
    try:
        with breaker.guarded(gateway), named, measures.timed(measures.gateway_seconds, gateway):
            outcome = "unavailable"
            answer = _made(gateway, call)
            outcome = "answered"
            return answer
    except GatewayRefused:
        outcome = "refused"
        raise
    finally:
        measures.gateway_calls.labels(gateway, outcome).inc()


def repeatedly(gateway: str, call: Callable[[], Answer]) -> Answer:
    """
    Make a call that does nothing new when it is made again.

    Raises:
        GatewayUnavailable: no answer to any try, or the gateway has not answered for a while.
        GatewayRefused: the answer is no.
    """
    for attempt in stamina.retry_context(
        on=_is_passing,
        attempts=TRIES,
        timeout=NOT_AFTER_SECONDS,
        wait_initial=FIRST_WAIT_SECONDS,
        wait_max=LONGEST_WAIT_SECONDS,
        wait_jitter=JITTER_SECONDS,
    ):
        with attempt:
            return once(gateway, call)
    raise AssertionError("the last try neither returned nor raised")


def _made(gateway: str, call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except MalformedEventError as error:
        log.warning("gateway.unreadable", gateway=gateway, error=error)
        raise GatewayUnavailable from error


def _is_passing(error: Exception) -> bool:
    return isinstance(error, GatewayUnavailable) and error.is_passing
