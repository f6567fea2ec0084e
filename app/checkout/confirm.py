"""
Orders are confirmed: their units are committed in Redis, deducted in Postgres, settled in Redis.

Three steps of whichever story it is that makes an order one to be delivered. A crash between two
of them leaves units that nobody can buy and a story that runs again. Many orders at once take the
round trips and the commit of one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import carts
from app.core.db import transaction
from app.core.redis_client import redis
from app.coupons import coupons
from app.inventory import ledger, reservations
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded
from app.inventory.terms import Booking, Claim, Deduction
from app.orders import orders
from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Commit:
    """What became of committing the units in Redis: each line's epoch, or why there are none."""

    epochs: Mapping[str, int] | None = None
    refusal: str = "sold_out"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A locked order that is to be delivered, its claim, and the epochs of its committed units."""

    order: Order
    claim: Claim
    epochs: Mapping[str, int]
    actor: str


def commit_all(claims: Sequence[Claim]) -> dict[UUID, Commit]:
    """Make the units of many orders ones that never expire, as far as can be in one round trip."""
    at_once = reservations.commit_all(redis(), claims)
    return {
        claim.id: Commit(at_once[claim.id]) if claim.id in at_once else commit_units(claim)
        for claim in claims
    }


def commit_units(claim: Claim) -> Commit:
    """Make an order's units ones that never expire, taking them anew where they had expired."""
    try:
        return Commit(reservations.commit(redis(), claim))
    except InsufficientStock:
        return Commit()
    except PurchaseLimitExceeded:
        return Commit(refusal="purchase_limit")


def has_its_coupon(session: Session, order: Order) -> bool:
    """Make sure that a locked order has the coupon it was priced by; False where it is used up."""
    return order.coupon_code is None or coupons.take_again(session, order.id)


def confirm_orders(session: Session, confirmations: Sequence[Confirmation], *, reason: str) -> None:
    """
    Confirm orders and deduct their committed units, of all or of none.

    Raises:
        InsufficientStock: Postgres does not have what Redis promised; nothing is done.
        StaleEpoch: Redis was told anew since the commit; run again.
    """
    bought: Counter[tuple[UUID, UUID]] = Counter()
    for confirmed in confirmations:
        order = confirmed.order
        orders.move(session, order, "confirmed", actor=confirmed.actor, reason=reason)
        if order.is_from_cart:
            for line in order.lines:
                bought[order.user_id, line.product_id] += line.quantity
    ledger.deduct_all(session, redis(), list(map(_deduction, confirmations)))
    order_ids = [confirmed.order.id for confirmed in confirmations]
    reservations.resolve_all(session, order_ids, "committed")
    carts.take_bought(session, bought)


def _deduction(confirmed: Confirmation) -> Deduction:
    order_id = confirmed.order.id
    booking = Booking(f"sale:{order_id}", confirmed.actor, order_id=order_id)
    return Deduction(confirmed.claim, confirmed.epochs, booking)


def settle_units(claim: Claim) -> None:
    """Show in Redis what Postgres has now, deducted or not, and drop the commit."""
    settle_all([claim])


def settle_all(claims: Sequence[Claim]) -> None:
    """Show in Redis what Postgres has now, deducted or not, and drop the commits of many orders."""
    with transaction() as session:
        numbers = ledger.numbers_of(session, claims)
    ledger.settle_all(redis(), list(zip(claims, numbers, strict=True)))
