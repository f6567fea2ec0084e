"""The part of the driver that no buyer has a hand in: disputes, settlements and downtimes."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from sandbox import disputes, downtimes, fields, payments, settlements
from sandbox.disputes import Claim
from sandbox.driver import deliver_of
from sandbox.errors import invalid
from sandbox.events import Event
from sandbox.gateway import gateway
from sandbox.store import Books

blueprint = Blueprint("incidents", __name__, url_prefix="/sandbox")

_CLAIM_FIELDS = ("payment_id", "amount", "reason_code", "phase", "respond_by", "deliver")


@blueprint.post("/disputes")
def open_dispute() -> ResponseReturnValue:
    """Dispute a captured payment as its buyer's bank would, and tell the shop."""
    body = fields.json_body(_CLAIM_FIELDS)
    payment_id, claim = fields.required(body, "payment_id"), _claim(body)
    with gateway().store.transaction() as books:
        event = disputes.begin(books, payments.find(books, payment_id), claim)
        return _announced(books, event, "dispute", body)


@blueprint.post("/disputes/<dispute_id>")
def turn_dispute(dispute_id: str) -> ResponseReturnValue:
    """Bring a dispute forward, and tell the shop."""
    body = fields.json_body(("status", "deliver"))
    to = _required_choice(body, "status", disputes.TURNS)
    with gateway().store.transaction() as books:
        event = disputes.turn(books, dispute_id, to)
        return _announced(books, event, "dispute", body)


@blueprint.post("/settlements")
def settle() -> ResponseReturnValue:
    """Pay out what waits for it, and tell the shop."""
    body = fields.json_body(("deliver",))
    with gateway().store.transaction() as books:
        return _announced(books, settlements.settle(books), "settlement", body)


@blueprint.post("/downtimes")
def start_downtime() -> ResponseReturnValue:
    """Put a method of payment out of order, and tell the shop."""
    body = fields.json_body(("method", "severity", "instrument", "deliver"))
    method = _required_choice(body, "method", tuple(downtimes.INSTRUMENTS))
    severity = fields.choice(body, "severity", downtimes.SEVERITIES)
    with gateway().store.transaction() as books:
        event = downtimes.begin(books, method, _instrument(body, method), severity)
        return _announced(books, event, "payment.downtime", body)


@blueprint.post("/downtimes/<downtime_id>")
def turn_downtime(downtime_id: str) -> ResponseReturnValue:
    """Change a downtime or end it, and tell the shop."""
    body = fields.json_body(("status", "severity", "deliver"))
    to = _required_choice(body, "status", downtimes.TURNS)
    severity = None
    if "severity" in body:
        severity = fields.choice(body, "severity", downtimes.SEVERITIES)
    with gateway().store.transaction() as books:
        event = downtimes.turn(books, downtime_id, to, severity)
        return _announced(books, event, "payment.downtime", body)


def _announced(books: Books, event: Event, kind: str, body: Mapping[str, Any]) -> Response:
    """Announce an event in the manner that was asked for, and show what it is about."""
    gateway().webhooks.announce(books, [event], deliver_of(body))
    return jsonify(event.entities[kind])


def _required_choice(body: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    fields.required(body, name)
    chosen: str = fields.choice(body, name, choices)
    return chosen


def _claim(body: Mapping[str, Any]) -> Claim:
    return Claim(
        amount=None if body.get("amount") is None else fields.amount(body),
        reason_code=fields.text(body, "reason_code") or Claim.reason_code,
        phase=fields.choice(body, "phase", disputes.PHASES),
        respond_by=fields.moment(body, "respond_by"),
    )


def _instrument(body: Mapping[str, Any], method: str) -> dict[str, str]:
    """Return the part of a method that is out of order, such as one bank."""
    given = body.get("instrument")
    if given is None:
        return downtimes.INSTRUMENTS[method]
    parts = given if isinstance(given, dict) else {}
    if not parts or not all(isinstance(part, str) for part in parts.values()):
        raise invalid("The instrument must be an object of texts.", field="instrument")
    return parts
