"""One function for each file of lua/waiting_room/."""

from dataclasses import dataclass

from app.core.lua import LuaScript
from app.core.redis_client import SERVER, AnyRedis
from app.inventory import keys as inventory
from app.inventory.errors import UnknownToRedisError
from app.waiting_room import keys

_ASK = LuaScript("waiting_room/ask", uses=["lib/clock", "lib/lapsed"])
_LEAVE = LuaScript("waiting_room/leave")
_COUNT = LuaScript("waiting_room/count", uses=["lib/clock"])


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How somebody stands: "open", "admitted", "waiting" or "sold_out".

    ``since`` is since when they wait in microseconds, ``ahead`` how many wait before them, and
    ``in_minute`` how many were let in in the last minute.
    """

    state: str
    until_ms: int | None = None
    since: int | None = None
    ahead: int | None = None
    in_minute: int = 0


def ask(
    redis: AnyRedis, sku: str, buyer: str, *, since: int, turn_ms: int, idle_ms: int
) -> Standing:
    """
    Get in line or keep one's place, and let in as many as there are units.

    Raises:
        UnknownToRedisError: the product has to be loaded first.
    """
    names = [
        inventory.stock(sku), inventory.reservations(sku), keys.queue(sku), keys.seen(sku),
        keys.visitors(sku), keys.pace(sku),
    ]  # fmt: skip
    match _ASK(redis, names, [SERVER, buyer, since, turn_ms, idle_ms]):
        case ["open"]:
            return Standing("open")
        case ["admitted", int(until_ms)]:
            return Standing("admitted", until_ms)
        case ["waiting", str(told), int(ahead), int(in_minute)]:
            return Standing("waiting", None, int(told), ahead, in_minute)
        case ["sold_out", str(told), int(ahead)]:
            return Standing("sold_out", None, int(told), ahead)
        case ["unknown"]:
            raise UnknownToRedisError([sku])
        case reply:
            raise AssertionError(f"waiting_room/ask answered {reply!r}")


def leave(redis: AnyRedis, sku: str, buyer: str) -> None:
    """Give up one's place or turn."""
    reply = _LEAVE(redis, [keys.queue(sku), keys.seen(sku), keys.visitors(sku)], [buyer])
    assert reply == ["left"], reply  # noqa: S101


def count(redis: AnyRedis, sku: str) -> tuple[int, int]:
    """Tell how many wait for a product, and how many have their turn."""
    match _COUNT(redis, [keys.queue(sku), keys.visitors(sku)], []):
        case ["counted", int(waiting), int(admitted)]:
            return waiting, admitted
        case reply:
            raise AssertionError(f"waiting_room/count answered {reply!r}")
