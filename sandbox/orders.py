"""Orders: what a payment is for, and the guard against paying twice."""

import time
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox import fields, lists
from sandbox.entities import Entity, checked_id, collection, new_id, public
from sandbox.errors import invalid, unknown_id
from sandbox.gateway import gateway
from sandbox.mishaps import switch
from sandbox.store import Books, Page

blueprint = Blueprint("orders", __name__, url_prefix="/v1/orders")

_FIELDS = (
    "amount",
    "currency",
    "receipt",
    "notes",
    "partial_payment",
    "first_payment_min_amount",
    "payment",
    "payment_capture",
    "unique_receipt",
)


def find(books: Books, order_id: object) -> Entity:
    """
    Return an order.

    Raises:
        ApiError: the id has the wrong shape or is not in the books.
    """
    order = books.find("order", checked_id("order", order_id))
    if order is None:
        raise unknown_id()
    return order


def is_paid(order: Entity) -> bool:
    """Tell whether the order has all its money, which is final."""
    return bool(order["status"] == "paid")


def attempt(books: Books, order: Entity) -> None:
    """Count one more try to pay."""
    order["attempts"] += 1
    if order["status"] == "created":
        order["status"] = "attempted"
    books.keep("order", order)


def receive(books: Books, order: Entity, amount: int) -> None:
    """
    Book captured money on an order.

    The buyer may have borne a fee on top or had an offer taken off; either way one
    payment settles an order, unless the order takes it in parts.
    """
    paid = order["amount_paid"] + min(amount, order["amount_due"])
    is_complete = paid == order["amount"] or not order["_partial_payment"]
    order["amount_paid"] = paid
    order["amount_due"] = 0 if is_complete else order["amount"] - paid
    if is_complete:
        order["status"] = "paid"
    books.keep("order", order)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Open an order, or with ``unique_receipt`` return the one that has the receipt."""
    body = fields.json_body(_FIELDS)
    order = _order(body)
    is_unique = fields.flag(body, "unique_receipt")
    with gateway().store.transaction() as books:
        page = Page(receipt=order["receipt"], count=1)
        taken = books.list("order", page) if order["receipt"] is not None else []
        if taken and is_unique:
            return jsonify(public(taken[0]))
        if taken and switch("unique_receipts"):
            raise invalid("Order receipt should be unique.", metadata={"order_id": taken[0]["id"]})
        books.keep("order", order)
    return jsonify(public(order))


@blueprint.get("", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List orders, the newest first, on request with their payments."""
    page = lists.fresh_enough(fields.page(allowed=("receipt", "authorized")))
    is_with_payments = fields.is_expanded("payments") or fields.is_expanded("payments.card")
    with gateway().store.transaction() as books:
        orders = books.list("order", page)
        if is_with_payments:
            orders = [order | {"payments": _payments_of(books, order["id"])} for order in orders]
    return jsonify(collection(public(order) for order in orders))


@blueprint.get("/<order_id>")
def fetch(order_id: str) -> ResponseReturnValue:
    """Show one order."""
    with gateway().store.transaction() as books:
        return jsonify(public(find(books, order_id)))


@blueprint.get("/<order_id>/payments")
def payments(order_id: str) -> ResponseReturnValue:
    """List every attempt to pay an order, the first one first."""
    with gateway().store.transaction() as books:
        find(books, order_id)
        return jsonify(_payments_of(books, order_id))


@blueprint.patch("/<order_id>")
def edit(order_id: str) -> ResponseReturnValue:
    """Replace the notes of an order; nothing else of it ever changes on request."""
    with gateway().store.transaction() as books:
        return jsonify(lists.with_new_notes(books, "order", find(books, order_id)))


def _payments_of(books: Books, order_id: str) -> Entity:
    is_with_card = fields.is_expanded("payments.card") or fields.is_expanded("card")
    found = books.list("payment", Page(parent_id=order_id))
    return collection(lists.shown_payment(payment, is_with_card=is_with_card) for payment in found)


def _order(body: dict[str, Any]) -> Entity:
    amount = fields.order_amount(body)
    is_partial = fields.flag(body, "partial_payment")
    if "first_payment_min_amount" in body:
        if not is_partial:
            raise invalid(
                "The first payment min amount is only allowed with partial payment.",
                field="first_payment_min_amount",
            )
        fields.amount(body, "first_payment_min_amount")
    return {
        "id": new_id("order"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": fields.currency(body),
        "receipt": fields.text(body, "receipt", longest=fields.RECEIPT_LENGTH),
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": fields.notes(body),
        "created_at": int(time.time()),
        "_partial_payment": is_partial,
        "_capture": _capture(body),
    }


def _capture(body: dict[str, Any]) -> str:
    """Return who captures an authorized payment of this order: the gateway or the shop."""
    settings = body.get("payment", {})
    if not isinstance(settings, dict):
        raise invalid("The payment must be an array.", field="payment")
    legacy = "automatic" if fields.flag({"payment_capture": 1} | body, "payment_capture") else ""
    capture: str = settings.get("capture", legacy or "manual")
    if capture not in ("automatic", "manual"):
        raise invalid("The selected capture is invalid.", field="capture")
    _check_capture_options(settings.get("capture_options", {}))
    return capture


def _check_capture_options(options: Any) -> None:
    if not isinstance(options, dict):
        raise invalid("The capture options must be an array.", field="capture_options")
    for name in ("automatic_expiry_period", "manual_expiry_period"):
        if name in options:
            fields.whole(options, name)
