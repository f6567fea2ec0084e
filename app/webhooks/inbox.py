"""The door: a delivery is checked, stored once and answered; the work is left to a worker."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.checkout.extend import extend_reservation
from app.core import jobs
from app.core.db import transaction
from app.core.problems import Problem
from app.payments import payments, razorpay
from app.webhooks.errors import InvalidWebhookSignature
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)

LONGEST_NOTE = 500
# Razorpay's own are 14 characters; anything else is a forwarder's, and is kept within bounds.
_EVENT_ID = re.compile(r"[\x21-\x7e]{1,100}")


def receive(
    body: bytes, *, signature: str, event_id: str, secrets: Sequence[str], lifetime_seconds: int
) -> None:
    """
    Store a delivery and have it worked; one that was stored before changes nothing.

    A payer's reservation is extended here already, so that a backlog cannot cost them the units.

    Raises:
        InvalidWebhookSignature: none of ``secrets`` signed these bytes.
        ServiceUnavailable: it could not be stored; Razorpay will send it again.
    """
    if not razorpay.is_signed_webhook(body, signature, secrets):
        log.warning("webhook.invalid_signature", event_id=event_id[:100])
        raise InvalidWebhookSignature
    if not _EVENT_ID.fullmatch(event_id):
        event_id = "sha256:" + hashlib.sha256(body).hexdigest()
    event = parse(body)
    with transaction() as session:
        stored = session.execute(
            insert(WebhookEvent)
            .values(event_id=event_id, event=_name(event), body=body, status="received")
            .on_conflict_do_nothing(index_elements=["event_id"])
            .returning(WebhookEvent.event_id)
        ).one_or_none()
        if stored is not None:
            jobs.stage(session, "webhooks.process", event_id=event_id)
    if stored is not None:
        _extend_for(event, lifetime_seconds)


def note_failure(event_id: str, error: str) -> None:
    """Write down that an event was tried in vain, and why, for whoever looks after the shop."""
    with transaction() as session:
        session.execute(
            update(WebhookEvent)
            .where(WebhookEvent.event_id == event_id)
            .values(tries=WebhookEvent.tries + 1, note=error[:LONGEST_NOTE])
        )


def parse(body: bytes) -> dict[str, Any]:
    """Read a body; what is no JSON object reads as an empty one."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def entity(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Find the payment, order or refund that an event is about; empty where there is none."""
    found: Any = event
    for step in ("payload", name, "entity"):
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def text(value: object) -> str | None:
    """Take a text that Postgres can take too; None for an empty one and for anything else."""
    if not isinstance(value, str) or "\x00" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can spell half of a character, which no database stores.
        return None
    return value or None


def _name(event: dict[str, Any]) -> str:
    return (text(event.get("event")) or "")[:100]


def _extend_for(event: dict[str, Any], lifetime_seconds: int) -> None:
    """Extend the reservation of a payer whose payment is told; whatever comes, it is stored."""
    razorpay_order_id = text(entity(event, "payment").get("order_id"))
    if not _name(event).startswith("payment.") or razorpay_order_id is None:
        return
    try:
        with transaction() as session:
            payment = payments.by_razorpay_order(session, razorpay_order_id)
            extend_reservation(session, payment.order_id, lifetime_seconds=lifetime_seconds)
    except Problem as problem:
        log.info("webhook.not_extended", reason=problem.code())
