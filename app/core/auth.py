"""Who is asking: access and refresh tokens, and what a view may know of their owner."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, Response
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    verify_jwt_in_request,
)

from app.core.api import answer_problem
from app.core.ids import read_id
from app.core.problems import Forbidden, Unauthenticated

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
ALGORITHM = "HS256"
STAFF_ROLES = ("staff", "admin")


def init_app(app: Flask, *, secret: str) -> None:
    """Let tokens be signed and checked; every refusal is the one problem ``unauthenticated``."""
    app.config.update(
        JWT_SECRET_KEY=secret,
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_LIFETIME,
        JWT_REFRESH_TOKEN_EXPIRES=REFRESH_LIFETIME,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ENCODE_ISSUER="ora",
        JWT_DECODE_ISSUER="ora",
    )
    manager = JWTManager(app)
    manager.unauthorized_loader(_refuse)
    manager.invalid_token_loader(_refuse)
    manager.expired_token_loader(lambda *_: _refuse("the token has expired"))


def issue_tokens(user_id: UUID, *, role: str, session_id: UUID, refresh_id: UUID) -> dict[str, Any]:
    """Make the pair of tokens of one signed-in session."""
    claims = {"role": role, "sid": str(session_id)}
    identity = str(user_id)
    return {
        "access_token": create_access_token(identity, additional_claims=claims),
        "refresh_token": create_refresh_token(
            identity, additional_claims=claims | {"rid": str(refresh_id)}
        ),
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
    }


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only a bearer of an access token in; documents the need for it."""
    return _requiring(view, refresh=False)


def staff(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only staff and admins in."""
    return _of_roles(view, STAFF_ROLES)


def admin(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only admins in."""
    return _of_roles(view, ("admin",))


def _of_roles(view: Callable[..., Any], roles: Sequence[str]) -> Callable[..., Any]:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if get_jwt().get("role") not in roles:
            raise Forbidden
        return view(*args, **kwargs)

    return signed_in(wrapper)


def refreshing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only a bearer of a refresh token in."""
    return _requiring(view, refresh=True)


def _requiring(view: Callable[..., Any], *, refresh: bool) -> Callable[..., Any]:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        verify_jwt_in_request(refresh=refresh)
        _uuid_claim(get_jwt_identity())
        return view(*args, **kwargs)

    doc = wrapper.__dict__.setdefault("_apidoc", {})
    doc["manual_doc"] = doc.get("manual_doc", {}) | {"security": [{"bearer": []}]}
    return wrapper


def customer_id() -> UUID:
    """Return the id of the account that the token was issued to."""
    return _uuid_claim(get_jwt_identity())


def role() -> str | None:
    """Return the role that the token carries, or None for a request without a token."""
    if verify_jwt_in_request(optional=True) is None:
        return None
    return str(get_jwt().get("role"))


def session_ids() -> tuple[UUID, UUID]:
    """Return the session and the refresh id of a refresh token."""
    token = get_jwt()
    return _uuid_claim(token.get("sid")), _uuid_claim(token.get("rid"))


def _uuid_claim(value: object) -> UUID:
    found = read_id(value)
    if found is None:
        raise Unauthenticated("the token was not issued by this shop")
    return found


def _refuse(reason: str) -> Response:
    """Answer, and do not raise: Flask takes an exception of an error handler for a bug."""
    return answer_problem(Unauthenticated(reason))
