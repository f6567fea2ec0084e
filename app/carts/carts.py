"""The cart of a customer: put in, taken out, cleared by what was bought."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.errors import CartFull
from app.carts.models import CartItem
from app.catalog.errors import ProductNotFound
from app.catalog.models import Product

# As many different products as one checkout takes.
MOST_LINES = 50
_CART: Any = CartItem.__table__
_LINE = (CartItem.user_id == bindparam("of_user")) & (
    CartItem.product_id == bindparam("of_product")
)
_TAKE_ALL = delete(_CART).where(_LINE, CartItem.quantity <= bindparam("units"))
_TAKE_SOME = (
    update(_CART)
    .where(_LINE, CartItem.quantity > bindparam("units"))
    .values(quantity=CartItem.quantity - bindparam("units"))
)


def items(session: Session, user_id: UUID) -> Sequence[tuple[Product, int]]:
    """List the products in the cart with their quantities, in the order they were put in."""
    rows = session.execute(
        select(Product, CartItem.quantity)
        .join(Product, Product.id == CartItem.product_id)
        .where(CartItem.user_id == user_id)
        .order_by(CartItem.added_at, Product.sku)
    )
    return [(product, quantity) for product, quantity in rows]


def put(session: Session, user_id: UUID, sku: str, quantity: int) -> None:
    """
    Have ``quantity`` units of a product in the cart, whatever was there before.

    Raises:
        ProductNotFound: there is no such product, or it is not on sale.
        CartFull: the cart has as many different products as a checkout takes.
    """
    product_id = session.scalar(select(Product.id).where(Product.sku == sku, Product.is_active))
    if product_id is None:
        raise ProductNotFound(f"There is no product {sku}.")
    session.execute(
        insert(CartItem)
        .values(user_id=user_id, product_id=product_id, quantity=quantity)
        .on_conflict_do_update(
            index_elements=["user_id", "product_id"], set_={"quantity": quantity}
        )
    )
    lines = session.scalar(select(func.count()).where(CartItem.user_id == user_id)) or 0
    if lines > MOST_LINES:
        raise CartFull(f"A cart takes {MOST_LINES} different products.")


def remove(session: Session, user_id: UUID, sku: str) -> None:
    """Take a product out of the cart, if it is in there."""
    product_id = select(Product.id).where(Product.sku == sku).scalar_subquery()
    session.execute(
        delete(CartItem).where(CartItem.user_id == user_id, CartItem.product_id == product_id)
    )


def empty(session: Session, user_id: UUID) -> None:
    """Take everything out of the cart."""
    session.execute(delete(CartItem).where(CartItem.user_id == user_id))


def take_bought(session: Session, bought: Mapping[tuple[UUID, UUID], int]) -> None:
    """Take what was bought (user and product id to units) out; what was put in since then stays."""
    lines = [
        {"of_user": user_id, "of_product": product_id, "units": units}
        for (user_id, product_id), units in sorted(bought.items())
    ]
    if lines:
        session.execute(_TAKE_ALL, lines)
        session.execute(_TAKE_SOME, lines)
