"""The cart of a customer: put in, taken out, cleared by what was bought."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.errors import CartFull
from app.carts.models import CartItem
from app.catalog.errors import ProductNotFound
from app.catalog.models import Product

# As many different products as one checkout takes.
MOST_LINES = 50
MOST_SAVED = 100
_CART: Any = CartItem.__table__
_LINE = (
    (CartItem.user_id == bindparam("of_user"))
    & (CartItem.product_id == bindparam("of_product"))
    & CartItem.is_saved.is_(False)
)
_MERGE = text("""
    INSERT INTO cart_items (user_id, product_id, quantity, is_saved, added_at)
    SELECT :to_user, product_id, quantity, is_saved, added_at FROM cart_items
    WHERE user_id = :from_user ORDER BY product_id
    ON CONFLICT (user_id, product_id) DO UPDATE SET
        quantity = greatest(cart_items.quantity, excluded.quantity),
        is_saved = cart_items.is_saved AND excluded.is_saved
""")
_SAVE_WHAT_IS_TOO_MUCH = text("""
    UPDATE cart_items SET is_saved = true WHERE user_id = :user_id AND product_id IN (
        SELECT product_id FROM cart_items WHERE user_id = :user_id AND NOT is_saved
        ORDER BY added_at, product_id OFFSET :most)
""")
_TAKE_ALL = delete(_CART).where(_LINE, CartItem.quantity <= bindparam("units"))
_TAKE_SOME = (
    update(_CART)
    .where(_LINE, CartItem.quantity > bindparam("units"))
    .values(quantity=CartItem.quantity - bindparam("units"))
)


def items(
    session: Session, user_id: UUID, *, is_saved: bool = False
) -> Sequence[tuple[Product, int]]:
    """List the products in the cart, or those saved for later, with their quantities, in order."""
    rows = session.execute(
        select(Product, CartItem.quantity)
        .join(Product, Product.id == CartItem.product_id)
        .where(CartItem.user_id == user_id, CartItem.is_saved.is_(is_saved))
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
            index_elements=["user_id", "product_id"],
            set_={"quantity": quantity, "is_saved": False},
        )
    )
    if _count(session, user_id, is_saved=False) > MOST_LINES:
        raise CartFull(f"A cart takes {MOST_LINES} different products.")


def save(session: Session, user_id: UUID, sku: str) -> None:
    """
    Save a product of the cart for later; one that is saved stays so.

    Raises:
        ProductNotFound: it is not in the cart.
        CartFull: as many are saved as there can be.
    """
    saved = session.scalar(
        update(CartItem)
        .where(CartItem.user_id == user_id, CartItem.product_id == _id_of(sku))
        .values(is_saved=True)
        .returning(CartItem.product_id)
    )
    if saved is None:
        raise ProductNotFound(f"There is no {sku} in your cart.")
    if _count(session, user_id, is_saved=True) > MOST_SAVED:
        raise CartFull(f"{MOST_SAVED} different products can be saved for later.")


def remove(session: Session, user_id: UUID, sku: str, *, is_saved: bool = False) -> None:
    """Take a product out of the cart, or out of what is saved for later, if it is there."""
    session.execute(
        delete(CartItem).where(
            CartItem.user_id == user_id,
            CartItem.product_id == _id_of(sku),
            CartItem.is_saved.is_(is_saved),
        )
    )


def empty(session: Session, user_id: UUID) -> None:
    """Take everything out of the cart; what is saved for later stays."""
    session.execute(
        delete(CartItem).where(CartItem.user_id == user_id, CartItem.is_saved.is_(False))
    )


def forget(session: Session, user_id: UUID) -> None:
    """Forget the cart and what was saved for later."""
    session.execute(delete(CartItem).where(CartItem.user_id == user_id))


def merge(session: Session, from_user: UUID, to_user: UUID) -> None:
    """
    Put one customer's cart into another's, which is then the only one.

    Of a product that both have the larger quantity stays, for it is rarely wanted twice. What a
    cart cannot take, the newest, is saved for later.
    """
    session.execute(_MERGE, {"from_user": from_user, "to_user": to_user})
    forget(session, from_user)
    session.execute(_SAVE_WHAT_IS_TOO_MUCH, {"user_id": to_user, "most": MOST_LINES})


def _count(session: Session, user_id: UUID, *, is_saved: bool) -> int:
    query = select(func.count()).where(CartItem.user_id == user_id, CartItem.is_saved.is_(is_saved))
    return session.scalar(query) or 0


def _id_of(sku: str) -> ScalarSelect[UUID]:
    return select(Product.id).where(Product.sku == sku).scalar_subquery()


def take_bought(session: Session, bought: Mapping[tuple[UUID, UUID], int]) -> None:
    """Take what was bought (user and product id to units) out; what was put in since then stays."""
    lines = [
        {"of_user": user_id, "of_product": product_id, "units": units}
        for (user_id, product_id), units in sorted(bought.items())
    ]
    if lines:
        session.execute(_TAKE_ALL, lines)
        session.execute(_TAKE_SOME, lines)
