"""
The driver: what tests and demos do to the gateway that no shop could.

A buyer pays, a webhook is lost, a refund ends, a fault appears. Needs no key pair.
What no buyer has a hand in, such as a dispute, is in a file of its own.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from sandbox import fields, methods, orders, payments, refunds
from sandbox.entities import Entity, public
from sandbox.errors import ApiError, invalid, unknown_id
from sandbox.events import sign
from sandbox.faults import EVERY_ROUTE, WEBHOOKS
from sandbox.gateway import Gateway, gateway
from sandbox.payments import Attempt, Outcome
from sandbox.store import Books
from sandbox.webhooks import Deliver

log = logging.getLogger(__name__)

blueprint = Blueprint("driver", __name__, url_prefix="/sandbox")

API_BLUEPRINTS = ("orders", "payments", "refunds", "disputes", "settlements", "downtimes")

# An hour: longer than any test waits for a late outcome.
LONGEST_DELAY_MS = 3_600_000

# What the books show, beside the events.
_KINDS = ("order", "payment", "refund", "dispute", "settlement", "downtime")

_PAY_FIELDS = (
    *("order_id", "method", "outcome", "delay_ms", "deliver"),
    *("payment_id", "amount", "fee_bearer", "reason", "email", "contact", "notes"),
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a payment shall end, when, and how the shop hears of it."""

    outcome: Outcome
    deliver: Deliver
    delay_ms: int
    reason: str


@blueprint.post("/pay")
def pay() -> ResponseReturnValue:
    """Pay as a buyer would, or go on with an earlier payment; answer the signed triple."""
    body = fields.json_body(_PAY_FIELDS)
    wish = Wish(
        outcome=fields.choice(body, "outcome", ("captured", "authorized", "failed")),
        deliver=deliver_of(body),
        delay_ms=_delay_ms(body),
        reason=fields.choice(body, "reason", tuple(methods.FAILURES)),
    )
    attempt = _attempt(body)
    with gateway().store.transaction() as books:
        payment = _payment(books, body, attempt)
        if not wish.delay_ms:
            _conclude(gateway(), books, payment, wish)
    if wish.delay_ms:
        seconds = wish.delay_ms / 1000 * gateway().settings.clock_factor
        gateway().agenda.after(seconds, partial(_conclude_late, gateway(), payment["id"], wish))
    return jsonify(triple(gateway(), payment))


@blueprint.get("/books")
def books_() -> ResponseReturnValue:
    """Show everything that the gateway knows, the oldest first."""
    with gateway().store.transaction() as books:
        found = {
            f"{kind}s": [public(entity) for entity in books.list(kind)[::-1]] for kind in _KINDS
        }
        deliveries = [shown_delivery(entry) for entry in books.list("event")[::-1]]
    return jsonify(found | {"deliveries": deliveries, "webhook": _shown_webhook()})


@blueprint.get("/deliveries/<event_id>")
def delivery(event_id: str) -> ResponseReturnValue:
    """Show one event with the exact text and signature that are sent."""
    entry = _event(event_id)
    return jsonify(shown_delivery(entry) | {"body": entry["body"], "signature": entry["signature"]})


@blueprint.post("/deliveries/<event_id>/redeliver")
def redeliver(event_id: str) -> ResponseReturnValue:
    """Send an event once more, byte for byte."""
    entry = _event(event_id)
    gateway().webhooks.redeliver(event_id)
    return jsonify(shown_delivery(entry)), 202


@blueprint.post("/refunds/<refund_id>")
def end_refund(refund_id: str) -> ResponseReturnValue:
    """End a pending refund, and tell the shop."""
    body = fields.json_body(("status", "deliver"))
    fields.required(body, "status")
    status = fields.choice(body, "status", ("processed", "failed"))
    with gateway().store.transaction() as books:
        events = refunds.end(books, refund_id, status)
        gateway().webhooks.announce(books, events, deliver_of(body))
        return jsonify(public(refunds.find(books, refund_id)))


@blueprint.post("/payments/<payment_id>/lapse")
def lapse(payment_id: str) -> ResponseReturnValue:
    """Give back an authorized payment whose time to be captured is over."""
    with gateway().store.transaction() as books:
        payment = payments.find(books, payment_id)
        if payment["status"] != "authorized":
            raise invalid(f"The payment is {payment['status']} and cannot lapse.")
        gateway().webhooks.announce(books, refunds.refund_automatically(books, payment))
    return jsonify(public(payment))


@blueprint.post("/webhook")
def switch_webhook() -> ResponseReturnValue:
    """Switch the webhook on or off; what happens while it is off is never told."""
    body = fields.json_body(("enabled",))
    fields.required(body, "enabled")
    if fields.flag(body, "enabled"):
        gateway().webhooks.enable()
    else:
        gateway().webhooks.disable()
    return jsonify(webhook=_shown_webhook())


