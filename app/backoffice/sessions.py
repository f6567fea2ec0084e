"""
Who is signed in to the pages: a cookie that names a sign-in, which Postgres may have ended.

The role is looked up each time, so that one who was let go is out with the next click.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, Request, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.accounts import accounts, second_factor
from app.accounts.errors import SessionEnded, WrongCredentials
from app.accounts.models import SignedInSession, User
from app.core.auth import STAFF_ROLES
from app.core.db import transaction
from app.core.ids import read_id

ROOT = "/admin"
# Nobody sits at an open till for longer.
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60
# From the password to the code, which stands on a phone close by.
HALF_SECONDS = 5 * 60


@dataclass(frozen=True, slots=True)
class Person:
    """Who works at the pages."""

    id: UUID
    name: str
    role: str
    # They have to set one up before they do anything else.
    lacks_second_factor: bool = False

    @property
    def actor(self) -> str:
        """What they do is written down as theirs."""
        return f"{self.role}:{self.id}"


class _PagesAlone(SecureCookieSessionInterface):
    """A session for the pages; whoever calls the API has a token, and pays nothing for it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.path.startswith(ROOT):
            return None
        return super().open_session(app, request)


def init_app(app: Flask, *, secret: str, is_secure: bool) -> None:
    """Let the pages keep a session; its cookie goes nowhere else."""
    app.secret_key = secret
    app.session_interface = _PagesAlone()
    app.config |= {
        # The prefix has browsers take it over TLS alone.
        "SESSION_COOKIE_NAME": "__Secure-ora_pages" if is_secure else "ora_pages",
        "SESSION_COOKIE_PATH": ROOT,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_secure,
    }


def sign_in(email: str, password: str) -> bool:
    """
    Begin a session; tells whether it is whole, or half of one that waits for a code.

    Raises:
        WrongCredentials: also for those who do not work here, in the same words.
    """
    with transaction() as opened:
        user = accounts.authenticate(opened, email=email, password=password)
        if user.role not in STAFF_ROLES:
            raise WrongCredentials
        started = accounts.start_session(opened, user)
    if not second_factor.is_on(user):
        _remember(user, started)
        return True
    session.clear()
    session["half_of"], session["half"] = str(user.id), str(started.id)
    session["began"] = int(time.time())
    return False


def half() -> User | None:
    """Tell whose code is waited for; None where nobody's is, or not any more."""
    user_id, half_id = read_id(session.get("half_of")), read_id(session.get("half"))
    if user_id is None or half_id is None or time.time() - session["began"] > HALF_SECONDS:
        return None
    return _signed_in(user_id, half_id)


def give_code(code: str) -> None:
    """
    Make a whole session of a half one, which is good for nothing else.

    Raises:
        SessionEnded: there is none, or not any more.
        WrongCode: it is none of theirs, or was used.
    """
    user, half_id = half(), read_id(session.get("half"))
    if user is None or half_id is None:
        raise SessionEnded
    with transaction() as opened:
        second_factor.use(opened, user, code, shop_secret=shop_secret())
        accounts.end_session(opened, half_id)
        started = accounts.start_session(opened, user)
    _remember(user, started)


def _remember(user: User, started: SignedInSession) -> None:
    # What was there before is nobody's: a cookie that was planted is not signed in by this.
    session.clear()
    session["user"], session["sign_in"] = str(user.id), str(started.id)
    session["began"] = session["seen"] = int(time.time())


def shop_secret() -> str:
    """Return what the secrets of second factors are derived from."""
    secret: str = current_app.config["ORA"].secret_key.get_secret_value()
    return secret


def sign_in_id() -> UUID | None:
    """Tell which sign-in the session is of."""
    return read_id(session.get("sign_in"))


def sign_out() -> None:
    """End the session, in the cookie and in Postgres."""
    ended = sign_in_id()
    session.clear()
    if ended is not None:
        with transaction() as opened:
            accounts.end_session(opened, ended)


def person() -> Person | None:
    """Tell who is asking; None where nobody is signed in, or not any more."""
    user_id, started_id = read_id(session.get("user")), sign_in_id()
    if user_id is None or started_id is None or _is_over():
        return None
    user = _signed_in(user_id, started_id)
    if user is None:
        return None
    session["seen"] = int(time.time())
    is_needed = current_app.config["ORA"].admins_need_second_factor == "on"
    lacks = second_factor.is_missing(user, is_needed=is_needed)
    return Person(user.id, user.name, user.role, lacks)


def _signed_in(user_id: UUID, started_id: UUID) -> User | None:
    """Find who works here still, by a sign-in of theirs that was not ended."""
    with transaction() as opened:
        user = accounts.addressee(opened, user_id)
        started = opened.get(SignedInSession, started_id)
    if user is None or user.role not in STAFF_ROLES or started is None:
        return None
    is_ended = started.revoked_at is not None or started.user_id != user.id
    return None if is_ended else user


def _is_over() -> bool:
    now = time.time()
    seen, began = session.get("seen", 0), session.get("began", 0)
    return bool(now - seen > IDLE_SECONDS or now - began > LONGEST_SECONDS)
