"""
Deliveries of events to the shop: signed once, retried for a day, then given up.

An event keeps its id, its bytes and its signature on every delivery. Whatever the
shop answers, the request that caused the event never waits for it.
"""

import http.client
import logging
import random
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from sandbox.agenda import Agenda
from sandbox.config import Settings
from sandbox.entities import Entity, new_id
from sandbox.events import SUCCESSES, Event, sign
from sandbox.faults import Faults
from sandbox.store import Books, Store

log = logging.getLogger(__name__)

Deliver = Literal["normal", "none", "duplicate", "shuffle"]

# Waits after each failed delivery: they double, and a fifteenth would end after 24 hours.
RETRY_GAPS_SECONDS = tuple(5 * 2**n + 2 for n in range(14))

# A server error on one of the success events is tried again at once, one time.
QUICK_RETRY_SECONDS = 0.23
SERVER_ERRORS = range(500, 600)
SUCCESS_STATUSES = range(200, 300)

# The events of one payment start this far apart, and so nearly always arrive in order.
STAGGER_SECONDS = 0.02
# Shuffled copies fall anywhere in this time.
SHUFFLE_SECONDS = 0.2
MOST_EXTRA_COPIES = 2


@dataclass(frozen=True)
class Delivery:
    """One try to bring an event to the shop."""

    event_id: str
    rung: int = 0
    is_quick: bool = False
    # A copy and a redelivery have no retries of their own.
    is_extra: bool = False

    @property
    def is_retry(self) -> bool:
        """Tell whether an earlier try failed; only such a try may have become needless."""
        return self.rung > 0 or self.is_quick


