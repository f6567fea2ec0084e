"""Notes: what those who work here remember of a customer, for each other."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.errors import AccountNotFound, NoteNotFound
from app.accounts.models import AccountNote, User

LONGEST = 2_000


def add(
    session: Session, user_id: UUID, words: str, *, actor: str, order_id: UUID | None = None
) -> AccountNote:
    """
    Note something of a customer, or of one of their orders.

    Raises:
        AccountNotFound: there is none, or it was erased, and with it what is known of somebody.
    """
    # Locked, so that what is erased now keeps no note that is written now.
    user = session.get(User, user_id, with_for_update=True)
    if user is None or user.deleted_at is not None:
        raise AccountNotFound
    note = AccountNote(user_id=user_id, order_id=order_id, text=words, actor=actor)
    session.add(note)
    session.flush()
    return note


def of_account(
    session: Session, user_id: UUID, *, order_id: UUID | None = None
) -> Sequence[AccountNote]:
    """List the notes of a customer, or those of one of their orders, the newest first."""
    query = select(AccountNote).where(AccountNote.user_id == user_id)
    if order_id is not None:
        query = query.where(AccountNote.order_id == order_id)
    return session.scalars(
        query.order_by(AccountNote.created_at.desc(), AccountNote.id.desc())
    ).all()


def remove(session: Session, user_id: UUID, note_id: UUID) -> None:
    """
    Remove a note of a customer.

    Raises:
        NoteNotFound: there is none of theirs.
    """
    mine = AccountNote.id == note_id, AccountNote.user_id == user_id
    if session.scalar(delete(AccountNote).where(*mine).returning(AccountNote.id)) is None:
        raise NoteNotFound
