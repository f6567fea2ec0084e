"""
An order is confirmed: its units are committed in Redis, deducted in Postgres, settled in Redis.

Three steps of whichever story it is that makes an order one to be delivered. A crash between two
of them leaves units that nobody can buy and a story that runs again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.carts import carts
from app.core import jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import ledger, reservations
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded
from app.inventory.terms import Booking, Claim
from app.orders import orders
from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Commit:
    """What became of committing the units in Redis: each line's epoch, or why there are none."""

    epochs: Mapping[str, int] | None = None
    refusal: str = "sold_out"


def commit_units(claim: Claim) -> Commit:
    """Make an order's units ones that never expire, taking them anew where they had expired."""
    try:
        return Commit(reservations.commit(redis(), claim))
    except InsufficientStock:
        return Commit()
    except PurchaseLimitExceeded:
        return Commit(refusal="purchase_limit")


def confirm_order(
    session: Session,
    order: Order,
    claim: Claim,
    epochs: Mapping[str, int],
    *,
    actor: str,
    reason: str,
) -> None:
    """
    Confirm a locked order and deduct its committed units.

    Raises:
        InsufficientStock: Postgres does not have what Redis promised; nothing is done.
        StaleEpoch: Redis was told anew since the commit; run again.
    """
    orders.move(session, order, "confirmed", actor=actor, reason=reason)
    booking = Booking(f"sale:{order.id}", actor, order_id=order.id)
    ledger.deduct(session, redis(), claim, epochs, booking)
    reservations.resolve(session, order.id, "committed")
    if order.is_from_cart:
        units = {line.product_id: line.quantity for line in order.lines}
        carts.take_bought(session, order.user_id, units)
    jobs.stage(session, "mail.send_order_confirmed", order_id=str(order.id))


def settle_units(claim: Claim) -> None:
    """Show in Redis what Postgres has now, deducted or not, and drop the commit."""
    with transaction() as session:
        numbers = ledger.numbers(session, list(claim.units), buyer=claim.buyer)
    ledger.settle(redis(), claim, numbers)
