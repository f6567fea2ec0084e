"""A subscriber's turn: what is due is sent, as long as a turn lasts."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from app.config import Settings
from app.core.db import transaction
from app.subscribers import courier, deliveries, secrets
from app.subscribers.errors import DeliveryNotFound, SubscriberNotFound, UndeliverableError
from app.subscribers.models import Delivery, Subscriber

log = structlog.get_logger(__name__)

# However much is due for one subscriber, the others have their turn after it.
TURN_SECONDS = 5
AGENT = "ORA-Webhooks/1"


def deliver(settings: Settings, subscriber_id: UUID) -> None:
    """Send a subscriber what is due, one at a time, until nothing is or its turn is over."""
    stop_at = time.monotonic() + TURN_SECONDS
    try:
        while time.monotonic() < stop_at:
            with transaction() as session:
                claimed = deliveries.claim(session, subscriber_id)
            if claimed is None:
                return
            _send(settings, *claimed)
        with transaction() as session:
            deliveries.end_turn(session, subscriber_id)
    except (SubscriberNotFound, DeliveryNotFound):
        log.info("subscriber.gone", subscriber_id=str(subscriber_id))


def _send(settings: Settings, subscriber: Subscriber, delivery: Delivery) -> None:
    body, began_at = deliveries.body_of(delivery), time.monotonic()
    signed = secrets.headers(
        subscriber,
        event_id=str(delivery.event_id),
        body=body,
        now=datetime.now(UTC),
        shop_secret=settings.secret_key.get_secret_value(),
    )
    answer = error = None
    try:
        answer = courier.post(
            subscriber.url,
            body.encode(),
            signed | {"Content-Type": "application/json", "User-Agent": AGENT},
            public_only=settings.subscriber_addresses == "public",
        )
    except UndeliverableError as why:
        error = str(why)
    took = timedelta(seconds=time.monotonic() - began_at)
    with transaction() as session:
        deliveries.note(session, delivery, answer=answer, error=error, took=took)
