"""
Deliveries of events to the shop: signed anew each time, retried a few times, then given up.

An event keeps its id and its bytes on every delivery. Whatever the shop answers, the
request that caused the event never waits for it.
"""

import http.client
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from sandbox.agenda import Agenda
from sandbox.faults import WEBHOOKS, Faults
from sandbox.stripe.events import NOBODY, Event, serialize, signature
from sandbox.stripe.ledger import Ledger, Object
from sandbox.stripe.settings import StripeSettings

Deliver = Literal["normal", "none", "duplicate", "shuffle"]
DELIVERIES = ("normal", "none", "duplicate", "shuffle")

# Waits after each failed delivery.
RETRY_GAPS_SECONDS = tuple(5 * 2**n for n in range(6))

SUCCESS_STATUSES = range(200, 300)

# The events of one change start this far apart, and so nearly always arrive in order.
STAGGER_SECONDS = 0.02
# Shuffled copies fall anywhere in this time.
SHUFFLE_SECONDS = 0.2
MOST_EXTRA_COPIES = 2


@dataclass(frozen=True)
class Webhooks:
    """The one webhook endpoint of this account."""

    settings: StripeSettings
    transaction: Callable[[], AbstractContextManager[Ledger]]
    agenda: Agenda
    faults: Faults
    clock_factor: float

    def announce(
        self,
        ledger: Ledger,
        events: list[Event],
        deliver: Deliver = "normal",
        request: Object | None = None,
    ) -> None:
        """Write events into the books, and send them once those are committed."""
        entries = [self._entry(event, deliver, request or NOBODY) for event in events]
        for entry in entries:
            ledger.keep(entry)
        pending = [entry["id"] for entry in entries if entry["state"] == "pending"]
        ledger.after_commit(partial(self._dispatch, pending, deliver))

    def resume(self) -> None:
        """Take up the deliveries that a restart interrupted."""
        with self.transaction() as ledger:
            waiting = ledger.all("delivery", state="pending")
        for entry in reversed(waiting):
            job = partial(self._send, entry["id"], entry["attempts"])
            self.agenda.after(max(0.0, entry["due"] - time.time()), job)

    def _entry(self, event: Event, deliver: Deliver, request: Object) -> Object:
        body = event.body(request)
        is_dropped = deliver == "none" or bool(self.faults.take(WEBHOOKS))
        return {
            "id": body["id"],
            "object": "delivery",
            "created": body["created"],
            "type": event.kind,
            "state": "dropped" if is_dropped else "pending",
            "attempts": 0,
            "due": time.time(),
            "last_status": None,
            "last_error": None,
            "body": serialize(body),
        }

    def _dispatch(self, event_ids: list[str], deliver: Deliver) -> None:
        """Plan the first deliveries in the manner that was asked for."""
        for place, event_id in enumerate(event_ids):
            start = place * STAGGER_SECONDS
            copies = 0 if deliver == "normal" else random.randint(1, MOST_EXTRA_COPIES)
            for copy in range(copies + 1):
                if deliver == "shuffle":
                    start = random.uniform(0, SHUFFLE_SECONDS)
                job = partial(self._send, event_id, 0, is_copy=copy > 0)
                self.agenda.after(start * self.clock_factor, job)

    def _send(self, event_id: str, rung: int, *, is_copy: bool = False) -> None:
        """Deliver once, note what came of it, and plan the next try where it failed."""
        with self.transaction() as ledger:
            entry = ledger.get("delivery", event_id)
        if rung and entry["state"] != "pending":
            return
        status, error = post(self.settings, entry["body"])
        with self.transaction() as ledger:
            entry = ledger.get("delivery", event_id)
            entry |= {"attempts": entry["attempts"] + 1}
            # What a copy meets after the event has arrived changes nothing.
            if entry["state"] == "pending":
                entry |= {"last_status": status, "last_error": error}
                if status in SUCCESS_STATUSES:
                    entry["state"] = "delivered"
                elif not is_copy:
                    self._plan_retry(ledger, entry, rung)
            ledger.keep(entry)

    def _plan_retry(self, ledger: Ledger, entry: Object, rung: int) -> None:
        if rung >= len(RETRY_GAPS_SECONDS):
            entry["state"] = "abandoned"
            return
        wait = RETRY_GAPS_SECONDS[rung] * self.clock_factor
        entry["due"] = time.time() + wait
        job = partial(self._send, entry["id"], rung + 1)
        ledger.after_commit(partial(self.agenda.after, wait, job))


def post(settings: StripeSettings, text: str) -> tuple[int | None, str | None]:
    """Bring a body to the shop; return its status, or what prevented one."""
    url = urlsplit(settings.webhook_url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=settings.webhook_timeout_seconds)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = {
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(text, settings.webhook_secret),
    }
    try:
        connection.request("POST", path, body=text.encode(), headers=headers)
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
