"""Orders as checkout writes them, the reservation of their units left to the test."""

from uuid import UUID

from app.accounts.models import User
from app.catalog import pricelist
from app.checkout import placement
from app.core.db import transaction
from app.core.ids import new_id
from app.core.redis_client import redis
from app.inventory import stock
from app.inventory.terms import Claim, Reserved
from app.orders import prices
from tests.builders import ADDRESS


def buyers(count: int) -> list[str]:
    """Register some customers; returns whom a purchase limit counts for."""
    with transaction() as session:
        users = [
            User(id=new_id(), email=f"{new_id()}@example.com", name="Meera", password_hash="-")
            for _ in range(count)
        ]
        session.add_all(users)
        return [str(user.id) for user in users]


def place(claim: Claim, reserved: Reserved) -> None:
    """Write a pending order and its reservations by the statement of checkout."""
    listed = pricelist.look_up(claim.units)
    told = placement.place(
        claim,
        reserved,
        prices.price(list(listed.values()), claim.units, shipping_fee=0, shipping_free_from=0),
        customer_id=UUID(claim.buyer),
        shipping_address=ADDRESS,
        billing_address=ADDRESS,
        notes=None,
        coupon=None,
        pan=None,
        is_from_cart=False,
        fingerprint="-",
    )
    if told is None:
        raise stock.stale(redis(), reserved.epochs)
