"""Mail addresses are verified: by a signed link, which names the account and its address."""

from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.accounts.errors import VerificationRefused
from app.accounts.models import User
from app.core.ids import read_id

LIFETIME_SECONDS = 7 * 24 * 3_600


def make_token(secret: str, user: User) -> str:
    """Sign an account's address as its own, for a week."""
    return _signer(secret).dumps([str(user.id), user.email])


def verify(session: Session, secret: str, token: str) -> None:
    """
    Note that an account's address is its own; told again, it keeps its time.

    Raises:
        VerificationRefused: the token is not ours, too old, or of an address that was given up.
    """
    user_id, email = _read(secret, token)
    found = session.scalar(
        update(User)
        .where(User.id == user_id, User.email == email)
        .values(email_verified_at=func.coalesce(User.email_verified_at, func.now()))
        .returning(User.id)
    )
    if found is None:
        raise VerificationRefused


def _read(secret: str, token: str) -> tuple[UUID, str]:
    try:
        user_id, email = _signer(secret).loads(token, max_age=LIFETIME_SECONDS)
    except (BadData, ValueError, TypeError):
        raise VerificationRefused from None
    found = read_id(user_id)
    if found is None or not isinstance(email, str):
        raise VerificationRefused
    return found, email


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="verify-email")
