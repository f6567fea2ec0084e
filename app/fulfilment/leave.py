"""A customer leaves: who they were is erased, and what they bought is kept."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts import accounts, passwords
from app.accounts.errors import WrongPassword
from app.carts import carts
from app.core.auth import GUEST, STAFF_ROLES
from app.core.db import transaction
from app.fulfilment.errors import OrdersUnderWay, StaffCannotLeave
from app.orders import orders
from app.waitlist import waitlist

UNDER_WAY = ("pending", "confirmed", "processing", "shipped", "return_requested")


def delete_account(user_id: UUID, *, password: str) -> None:
    """
    Erase an account: name, address, phone, addresses, cart; its orders stay as the law wants them.

    Raises:
        SessionEnded: it is erased already.
        WrongPassword: it is not the account's.
        OrdersUnderWay: something is still to be paid, sent or returned.
        StaffCannotLeave: an admin takes the role away first.
    """
    with transaction() as session:
        user = accounts.find(session, user_id)
        # A guest has no password, and shows by the token alone who they are.
        if user.role != GUEST and not passwords.is_right(user, password):
            raise WrongPassword
        if user.role in STAFF_ROLES:
            raise StaffCannotLeave
        if orders.has_any(session, user_id, UNDER_WAY):
            raise OrdersUnderWay
        carts.forget(session, user_id)
        waitlist.forget(session, user_id)
        accounts.erase(session, user)


# Whoever has ordered is somebody, verified or not.
_UNVERIFIED = text("""
    WITH nobody AS (
        SELECT id FROM users
        WHERE email_verified_at IS NULL AND deleted_at IS NULL AND role IN ('guest', 'customer')
            AND created_at < now() - :age
            AND NOT EXISTS (SELECT FROM orders WHERE user_id = users.id)
        ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ),
    items AS (DELETE FROM cart_items USING nobody WHERE user_id = nobody.id),
    waits AS (DELETE FROM waitlist_entries USING nobody WHERE user_id = nobody.id),
    coupons AS (DELETE FROM coupon_customers USING nobody WHERE user_id = nobody.id),
    notes AS (DELETE FROM account_notes USING nobody WHERE user_id = nobody.id),
    places AS (DELETE FROM addresses USING nobody WHERE user_id = nobody.id),
    visits AS (DELETE FROM sessions USING nobody WHERE user_id = nobody.id),
    resets AS (DELETE FROM password_resets USING nobody WHERE user_id = nobody.id)
    DELETE FROM users USING nobody WHERE users.id = nobody.id RETURNING users.id
""")


def forget_unverified(session: Session, age: timedelta, *, limit: int) -> int:
    """Forget up to ``limit`` old accounts that are nobody's and bought nothing; tells how many."""
    return len(session.execute(_UNVERIFIED, {"age": age, "limit": limit}).all())
