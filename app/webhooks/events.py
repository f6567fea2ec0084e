"""What is done about each kind of event; the rest is recorded as ignored."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from app.checkout.complete import Capture, complete_payment
from app.checkout.follow import follow_attempt
from app.checkout.refund import follow_refund
from app.core.db import transaction
from app.payments.errors import PaymentNotFound
from app.webhooks import inbox
from app.webhooks.errors import MalformedEventError
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)
REFUND_STATUSES = ("pending", "processed", "failed")


def process(event_id: str) -> None:
    """
    Do what a stored event asks for; done again, it changes nothing.

    A malformed event and one about somebody else's order are recorded as such and left: trying
    again would not help. Anything else that fails raises, so that the job is tried again.
    """
    with transaction() as session:
        row = session.get(WebhookEvent, event_id)
    if row is None or row.status != "received":
        return
    try:
        status, note = _handle(row)
    except Exception as error:
        inbox.note_failure(event_id, repr(error))
        raise
    log.info("webhook.done", event_id=event_id, name=row.event, status=status, note=note)
    with transaction() as session:
        row = session.get_one(WebhookEvent, event_id)
        row.status, row.note, row.processed_at = status, note, datetime.now(UTC)


def follow_payment(payment: dict[str, Any]) -> None:
    """Do what a payment says that Razorpay was asked for, as if an event had told of it."""
    name = f"payment.{payment.get('status')}"
    if name in STORIES:
        STORIES[name]({"event": name, "payload": {"payment": {"entity": payment}}})


def _handle(row: WebhookEvent) -> tuple[str, str | None]:
    story = STORIES.get(row.event)
    if story is None:
        return "ignored", "no story for this event"
    try:
        return "processed", story(inbox.parse(row.body))
    except PaymentNotFound:
        return "ignored", "not an order of this shop"
    except MalformedEventError as error:
        return "failed", str(error)


def _captured(event: dict[str, Any]) -> str | None:
    payment = _entity(event, "payment")
    complete_payment(
        Capture(
            razorpay_order_id=_order_of(payment),
            razorpay_payment_id=_text(payment, "id"),
            amount=_number(payment, "amount"),
            currency=_text(payment, "currency"),
            method=_optional(payment, "method"),
        )
    )
    return None


def _attempted(event: dict[str, Any]) -> str | None:
    payment = _entity(event, "payment")
    follow_attempt(
        razorpay_order_id=_order_of(payment),
        razorpay_payment_id=_text(payment, "id"),
        # The event's own name, since the entity is a snapshot and has been seen to run ahead.
        status=_text(event, "event").removeprefix("payment."),
        amount=_number(payment, "amount"),
        currency=_text(payment, "currency"),
        method=_optional(payment, "method"),
        error_reason=_optional(payment, "error_reason"),
    )
    return None


def _refunded(event: dict[str, Any]) -> str | None:
    refund = _entity(event, "refund")
    _text(refund, "id")
    if _text(refund, "status") not in REFUND_STATUSES:
        raise MalformedEventError("status is not one of a refund")
    return None if follow_refund(refund) else "not a refund that the shop asked for"


STORIES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "payment.captured": _captured,
    "order.paid": _captured,
    "payment.authorized": _attempted,
    "payment.failed": _attempted,
    "refund.created": _refunded,
    "refund.processed": _refunded,
    "refund.failed": _refunded,
}


def _order_of(payment: dict[str, Any]) -> str:
    if payment.get("order_id") is None:
        raise PaymentNotFound
    return _text(payment, "order_id")


def _entity(event: dict[str, Any], name: str) -> dict[str, Any]:
    found = inbox.entity(event, name)
    if not found:
        raise MalformedEventError(f"no entity at payload.{name}")
    return found


def _text(entity: dict[str, Any], name: str) -> str:
    value = inbox.text(entity.get(name))
    if value is None:
        raise MalformedEventError(f"{name} is not a text")
    return value


def _optional(entity: dict[str, Any], name: str) -> str | None:
    return inbox.text(entity.get(name))


def _number(entity: dict[str, Any], name: str) -> int:
    value = entity.get(name)
    if type(value) is not int or not 0 < value < 2**63:
        raise MalformedEventError(f"{name} is not a positive whole number")
    return value
