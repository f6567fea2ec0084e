"""Downtimes: times in which a bank, a card network or UPI itself is out of order."""

import time

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.entities import Entity, checked_id, collection, new_id, public
from sandbox.errors import invalid, unknown_id
from sandbox.events import Event, downtime_event
from sandbox.gateway import gateway
from sandbox.store import Books

blueprint = Blueprint("downtimes", __name__, url_prefix="/v1/payments/downtimes")

SEVERITIES = ("high", "medium", "low")
TURNS = ("updated", "resolved")

# What is out of order where nobody says what is, for each method that can be.
INSTRUMENTS = {
    "card": {"issuer": "SBIN", "type": "credit"},
    "netbanking": {"bank": "HDFC"},
    "upi": {"vpa_handle": "oksbi", "flow": "collect"},
}


def find(books: Books, downtime_id: str) -> Entity:
    """
    Return a downtime.

    Raises:
        ApiError: the id has the wrong shape or is not in the books.
    """
    downtime = books.find("downtime", checked_id("down", downtime_id))
    if downtime is None:
        raise unknown_id()
    return downtime


def begin(books: Books, method: str, instrument: dict[str, str], severity: str) -> Event:
    """Put a method of payment out of order, payments by it succeeding as before; tell of it."""
    downtime = _downtime(method, instrument, severity)
    books.keep("downtime", downtime)
    return downtime_event("payment.downtime.started", downtime)


def turn(books: Books, downtime_id: str, to: str, severity: str | None = None) -> Event:
    """
    Change a downtime or end it, and tell of it.

    Raises:
        ApiError: the downtime is over.
    """
    downtime = find(books, downtime_id)
    if downtime["status"] == "resolved":
        raise invalid("The downtime is resolved already.")
    now = int(time.time())
    downtime |= {"status": to, "updated_at": now}
    downtime["severity"] = severity or downtime["severity"]
    if to == "resolved":
        downtime["end"] = now
    books.keep("downtime", downtime)
    return downtime_event(f"payment.downtime.{to}", downtime)


@blueprint.get("", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List every downtime, the newest first; this list has no pages."""
    with gateway().store.transaction() as books:
        found = books.list("downtime")
    return jsonify(collection(public(downtime) for downtime in found))


@blueprint.get("/<downtime_id>")
def fetch(downtime_id: str) -> ResponseReturnValue:
    """Show one downtime."""
    with gateway().store.transaction() as books:
        return jsonify(public(find(books, downtime_id)))


def _downtime(method: str, instrument: dict[str, str], severity: str) -> Entity:
    now = int(time.time())
    return {
        "id": new_id("down"),
        "entity": "payment.downtime",
        "method": method,
        "begin": now,
        "end": None,
        "status": "started",
        "scheduled": False,
        "severity": severity,
        "instrument": instrument,
        "created_at": now,
        "updated_at": now,
    }
