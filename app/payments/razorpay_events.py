"""Razorpay's entities and events, read into news; its documentation and its habits both."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import structlog

from app.payments import reading
from app.payments.errors import IgnoredEventError, MalformedEventError
from app.payments.reading import Entity
from app.payments.terms import (
    AttemptNews,
    AttemptStatus,
    DisputeNews,
    DowntimeNews,
    News,
    RefundNews,
    SettlementNews,
)

log = structlog.get_logger(__name__)
Told = TypeVar("Told")

REFUND_STATUSES = {word: word for word in ("pending", "processed", "failed")}
DISPUTE_STATUSES = {word: word for word in ("open", "under_review", "won", "lost", "closed")}
DOWNTIME_STATUSES = {
    # "scheduled" is one that has not begun.
    word: word for word in ("scheduled", "started", "updated", "resolved", "cancelled")
}  # fmt: skip


def outline(event: Entity) -> tuple[str, str | None]:
    """Tell an event's name, and the order that it is about, if it names one."""
    name = (reading.optional(event, "event") or "")[:100]
    order_id = reading.optional(reading.find(event, "payload", "payment", "entity"), "order_id")
    return name, order_id


def read(event: Entity, *, account_id: str | None) -> Sequence[News]:
    """
    Read what an event tells.

    Raises:
        IgnoredEventError: the shop has no use for this kind, or it is another account's.
        MalformedEventError: it has not the form that Razorpay documents.
    """
    if account_id is not None and event.get("account_id") != account_id:
        raise IgnoredEventError("another account's")
    name = reading.optional(event, "event") or ""
    reader = _READERS.get(name)
    if reader is None:
        raise IgnoredEventError("no story for this event")
    return [news for news in reader(name, event) if news is not None]


def attempts(pages: Iterable[Entity]) -> Iterator[AttemptNews]:
    """Read lists of payments, but for those that were made without an order."""
    return _readable(attempt, pages)


def refunds(pages: Iterable[Entity]) -> Iterator[RefundNews]:
    """Read lists of refunds."""
    return _readable(refund, pages)


def attempt(entity: Entity, event: str | None = None) -> AttemptNews | None:
    """
    Read a payment; None for one without an order, which no shop made.

    The event's own name goes before the status, for the entity has been seen to run ahead.
    """
    if entity.get("order_id") is None:
        return None
    is_captured = bool(entity.get("captured"))
    statuses: dict[str, AttemptStatus] = {
        "created": "created",
        "failed": "failed",
        "authorized": "authorized",
        "captured": "captured",
        # Given back without having been captured: Razorpay's own doing.
        "refunded": "captured" if is_captured else "lapsed",
    }
    status = statuses.get(event or "") or reading.word(entity, "status", statuses)
    return AttemptNews(
        gateway_order_id=reading.text(entity, "order_id"),
        gateway_payment_id=reading.text(entity, "id"),
        status=status,
        amount=reading.amount(entity, "amount"),
        currency=reading.text(entity, "currency"),
        method=reading.optional(entity, "method"),
        error_reason=reading.optional(entity, "error_reason"),
        amount_refunded=reading.whole(entity, "amount_refunded") if is_captured else 0,
        created_at=reading.instant(entity, "created_at"),
    )


def refund(entity: Entity) -> RefundNews:
    """Read a refund."""
    return RefundNews(
        gateway_refund_id=reading.text(entity, "id"),
        gateway_payment_id=reading.text(entity, "payment_id"),
        status=reading.word(entity, "status", REFUND_STATUSES),
        amount=reading.amount(entity, "amount"),
        currency=reading.text(entity, "currency"),
        receipt=reading.optional(entity, "receipt"),
        speed=reading.optional(entity, "speed_processed"),
        created_at=reading.instant(entity, "created_at"),
    )


def _told_attempt(name: str, event: Entity) -> Iterable[News | None]:
    payment = reading.require(event, "payload", "payment", "entity")
    told = attempt(payment, {"order.paid": "captured"}.get(name, name.removeprefix("payment.")))
    if told is None:
        raise IgnoredEventError("not an order of this shop")
    return [told]


