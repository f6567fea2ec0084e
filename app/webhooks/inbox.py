"""The door: a delivery is checked, stored once and answered; the work is left to a worker."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.checkout.extend import extend_reservation
from app.core import db, jobs, measures, origin, points
from app.core.db import transaction
from app.core.problems import Problem
from app.core.texts import storable
from app.inventory.terms import Claim
from app.payments.gateway import gateway
from app.webhooks.errors import InvalidWebhookSignature
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)

LONGEST_NOTE = 500
PROCESS = "webhooks.process"
# The event and its job, both or neither; of a new one it tells the claim that is to be extended, if
# there is one.
_STORE = """
    WITH stored AS (
        INSERT INTO webhook_events (event_id, gateway, event, body, status, gateway_order_id)
        VALUES (
            %(event_id)s, %(gateway)s, %(event)s, %(body)s, 'received', %(gateway_order_id)s)
        ON CONFLICT (event_id) DO NOTHING RETURNING event_id
    ), staged AS (
        INSERT INTO outbox (queue, name, arguments, attempts)
        SELECT %(queue)s, %(job)s, jsonb_build_object('event_id', event_id) || %(origin)s::jsonb, 0
        FROM stored
    )
    SELECT orders.id, orders.user_id::text, (
        SELECT jsonb_object_agg(sku, quantity) FROM order_lines WHERE order_id = orders.id)
    FROM stored LEFT JOIN (payments JOIN orders ON orders.id = payments.order_id)
        ON payments.gateway_order_id = %(gateway_order_id)s AND %(is_paying)s
            AND orders.status = 'pending' AND orders.extended_at IS NULL
"""


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
        measures.deliveries.labels(gateway_name, "invalid_signature").inc()
        log.warning("webhook.invalid_signature", gateway=gateway_name)
        raise InvalidWebhookSignature
    stored = db.statement(
        _STORE,
        {
            "event_id": envelope.event_id or "sha256:" + hashlib.sha256(body).hexdigest(),
            "gateway": gateway_name,
            "event": storable(envelope.name) or "",
            "body": body,
            "queue": jobs.JOBS[PROCESS],
            "job": PROCESS,
            "origin": origin.here_as_json(),
            "gateway_order_id": envelope.gateway_order_id,
            "is_paying": envelope.is_paying,
        },
    )
    points.reached("door.after-inbox")
    measures.deliveries.labels(gateway_name, "stored" if stored else "repeated").inc()
    for order_id, buyer, units in stored:
        jobs.wake(jobs.JOBS[PROCESS])
        points.reached("door.after-enqueue")
        if order_id is not None:
            _extend(Claim(order_id, buyer, units), lifetime_seconds)


def waiting(session: Session, event_ids: Collection[str]) -> Sequence[WebhookEvent]:
    """Find those events that have not ended."""
    query = select(WebhookEvent).where(WebhookEvent.event_id.in_(event_ids))
    return session.scalars(query.where(WebhookEvent.status == "received")).all()


def end(session: Session, event_ids: Collection[str]) -> None:
    """Write that events were done, each as it was meant."""
    session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.event_id.in_(event_ids))
        .values(status="processed", note=None, processed_at=func.now())
    )


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


def _extend(claim: Claim, lifetime_seconds: int) -> None:
    """Extend the reservation of a payer whose payment is told; whatever comes, it is stored."""
    try:
        extend_reservation(claim, lifetime_seconds=lifetime_seconds)
    except Problem as problem:
        log.info("webhook.not_extended", reason=problem.code())
