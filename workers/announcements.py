"""Announcements are spread to those who listen."""

from uuid import UUID

from app.core.db import transaction
from app.subscribers import deliveries


def spread(event: str, subject: str, announcement_id: str) -> None:
    """Tell of an event; hearing of it again changes nothing."""
    with transaction() as session:
        deliveries.tell(session, event, UUID(subject), UUID(announcement_id))
