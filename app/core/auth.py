"""Who is asking: access and refresh tokens, and what a view may know of their owner."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import jwt
import structlog
from flask import Flask, current_app, g, request

from app.core.ids import read_id
from app.core.problems import Forbidden, Unauthenticated

log = structlog.get_logger(__name__)

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
ALGORITHM = "HS256"
ISSUER = "ora"
STAFF_ROLES = ("staff", "admin")
# Whom a view lets in: bearers of either kind of token, or those of some roles.
Audience = str | tuple[str, ...]
SIGNED_IN, REFRESHING = "signed in", "refreshing"
# Who buys without an account.
GUEST = "guest"
_SCHEME = "Bearer "
# A buyer asks many times with one token; 1.7 kB each.
MOST_TOKENS = 10_000
Claims = Mapping[str, Any]
# Refuses an account whose session was ended, or whose role is another one by now.
Standing = Callable[[UUID, UUID, str], None]
_REQUIRED: Any = {"require": ["exp", "iss", "sub", "type"]}


def init_app(app: Flask, *, secret: str, standing: Standing) -> None:
    """Let tokens be signed and checked; every refusal is the one problem ``unauthenticated``."""
    app.extensions["ora_token_secret"] = secret
    app.extensions["ora_standing"] = standing


def issue_tokens(user_id: UUID, *, role: str, session_id: UUID, refresh_id: UUID) -> dict[str, Any]:
    """Make the pair of tokens of one signed-in session."""
    claims = {"sub": str(user_id), "role": role, "sid": str(session_id)}
    return {
        "access_token": _sign(claims, "access", ACCESS_LIFETIME),
        "refresh_token": _sign(claims | {"rid": str(refresh_id)}, "refresh", REFRESH_LIFETIME),
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
    }


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only a bearer of an access token in whose session has not been ended."""
    return _requiring(view, "access", SIGNED_IN, is_looked_up=True)


def by_token(view: Callable[..., Any]) -> Callable[..., Any]:
    """
    Let a bearer of an access token in by the token alone, which asks nobody.

    For what buyers wait for: who was signed out elsewhere can be here until the token's end.
    """
    return _requiring(view, "access", SIGNED_IN, is_looked_up=False)


def staff(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only staff and admins in."""
    return _of_roles(view, STAFF_ROLES)


def admin(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only admins in."""
    return _of_roles(view, ("admin",))


def _of_roles(view: Callable[..., Any], roles: Sequence[str]) -> Callable[..., Any]:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if g.token.get("role") not in roles:
            log.warning("access.refused", account=g.token["sub"], path=request.path)
            raise Forbidden
        return view(*args, **kwargs)

    return _requiring(wrapper, "access", tuple(roles), is_looked_up=True)


def refreshing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only a bearer of a refresh token in."""
    return _requiring(view, "refresh", REFRESHING, is_looked_up=False)


def _requiring(
    view: Callable[..., Any], kind: str, audience: Audience, *, is_looked_up: bool
) -> Callable[..., Any]:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        g.token = _read(request.headers.get("Authorization", ""), kind)
        if is_looked_up:
            _require_standing()
        return view(*args, **kwargs)

    # Read by whoever lists the routes, and kept by what is wrapped around.
    wrapper.__dict__["audience"] = audience
    doc = wrapper.__dict__.setdefault("_apidoc", {})
    doc["manual_doc"] = doc.get("manual_doc", {}) | {"security": [{"bearer": []}]}
    return wrapper


def _require_standing() -> None:
    require: Standing = current_app.extensions["ora_standing"]
    require(customer_id(), session_id(), str(g.token.get("role")))


def customer_id() -> UUID:
    """Return the id of the account that the token was issued to."""
    return _uuid_claim(g.token["sub"])


def role() -> str | None:
    """Return the role that the token carries, or None for a request without a token."""
    header = request.headers.get("Authorization")
    return None if header is None else str(_read(header, "access").get("role"))


def is_guest() -> bool:
    """Tell whether the token is a guest's."""
    return bool(g.token.get("role") == GUEST)


def guest_along() -> UUID | None:
    """Return the guest whose access token was sent along, where one was, and none is needed."""
    header = request.headers.get("Authorization")
    claims = {} if header is None else _read(header, "access")
    return _uuid_claim(claims["sub"]) if claims.get("role") == GUEST else None


def session_id() -> UUID:
    """Return the session that the token belongs to."""
    return _uuid_claim(g.token.get("sid"))


def session_ids() -> tuple[UUID, UUID]:
    """Return the session and the refresh id of a refresh token."""
    return _uuid_claim(g.token.get("sid")), _uuid_claim(g.token.get("rid"))


def _sign(claims: dict[str, Any], kind: str, lifetime: timedelta) -> str:
    now = int(time.time())
    until = now + int(lifetime.total_seconds())
    told = {"iss": ISSUER, "type": kind, "iat": now, "exp": until, "jti": uuid4().hex}
    return jwt.encode(claims | told, _secret(), ALGORITHM)


def _read(header: str, kind: str) -> Claims:
    if not header.startswith(_SCHEME):
        raise Unauthenticated("a token is needed: Authorization: Bearer ...")
    try:
        claims = _decoded(header.removeprefix(_SCHEME), _secret())
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("the token has expired") from None
    except (jwt.InvalidTokenError, ValueError):
        # ValueError: what is no text that could have been signed.
        raise Unauthenticated("the token cannot be used") from None
    if claims["type"] != kind:
        raise Unauthenticated("the token is not for this")
    return claims


def _decoded(token: str, secret: str) -> Claims:
    """Read a token; what was signed stays signed, so only its end is looked at again."""
    claims = _signed(token, secret)
    if int(claims["exp"]) <= time.time():
        raise jwt.ExpiredSignatureError
    return claims


@lru_cache(maxsize=MOST_TOKENS)
def _signed(token: str, secret: str) -> Claims:
    claims: dict[str, Any] = jwt.decode(
        token, secret, algorithms=[ALGORITHM], issuer=ISSUER, options=_REQUIRED
    )
    _uuid_claim(claims["sub"])
    return MappingProxyType(claims)


def _secret() -> str:
    secret: str = current_app.extensions["ora_token_secret"]
    return secret


def _uuid_claim(value: object) -> UUID:
    found = read_id(value)
    if found is None:
        raise Unauthenticated("the token was not issued by this shop")
    return found
