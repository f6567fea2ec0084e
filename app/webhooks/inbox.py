"""The door: a delivery is checked, stored once and answered; the work is left to a worker."""

import hashlib
from collections.abc import Mapping

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.checkout.extend import extend_reservation
from app.core import jobs
from app.core.db import transaction
from app.core.problems import Problem
from app.core.texts import storable
from app.payments import payments
from app.payments.gateway import gateway
from app.payments.terms import Envelope
from app.webhooks.errors import InvalidWebhookSignature
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)

LONGEST_NOTE = 500


def receive(
    gateway_name: str, body: bytes, *, headers: Mapping[str, str], lifetime_seconds: int
) -> None:
    """
    Store a delivery and have it worked; one that was stored before changes nothing.

    A payer's reservation is extended here already, so that a backlog cannot cost them the units.

    Raises:
        InvalidWebhookSignature: the gateway did not sign these bytes.
        ServiceUnavailable: it could not be stored; the gateway will send it again.
    """
    envelope = gateway(gateway_name).open_envelope(body, headers)
    if envelope is None:
        log.warning("webhook.invalid_signature", gateway=gateway_name)
        raise InvalidWebhookSignature
    event_id = envelope.event_id or "sha256:" + hashlib.sha256(body).hexdigest()
    with transaction() as session:
        stored = session.execute(
            insert(WebhookEvent)
            .values(
                event_id=event_id,
                gateway=gateway_name,
                event=storable(envelope.name) or "",
                body=body,
                status="received",
            )
            .on_conflict_do_nothing(index_elements=["event_id"])
            .returning(WebhookEvent.event_id)
        ).one_or_none()
        if stored is not None:
            jobs.stage(session, "webhooks.process", event_id=event_id)
    if stored is not None:
        _extend_for(envelope, lifetime_seconds)


def note_failure(event_id: str, error: str) -> None:
    """
    Write down that an event was tried in vain, and why, for whoever looks after the shop.

    After as many tries as a job has it is failed: nobody tries again before a person replays it.
    """
    with transaction() as session:
        row = session.get_one(WebhookEvent, event_id, with_for_update=True)
        row.tries, row.note = row.tries + 1, error[:LONGEST_NOTE]
        if row.tries >= jobs.MOST_ATTEMPTS:
            row.status = "failed"
            tell_of_failure(session, row)


def tell_of_failure(session: Session, row: WebhookEvent) -> None:
    """Raise an alert for a kind of event, one however many of them fail."""
    detail = f"event {row.event_id}: {row.note}; see those that failed, and replay them"
    alerts.sound(session, "event_failed", row.event or "(no name)", detail)


def _extend_for(envelope: Envelope, lifetime_seconds: int) -> None:
    """Extend the reservation of a payer whose payment is told; whatever comes, it is stored."""
    if envelope.paying_order_id is None:
        return
    try:
        with transaction() as session:
            payment = payments.by_gateway_order(session, envelope.paying_order_id)
            extend_reservation(session, payment.order_id, lifetime_seconds=lifetime_seconds)
    except Problem as problem:
        log.info("webhook.not_extended", reason=problem.code())
