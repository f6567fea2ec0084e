"""
A day of a gateway's, compared with ours: every capture and every refund, both ways.

What the gateway has and we have not is taken as news, so that webhooks and polls that were lost
for good are made up for; every difference is written down, repaired or not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.core.db import transaction
from app.core.pages import Page, newest_first
from app.core.problems import Problem, ServiceUnavailable
from app.payments.errors import GatewayUnavailable
from app.payments.gateway import all_gateways, gateway
from app.payments.models import Difference, Payment, PaymentAttempt, Reconciliation, Refund
from app.payments.terms import AttemptNews, RefundNews
from app.treasury import news

log = structlog.get_logger(__name__)

# The shop's day; India has one time and no summer time.
INDIA = timezone(timedelta(hours=5, minutes=30))
# Lists of gateways lag by minutes.
SETTLED_AFTER = timedelta(hours=2)
# A shop that was down for some days catches up.
DAYS_LOOKED_BACK = 4


@dataclass(slots=True)
class Comparison:
    """What both books say of one day, and where they differ."""

    captured: int = 0
    captured_at_gateway: int = 0
    refunded: int = 0
    refunded_at_gateway: int = 0
    foreign_payments: int = 0
    differences: list[Difference] = field(default_factory=list)


def days_due(session: Session, *, now: datetime) -> Iterator[tuple[str, date]]:
    """Name the days that are over and were not compared yet, gateway by gateway."""
    today = (now - SETTLED_AFTER).astimezone(INDIA).date()
    days = [today - timedelta(days=back) for back in range(1, DAYS_LOOKED_BACK + 1)]
    rows = session.execute(
        select(Reconciliation.gateway, Reconciliation.day, Reconciliation.compared_at).where(
            Reconciliation.day.in_(days)
        )
    )
    # What somebody compared before a day was over was a part of it.
    compared = {(name, day) for name, day, at in rows if at >= _bounds(day)[1] + SETTLED_AFTER}
    for one in all_gateways():
        if not one.pays_on_delivery:
            yield from ((one.name, day) for day in days if (one.name, day) not in compared)


def reconcile_day(gateway_name: str, day: date) -> Comparison:
    """
    Compare a day, put our books right where the gateway knows more, and write down the result.

    Compared again, what was found before stays written.

    Raises:
        GatewayUnavailable, ServiceUnavailable: nothing is written down; try again.
    """
    since, until = _bounds(day)
    found = Comparison()
    their_attempts = {
        told.gateway_payment_id: told
        for told in gateway(gateway_name).attempts_between(since, until)
        if told.status == "captured"
    }
    their_refunds = {
        told.gateway_refund_id: told for told in gateway(gateway_name).refunds_between(since, until)
    }
    _compare_captures(found, gateway_name, their_attempts, _captured(gateway_name, since, until))
    _compare_refunds(found, gateway_name, their_refunds, _refunded(gateway_name, since, until))
    _write(gateway_name, day, found)
    return found


def _bounds(day: date) -> tuple[datetime, datetime]:
    """Tell when a day begins in India, and the next one."""
    since = datetime.combine(day, time(), INDIA)
    return since, since + timedelta(days=1)


def _compare_captures(
    found: Comparison,
    gateway_name: str,
    theirs: dict[str, AttemptNews],
    ours: dict[str, PaymentAttempt],
) -> None:
    for told in theirs.values():
        with transaction() as session:
            own = session.scalar(
                select(Payment.id).where(Payment.gateway_order_id == told.gateway_order_id)
            )
            attempt = session.get(PaymentAttempt, told.gateway_payment_id)
        if own is None:
            found.foreign_payments += 1
            continue
        found.captured_at_gateway += told.amount
        if attempt is None or attempt.status != "captured":
            is_repaired = _taken(gateway_name, told)
            has = "nothing" if attempt is None else attempt.status
            _note(found, "capture_missing", told.gateway_payment_id, has, told, is_repaired)
        elif (attempt.amount, attempt.currency) != (told.amount, told.currency):
            has = f"{attempt.amount} {attempt.currency}"
            _note(found, "capture_differs", told.gateway_payment_id, has, told, False)
    for attempt in ours.values():
        found.captured += attempt.amount
        if attempt.gateway_payment_id not in theirs:
            has = f"{attempt.amount} {attempt.currency}"
            _note(found, "capture_unknown_to_gateway", attempt.gateway_payment_id, has, None, False)


def _compare_refunds(
    found: Comparison,
    gateway_name: str,
    theirs: dict[str, RefundNews],
    ours: dict[str, Refund],
) -> None:
    # What failed makes room for what was made in its place.
    for told in sorted(theirs.values(), key=lambda told: told.status != "failed"):
        with transaction() as session:
            attempt = session.get(PaymentAttempt, told.gateway_payment_id)
            refund = session.scalars(
                select(Refund).where(Refund.gateway_refund_id == told.gateway_refund_id)
            ).one_or_none()
        if attempt is None or attempt.status != "captured":
            # Another shop's, or an authorisation that the gateway gave back by itself.
            continue
        found.refunded_at_gateway += told.amount if told.status != "failed" else 0
        if refund is None:
            is_repaired = _taken(gateway_name, told)
            _note(found, "refund_missing", told.gateway_refund_id, "nothing", told, is_repaired)
        elif (refund.amount, refund.status) != (told.amount, told.status):
            is_repaired = _taken(gateway_name, told) and refund.status == "pending"
            has = f"{refund.amount} {refund.status}"
            _note(found, "refund_differs", told.gateway_refund_id, has, told, is_repaired)
    for refund_id, refund in ours.items():
        found.refunded += refund.amount
        if refund_id not in theirs:
            has = f"{refund.amount} {refund.status}"
            _note(found, "refund_unknown_to_gateway", refund_id, has, None, False)


def _taken(gateway_name: str, told: AttemptNews | RefundNews) -> bool:
    """
    Take as news what a gateway has and we have not; False where it cannot be taken.

    Raises:
        GatewayUnavailable, ServiceUnavailable: it cannot be taken now; compare the day again.
    """
    try:
        news.take(gateway_name, told)
    except (GatewayUnavailable, ServiceUnavailable):
        raise
    except Problem as problem:
        log.warning("reconciliation.not_repaired", told=str(told), reason=problem.code())
        return False
    return True


def _note(
    found: Comparison,
    kind: str,
    subject: str,
    ours: str,
    told: AttemptNews | RefundNews | None,
    is_repaired: bool,  # noqa: FBT001 - the last column of a row
) -> None:
    theirs = "nothing" if told is None else f"{told.amount} {told.currency} {told.status}"
    found.differences.append(
        Difference(kind=kind, subject=subject, ours=ours, theirs=theirs, is_repaired=is_repaired)
    )


def _captured(gateway_name: str, since: datetime, until: datetime) -> dict[str, PaymentAttempt]:
    with transaction() as session:
        rows = session.scalars(
            select(PaymentAttempt)
            .join(Payment, Payment.id == PaymentAttempt.payment_id)
            .where(
                Payment.gateway == gateway_name,
                PaymentAttempt.status == "captured",
                PaymentAttempt.begun_at >= since,
                PaymentAttempt.begun_at < until,
            )
        )
        return {row.gateway_payment_id: row for row in rows}


def _refunded(gateway_name: str, since: datetime, until: datetime) -> dict[str, Refund]:
    with transaction() as session:
        rows = session.scalars(
            select(Refund)
            .join(PaymentAttempt, PaymentAttempt.gateway_payment_id == Refund.gateway_payment_id)
            .join(Payment, Payment.id == PaymentAttempt.payment_id)
            .where(
                Payment.gateway == gateway_name,
                Refund.gateway_refund_id.is_not(None),
                Refund.status != "failed",
                Refund.begun_at >= since,
                Refund.begun_at < until,
            )
        )
        return {str(row.gateway_refund_id): row for row in rows}


def _write(gateway_name: str, day: date, found: Comparison) -> None:
    totals = {
        "captured": found.captured,
        "captured_at_gateway": found.captured_at_gateway,
        "refunded": found.refunded,
        "refunded_at_gateway": found.refunded_at_gateway,
        "foreign_payments": found.foreign_payments,
        "compared_at": func.now(),
    }
    with transaction() as session:
        session.execute(
            insert(Reconciliation)
            .values(gateway=gateway_name, day=day, **totals)
            .on_conflict_do_update(index_elements=["gateway", "day"], set_=totals)
        )
        for difference in found.differences:
            difference.gateway, difference.day = gateway_name, day
            _write_difference(session, difference)
        if found.differences:
            kinds = sorted({difference.kind for difference in found.differences})
            detail = f"{len(found.differences)} differences: {', '.join(kinds)}"
            alerts.sound(session, "reconciliation", f"{gateway_name}:{day}", detail)


def _write_difference(session: Session, difference: Difference) -> None:
    values = {
        name: getattr(difference, name)
        for name in ("gateway", "day", "kind", "subject", "ours", "theirs", "is_repaired")
    }
    session.execute(
        insert(Difference)
        .values(values)
        .on_conflict_do_update(
            index_elements=["gateway", "day", "kind", "subject"],
            set_={"is_repaired": difference.is_repaired},
        )
    )


def page(session: Session, *, limit: int, cursor: str | None) -> Page[Reconciliation]:
    """List days that were compared, the one compared last first."""
    at, key = Reconciliation.compared_at, Reconciliation.gateway
    return newest_first(session, select(Reconciliation), at, key, limit=limit, cursor=cursor)


def differences(session: Session, gateway_name: str, day: date) -> Sequence[Difference]:
    """List what differed on a day."""
    return session.scalars(
        select(Difference)
        .where(Difference.gateway == gateway_name, Difference.day == day)
        .order_by(Difference.id)
    ).all()
