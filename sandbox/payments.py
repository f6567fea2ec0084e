"""
Payments: attempts on an order, which go forward only.

``created`` becomes ``authorized`` and then ``captured``, or it becomes ``failed``,
and a failed one may still be authorized late. An order takes one success: a second
one is authorized and given back at once, never captured.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox import fields, lists, methods, orders, refunds
from sandbox.entities import Entity, checked_id, collection, new_id
from sandbox.errors import invalid, order_already_paid, unknown_id
from sandbox.events import Event, order_paid, payment_event
from sandbox.gateway import gateway
from sandbox.money import fee_and_tax, rupees
from sandbox.store import Books, Page

blueprint = Blueprint("payments", __name__, url_prefix="/v1/payments")

Outcome = Literal["captured", "authorized", "failed"]

# The states from which a payment can still come to each end.
OPEN_TO: dict[Outcome, frozenset[str]] = {
    "failed": frozenset({"created"}),
    "authorized": frozenset({"created", "failed"}),
    "captured": frozenset({"created", "failed", "authorized"}),
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a buyer brings to the checkout."""

    method: str
    amount: int | None = None
    # A customer who bears the fee pays it on top of the amount.
    fee_bearer: Literal["platform", "customer"] = "platform"
    email: str = "asha.verma@example.com"
    contact: str = "+919000090000"
    notes: dict[str, Any] | list[Any] = field(default_factory=list)


def find(books: Books, payment_id: object) -> Entity:
    """
    Return a payment.

    Raises:
        ApiError: the id has the wrong shape or is not in the books.
    """
    payment = books.find("payment", checked_id("pay", payment_id))
    if payment is None:
        raise unknown_id()
    return payment


def begin(books: Books, order: Entity, attempt: Attempt) -> Entity:
    """
    Start a payment of an order.

    Raises:
        ApiError: another payment of the order is authorized and waits for its capture.
    """
    if not orders.is_paid(order) and _authorized(books, order):
        raise invalid("A payment of this order is authorized already and waits for its capture.")
    orders.attempt(books, order)
    payment = _payment(order, attempt)
    books.keep("payment", payment)
    return payment


def conclude(
    books: Books, payment: Entity, outcome: Outcome, reason: str = "payment_failed"
) -> list[Event]:
    """
    Bring a payment to its outcome and tell of it.

    Raises:
        ApiError: the payment cannot come to this outcome any more.
    """
    if payment["status"] not in OPEN_TO[outcome]:
        raise invalid(f"The payment is {payment['status']} and cannot become {outcome}.")
    if outcome == "failed":
        return _fail(books, payment, reason)
    events = [] if payment["status"] == "authorized" else _authorize(books, payment)
    order = orders.find(books, payment["order_id"])
    if orders.is_paid(order):
        return events + refunds.refund_automatically(books, payment)
    if outcome == "captured" and order["_capture"] == "automatic":
        events += _capture(books, payment, order)
    return events


@blueprint.get("", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List payments, the newest first."""
    page = lists.fresh_enough(fields.page())
    is_with_card = fields.is_expanded("card")
    with gateway().store.transaction() as books:
        found = books.list("payment", page)
    return jsonify(
        collection(lists.shown_payment(payment, is_with_card=is_with_card) for payment in found)
    )


@blueprint.get("/<payment_id>")
def fetch(payment_id: str) -> ResponseReturnValue:
    """Show one payment."""
    with gateway().store.transaction() as books:
        payment = find(books, payment_id)
    return jsonify(lists.shown_payment(payment, is_with_card=fields.is_expanded("card")))


@blueprint.post("/<payment_id>/capture")
def capture(payment_id: str) -> ResponseReturnValue:
    """Take the authorized money, all of it, once."""
    body = fields.json_body(("amount", "currency"))
    with gateway().store.transaction() as books:
        payment = find(books, payment_id)
        amount = fields.amount(body)
        fields.currency(body)
        order = orders.find(books, payment["order_id"])
        _check_capturable(payment, order, amount)
        gateway().webhooks.announce(books, _capture(books, payment, order))
    return jsonify(lists.shown_payment(payment, is_with_card=False))


@blueprint.patch("/<payment_id>")
def edit(payment_id: str) -> ResponseReturnValue:
    """Replace the notes of a payment."""
    with gateway().store.transaction() as books:
        return jsonify(lists.with_new_notes(books, "payment", find(books, payment_id)))


def _authorized(books: Books, order: Entity) -> list[Entity]:
    found = books.list("payment", Page(parent_id=order["id"]))
    return [payment for payment in found if payment["status"] == "authorized"]


def _check_capturable(payment: Entity, order: Entity, amount: int) -> None:
    if payment["captured"]:
        raise invalid("This payment has already been captured")
    if payment["status"] == "authorized" and orders.is_paid(order):
        raise order_already_paid()
    if payment["status"] != "authorized":
        raise invalid(
            "Only payments which have been authorized and not yet captured can be captured"
        )
    if amount != payment["amount"]:
        raise invalid("Capture amount must be equal to the amount authorized")


def _fail(books: Books, payment: Entity, reason: str) -> list[Event]:
    payment |= {"status": "failed"} | methods.failure(payment["method"], reason)
    books.keep("payment", payment)
    return [payment_event("payment.failed", payment)]


def _authorize(books: Books, payment: Entity) -> list[Event]:
    if payment["status"] == "failed":
        payment["late_authorized"] = True
    payment |= {"status": "authorized"} | methods.NO_FAILURE
    payment["acquirer_data"] = methods.bank_reference(payment["method"])
    books.keep("payment", payment)
    return [payment_event("payment.authorized", payment)]


def _capture(books: Books, payment: Entity, order: Entity) -> list[Event]:
    """Take the money, book it on the order, and give back what else was authorized for it."""
    fee, tax = fee_and_tax(payment["_charged_on"])
    payment |= {"status": "captured", "captured": True, "fee": fee, "tax": tax}
    books.keep("payment", payment)
    orders.receive(books, order, payment["amount"])
    events = [payment_event("payment.captured", payment)]
    if orders.is_paid(order):
        events.append(order_paid(payment, order))
        for other in _authorized(books, order):
            events += refunds.refund_automatically(books, other)
    return events


def _payment(order: Entity, attempt: Attempt) -> Entity:
    base = attempt.amount or order["amount_due"] or order["amount"]
    amount = base + fee_and_tax(base)[0] if attempt.fee_bearer == "customer" else base
    return {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": amount,
        "currency": order["currency"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": attempt.method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        # Both a slash and a sign outside ASCII, so that every body shows how it is escaped.
        "description": f"Sandbox purchase / {rupees(amount)}",
        **methods.details(attempt.method),
        "email": attempt.email,
        "contact": attempt.contact,
        "notes": attempt.notes,
        "fee": None,
        "tax": None,
        **methods.NO_FAILURE,
        "created_at": int(time.time()),
        "_charged_on": base,
    }
