"""The time passes until the shop asks its gateways by itself."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.payments.models import Payment, Refund
from tests.builders import Shop
from workers.payments import poll_payments, poll_refunds


def let_time_pass(session: Session) -> None:
    """Let the time come at which everything that is open is asked about."""
    for table in (Payment, Refund):
        is_open = table.next_poll_at.is_not(None)
        session.execute(update(table).where(is_open).values(next_poll_at=func.now()))


def poll(shop: Shop, session: Session) -> None:
    """Ask about everything that is open, and let the workers do what follows from it."""
    let_time_pass(session)
    poll_payments()
    poll_refunds()
    shop.work()
