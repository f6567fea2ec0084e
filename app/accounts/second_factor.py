"""
The second factor: a code of an app on somebody's phone, beside the password (RFC 6238).

Its secret is derived from the shop's own, the account and a generation. So it is kept nowhere, and
a copy of the database lets nobody make a code.
"""

import hashlib
import hmac
import re
import time
from base64 import b32encode
from uuid import UUID

import pyotp
from sqlalchemy import func, or_, update
from sqlalchemy.orm import Session

from app.accounts.errors import SecondFactorOn, SecondFactorUnset, WrongCode
from app.accounts.models import User
from app.core.auth import STAFF_ROLES

# What every app for codes takes without being told: SHA-1, six digits, a new one each half minute.
STEP_SECONDS = 30
# RFC 4226 advises a secret as long as the hash.
SECRET_BYTES = 20
# Clocks of phones are a little wrong, and people type slowly.
DRIFT_STEPS = 1
ISSUER = "ORA"
_CODE = re.compile(r"[0-9]{6}")


def secret_of(user: User, *, shop_secret: str, generation: int | None = None) -> str:
    """Tell the secret of a generation, the present one by default, as apps take it."""
    generation = user.totp_generation if generation is None else generation
    message = f"second-factor\x1f{user.id}\x1f{generation}".encode()
    derived = hmac.digest(shop_secret.encode(), message, hashlib.sha256)
    return b32encode(derived[:SECRET_BYTES]).decode()


def address_of(user: User, *, shop_secret: str) -> str:
    """Write what an app reads off a QR code."""
    secret = secret_of(user, shop_secret=shop_secret)
    return pyotp.TOTP(secret, issuer=ISSUER).provisioning_uri(name=user.email)


def code_at(secret: str, step: int) -> str:
    """Make the code of a step."""
    return pyotp.HOTP(secret).at(step)


def present_step() -> int:
    """Tell the step of now: half minutes since 1970."""
    return int(time.time()) // STEP_SECONDS


def is_on(user: User) -> bool:
    """Tell whether a code is needed beside the password."""
    return user.totp_enabled_at is not None


def require_of_admins(user: User, *, is_needed: bool) -> None:
    """
    Let an admin without a second factor no further, where the shop wants one of admins.

    Raises:
        SecondFactorUnset: they have none.
    """
    if is_missing(user, is_needed=is_needed):
        raise SecondFactorUnset


def is_missing(user: User, *, is_needed: bool) -> bool:
    """Tell whether somebody has none who has to have one."""
    return is_needed and user.role == "admin" and not is_on(user)


def begin(session: Session, user_id: UUID) -> int:
    """
    Begin to set it up, with a secret that nobody has seen; returns its generation.

    Raises:
        SecondFactorOn: it is on.
    """
    generation: int | None = session.scalar(
        update(User)
        .where(User.id == user_id, User.role.in_(STAFF_ROLES), User.totp_enabled_at.is_(None))
        .values(totp_generation=User.totp_generation + 1)
        .returning(User.totp_generation)
    )
    if generation is None:
        raise SecondFactorOn
    return generation


def turn_on(session: Session, user: User, code: str, *, generation: int, shop_secret: str) -> None:
    """
    Switch it on for who shows by a code that the secret of ``generation`` is in their app.

    Raises:
        WrongCode: it is none of that secret, or another one was begun meanwhile.
    """
    step = _step_of(secret_of(user, shop_secret=shop_secret, generation=generation), code)
    turned = update(User).where(
        User.id == user.id, User.role.in_(STAFF_ROLES),
        User.totp_generation == generation, User.totp_enabled_at.is_(None),
    )  # fmt: skip
    turned = turned.values(totp_enabled_at=func.now(), totp_last_step=step).returning(User.id)
    if session.scalar(turned) is None:
        raise WrongCode


def use(session: Session, user: User, code: str, *, shop_secret: str) -> None:
    """
    Take a code, which is good once: neither it nor an older one is taken again.

    Raises:
        WrongCode: it is none of this account's, not of now, or was used.
    """
    step = _step_of(secret_of(user, shop_secret=shop_secret), code)
    # Looked at and written in one statement, so that of two who have one code only one gets in.
    used = update(User).where(
        User.id == user.id,
        User.totp_generation == user.totp_generation,
        User.totp_enabled_at.is_not(None),
        or_(User.totp_last_step.is_(None), User.totp_last_step < step),
    )
    if session.scalar(used.values(totp_last_step=step).returning(User.id)) is None:
        raise WrongCode


def turn_off(session: Session, user: User, code: str, *, shop_secret: str) -> None:
    """
    Switch it off for who has a code.

    Raises:
        WrongCode: it is none of this account's, not of now, or was used.
    """
    use(session, user, code, shop_secret=shop_secret)
    forget(user)


def forget(user: User) -> None:
    """Switch it off, and let its secret be none any more."""
    if is_on(user):
        user.totp_generation += 1
        user.totp_enabled_at = user.totp_last_step = None


def _step_of(secret: str, code: str) -> int:
    """Find the step that a code is of, among those that are taken now."""
    written = re.sub(r"\s", "", code)
    now = present_step()
    if _CODE.fullmatch(written):
        for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
            if hmac.compare_digest(code_at(secret, step), written):
                return step
    raise WrongCode