@blueprint.get("/faults")
def faults() -> ResponseReturnValue:
    """Show the switches that are on, and the routes that can have some."""
    return jsonify(faults=gateway().faults.shown(), routes=_routes())


@blueprint.post("/faults")
def set_faults() -> ResponseReturnValue:
    """Set the switches of one route, or of every route."""
    body = fields.json_body()
    route = body.pop("route", EVERY_ROUTE)
    if route not in _routes():
        raise invalid(f"There is no such route; there are {', '.join(_routes())}.", field="route")
    gateway().faults.set(route, body)
    return jsonify(faults=gateway().faults.shown())


@blueprint.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    """Switch every fault off."""
    gateway().faults.clear()
    return jsonify(faults={})


def deliver_of(body: Mapping[str, Any]) -> Deliver:
    """Return how the shop shall hear of what a request makes happen."""
    manner: Deliver = fields.choice(body, "deliver", get_args(Deliver))
    return manner


def triple(gateway: Gateway, payment: Entity) -> dict[str, str]:
    """
    Return what the checkout hands to the shop's page, and no field more.

    A failed payment has a signature here too: it proves which order the payment
    belongs to and nothing else, and the same payment may still be captured late.
    """
    signed = f"{payment['order_id']}|{payment['id']}"
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": sign(signed, gateway.settings.key_secret),
    }


def checkout_error(payment: Entity) -> dict[str, Any]:
    """Return the error that the checkout tells of a failed payment."""
    return {
        "code": payment["error_code"],
        "description": payment["error_description"],
        "source": payment["error_source"],
        "step": payment["error_step"],
        "reason": payment["error_reason"],
        "metadata": {"payment_id": payment["id"], "order_id": payment["order_id"]},
    }


def shown_delivery(entry: Entity) -> dict[str, Any]:
    """Show what became of an event."""
    names = ("event", "order_id", "payment_id", "state", "attempts", "created_at")
    outcome = ("delivered_at", "last_status", "last_error")
    return {"event_id": entry["id"]} | {name: entry[name] for name in names + outcome}


def _shown_webhook() -> dict[str, bool]:
    return {"enabled": gateway().webhooks.is_enabled}


def _delay_ms(body: Mapping[str, Any]) -> int:
    delay_ms = fields.whole({"delay_ms": 0} | dict(body), "delay_ms")
    if not 0 <= delay_ms <= LONGEST_DELAY_MS:
        raise invalid(f"The delay_ms must be from 0 to {LONGEST_DELAY_MS}.", field="delay_ms")
    return delay_ms


def _attempt(body: Mapping[str, Any]) -> Attempt:
    return Attempt(
        method=fields.choice(body, "method", tuple(methods.METHODS)),
        amount=None if body.get("amount") is None else fields.amount(body),
        fee_bearer=fields.choice(body, "fee_bearer", ("platform", "customer")),
        email=fields.text(body, "email") or Attempt.email,
        contact=fields.text(body, "contact") or Attempt.contact,
        notes=fields.notes(body),
    )


def _payment(books: Books, body: Mapping[str, Any], attempt: Attempt) -> Entity:
    """Begin a payment of the order, or return the earlier one that is to go on."""
    order = orders.find(books, fields.required(body, "order_id"))
    payment_id = body.get("payment_id")
    if payment_id is None:
        return payments.begin(books, order, attempt)
    payment = payments.find(books, payment_id)
    if payment["order_id"] != order["id"]:
        raise invalid("The payment is of another order.", field="payment_id")
    return payment


def _conclude(gateway: Gateway, books: Books, payment: Entity, wish: Wish) -> None:
    events = payments.conclude(books, payment, wish.outcome, wish.reason)
    gateway.webhooks.announce(books, events, wish.deliver)


def _conclude_late(gateway: Gateway, payment_id: str, wish: Wish) -> None:
    with gateway.store.transaction() as books:
        payment = payments.find(books, payment_id)
        try:
            _conclude(gateway, books, payment, wish)
        except ApiError as exc:
            # Something else brought the payment to its end in the meantime.
            log.info("The late outcome of %s is dropped: %s", payment_id, exc)


def _event(event_id: str) -> Entity:
    with gateway().store.transaction() as books:
        entry = books.find("event", event_id)
    if entry is None:
        raise unknown_id()
    return entry


def _routes() -> list[str]:
    api = (name for name in current_app.view_functions if name.split(".")[0] in API_BLUEPRINTS)
    return [EVERY_ROUTE, WEBHOOKS, *sorted(api)]
