"""
Units are given up: they go back on sale, and what they were paid goes back to the payer.

All of it in one transaction under the order's lock, so that a parcel which staff ship at the same
moment is either shipped or cancelled. Redis is shown the units afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.checkout.cancel import release_order
from app.checkout.confirm import settle_units
from app.core.announcements import announce
from app.core.db import transaction
from app.core.problems import ReferenceReused
from app.coupons import coupons
from app.fulfilment.errors import OrderNotCancellable, UnitsNotCancellable
from app.fulfilment.money import send_money_back
from app.inventory import ledger
from app.inventory.terms import Booking, Claim
from app.orders import orders, shares
from app.orders.models import Order, OrderCancellation
from app.payments.terms import Speed

# Packed, perhaps, and not out of the house.
CANCELLABLE = ("confirmed", "processing")
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Wish:
    """
    Who wants something given up and why, and how fast the money goes back.

    A customer's own orders are the only ones that ``customer_id`` may touch; staff have none.
    """

    actor: str
    reason: str | None
    speed: Speed
    customer_id: UUID | None = None


def cancel_order(order_id: UUID, wish: Wish) -> Order:
    """
    Cancel an order that has not left the house; cancelling it again changes nothing.

    A pending one gives its reservation up; a payment that is captured all the same makes it live
    again, or is refunded. Of a confirmed one goes back whatever is left of its payment.

    Raises:
        OrderNotFound: there is none, or it is somebody else's.
        OrderNotCancellable: it is past that.
    """
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=wish.customer_id)
        if order.status == "cancelled":
            return order
        if order.status == "pending":
            release_order(session, order, actor=wish.actor, reason=wish.reason)
            return order
        _require_cancellable(order)
        rest = {line.sku: line.remaining for line in order.lines if line.remaining}
        claim = _give_up(session, order, rest, WHOLE, wish)
    settle_units(claim)
    return order


def cancel_units(order_id: UUID, units: Mapping[str, int], *, reference: str, wish: Wish) -> Order:
    """
    Give up some units (by SKU) of a confirmed order; with the last one the order is cancelled.

    Repeated under the same ``reference`` it changes nothing.

    Raises:
        OrderNotFound: there is none, or it is somebody else's.
        OrderNotCancellable: it is not confirmed yet, or has left the house.
        UnitsNotCancellable: naming the lines that have fewer units left.
        ReferenceReused: other units were given up under this reference.
    """
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=wish.customer_id)
        earlier = orders.cancellation(session, order_id, reference)
        if earlier is not None:
            if earlier.units != units:
                raise ReferenceReused
            return order
        _require_cancellable(order)
        _require_left(order, units)
        claim = _give_up(session, order, units, reference, wish)
    settle_units(claim)
    return order


def _require_cancellable(order: Order) -> None:
    if order.status not in CANCELLABLE:
        raise OrderNotCancellable(f"The order is {order.status}.", order_status=order.status)


def _require_left(order: Order, units: Mapping[str, int]) -> None:
    left = {line.sku: line.remaining for line in order.lines}
    short = [
        {"sku": sku, "requested": wanted, "left": left.get(sku, 0)}
        for sku, wanted in units.items()
        if wanted > left.get(sku, 0)
    ]
    if short:
        raise UnitsNotCancellable(lines=short)


def _give_up(
    session: Session, order: Order, units: Mapping[str, int], reference: str, wish: Wish
) -> Claim:
    """Write all of it for a locked order; returns the claim that is settled after the commit."""
    amount = 0
    for line in order.lines:
        given_up = units.get(line.sku, 0)
        amount += shares.paid_for(line, line.gone, given_up)
        line.cancelled_quantity += given_up
    is_over = not any(line.remaining for line in order.lines)
    if is_over:
        amount += order.shipping_fee
        orders.move(session, order, "cancelled", actor=wish.actor, reason=wish.reason)
        coupons.give_back(session, order.id)
    else:
        announce(session, "order.units_cancelled", order.id)
    name = f"cancel:{order.id}:{reference}"
    cancellation = OrderCancellation(
        order_id=order.id,
        reference=reference,
        units=dict(units),
        amount=send_money_back(
            session, order, amount, reference=name, reason=wish.reason or "cancelled",
            actor=wish.actor, speed=wish.speed,
        ),
        actor=wish.actor,
        reason=wish.reason,
    )  # fmt: skip
    session.add(cancellation)
    booking = Booking(name, wish.actor, wish.reason)
    claim = ledger.restock(session, order.id, units, booking)
    assert claim is not None, "its reference is taken under the order's lock"  # noqa: S101
    return claim
