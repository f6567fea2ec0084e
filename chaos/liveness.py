"""The end of a run: faults off, and everything has to come to rest in time."""

import contextlib
import sqlite3
import time
from dataclasses import dataclass, field

import psycopg
from redis.exceptions import RedisError

from chaos.house import Shop

QUIET_WITHIN_SECONDS = 60
# Mails are laid down one by one, and a backlog of them may take longer; so may units that a dead
# process took out of sale: the reconciler looks every minute, and believes what it sees twice.
# What came to rest late is told as late, and its books are whole all the same.
GIVEN_UP_AFTER_SECONDS = 600
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
            AND queue <> 'mail' AND (due_at <= now() OR attempts > 0)) AS jobs,
        (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL
            AND queue = 'mail') AS mails,
        (SELECT count(*) FROM webhook_events WHERE status = 'received') AS events,
        (SELECT count(*) FROM orders WHERE status = 'pending') AS orders,
        (SELECT count(*) FROM refunds WHERE status = 'pending') AS refunds,
        (SELECT count(*) FROM payment_attempts WHERE status = 'captured' AND outcome IS NULL)
            AS captures
"""

_CAPTURED = """
    SELECT id FROM entities WHERE kind = 'payment' AND json_extract(body, '$.captured')
"""
_UNDELIVERED = """
    SELECT count(*) FROM entities WHERE kind = 'event' AND json_extract(body, '$.state') = 'pending'
"""
# How often long waits are made short.
_HURRIED_SECONDS = 5


@dataclass
class Rest:
    """How it came to rest: the seconds it took, and what was still going on if it did not."""

    seconds: float = 0.0
    # When all but a backlog of mails, and units for the reconciler, was done.
    money_seconds: float = 0.0
    is_quiet: bool = False
    going_on: dict[str, int] = field(default_factory=dict)
    # Jobs that waited for a lease or a back-off, and for how long the last one would have.
    waiting: int = 0
    longest_wait_seconds: int = 0
    is_patient: bool = False
    allowed_seconds: float = QUIET_WITHIN_SECONDS

    @property
    def is_in_time(self) -> bool:
        """Tell whether all that matters was done in time."""
        return self.is_quiet and (self.is_patient or self.money_seconds <= self.allowed_seconds)


def come_to_rest(
    shop: Shop, *, is_patient: bool = False, within: float = QUIET_WITHIN_SECONDS
) -> Rest:
    """
    Wait until nothing goes on any more.

    Waits that are long on purpose (the lease of a killed worker, a back-off, the next question to
    the gateway) are made short, so that what is left is shown to end and not only to wait; with
    ``is_patient`` they are not.
    """
    rest = Rest(is_patient=is_patient, allowed_seconds=within)
    begun, hurried = time.monotonic(), 0.0
    while not rest.is_quiet and rest.seconds < GIVEN_UP_AFTER_SECONDS:
        with contextlib.suppress(psycopg.Error, RedisError, OSError, sqlite3.Error):
            count, seconds = shop.sql(_WAITING)[0]
            if count > rest.waiting:
                rest.waiting, rest.longest_wait_seconds = count, seconds
            if not is_patient and rest.seconds >= hurried:
                hurried = rest.seconds + _HURRIED_SECONDS
                for statement in _DUE:
                    shop.sql(statement)
            rest.going_on = _going_on(shop)
            rest.is_quiet = not any(rest.going_on.values())
        rest.seconds = round(time.monotonic() - begun, 1)
        if _is_money_going_on(rest):
            rest.money_seconds = rest.seconds
        shop.wait(1.0)
    return rest


def _is_money_going_on(rest: Rest) -> bool:
    return any(count for name, count in rest.going_on.items() if name not in {"units", "mails"})


def _units(shop: Shop) -> int:
    """Count what Redis has committed and nobody settled."""
    with shop.redis() as client:
        return sum(client.hlen(key) for key in client.scan_iter("committed:*", count=1000))


def _going_on(shop: Shop) -> dict[str, int]:
    names = ("jobs", "mails", "events", "orders", "refunds", "captures")
    found = dict(zip(names, shop.sql(_UNRESTED)[0], strict=True))
    found["units"] = _units(shop)
    if any(found[name] for name in found if name not in {"mails", "units"}):
        return found
    heard = {
        one
        for (one,) in shop.sql(
            "SELECT gateway_payment_id FROM payment_attempts WHERE status = 'captured'"
        )
    }
    # The gateway's own file, for its books are long: what it has taken and we have not heard of.
    uri = f"file:{shop.folder / 'sandbox.sqlite'}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=5)) as books:
        captured = {one for (one,) in books.execute(_CAPTURED)}
        found["unheard"] = len(captured - heard)
        [found["deliveries"]] = books.execute(_UNDELIVERED).fetchone()
    return found
