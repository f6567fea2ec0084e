"""What an alert or an event is about: how it is called, and the page where it is looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.alerts.models import Alert
from app.catalog.models import Product
from app.core.ids import read_id
from app.orders.models import Order
from app.payments.models import Dispute, Payment, PaymentAttempt, Refund
from app.subscribers.models import Subscriber

OF_REFUNDS = ("refund_failed", "refund_stuck")


@dataclass(frozen=True, slots=True)
class About:
    """A name, and an address where there is a page of it."""

    name: str
    address: str | None = None


def alerts(session: Session, raised: Sequence[Alert]) -> Mapping[UUID, About]:
    """Tell what alerts are about."""
    tries = {subject: subject for subject in _subjects(raised, "amount_mismatch")}
    disputed = _subjects(raised, "dispute")
    tries |= _pairs(session, Dispute.gateway_dispute_id, Dispute.gateway_payment_id, disputed)
    refunds = _ids(_subjects(raised, *OF_REFUNDS))
    tries |= _pairs(session, Refund.id, Refund.gateway_payment_id, refunds)
    orders = orders_of_tries(session, tries.values())
    ids = _ids(_subjects(raised, "subscriber_disabled"))
    names = _pairs(session, Subscriber.id, Subscriber.name, ids)
    return {one.id: _of_alert(one, tries, orders, names) for one in raised}


def event(session: Session, name: str, subject: UUID) -> About:
    """Tell what an event of the shop's own happened to."""
    noun = name.partition(".")[0]
    if noun == "return":
        return About("the return", url_for("returned.show", return_id=subject))
    if noun == "stock":
        sku = session.scalar(select(Product.sku).where(Product.id == subject))
        return About(sku, url_for("shelf.show", sku=sku)) if sku else About(str(subject))
    order = _order_of(session, noun, subject)
    return About(str(subject)) if order is None else order


def orders_of_tries(session: Session, payment_ids: Collection[str]) -> Mapping[str, About]:
    """Tell of which order each try to pay was."""
    if not payment_ids:
        return {}
    query = select(PaymentAttempt.gateway_payment_id, Order.id, Order.number)
    query = query.join(Order, Order.id == PaymentAttempt.order_id)
    rows = session.execute(query.where(PaymentAttempt.gateway_payment_id.in_(payment_ids)))
    return {payment_id: _order(order_id, number) for payment_id, order_id, number in rows}


def _of_alert(
    alert: Alert, tries: Mapping[str, str], orders: Mapping[str, About], names: Mapping[str, str]
) -> About:
    subject = alert.subject
    if subject in tries and alert.kind in ("amount_mismatch", "dispute", *OF_REFUNDS):
        return orders.get(tries[subject], About(subject))
    if alert.kind == "event_failed":
        return About(subject, url_for("inbox.index", view="given up"))
    if alert.kind == "job_refused":
        return About(f"queue {subject}", url_for("jobs.index"))
    if alert.kind == "reconciliation":
        return About(subject, url_for("money.index", view="days compared"))
    if alert.kind == "subscriber_disabled" and subject in names:
        return About(names[subject], url_for("subscribers.show", subscriber_id=subject))
    return About(subject)


def _order_of(session: Session, noun: str, subject: UUID) -> About | None:
    query = select(Order.id, Order.number)
    if noun == "order":
        query = query.where(Order.id == subject)
    elif noun == "payment":
        query = query.join(Payment, Payment.order_id == Order.id).where(Payment.id == subject)
    elif noun == "refund":
        query = query.join(PaymentAttempt, PaymentAttempt.order_id == Order.id)
        of_try = Refund.gateway_payment_id == PaymentAttempt.gateway_payment_id
        query = query.join(Refund, of_try).where(Refund.id == subject)
    else:
        return None
    row = session.execute(query).one_or_none()
    return None if row is None else _order(*row)


def _order(order_id: UUID, number: str) -> About:
    return About(number, url_for("orders_page.show", order_id=order_id))


def _subjects(raised: Sequence[Alert], *kinds: str) -> list[str]:
    return [one.subject for one in raised if one.kind in kinds]


def _ids(subjects: Sequence[str]) -> list[UUID]:
    """Read those that are ids."""
    return [found for found in map(read_id, subjects) if found is not None]


def _pairs(
    session: Session,
    key: InstrumentedAttribute[Any],
    value: InstrumentedAttribute[str],
    keys: Sequence[Any],
) -> dict[str, str]:
    rows = session.execute(select(key, value).where(key.in_(keys))) if keys else ()
    return {str(one): other for one, other in rows}
