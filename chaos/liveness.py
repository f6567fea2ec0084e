"""The end of a run: faults off, and everything has to come to rest in time."""

import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from chaos.house import Shop

QUIET_WITHIN_SECONDS = 60
# What waits for a time that is far off: a lease, a back-off, the next question to the gateway.
_WAITING = """
    SELECT count(*), coalesce(extract(epoch FROM max(due_at) - now()), 0)::int FROM outbox
    WHERE done_at IS NULL AND failed_at IS NULL AND due_at > now() AND attempts > 0
"""
_DUE = (
    """
    UPDATE outbox SET due_at = now()
    WHERE done_at IS NULL AND failed_at IS NULL AND due_at > now() AND attempts > 0
    """,
    "UPDATE payments SET next_poll_at = now() WHERE next_poll_at > now() AND status <> 'captured'",
    "UPDATE refunds SET next_poll_at = now() WHERE next_poll_at > now() AND status = 'pending'",
)
_UNRESTED = """
    SELECT
        (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL
            AND (due_at <= now() OR attempts > 0)) AS jobs,
        (SELECT count(*) FROM webhook_events WHERE status = 'received') AS events,
        (SELECT count(*) FROM orders WHERE status = 'pending') AS orders,
        (SELECT count(*) FROM refunds WHERE status = 'pending') AS refunds,
        (SELECT count(*) FROM payment_attempts WHERE status = 'captured' AND outcome IS NULL)
            AS captures
"""


@dataclass
class Rest:
    """How it came to rest: the seconds it took, and what was still going on if it did not."""

    seconds: float = 0.0
    is_quiet: bool = False
    going_on: dict[str, int] = field(default_factory=dict)
    # Jobs that waited for a lease or a back-off, and for how long the last one would have.
    waiting: int = 0
    longest_wait_seconds: int = 0
    is_patient: bool = False


def come_to_rest(shop: Shop, *, is_patient: bool = False, within: float = 0) -> Rest:
    """
    Wait until nothing goes on any more.

    Waits that are long on purpose (the lease of a killed worker, a back-off, the next question to
    the gateway) are made short, so that what is left is shown to end and not only to wait; with
    ``is_patient`` they are not.
    """
    rest = Rest(is_patient=is_patient)
    begun = time.monotonic()
    within = within or (QUIET_WITHIN_SECONDS if not is_patient else 600)
    while not rest.is_quiet and (rest.seconds < within):
        with contextlib.suppress(psycopg.Error, OSError, ValueError):
            count, seconds = shop.sql(_WAITING)[0]
            if count > rest.waiting:
                rest.waiting, rest.longest_wait_seconds = count, seconds
            if not is_patient:
                for statement in _DUE:
                    shop.sql(statement)
            rest.going_on = _going_on(shop)
            rest.is_quiet = not any(rest.going_on.values())
        shop.wait(1.0)
        rest.seconds = round(time.monotonic() - begun, 1)
    return rest


def _going_on(shop: Shop) -> dict[str, int]:
    names = ("jobs", "events", "orders", "refunds", "captures")
    found = dict(zip(names, shop.sql(_UNRESTED)[0], strict=True))
    if any(found.values()):
        return found
    # Asked last, for it is long: what the gateway has taken, and we have not heard of.
    books: Any = shop.sandbox("GET", "/sandbox/books", timeout=120)
    heard = {one for (one,) in shop.sql(
        "SELECT gateway_payment_id FROM payment_attempts WHERE status = 'captured'"
    )}  # fmt: skip
    found["unheard"] = sum(p["captured"] and p["id"] not in heard for p in books["payments"])
    found["deliveries"] = sum(one["state"] == "pending" for one in books["deliveries"])
    return found
