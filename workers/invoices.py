"""Invoices and credit notes, written when goods leave or something of an order goes back."""

from uuid import UUID

import structlog

from app.config import load_settings
from app.core.db import transaction
from app.core.problems import NotFound
from app.invoices.write import order_of, write_invoices

log = structlog.get_logger(__name__)


def write(event: str, subject: str) -> None:
    """Write what an event makes necessary; done before, it changes nothing."""
    try:
        with transaction() as session:
            order_id = order_of(session, event, UUID(subject))
            write_invoices(session, load_settings(), order_id)
    except NotFound:
        log.warning("invoice.of_nothing", announced=event, subject=subject)