class Webhooks:
    """The one webhook of this account."""

    def __init__(self, settings: Settings, store: Store, agenda: Agenda, faults: Faults) -> None:
        self._settings = settings
        self._store = store
        self._agenda = agenda
        self._faults = faults
        self._lock = threading.Lock()
        self._enabled = True
        self._last_success_at = 0.0

    @property
    def is_enabled(self) -> bool:
        """Tell whether anything is sent at all."""
        return self._enabled

    def enable(self) -> None:
        """Send again, beginning with the next event."""
        with self._lock:
            self._enabled = True
            self._last_success_at = time.time()

    def disable(self) -> None:
        """Send no event any more; one that comes up before the next ``enable`` is given up."""
        with self._lock:
            self._enabled = False

    def announce(self, books: Books, events: list[Event], deliver: Deliver = "normal") -> None:
        """Write events into the books, and send them once those are committed."""
        entries = [self._entry(event, deliver) for event in events]
        for entry in entries:
            books.keep("event", entry)
        pending = [entry["id"] for entry in entries if entry["state"] == "pending"]
        if pending:
            books.after_commit.append(partial(self._dispatch, pending, deliver))

    def resume(self) -> None:
        """Take up the deliveries that a restart interrupted."""
        with self._store.transaction() as books:
            waiting = [entry for entry in books.list("event") if entry["state"] == "pending"]
        for entry in reversed(waiting):
            delivery = Delivery(entry["id"], entry["_rung"])
            self._send_after(max(0.0, entry["_due_at"] - time.time()), delivery)

    def redeliver(self, event_id: str) -> None:
        """Send an event once more, whatever became of it, and even while disabled."""
        self._send_after(0.0, Delivery(event_id, is_extra=True))

    def _entry(self, event: Event, deliver: Deliver) -> Entity:
        body = event.body(self._settings.account_id)
        is_dropped = deliver == "none" or bool(self._faults.take("webhooks"))
        state = "dropped" if is_dropped else "pending" if self._enabled else "abandoned"
        now = time.time()
        return {
            "id": new_id(),
            "event": event.name,
            "order_id": event.order_id,
            "payment_id": event.payment_id,
            "state": state,
            "attempts": 0,
            "created_at": int(now),
            "delivered_at": None,
            "last_status": None,
            "last_error": None,
            "body": body,
            "signature": sign(body, self._settings.webhook_secret),
            "_rung": 0,
            "_due_at": now,
        }

    def _dispatch(self, event_ids: list[str], deliver: Deliver) -> None:
        """Plan the first deliveries in the manner that was asked for."""
        for place, event_id in enumerate(event_ids):
            start = place * STAGGER_SECONDS
            copies = random.randint(1, MOST_EXTRA_COPIES)
            if deliver == "normal":
                copies = 0
            for copy in range(copies + 1):
                if deliver == "shuffle":
                    start = random.uniform(0, SHUFFLE_SECONDS)
                delivery = Delivery(event_id, is_extra=copy > 0)
                self._send_after(start * self._settings.clock_factor, delivery)

    def _send_after(self, seconds: float, delivery: Delivery) -> None:
        self._agenda.after(seconds, partial(self._send, delivery))

    def _send(self, delivery: Delivery) -> None:
        """Deliver once, note what came of it, and plan the next try where it failed."""
        with self._store.transaction() as books:
            entry = books.find("event", delivery.event_id)
        if entry is None or (delivery.is_retry and entry["state"] != "pending"):
            return
        if not (self._enabled or delivery.is_extra):
            self._change(delivery.event_id, state="abandoned")
            return
        started_at = time.time()
        status, error = post(self._settings, entry)
        is_delivered = status in SUCCESS_STATUSES
        if is_delivered:
            self._last_success_at = max(self._last_success_at, started_at)
        self._note(delivery.event_id, status, error, is_delivered=is_delivered)
        if not (is_delivered or delivery.is_extra):
            self._plan_retry(delivery, entry, status)

    def _note(
        self, event_id: str, status: int | None, error: str | None, *, is_delivered: bool
    ) -> None:
        with self._store.transaction() as books:
            entry = books.find("event", event_id)
            assert entry is not None, event_id  # noqa: S101 - entries are never deleted
            entry["attempts"] += 1
            # What a copy meets after the event has arrived changes nothing.
            if is_delivered or entry["state"] != "delivered":
                entry |= {"last_status": status, "last_error": error}
            if is_delivered and entry["state"] != "delivered":
                entry |= {"state": "delivered", "delivered_at": int(time.time())}
            books.keep("event", entry)

    def _change(self, event_id: str, **changes: object) -> None:
        with self._store.transaction() as books:
            entry = books.find("event", event_id)
            if entry is not None and entry["state"] == "pending":
                books.keep("event", entry | changes)

    def _plan_retry(self, delivery: Delivery, entry: Entity, status: int | None) -> None:
        is_first = delivery.rung == 0 and not delivery.is_quick
        if is_first and status in SERVER_ERRORS and entry["event"] in SUCCESSES:
            gap, following = QUICK_RETRY_SECONDS, replace(delivery, is_quick=True)
        elif delivery.rung < len(RETRY_GAPS_SECONDS):
            gap = RETRY_GAPS_SECONDS[delivery.rung]
            following = Delivery(delivery.event_id, delivery.rung + 1)
        else:
            self._give_up(entry)
            return
        wait = gap * self._settings.clock_factor
        self._change(delivery.event_id, _rung=following.rung, _due_at=time.time() + wait)
        self._send_after(wait, following)

    def _give_up(self, entry: Entity) -> None:
        """After a day of failures nothing more is sent, unless another event got through."""
        self._change(entry["id"], state="abandoned")
        with self._lock:
            if self._last_success_at < entry["created_at"]:
                self._enabled = False
                log.warning("The webhook is disabled: %s failed for a day", entry["event"])


def headers(entry: Entity) -> dict[str, str]:
    """Return the headers of a delivery, which do not tell one try from another."""
    return {
        "User-Agent": "Razorpay-Webhook/v1",
        "Content-Type": "application/json",
        "Accept-Encoding": "gzip",
        "Request-Id": entry["id"],
        "X-Razorpay-Event-Id": entry["id"],
        "X-Razorpay-Signature": entry["signature"],
    }


def post(settings: Settings, entry: Entity) -> tuple[int | None, str | None]:
    """Bring the body to the shop; return its status, or what prevented one."""
    url = urlsplit(settings.webhook_url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=settings.webhook_timeout_seconds)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        # Headers and body leave in one write, over a connection that nobody can have closed.
        connection.request("POST", path, body=entry["body"].encode(), headers=headers(entry))
        response = connection.getresponse()
        response.read()
    except TimeoutError:
        return None, "No answer in time"
    except (OSError, http.client.HTTPException) as exc:
        return None, f"{type(exc).__name__}: {exc}"
    else:
        return response.status, None
    finally:
        connection.close()
