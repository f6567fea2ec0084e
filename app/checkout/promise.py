"""The money comes with the goods: the order is confirmed on the buyer's word."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.checkout import claims
from app.checkout.confirm import (
    Confirmation,
    commit_units,
    confirm_orders,
    has_its_coupon,
    settle_units,
)
from app.checkout.errors import OrderNotPayable, ReservationExpired
from app.core import points
from app.core.db import transaction
from app.inventory.errors import InsufficientStock
from app.inventory.terms import Claim
from app.orders import orders
from app.payments import attempts, payments
from app.payments.terms import AttemptNews

# One whose promise was begun in time and kept after it is served from what was taken then.
PROMISABLE = ("pending", "expired")


def promise_payment(order_id: UUID, payment_id: UUID) -> None:
    """
    Confirm a pending order whose payer promised to pay at the door; done before, it stays so.

    Raises:
        ReservationExpired: the time was over, and the units are gone.
        OrderNotPayable: it was paid or cancelled meanwhile.
        StaleEpoch: Redis was told anew between commit and deduction; ask again.
        InsufficientStock: Postgres does not have what Redis promised; nothing is done.
    """
    with transaction() as session:
        order = orders.find(session, order_id)
        claim = claims.of_order(order)
    if order.status not in PROMISABLE:
        if order.status == "cancelled":
            # An earlier try may have died with the units committed, which no cancellation releases.
            settle_units(claim)
        return
    commit = commit_units(claim)
    if commit.epochs is None:
        _require_kept(order_id)
        return
    points.reached("promise.after-redis-commit")
    try:
        with transaction() as session:
            _conclude(session, claim, payment_id, commit.epochs)
            points.reached("promise.before-pg-commit")
    except (InsufficientStock, OrderNotPayable):
        settle_units(claim)
        raise
    points.reached("promise.before-settle")
    settle_units(claim)


def _require_kept(order_id: UUID) -> None:
    """Take the last units being gone for no loss where another request took them for this order."""
    with transaction() as session:
        if not orders.find(session, order_id).pays_on_delivery:
            raise ReservationExpired


def _conclude(session: Session, claim: Claim, payment_id: UUID, epochs: Mapping[str, int]) -> None:
    """Confirm the order under its lock, unless another request did that first."""
    order = orders.lock(session, claim.id)
    if order.pays_on_delivery:
        return
    if order.status not in PROMISABLE:
        raise OrderNotPayable(f"The order is {order.status}.", order_status=order.status)
    if not has_its_coupon(session, order):
        raise OrderNotPayable("Its coupon is used up.", order_status=order.status)
    payment = payments.find(session, payment_id)
    promised = AttemptNews(
        gateway_order_id=payment.gateway_order_id or "",
        gateway_payment_id=payment.gateway_order_id or "",
        status="authorized",
        amount=payment.amount,
        currency=payment.currency,
        method="cash",
    )
    attempts.of_orders(session, [order.id]).record(payment, promised)
    order.pays_on_delivery = True
    payment.status = order.payment_status = "authorized"
    actor = f"customer:{order.user_id}"
    confirmed = Confirmation(order, claim, epochs, actor)
    confirm_orders(session, [confirmed], reason="pays on delivery")
