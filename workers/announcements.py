"""Announcements are spread to those who listen: one line each."""

from uuid import UUID

from app.core.db import transaction
from app.invoices import write
from app.messages import notifications
from app.subscribers import deliveries


def spread(event: str, subject: str, announcement_id: str) -> None:
    """Tell of an event; hearing of it again changes nothing."""
    told = event, UUID(subject), UUID(announcement_id)
    with transaction() as session:
        notifications.tell(session, *told)
        write.tell(session, *told)
        deliveries.tell(session, *told)
