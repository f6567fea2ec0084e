"""One function for each file of lua/checkout/."""

from uuid import UUID

from app.checkout import keys
from app.checkout.errors import IdempotencyKeyReused, RequestInFlight
from app.core.lua import LuaScript
from app.core.redis_client import AnyRedis

_CLAIM = LuaScript("checkout/claim")
_ANSWER = LuaScript("checkout/answer")
_YIELD = LuaScript("checkout/yield")


def claim(redis: AnyRedis, order_id: UUID, *, fingerprint: str, token: str, lease_ms: int) -> bool:
    """
    Claim the right to answer a request; False where it was answered before.

    Raises:
        RequestInFlight: another call is answering it.
        IdempotencyKeyReused: the key was used with another body.
    """
    reply = _CLAIM(redis, [keys.request(order_id)], [fingerprint, token, lease_ms])
    match reply:
        case ["claimed"]:
            return True
        case ["answered"]:
            return False
        case ["in_flight", int(left_ms)]:
            raise RequestInFlight(retry_after=max(1, -(-left_ms // 1000)))
        case ["other_request"]:
            raise IdempotencyKeyReused
    raise AssertionError(f"checkout/claim answered {reply!r}")


def answer(redis: AnyRedis, order_id: UUID, *, fingerprint: str, lifetime_ms: int) -> None:
    """Remember that a request was answered."""
    reply = _ANSWER(redis, [keys.request(order_id)], [fingerprint, lifetime_ms])
    assert reply == ["answered"], f"checkout/answer answered {reply!r}"  # noqa: S101


def yield_(redis: AnyRedis, order_id: UUID, *, token: str) -> None:
    """Give up a claim that led to no answer."""
    reply = _YIELD(redis, [keys.request(order_id)], [token])
    assert reply == ["yielded"], f"checkout/yield answered {reply!r}"  # noqa: S101
