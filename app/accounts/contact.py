"""A guest tells how they are reached, before they order or wait for anything."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts import accounts, guests
from app.core.db import transaction
from app.core.problems import invalid


def require_contact(user_id: UUID, contact: Mapping[str, str] | None, *, is_guest: bool) -> None:
    """
    Write down how a guest is reached; whoever has an account has told already.

    Raises:
        ValidationFailed: a guest never told, or somebody tells who is none.
        SessionEnded: there is no such guest any more.
    """
    if not is_guest:
        if contact is not None:
            raise invalid("#/contact", "is for guests; your account has yours")
        return
    with transaction() as session:
        guest = accounts.find(session, user_id)
        if contact is not None:
            guests.introduce(session, user_id, **contact)
        elif not guests.is_introduced(guest):
            raise invalid("#/contact", "is needed of a guest")
