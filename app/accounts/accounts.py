"""Accounts: registered, signed in, signed out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts import passwords, second_factor
from app.accounts.errors import (
    AccountNotFound,
    EmailTaken,
    LastAdmin,
    OwnSecondFactor,
    SessionEnded,
    WrongCredentials,
)
from app.accounts.models import AccountNote, Address, PasswordReset, SignedInSession, User
from app.core.auth import GUEST, STAFF_ROLES
from app.core.db import transaction
from app.core.ids import new_id
from app.core.pages import Page, newest_first

log = structlog.get_logger(__name__)

_OF_AN_ACCOUNT = text("role <> 'guest'")


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
        insert(User)
        .values(values)
        .on_conflict_do_nothing(index_elements=["email"], index_where=_OF_AN_ACCOUNT)
        .returning(User)
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
    user = of_email(session, email)
    is_right = passwords.is_right(user, password)
    if user is None or not is_right:
        log.warning("sign_in.refused", account=user and str(user.id))
        raise WrongCredentials
    log.info("sign_in.accepted", account=str(user.id), role=user.role)
    return user


def of_email(session: Session, email: str) -> User | None:
    """Find the account that signs in by a mail address."""
    return session.scalars(select(User).where(User.email == email, _OF_AN_ACCOUNT)).one_or_none()


def find(session: Session, user_id: UUID) -> User:
    """
    Find an account by what its token says.

    Raises:
        SessionEnded: there is none any more.
    """
    user = session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise SessionEnded
    return user


def addressee(session: Session, user_id: UUID) -> User | None:
    """Find whom to write to; None where the account was erased."""
    user = session.get(User, user_id)
    return None if user is None or user.deleted_at is not None else user


def names(session: Session, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Tell the names of accounts."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return dict(rows.all())


def admins(session: Session) -> Sequence[User]:
    """List the accounts with the role admin."""
    return session.scalars(select(User).where(User.role == "admin").order_by(User.id)).all()


def start_session(session: Session, user: User) -> SignedInSession:
    """Remember a sign-in."""
    signed_in = SignedInSession(id=new_id(), user_id=user.id, refresh_id=new_id())
    session.add(signed_in)
    return signed_in


def require_standing(user_id: UUID, session_id: UUID, role: str) -> None:
    """
    Look whether what an access token says is still so.

    Raises:
        SessionEnded: the session was, or the account is gone or has another role.
    """
    query = select(User.id).join(SignedInSession, SignedInSession.user_id == User.id)
    query = query.where(User.id == user_id, User.role == role, User.deleted_at.is_(None))
    query = query.where(SignedInSession.id == session_id, SignedInSession.revoked_at.is_(None))
    with transaction() as session:
        if session.scalar(query) is None:
            raise SessionEnded


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


def end_sessions(session: Session, user_id: UUID, *, but: UUID | None = None) -> None:
    """Let no token of an account be renewed any more, except in the session at hand."""
    query = update(SignedInSession).where(
        SignedInSession.user_id == user_id, SignedInSession.revoked_at.is_(None)
    )
    if but is not None:
        query = query.where(SignedInSession.id != but)
    session.execute(query.values(revoked_at=datetime.now(UTC)))


def page(
    session: Session, *, email: str | None, role: str | None, limit: int, cursor: str | None
) -> Page[User]:
    """List accounts, the newest first."""
    query = select(User)
    if email is not None:
        query = query.where(User.email == email)
    if role is not None:
        query = query.where(User.role == role)
    return newest_first(session, query, User.created_at, User.id, limit=limit, cursor=cursor)


def give_role(session: Session, user_id: UUID, role: str) -> User:
    """
    Give an account a role, and end its sessions; the role that it has already changes nothing.

    Raises:
        AccountNotFound: there is none.
        LastAdmin: nobody would be left who can give roles.
    """
    # All of them are locked, so that two who step down at once cannot both think the other stays.
    query = select(User).where(User.role == "admin").order_by(User.id).with_for_update()
    admins_now = session.scalars(query.execution_options(populate_existing=True)).all()
    user = session.get(User, user_id, with_for_update=True)
    if user is None or user.deleted_at is not None or user.role == GUEST:
        raise AccountNotFound
    if user.role == role:
        return user
    if [admin.id for admin in admins_now] == [user_id]:
        raise LastAdmin
    user.role = role
    if role not in STAFF_ROLES:
        second_factor.forget(user)
    end_sessions(session, user_id)
    return user


def reset_second_factor(session: Session, user_id: UUID, *, by: UUID | None) -> User:
    """
    Let somebody in by the password alone, who has lost their phone; their sessions end.

    ``by`` is who does it, where that is somebody with an account.

    Raises:
        AccountNotFound: there is none.
        OwnSecondFactor: it is theirs; whoever sits at an open till would be rid of it.
    """
    if user_id == by:
        raise OwnSecondFactor
    user = session.get(User, user_id, with_for_update=True)
    if user is None or user.deleted_at is not None:
        raise AccountNotFound
    if second_factor.is_on(user):
        second_factor.forget(user)
        end_sessions(session, user_id)
    return user


def erase(session: Session, user: User) -> None:
    """Erase who a customer was: what orders need of them, they keep themselves."""
    user.email, user.name, user.phone = f"{user.id}@deleted.invalid", "Deleted", None
    user.password_hash = passwords.NONE
    second_factor.forget(user)
    user.email_verified_at, user.deleted_at = None, datetime.now(UTC)
    for table in (AccountNote, Address, PasswordReset):
        session.execute(delete(table).where(table.user_id == user.id))
    end_sessions(session, user.id)
