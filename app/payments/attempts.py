"""Tries to pay: written as gateways tell of them, forward only."""

from collections.abc import Collection, Iterable, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.payments.errors import AttemptNotFound
from app.payments.models import Payment, PaymentAttempt
from app.payments.terms import AttemptNews, AttemptStatus

# A try only moves forward, except that a failed one may still be authorised or captured late.
_RANK = {"created": 0, "failed": 1, "authorized": 2, "lapsed": 3, "captured": 4}


class Tries:
    """All tries of some orders, whose rows have to be locked; what is told of them is added."""

    def __init__(self, session: Session, found: Iterable[PaymentAttempt]) -> None:
        """Take what Postgres has."""
        self._session = session
        self._by_id = {attempt.gateway_payment_id: attempt for attempt in found}

    def record(self, payment: Payment, news: AttemptNews) -> PaymentAttempt:
        """
        Write what a gateway says of one try.

        News come in any order, so a try never falls back: a failure after its capture is old news.
        """
        attempt = self._by_id.get(news.gateway_payment_id)
        if attempt is None:
            attempt = PaymentAttempt(
                gateway_payment_id=news.gateway_payment_id,
                payment_id=payment.id,
                order_id=payment.order_id,
                status=news.status,
                amount=news.amount,
                currency=news.currency,
                method=news.method,
                error_reason=news.error_reason,
                begun_at=news.created_at,
            )
            self._by_id[news.gateway_payment_id] = attempt
            self._session.add(attempt)
        elif _RANK[news.status] > _RANK[attempt.status]:
            attempt.status, attempt.amount = news.status, news.amount
            attempt.currency, attempt.method = news.currency, news.method or attempt.method
            attempt.error_reason = news.error_reason
        return attempt

    def kept(self, order_id: UUID) -> PaymentAttempt | None:
        """Find the one capture that pays for an order, if there is one."""
        paying = (a for a in self._by_id.values() if a.outcome == "kept")
        return next((attempt for attempt in paying if attempt.order_id == order_id), None)


def furthest(told: Iterable[AttemptNews]) -> list[AttemptNews]:
    """Leave of the news about each try the one that goes furthest; the rest is old beside it."""
    found: dict[tuple[str, str], AttemptNews] = {}
    for news in told:
        name = news.gateway_order_id, news.gateway_payment_id
        earlier = found.setdefault(name, news)
        if _RANK[news.status] > _RANK[earlier.status]:
            found[name] = news
    return list(found.values())


def of_orders(
    session: Session, order_ids: Collection[UUID], told: Iterable[AttemptNews] = ()
) -> Tries:
    """Find the tries of orders, and those that news are ``told`` of, whichever order they were."""
    return Tries(
        session,
        session.scalars(
            select(PaymentAttempt).where(
                PaymentAttempt.order_id.in_(order_ids)
                | PaymentAttempt.gateway_payment_id.in_([n.gateway_payment_id for n in told])
            )
        ),
    )


def lock(session: Session, gateway_payment_id: str) -> PaymentAttempt:
    """
    Find a try and lock its row, so that what goes back of it is counted one after another.

    Raises:
        AttemptNotFound: it is not one of the shop's.
    """
    attempt = session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.gateway_payment_id == gateway_payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if attempt is None:
        raise AttemptNotFound
    return attempt


def of_payment(session: Session, payment_id: UUID) -> Sequence[PaymentAttempt]:
    """List the tries of a payment, the first one first."""
    return session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(PaymentAttempt.created_at, PaymentAttempt.gateway_payment_id)
    ).all()


def kept(session: Session, order_id: UUID) -> PaymentAttempt | None:
    """Find the one capture that pays for an order, if there is one."""
    return session.scalars(
        select(PaymentAttempt).where(
            PaymentAttempt.order_id == order_id, PaymentAttempt.outcome == "kept"
        )
    ).one_or_none()


def sent_back(session: Session, *, limit: int, cursor: str | None) -> Page[PaymentAttempt]:
    """List the captures that pay for nothing, and so go back, the newest first."""
    query = select(PaymentAttempt).where(PaymentAttempt.outcome == "refunded")
    at, key = PaymentAttempt.created_at, PaymentAttempt.gateway_payment_id
    return newest_first(session, query, at, key, limit=limit, cursor=cursor)


def as_news(payment: Payment, attempt: PaymentAttempt) -> AttemptNews:
    """Tell how a try stands, as its gateway told it last."""
    return AttemptNews(
        gateway_order_id=payment.gateway_order_id or "",
        gateway_payment_id=attempt.gateway_payment_id,
        status=cast("AttemptStatus", attempt.status),
        amount=attempt.amount,
        currency=attempt.currency,
        method=attempt.method,
    )


def left(attempt: PaymentAttempt) -> int:
    """Tell how much of a capture can still go back, in paise."""
    if attempt.status != "captured":
        return 0
    return max(attempt.amount - attempt.amount_refunded - attempt.amount_lost, 0)
