"""
Guests: who buys without an account, by mail address and phone.

A guest is an account that nobody can sign in to, held by its tokens alone. Many may tell the same
mail address, also one that an account has: nobody has shown whose it is.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import accounts, passwords
from app.accounts.errors import EmailTaken
from app.accounts.models import User
from app.carts import carts
from app.core.auth import GUEST
from app.core.ids import new_id

# Of one who has not told an address yet.
NOWHERE = "@guest.invalid"


def make(session: Session) -> User:
    """Let somebody in who tells nothing of themselves."""
    guest_id = new_id()
    guest = User(
        id=guest_id, email=f"{guest_id}{NOWHERE}", name="Guest", password_hash=passwords.NONE,
        role=GUEST,
    )  # fmt: skip
    session.add(guest)
    return guest


def is_introduced(guest: User) -> bool:
    """Tell whether a guest, or whoever has an account by now, can be written to."""
    return not guest.email.endswith(NOWHERE)


def introduce(session: Session, guest_id: UUID, *, name: str, email: str, phone: str) -> None:
    """Write down how a guest is reached; of one who has an account by now nothing changes."""
    guest = _lock(session, guest_id)
    if guest is not None:
        guest.name, guest.email, guest.phone = name, email, phone


def become_customer(
    session: Session, guest_id: UUID, *, email: str, password_hash: str, name: str,
    phone: str | None,
) -> User | None:  # fmt: skip
    """
    Make a guest's account one to sign in to, with all that they ordered; None where it is one.

    Raises:
        EmailTaken: there is an account with this mail address.
    """
    guest = _lock(session, guest_id)
    if guest is None:
        return None
    guest.role, guest.email, guest.name, guest.phone = "customer", email, name, phone
    guest.password_hash = password_hash
    try:
        session.flush()
    except IntegrityError:
        raise EmailTaken from None
    accounts.end_sessions(session, guest_id)
    return guest


def hand_over(session: Session, guest_id: UUID, user: User) -> None:
    """Put what a guest had in the cart into that of the account they signed in to."""
    if _lock(session, guest_id) is not None:
        carts.merge(session, guest_id, user.id)


def _lock(session: Session, guest_id: UUID) -> User | None:
    query = select(User).where(User.id == guest_id, User.role == GUEST, User.deleted_at.is_(None))
    return session.scalars(query.with_for_update()).one_or_none()