def _told_refund(_: str, event: Entity) -> Iterable[News | None]:
    """
    Read a refund's event, and the payment that comes with it, which may be news as well.

    Razorpay gives authorisations back by itself: those were never captured, so that no money of
    the shop's moves, and the payment alone is news.
    """
    payment = reading.find(event, "payload", "payment", "entity")
    told = refund(reading.require(event, "payload", "refund", "entity"))
    if payment.get("captured") is False:
        return _its_payment(payment)
    return [*_its_payment(payment), told]


def _told_dispute(_: str, event: Entity) -> Iterable[News | None]:
    entity = reading.require(event, "payload", "dispute", "entity")
    told = DisputeNews(
        gateway_dispute_id=reading.text(entity, "id"),
        gateway_payment_id=reading.text(entity, "payment_id"),
        status=reading.word(entity, "status", DISPUTE_STATUSES),
        amount=reading.amount(entity, "amount"),
        currency=reading.text(entity, "currency"),
        amount_deducted=reading.whole(entity, "amount_deducted"),
        phase=reading.optional(entity, "phase"),
        reason=reading.optional(entity, "reason_code"),
        respond_by=reading.instant(entity, "respond_by"),
        created_at=reading.instant(entity, "created_at"),
    )
    return [*_its_payment(reading.find(event, "payload", "payment", "entity")), told]


def _its_payment(payment: Entity) -> Iterable[AttemptNews | None]:
    """Read the payment that another entity's event carries along, if it does."""
    return [attempt(payment)] if payment else []


def _told_settlement(_: str, event: Entity) -> Iterable[News]:
    entity = reading.require(event, "payload", "settlement", "entity")
    yield SettlementNews(
        gateway_settlement_id=reading.text(entity, "id"),
        status=reading.text(entity, "status"),
        amount=reading.whole(entity, "amount"),
        fees=reading.whole(entity, "fees"),
        tax=reading.whole(entity, "tax"),
        utr=reading.optional(entity, "utr"),
        created_at=reading.instant(entity, "created_at"),
    )


def _told_downtime(_: str, event: Entity) -> Iterable[News]:
    entity = reading.require(event, "payload", "payment.downtime", "entity")
    instrument = reading.find(entity, "instrument")
    yield DowntimeNews(
        gateway_downtime_id=reading.text(entity, "id"),
        method=reading.text(entity, "method"),
        status=reading.word(entity, "status", DOWNTIME_STATUSES),
        severity=reading.optional(entity, "severity"),
        instrument={
            name: value for name in instrument if (value := reading.optional(instrument, name))
        },
        began_at=reading.instant(entity, "begin"),
        ended_at=reading.instant(entity, "end"),
    )


def _readable(read_one: Callable[[Entity], Told | None], pages: Iterable[Entity]) -> Iterator[Told]:
    """Read what can be read of a list, so that one strange entity does not hide the others."""
    for page in pages:
        for entity in page.get("items") or ():
            try:
                told = read_one(entity)
            except (MalformedEventError, AttributeError) as error:
                told_as = reading.find(entity).get("id")
                log.warning("razorpay.malformed", gateway_id=told_as, error=error)
            else:
                if told is not None:
                    yield told


_Reader = Callable[[str, Entity], Iterable[News | None]]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(
        ("payment.authorized", "payment.captured", "payment.failed", "order.paid"), _told_attempt
    ),
    **dict.fromkeys(
        ("refund.created", "refund.processed", "refund.failed", "refund.speed_changed"),
        _told_refund,
    ),
    **dict.fromkeys(
        (
            f"payment.dispute.{step}"
            for step in ("created", "under_review", "action_required", "won", "lost", "closed")
        ),
        _told_dispute,
    ),
    **dict.fromkeys(
        (f"payment.downtime.{step}" for step in ("started", "updated", "resolved")),
        _told_downtime,
    ),
    "settlement.processed": _told_settlement,
}
