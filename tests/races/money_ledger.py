"""The shop's own books of money at one moment, and what never changes back in them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.orders.models import Order, OrderLine
from app.payments.models import Dispute, Payment, PaymentAttempt, Refund

# What has been paid is paid, whatever becomes of it.
RANKS = {"created": 0, "failed": 1, "authorized": 2, "lapsed": 3, "captured": 4}
_PAID = {"captured": 1, "partially_refunded": 2, "refunded": 3}
CONFIRMED = ("confirmed", "processing", "shipped", "delivered")


@dataclass(frozen=True)
class AnOrder:
    id: UUID
    status: str
    payment_status: str
    pays_on_delivery: bool
    total: int
    units_given_up: int

    @property
    def was_confirmed(self) -> bool:
        """Tell whether its units were sold, whatever became of it."""
        return self.status in CONFIRMED or self.units_given_up > 0


@dataclass(frozen=True)
class APayment:
    id: UUID
    order_id: UUID
    gateway: str
    gateway_order_id: str | None
    status: str


@dataclass(frozen=True)
class ATry:
    id: str
    payment_id: UUID
    order_id: UUID
    gateway: str
    status: str
    outcome: str | None
    amount: int
    refunded: int
    lost: int

    @property
    def left(self) -> int:
        return self.amount - self.refunded - self.lost


@dataclass(frozen=True)
class ARefund:
    id: UUID
    payment_id: str
    gateway_id: str | None
    status: str
    amount: int
    is_ours: bool
    is_asked: bool
    error: str | None

    @property
    def is_given_up(self) -> bool:
        """Tell whether it was not asked for any more; the gateway may yet prove to have it."""
        return self.status == "failed" and self.gateway_id is None


@dataclass(frozen=True)
class ADispute:
    id: str
    payment_id: str
    status: str
    deducted: int

    @property
    def is_open(self) -> bool:
        return self.status in ("open", "under_review")


@dataclass(frozen=True)
class Ledger:
    """Every row of money there is, the oldest first."""

    orders: Sequence[AnOrder] = ()
    payments: Sequence[APayment] = ()
    tries: Sequence[ATry] = ()
    refunds: Sequence[ARefund] = ()
    disputes: Sequence[ADispute] = ()

    def kept(self, order_id: UUID) -> list[ATry]:
        return [one for one in self.tries if (one.order_id, one.outcome) == (order_id, "kept")]

    def refunds_of(self, payment_id: str) -> list[ARefund]:
        return [refund for refund in self.refunds if refund.payment_id == payment_id]

    def has_failed_refund(self, payment_id: str) -> bool:
        return any(refund.status == "failed" for refund in self.refunds_of(payment_id))

    def is_all_back(self, one: ATry) -> bool:
        gone = [r.amount for r in self.refunds_of(one.id) if r.status == "processed"]
        return sum(gone) >= one.amount

    def is_disputed(self, payment_id: str) -> bool:
        return any(d.is_open for d in self.disputes if d.payment_id == payment_id)


def read(session: Session) -> Ledger:
    """Read the books as they are committed now."""
    given_up = select(func.sum(OrderLine.cancelled_quantity)).where(OrderLine.order_id == Order.id)
    orders = select(
        Order.id, Order.status, Order.payment_status, Order.pays_on_delivery, Order.total,
        given_up.scalar_subquery(),
    ).order_by(Order.created_at)  # fmt: skip
    payments = select(
        Payment.id, Payment.order_id, Payment.gateway, Payment.gateway_order_id, Payment.status
    ).order_by(Payment.created_at)
    tries = (
        select(
            PaymentAttempt.gateway_payment_id, PaymentAttempt.payment_id, PaymentAttempt.order_id,
            Payment.gateway, PaymentAttempt.status, PaymentAttempt.outcome, PaymentAttempt.amount,
            PaymentAttempt.amount_refunded, PaymentAttempt.amount_lost,
        )
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .order_by(PaymentAttempt.created_at)
    )  # fmt: skip
    refunds = select(
        Refund.id, Refund.gateway_payment_id, Refund.gateway_refund_id, Refund.status,
        Refund.amount, Refund.is_ours, Refund.asked_at.is_not(None), Refund.last_error,
    ).order_by(Refund.created_at, Refund.is_ours, Refund.amount)  # fmt: skip
    disputes = select(
        Dispute.gateway_dispute_id, Dispute.gateway_payment_id, Dispute.status,
        Dispute.amount_deducted,
    ).order_by(Dispute.created_at, Dispute.gateway_dispute_id)  # fmt: skip
    return Ledger(
        [AnOrder(*row) for row in session.execute(orders)],
        [APayment(*row) for row in session.execute(payments)],
        [ATry(*row) for row in session.execute(tries)],
        [ARefund(*row) for row in session.execute(refunds)],
        [ADispute(*row) for row in session.execute(disputes)],
    )


def check(before: Ledger, now: Ledger, *, failed: AbstractSet[str]) -> None:
    """Nothing is undone but by refunds that ``failed``, and every sum is that of its parts."""
    _check_what_stays(before, now)
    _check_refunds_that_ended(before, now, failed)
    _check_sums(now)


def _check_what_stays(before: Ledger, now: Ledger) -> None:
    orders = {order.id: order for order in now.orders}
    for order in before.orders:
        later = orders[order.id]
        assert later.units_given_up >= order.units_given_up, f"{order} became {later}"
        is_over = order.status == "cancelled" and order.was_confirmed
        stays = ("cancelled",) if is_over else (*CONFIRMED, "cancelled")
        assert not order.was_confirmed or (later.status in stays and later.was_confirmed), (
            f"{order} became {later}"
        )
    payments = {payment.id: payment for payment in now.payments}
    for payment in before.payments:
        later = payments[payment.id]
        # Money that went back may yet fail to; what was paid is never unpaid.
        is_paid = payment.status in _PAID
        assert not is_paid or later.status in _PAID, f"{payment} became {later}"
        known = payment.gateway_order_id
        assert known is None or later.gateway_order_id == known, f"{payment} became {later}"
    tries = {one.id: one for one in now.tries}
    for one in before.tries:
        later = tries[one.id]
        assert RANKS[later.status] >= RANKS[one.status], f"{one} became {later}"
        assert one.outcome is None or later.outcome == one.outcome, f"{one} became {later}"
        assert one.status != "captured" or later.amount == one.amount, f"{one} became {later}"


def _check_refunds_that_ended(before: Ledger, now: Ledger, failed: AbstractSet[str]) -> None:
    refunds = {refund.id: refund for refund in now.refunds}
    for refund in before.refunds:
        later = refunds[refund.id]
        is_open = refund.status == "pending" or refund.is_given_up
        # Stripe's may fail after they have succeeded.
        is_open |= later.status == "failed" and refund.gateway_id in failed
        assert is_open or later.status == refund.status, f"{refund} became {later}"
        assert later.amount == refund.amount, f"{refund} became {later}"


def _check_sums(now: Ledger) -> None:
    counted: dict[str, int] = defaultdict(int)
    for refund in now.refunds:
        counted[refund.payment_id] += refund.amount if refund.status != "failed" else 0
    kept = Counter(one.order_id for one in now.tries if one.outcome == "kept")
    assert all(number == 1 for number in kept.values()), f"an order was paid twice: {now}"
    orders = {order.id: order for order in now.orders}
    for one in now.tries:
        order = orders[one.order_id]
        is_less = order.pays_on_delivery and order.units_given_up and one.amount < order.total
        is_price = one.amount == order.total or is_less
        assert one.outcome != "kept" or is_price, f"not the price: {one}"
        assert one.refunded == counted[one.id], f"{one} has refunds of {counted[one.id]}"
        assert 0 <= one.refunded <= one.amount, f"more went back than came: {one}"
        assert (one.outcome is None) == (one.status != "captured"), f"without an end: {one}"
