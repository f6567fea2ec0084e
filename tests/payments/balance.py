"""What has to be true of stock and money at the end of every story."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.redis_client import redis
from app.inventory import keys, scripts
from app.inventory.models import Reservation, StockMovement
from app.inventory.terms import Levels
from app.orders.models import Order, OrderCancellation
from app.payments.models import Payment, PaymentAttempt, Refund
from tests.builders import values

PAID_FOR = ("confirmed", "processing", "shipped", "delivered")


def assert_balanced(session: Session, **asked_for: Sequence[int]) -> None:
    """
    Compare Redis with Postgres and the ledger, and account for every capture.

    ``asked_for`` are refunds that somebody wanted besides, or in parts, by the id of the try.
    """
    on_hand = dict(values(session.execute(select(Product.sku, Product.stock_quantity))))
    assert _in_redis(on_hand) == {
        sku: (Levels(units, _pending(session, sku), 0), {}) for sku, units in on_hand.items()
    }
    assert _ledger(session) == on_hand
    assert _what_became_of_captures(session) == _what_has_to_become(session, asked_for)


def _in_redis(skus: dict[str, int]) -> dict[str, tuple[Levels, dict[str, str]]]:
    levels = scripts.levels(redis(), list(skus)) if skus else {}
    return {sku: (levels[sku], redis().hgetall(keys.committed(sku))) for sku in skus}


def _pending(session: Session, sku: str) -> int:
    return session.scalar(
        select(func.coalesce(func.sum(Reservation.units), 0))
        .join(Product, Product.id == Reservation.product_id)
        .where(Product.sku == sku, Reservation.state == "pending")
    )


def _ledger(session: Session) -> dict[str, int]:
    moved = func.coalesce(func.sum(StockMovement.units), 0)
    return dict(
        values(
            session.execute(
                select(Product.sku, moved)
                .outerjoin(StockMovement, StockMovement.product_id == Product.id)
                .group_by(Product.sku)
            )
        )
    )


def _what_became_of_captures(session: Session) -> list[tuple[str, str, list[int]]]:
    """List every capture, what became of it, and the refunds that were written for it."""
    captures = session.execute(
        select(PaymentAttempt.gateway_payment_id, PaymentAttempt.outcome)
        .where(PaymentAttempt.status == "captured")
        .order_by(PaymentAttempt.gateway_payment_id)
    ).all()
    return [
        (
            payment_id,
            outcome,
            sorted(
                session.scalars(
                    select(Refund.amount).where(
                        Refund.gateway_payment_id == payment_id, Refund.status != "failed"
                    )
                )
            ),
        )
        for payment_id, outcome in captures
    ]


def _what_has_to_become(
    session: Session, asked_for: Mapping[str, Sequence[int]]
) -> list[tuple[str, str, list[int]]]:
    """
    Expect each paid order to have kept one capture, and all others to go back whole.

    Of a kept one goes back what was asked for, and what its units were paid that were given up.
    """
    given_up: dict[object, list[int]] = {}
    for order_id, amount in session.execute(
        select(OrderCancellation.order_id, OrderCancellation.amount)
    ):
        given_up.setdefault(order_id, []).extend([amount] if amount else [])
    captures = session.execute(
        select(PaymentAttempt, Order.status)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(PaymentAttempt.status == "captured")
        .order_by(PaymentAttempt.gateway_payment_id)
    ).all()
    kept: set[object] = set()
    expected = []
    for attempt, status in captures:
        is_paid_for = status in PAID_FOR or attempt.order_id in given_up
        is_kept = is_paid_for and attempt.outcome == "kept"
        back = given_up.get(attempt.order_id, []) if is_kept else [attempt.amount]
        assert not (is_kept and attempt.payment_id in kept), "an order was paid twice"
        if is_kept:
            kept.add(attempt.payment_id)
        expected.append((
            attempt.gateway_payment_id,
            "kept" if is_kept else "refunded",
            sorted([*asked_for.get(attempt.gateway_payment_id, back)]),
        ))  # fmt: skip
    return expected
