"""
Rate limits: how often one address, or one account, may try what can be guessed or costs much.

Counted in the queue's Redis, so that all processes count together; where it is out of reach each
counts by itself. Nothing that buyers wait for is counted but coupons.
"""

import math
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from redis.exceptions import RedisError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import sentinels
from app.core.api import answer_problem
from app.core.problems import TooManyRequests

BY_ADDRESS = "30 per minute"
# A mailbox is not to be filled, nor a password guessed, from however many addresses.
BY_ACCOUNT = "10 per 15 minutes"
_BY_ADDRESS, _BY_ACCOUNT = parse(BY_ADDRESS), parse(BY_ACCOUNT)
_GUESSES = parse("30 per 15 minutes")
# Of a million codes three are right at any time: whoever has the password tries for years.
_CODES = parse("50 per day")

log = structlog.get_logger(__name__)

_limiter = Limiter(
    get_remote_address,
    key_prefix="ora",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
)


def init_app(app: Flask, *, is_on: bool, redis_url: str, proxies: int) -> None:
    """
    Count requests where ``is_on``; ``proxies`` in front of the app are believed about addresses.

    None are unless told so, for anybody can write X-Forwarded-For.
    """
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)  # type: ignore[method-assign]
    options: dict[str, Any] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    if sentinels.are_asked(redis_url):
        redis_url, more = sentinels.for_limits(redis_url)
        options |= more
    app.config |= {
        "RATELIMIT_ENABLED": is_on,
        "RATELIMIT_STORAGE_URI": redis_url,
        "RATELIMIT_STORAGE_OPTIONS": options,
        "RATELIMIT_STRATEGY": "sliding-window-counter",
    }
    _limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _refuse)
    app.after_request(_tell)


def by_address(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let one address try this so often."""
    return _limiter.limit(BY_ADDRESS)(view)


def by_account(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let one mail address be tried so often, by whomever; malformed ones count as one."""
    return _limiter.limit(BY_ACCOUNT, key_func=_email)(view)


def count_guess(customer_id: UUID) -> None:
    """
    Count that a customer tries a code that could be guessed.

    Raises:
        TooManyRequests: they did so too often.
    """
    _count(_GUESSES, "guesser", str(customer_id))


def count_sign_in(address: str, email: str) -> None:
    """
    Count a try to sign in to the pages.

    Raises:
        TooManyRequests: this address, or this account, was tried too often.
    """
    _count(_BY_ADDRESS, "pages", address)
    _count(_BY_ACCOUNT, "pages", email)


def count_code(account_id: UUID) -> None:
    """
    Count that a code of somebody's second factor is tried, at the pages or by the API.

    Raises:
        TooManyRequests: it was tried too often.
    """
    _count(_CODES, "code", str(account_id))


def _count(limit: RateLimitItem, *who: str) -> None:
    if not _limiter.enabled:
        return
    try:
        window = _limiter.limiter
        if window.hit(limit, *who):
            return
        left = window.get_window_stats(limit, *who).reset_time
    except RedisError as error:
        log.warning("limits.not_counted", error=error)
        return
    raise TooManyRequests(f"{limit} are taken.", retry_after=max(1, math.ceil(left - time.time())))


def _email() -> str:
    body = request.get_json(silent=True)
    email = body.get("email") if isinstance(body, dict) else None
    return f"account:{email.strip().lower()[:254]}" if isinstance(email, str) else "account:"


def _refuse(error: RateLimitExceeded) -> Response:
    problem = TooManyRequests(f"{error.limit.limit} are taken.", retry_after=_seconds_left())
    return answer_problem(problem)


def _tell(response: Response) -> Response:
    """Say how much is left, by the names of the IETF's draft; the narrowest limit counts."""
    window = _limiter.current_limit
    if window is not None:
        response.headers["RateLimit-Limit"] = str(window.limit.amount)
        response.headers["RateLimit-Remaining"] = str(max(0, window.remaining))
        response.headers["RateLimit-Reset"] = str(_seconds_left())
    return response


def _seconds_left() -> int:
    window = _limiter.current_limit
    return 1 if window is None else max(1, int(window.reset_at - time.time()))
