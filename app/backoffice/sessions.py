"""
Who is signed in to the pages: a cookie that names a sign-in, which Postgres may have ended.

The role is looked up each time, so that one who was let go is out with the next click.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.accounts import accounts
from app.accounts.errors import WrongCredentials
from app.accounts.models import SignedInSession
from app.core.auth import STAFF_ROLES
from app.core.db import transaction
from app.core.ids import read_id

ROOT = "/admin"
# Nobody sits at an open till for longer.
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class Person:
    """Who works at the pages."""

    id: UUID
    name: str
    role: str

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


def sign_in(email: str, password: str) -> None:
    """
    Begin a session.

    Raises:
        WrongCredentials: also for those who do not work here, in the same words.
    """
    with transaction() as opened:
        user = accounts.authenticate(opened, email=email, password=password)
        if user.role not in STAFF_ROLES:
            raise WrongCredentials
        started = accounts.start_session(opened, user)
    # What was there before is nobody's: a cookie that was planted is not signed in by this.
    session.clear()
    session["user"], session["sign_in"] = str(user.id), str(started.id)
    session["began"] = session["seen"] = int(time.time())


def sign_out() -> None:
    """End the session, in the cookie and in Postgres."""
    sign_in_id = read_id(session.get("sign_in"))
    session.clear()
    if sign_in_id is not None:
        with transaction() as opened:
            accounts.end_session(opened, sign_in_id)


def person() -> Person | None:
    """Tell who is asking; None where nobody is signed in, or not any more."""
    user_id, sign_in_id = read_id(session.get("user")), read_id(session.get("sign_in"))
    if user_id is None or sign_in_id is None or _is_over():
        return None
    with transaction() as opened:
        user = accounts.addressee(opened, user_id)
        started = opened.get(SignedInSession, sign_in_id)
    if user is None or user.role not in STAFF_ROLES or started is None:
        return None
    if started.revoked_at is not None or started.user_id != user.id:
        return None
    session["seen"] = int(time.time())
    return Person(user.id, user.name, user.role)


def _is_over() -> bool:
    now = time.time()
    seen, began = session.get("seen", 0), session.get("began", 0)
    return bool(now - seen > IDLE_SECONDS or now - began > LONGEST_SECONDS)
