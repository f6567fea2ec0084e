"""What has to be true of the money at the end of every failure, ours and the gateway's."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.payments.models import Payment, PaymentAttempt
from app.treasury import audit
from tests.builders import Shop, values
from tests.payments.balance import assert_balanced


def assert_sound(shop: Shop, session: Session, **asked_for: Sequence[int]) -> None:
    """
    Expect stock and money to add up, the audit to find nothing, and the gateway to say the same.

    ``asked_for`` are refunds that somebody wanted besides, by the id of the try.
    """
    assert_balanced(session, **asked_for)
    assert audit.findings(session) == []
    assert _in_our_books(session) == _in_their_books(shop, session)


def _in_our_books(session: Session) -> dict[str, tuple[int, int]]:
    """Tell of every capture how much came and how much of it went back."""
    columns = PaymentAttempt.amount, PaymentAttempt.amount_refunded
    rows = session.execute(
        select(PaymentAttempt.gateway_payment_id, *columns).where(
            PaymentAttempt.status == "captured"
        )
    )
    return {payment_id: (came, went_back) for payment_id, came, went_back in values(rows)}


def _in_their_books(shop: Shop, session: Session) -> dict[str, tuple[int, int]]:
    """Tell the same of every capture that the gateway has for our orders, or that we know of."""
    orders = set(session.scalars(select(Payment.gateway_order_id)))
    known = set(session.scalars(select(PaymentAttempt.gateway_payment_id)))
    return {
        payment["id"]: (payment["amount"], payment["amount_refunded"])
        for payment in shop.gateway.books()["payments"]
        if payment["captured"] and (payment["order_id"] in orders or payment["id"] in known)
    }
