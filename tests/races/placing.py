"""Orders as checkout writes them, the reservation of their units left to the test."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalog.models import Product
from app.core.db import transaction
from app.core.ids import new_id
from app.inventory import reservations
from app.inventory.terms import Claim, Reserved
from app.orders import orders, prices
from app.orders.models import Order
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


def place(session: Session, claim: Claim, reserved: Reserved) -> Order:
    """Write a pending order, with the locks that checkout takes."""
    query = select(Product).where(Product.sku.in_(claim.units)).order_by(Product.sku)
    products = session.scalars(query.with_for_update(read=True, key_share=True)).all()
    return orders.place(
        session,
        order_id=claim.id,
        user_id=UUID(claim.buyer),
        price=prices.price(products, claim.units, shipping_fee=0, shipping_free_from=0),
        shipping_address=ADDRESS,
        billing_address=ADDRESS,
        notes=None,
        is_from_cart=False,
        expires_at=reservations.instant(reserved.deadline_ms),
    )
