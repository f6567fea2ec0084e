"""One function for each file of lua/payments/."""

from typing import Literal

from app.core.lua import LuaScript
from app.core.redis_client import AnyRedis
from app.payments import keys
from app.payments.errors import GatewayUnavailable

_ENTER = LuaScript("payments/enter", uses=["lib/clock"])
_LEAVE = LuaScript("payments/leave", uses=["lib/clock"])

Outcome = Literal["success", "failure", "neither"]


def enter(redis: AnyRedis, gateway: str, *, token: str, trial_ms: int, window_ms: int) -> str:
    """
    Let a call to a gateway through; returns the breaker's turn, which belongs to its report.

    Raises:
        GatewayUnavailable: the breaker is open.
        ServiceUnavailable: Redis is out of reach, or could not take the report.
    """
    reply = _ENTER(redis, [keys.breaker(gateway)], [token, trial_ms, window_ms])
    match reply:
        case ["closed" | "trial", str(turn)]:
            return turn
        case ["open", int(left_ms)]:
            raise GatewayUnavailable(retry_after=max(1, -(-left_ms // 1000)))
    raise AssertionError(f"payments/enter answered {reply!r}")


def leave(
    redis: AnyRedis,
    gateway: str,
    *,
    token: str,
    turn: str,
    outcome: Outcome,
    most_failures: int,
    first_pause_ms: int,
    longest_pause_ms: int,
    window_ms: int,
) -> int | None:
    """
    Tell how a call ended.

    Returns the pause in milliseconds where that opened the breaker, 0 where it closed it, and None
    where it did neither.

    Raises:
        ServiceUnavailable: Redis is out of reach.
    """
    rules = [most_failures, first_pause_ms, longest_pause_ms, window_ms]
    reply = _LEAVE(redis, [keys.breaker(gateway)], [token, turn, outcome, *rules])
    match reply:
        case ["opened", int(pause_ms)]:
            return pause_ms
        case ["closed"]:
            return 0
        case ["unchanged"]:
            return None
    raise AssertionError(f"payments/leave answered {reply!r}")
