"""Accounts: registered, signed in, signed out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.errors import EmailTaken, SessionEnded, WrongCredentials
from app.accounts.models import SignedInSession, User
from app.core.ids import new_id

# OWASP's least for argon2id: 19 MiB, two passes, one lane; about 40 ms.
_passwords = PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))
# Checked where there is no account, so that the time to refuse tells nothing.
_NOBODY = _passwords.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash a password; slow on purpose, so do it outside a transaction."""
    return _passwords.hash(password)


def register(
    session: Session, *, email: str, password_hash: str, name: str, phone: str | None = None,
    role: str = "customer",
) -> User:  # fmt: skip
    """
    Make an account.

    Raises:
        EmailTaken: there is one with this mail address.
    """
    values: dict[str, Any] = {
        "id": new_id(), "email": email, "password_hash": password_hash,
        "name": name, "phone": phone, "role": role,
    }  # fmt: skip
    user = session.scalars(
        insert(User).values(values).on_conflict_do_nothing(index_elements=["email"]).returning(User)
    ).one_or_none()
    if user is None:
        raise EmailTaken
    return user


def authenticate(session: Session, *, email: str, password: str) -> User:
    """
    Find the account of a mail address and its password.

    Raises:
        WrongCredentials: without telling which of the two is wrong.
    """
    user = session.scalars(select(User).where(User.email == email)).one_or_none()
    is_right = _passwords.verify(password, user.password_hash if user else _NOBODY)
    if user is None or not is_right:
        raise WrongCredentials
    return user


def find(session: Session, user_id: UUID) -> User:
    """
    Find an account by what its token says.

    Raises:
        SessionEnded: there is none any more.
    """
    user = session.get(User, user_id)
    if user is None:
        raise SessionEnded
    return user


def admins(session: Session) -> Sequence[User]:
    """List the accounts with the role admin."""
    return session.scalars(select(User).where(User.role == "admin").order_by(User.id)).all()


def start_session(session: Session, user: User) -> SignedInSession:
    """Remember a sign-in."""
    signed_in = SignedInSession(id=new_id(), user_id=user.id, refresh_id=new_id())
    session.add(signed_in)
    return signed_in


def renew_session(session: Session, session_id: UUID, refresh_id: UUID) -> SignedInSession | None:
    """
    Exchange the newest refresh token of a session for a newer one.

    Returns None where the token was used before, which means that two parties have it: the
    session is ended for both of them, so commit and refuse.
    """
    signed_in = session.get(SignedInSession, session_id, with_for_update=True)
    if signed_in is None or signed_in.revoked_at is not None:
        return None
    if signed_in.refresh_id != refresh_id:
        signed_in.revoked_at = datetime.now(UTC)
        return None
    signed_in.refresh_id = new_id()
    return signed_in


def end_session(session: Session, session_id: UUID) -> None:
    """Let no token of this session be renewed any more."""
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.id == session_id, SignedInSession.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )
