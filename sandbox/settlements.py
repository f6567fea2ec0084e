"""Settlements: what the gateway took for the shop goes to the shop's bank account."""

import random
import string
import time

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox import fields, lists
from sandbox.entities import Entity, checked_id, collection, new_id, public
from sandbox.errors import invalid, unknown_id
from sandbox.events import Event, settlement_event
from sandbox.gateway import gateway
from sandbox.store import Books

blueprint = Blueprint("settlements", __name__, url_prefix="/v1/settlements")


def settle(books: Books) -> Event:
    """
    Pay out all captured payments that wait for it, less fees and refunds, and tell of it.

    A refund of a payment that was paid out before is taken off the next settlement.

    Raises:
        ApiError: the shop has nothing to get.
    """
    captured = [payment for payment in books.list("payment") if payment["captured"]]
    waiting = [payment for payment in captured if payment.get("_settled") != _net(payment)]
    amount = sum(_net(payment) - payment.get("_settled", 0) for payment in waiting)
    if amount <= 0:
        raise invalid("There is nothing to settle.")
    settlement = _settlement(amount, [one for one in waiting if "_settled" not in one])
    books.keep("settlement", settlement)
    for payment in waiting:
        books.keep("payment", payment | {"_settled": _net(payment)})
    return settlement_event(settlement)


@blueprint.get("", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List settlements, the newest first."""
    page = lists.fresh_enough(fields.page())
    with gateway().store.transaction() as books:
        found = books.list("settlement", page)
    return jsonify(collection(public(settlement) for settlement in found))


@blueprint.get("/<settlement_id>")
def fetch(settlement_id: str) -> ResponseReturnValue:
    """Show one settlement."""
    with gateway().store.transaction() as books:
        settlement = books.find("settlement", checked_id("setl", settlement_id))
    if settlement is None:
        raise unknown_id()
    return jsonify(public(settlement))


def _net(payment: Entity) -> int:
    """Return what the shop gets of a captured payment; the fee includes the tax."""
    net: int = payment["amount"] - payment["fee"] - payment["amount_refunded"]
    return net


def _settlement(amount: int, charged: list[Entity]) -> Entity:
    now = int(time.time())
    suffix = "".join(random.choices(string.digits + string.ascii_lowercase, k=6))
    return {
        "id": new_id("setl"),
        "entity": "settlement",
        "amount": amount,
        "status": "processed",
        "fees": sum(payment["fee"] for payment in charged),
        "tax": sum(payment["tax"] for payment in charged),
        "utr": f"{now}{suffix}",
        "created_at": now,
    }
