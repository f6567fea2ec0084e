"""One function for each file of lua/checkout/."""

from typing import Any
from uuid import UUID

from app.checkout import keys
from app.checkout.errors import ClaimedBeforeError, IdempotencyKeyReused, RequestInFlight
from app.core.lua import Call, LuaScript
from app.core.redis_client import AnyRedis
from app.inventory.scripts import Guard

_CLAIM = LuaScript("checkout/claim", uses=["lib/clock"])
_YIELD = LuaScript("checkout/yield")


def claim(order_id: UUID, *, fingerprint: str, token: str, lease_ms: int, kept_ms: int) -> Guard:
    """
    Claim the right to answer a request, by a guard that lets its units be taken.

    Raises, once its reply is read:
        ClaimedBeforeError: another request had it before, and may have answered.
        RequestInFlight: another request is answering it, or has just done so.
        IdempotencyKeyReused: the key was used with another body.
    """
    key = keys.request(order_id)
    call = Call(_CLAIM, [key], [fingerprint, token, lease_ms, kept_ms])
    return Guard(key, token, (call, _read))


def _read(reply: list[Any]) -> None:
    match reply:
        case ["claimed"]:
            return
        case ["claimed_again"]:
            raise ClaimedBeforeError
        case ["in_flight", int(left_ms)]:
            raise RequestInFlight(retry_after=max(1, -(-left_ms // 1000)))
        case ["other_request"]:
            raise IdempotencyKeyReused
    raise AssertionError(f"checkout/claim answered {reply!r}")


def yield_(redis: AnyRedis, order_id: UUID, *, token: str) -> None:
    """Give up a claim that led to no answer."""
    reply = _YIELD(redis, [keys.request(order_id)], [token])
    assert reply == ["yielded"], f"checkout/yield answered {reply!r}"  # noqa: S101
