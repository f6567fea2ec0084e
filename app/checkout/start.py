"""A checkout begins: units are reserved, the order is written, the buyer has 15 minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import accounts, addresses
from app.accounts.errors import AddressNotFound
from app.carts import carts
from app.carts.errors import CartEmpty
from app.catalog.models import Product
from app.checkout import idempotency
from app.checkout.errors import PriceChanged, ProductUnavailable
from app.config import Settings
from app.core.db import CommitUnknown, transaction
from app.core.ids import keyed_id
from app.core.money import CURRENCY
from app.core.problems import ServiceUnavailable, invalid
from app.core.redis_client import redis
from app.inventory import reservations
from app.inventory.errors import ReservationCommitted
from app.inventory.terms import Claim, Reserved
from app.orders import orders, prices
from app.orders.models import Order
from app.orders.prices import Price
from app.orders.schemas import OrderSchema

_ORDER = OrderSchema()


@dataclass(frozen=True, slots=True)
class Answer:
    """The order as the API tells it, and whether it was told before."""

    order: dict[str, Any]
    is_replay: bool


def start_checkout(
    settings: Settings, *, customer_id: UUID, key: str, body: dict[str, Any]
) -> Answer:
    """
    Reserve the units of an order and write it, all of it or nothing.

    ``body`` is a checkout as its schema reads it. The same ``key`` of the same customer is
    answered once; the order's id derives from the two.

    Raises:
        InsufficientStock: naming every short line; decided by Redis alone.
        PriceChanged: the total is not the expected one.
        RequestInFlight, IdempotencyKeyReused: what became of the key.
    """
    order_id = keyed_id(settings.secret_key.get_secret_value(), "order", str(customer_id), key)
    summed_up = idempotency.fingerprint(body)
    with idempotency.claimed(redis(), order_id, of=summed_up) as is_ours:
        if not is_ours and (known := _kept(order_id, summed_up)):
            return known
        claim = Claim(order_id, str(customer_id), body["lines"] or _cart(customer_id))
        reserved = reservations.reserve(
            redis(), claim, lifetime_seconds=settings.reservation_ttl_seconds
        )
        if reserved is None:
            return _known(order_id, summed_up)
        try:
            with transaction() as session:
                order = _place(session, settings, customer_id, claim, reserved, body)
                told: dict[str, Any] = _ORDER.dump(order)
                idempotency.keep(session, order_id, of=summed_up, answer=told)
            return Answer(told, is_replay=False)
        except CommitUnknown:
            # The order may be there and stand on the reservation; if not, the deadline ends it.
            raise
        except IntegrityError:
            _release(claim, reserved)
            return _known(order_id, summed_up)
        except BaseException:
            _release(claim, reserved)
            raise


def _place(
    session: Session,
    settings: Settings,
    customer_id: UUID,
    claim: Claim,
    reserved: Reserved,
    body: Mapping[str, Any],
) -> Order:
    """Write the order and the durable copy of its reservation, at the prices of now."""
    accounts.find(session, customer_id)
    shipping = _address(session, customer_id, body, "shipping")
    billing = _address(session, customer_id, body, "billing") or shipping
    if shipping is None:
        raise invalid("#", "needs shipping_address_id or shipping_address")
    price = _price(session, settings, claim.units, body["expected_total"])
    order = orders.place(
        session,
        order_id=claim.id,
        user_id=customer_id,
        price=price,
        shipping_address=shipping,
        billing_address=billing or shipping,
        notes=body["notes"],
        is_from_cart=not body["lines"],
        expires_at=reservations.instant(reserved.deadline_ms),
    )
    reservations.remember(session, redis(), claim, reserved)
    return order


def _price(
    session: Session, settings: Settings, quantities: Mapping[str, int], expected: int | None
) -> Price:
    # Locked in one order, as a load locks them, so that the two never wait for each other.
    query = select(Product).where(Product.sku.in_(quantities)).order_by(Product.sku)
    products = session.scalars(query.with_for_update(read=True, key_share=True)).all()
    gone = sorted(set(quantities) - {p.sku for p in products if p.is_active})
    if gone:
        raise ProductUnavailable(f"{', '.join(gone)} cannot be bought now.", skus=gone)
    price = prices.price(
        products,
        quantities,
        shipping_fee=settings.shipping_fee,
        shipping_free_from=settings.shipping_free_from,
    )
    if expected is not None and expected != price.total:
        raise PriceChanged(
            expected_total={"amount": expected, "currency": CURRENCY},
            total={"amount": price.total, "currency": CURRENCY},
        )
    return price


def _address(
    session: Session, customer_id: UUID, body: Mapping[str, Any], kind: str
) -> dict[str, Any] | None:
    written, address_id = body[f"{kind}_address"], body[f"{kind}_address_id"]
    if written is not None:
        return addresses.snapshot(written)
    if address_id is None:
        return None
    try:
        return addresses.snapshot(addresses.find(session, customer_id, address_id))
    except AddressNotFound:
        raise invalid(f"#/{kind}_address_id", "is not one of your addresses") from None


def _cart(customer_id: UUID) -> dict[str, int]:
    with transaction() as session:
        quantities = {p.sku: quantity for p, quantity in carts.items(session, customer_id)}
    if not quantities:
        raise CartEmpty
    return quantities


def _release(claim: Claim, reserved: Reserved) -> None:
    """Give back what this call took, unless a later call of the same key stands on it by now."""
    try:
        reservations.release(redis(), claim, fence=reserved)
    except (ServiceUnavailable, ReservationCommitted):
        # The deadline gives it back; or its order is being paid for, and there is nothing to give.
        return


def _known(order_id: UUID, summed_up: str) -> Answer:
    known = _kept(order_id, summed_up)
    assert known is not None, "there is an order without its answer"  # noqa: S101
    return known


def _kept(order_id: UUID, summed_up: str) -> Answer | None:
    with transaction() as session:
        answer = idempotency.kept(session, order_id, of=summed_up)
    return None if answer is None else Answer(answer, is_replay=True)
