"""Passwords: hashed, checked, changed, and set anew by whoever reads the account's mail."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.errors import ResetRefused
from app.accounts.models import PasswordReset, User
from app.core import jobs
from app.core.auth import GUEST

# OWASP's least for argon2id: 19 MiB, two passes, one lane; about 40 ms.
_passwords = PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))
# Checked where there is no account, so that the time to refuse tells nothing.
_NOBODY = _passwords.hash("nobody has this password")
# Of an account that nobody can sign in to.
NONE = "-"
RESET_LIFETIME = timedelta(hours=1)


def hash_password(password: str) -> str:
    """Hash a password; slow on purpose, so do it outside a transaction."""
    return _passwords.hash(password)


def is_right(user: User | None, password: str) -> bool:
    """Check a password, at the same cost whether there is an account or not."""
    hashed = _NOBODY if user is None or user.password_hash == NONE else user.password_hash
    return _passwords.verify(password, hashed) and hashed is not _NOBODY


def ask_for_reset(session: Session, email: str) -> None:
    """Have a mail sent by which a password is set anew, if there is such an account."""
    user_id = session.scalar(select(User.id).where(User.email == email, User.role != GUEST))
    if user_id is not None:
        jobs.stage(session, "mail.send_password_reset", user_id=str(user_id))


def make_reset(session: Session, user_id: UUID) -> str:
    """
    Make the token of a reset: good once, for an hour, and the only one of its account.

    Postgres has its hash alone.
    """
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))
    token = secrets.token_urlsafe(32)
    expires_at = func.now() + RESET_LIFETIME
    session.add(PasswordReset(token_hash=_digest(token), user_id=user_id, expires_at=expires_at))
    return token


def reset(session: Session, token: str, password_hash: str) -> UUID:
    """
    Set the password of the account that a token was made for; returns its id.

    Raises:
        ResetRefused: the token was used, is too old, or was never made.
    """
    user_id: UUID | None = session.scalar(
        update(PasswordReset)
        .where(
            PasswordReset.token_hash == _digest(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(PasswordReset.user_id)
    )
    if user_id is None:
        raise ResetRefused
    # Who reads the account's mail has shown that it is theirs.
    verified_at = func.coalesce(User.email_verified_at, func.now())
    changed = {"password_hash": password_hash, "email_verified_at": verified_at}
    session.execute(update(User).where(User.id == user_id).values(changed))
    return user_id


def forget_resets(session: Session, *, limit: int) -> int:
    """Forget up to ``limit`` resets that were used or are too old; tells how many."""
    over = or_(PasswordReset.used_at.is_not(None), PasswordReset.expires_at <= func.now())
    tokens = select(PasswordReset.token_hash).where(over).limit(limit)
    rows = session.scalars(
        delete(PasswordReset)
        .where(PasswordReset.token_hash.in_(tokens))
        .returning(PasswordReset.token_hash)
    )
    return len(rows.all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
