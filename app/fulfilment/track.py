"""A guest who lost their token finds their order again, by its number and their mail address."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.auth import GUEST
from app.orders.errors import OrderNotFound
from app.orders.models import Order


def find_guest(session: Session, *, number: str, email: str) -> User:
    """
    Find the guest who placed an order; its number cannot be guessed.

    Raises:
        OrderNotFound: no guest did, or by another address.
    """
    query = select(User).join(Order, Order.user_id == User.id)
    guest = session.scalars(
        query.where(Order.number == number, User.email == email, User.role == GUEST)
    ).one_or_none()
    if guest is None:
        raise OrderNotFound
    return guest
