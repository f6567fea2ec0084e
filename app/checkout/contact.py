"""A guest tells how they are reached, before they order."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts import accounts, guests
from app.core.db import transaction
from app.core.problems import invalid


def introduce_guest(guest_id: UUID, contact: Mapping[str, str] | None) -> None:
    """
    Write down how a guest is reached.

    Raises:
        ValidationFailed: they never told.
        SessionEnded: there is no such guest any more.
    """
    with transaction() as session:
        guest = accounts.find(session, guest_id)
        if contact is not None:
            guests.introduce(session, guest_id, **contact)
        elif not guests.is_introduced(guest):
            raise invalid("#/contact", "is needed of a guest")
