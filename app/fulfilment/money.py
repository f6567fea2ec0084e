"""What was paid for units that come back, or are not sent, goes back to the payer."""

from sqlalchemy.orm import Session

from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.payments.terms import Speed


def send_money_back(
    session: Session,
    order: Order,
    amount: int,
    *,
    reference: str,
    reason: str,
    actor: str,
    speed: Speed,
) -> int:
    """
    Refund ``amount`` paise of a locked order, or what is left of its payment where that is less.

    Returns how much goes back. Where the buyer was to pay at the door and has not, nothing does,
    and less is asked for, or nothing any more.
    """
    kept = attempts.kept(session, order.id)
    if kept is None:
        if not payments.lower_promise(session, order.id, amount):
            order.payment_status = "failed"
        return 0
    attempt = attempts.lock(session, kept.gateway_payment_id)
    amount = min(amount, attempts.left(attempt))
    if amount:
        refunds.request(
            session, attempt, amount=amount, reason=reason, reference=reference, actor=actor,
            speed=speed,
        )  # fmt: skip
    return amount
