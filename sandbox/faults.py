"""Switches that make the gateway slow, wrong or silent, one set of them for each route."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.errors import ApiError

EVERY_ROUTE = "*"
WEBHOOKS = "webhooks"

# Long enough for any client's patience, short enough to give the thread back.
MOST_MILLISECONDS = 600_000
MOST_SECONDS = 86_400
MOST_TIMES = 1_000_000

REFUND_STATUSES = ("processed", "pending", "failed")

Switches = Mapping[str, Any]


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_refund_status(value: object) -> bool:
    return value in REFUND_STATUSES


def _is_whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


# What each switch may be set to, and the routes that it means something on.
_ANY_CALL = ("latency_ms", "hang_ms", "reset_after", "html_502", "json_500", "too_many_requests")
_CHECKS: dict[str, Callable[[object], bool]] = {
    "latency_ms": _is_whole(0, MOST_MILLISECONDS),
    "hang_ms": _is_whole(0, MOST_MILLISECONDS),
    "reset_after": _is_switch,
    "html_502": _is_switch,
    "json_500": _is_switch,
    "too_many_requests": _is_switch,
    "refund_status": _is_refund_status,
    "no_balance": _is_switch,
    "opaque_refusal": _is_switch,
    "speed_falls_back": _is_switch,
    "unique_receipts": _is_switch,
    "stale_seconds": _is_whole(0, MOST_SECONDS),
    "webhooks_drop": _is_switch,
    "next_n": _is_whole(1, MOST_TIMES),
}
_ONLY_ON = {
    "refunds.create": ("refund_status", "no_balance", "opaque_refusal", "speed_falls_back"),
    "orders.create": ("unique_receipts",),
    "orders.all": ("stale_seconds",),
    "payments.all": ("stale_seconds",),
    "refunds.all": ("stale_seconds",),
    "disputes.all": ("stale_seconds",),
    "settlements.all": ("stale_seconds",),
}


class Faults:
    """The switches that are on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: dict[str, dict[str, Any]] = {}

    def set(self, route: str, switches: Switches) -> None:
        """
        Replace the switches of a route.

        Raises:
            ApiError: a switch is unknown or its value is of no use.
        """
        for name, value in switches.items():
            if name not in _CHECKS:
                raise _bad_switch(f"There is no switch {name}; there are {', '.join(_CHECKS)}.")
            if not _CHECKS[name](value):
                raise _bad_switch(f"The switch {name} cannot be set to this value.")
        with self._lock:
            self._switches[route] = dict(switches)

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._switches.clear()

    def shown(self) -> dict[str, dict[str, Any]]:
        """Return what is on, for each route."""
        with self._lock:
            return {route: dict(switches) for route, switches in self._switches.items()}

    def take(self, route: str) -> Switches:
        """Return the switches that are on for one call, and count that call."""
        meaningful = (
            ("webhooks_drop",) if route == WEBHOOKS else _ANY_CALL + _ONLY_ON.get(route, ())
        )
        found: dict[str, Any] = {}
        with self._lock:
            for name in (EVERY_ROUTE, route):
                found |= self._take_from(name, meaningful)
        return found

    def _take_from(self, route: str, meaningful: tuple[str, ...]) -> Switches:
        switches = self._switches.get(route, {})
        found = {name: switches[name] for name in meaningful if switches.get(name)}
        if found and "next_n" in switches:
            switches["next_n"] -= 1
            if not switches["next_n"]:
                del self._switches[route]
        return found


def _bad_switch(description: str) -> ApiError:
    return ApiError({"code": "BAD_REQUEST_ERROR", "description": description})
