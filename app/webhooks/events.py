"""Events of the inbox: read by the gateway that sent them, taken as news, and ended."""

from datetime import UTC, datetime

import structlog

from app.core.db import transaction
from app.payments.errors import (
    AttemptNotFound,
    IgnoredEventError,
    MalformedEventError,
    PaymentNotFound,
)
from app.payments.gateway import gateway
from app.treasury import news
from app.webhooks import inbox
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)


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
        if status == "failed":
            inbox.tell_of_failure(session, row)


def _handle(row: WebhookEvent) -> tuple[str, str | None]:
    try:
        for told in gateway(row.gateway).read_event(row.body):
            news.take(row.gateway, told)
    except (PaymentNotFound, AttemptNotFound):
        return "ignored", "not an order of this shop"
    except IgnoredEventError as error:
        return "ignored", str(error)
    except MalformedEventError as error:
        return "failed", str(error)
    return "processed", None
