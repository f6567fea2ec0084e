"""Short ways for tests of scripts: put units on a shelf, let time pass, read every key."""

from typing import Any
from uuid import UUID

from redis import Redis

from app.inventory import keys, scripts
from app.inventory.scripts import Levels, OnHand, Pending

ASHA, BINA, CHITRA = (UUID(int=number) for number in (0xA, 0xB, 0xC))
QUARTER_HOUR = 15 * 60 * 1000


def put(store: Redis, *, version: int = 1, pending: tuple[Pending, ...] = (), **units: int) -> None:
    """Put ``RING=3`` and the like on the shelf."""
    for sku, count in units.items():
        assert scripts.load(store, OnHand(sku, count, version), pending)


def reserve(store: Redis, order: UUID, *, lifetime_ms: int = QUARTER_HOUR, **units: int) -> Any:
    return scripts.reserve(store, order, units, lifetime_ms=lifetime_ms)


def levels(store: Redis, sku: str) -> Levels:
    return scripts.levels(store, [sku])[sku]


def now_ms(store: Redis) -> int:
    """Tell the time by Redis' clock, as the scripts do."""
    seconds, microseconds = store.time()
    return seconds * 1000 + microseconds // 1000


def set_deadline(store: Redis, order: UUID, deadline_ms: int, **units: int) -> None:
    """Write the deadline of an order's reservation over."""
    for sku, count in units.items():
        changed = store.zadd(
            keys.reservations(sku), {f"{order}:{count}": deadline_ms}, xx=True, ch=True
        )
        assert changed == 1


def run_out(store: Redis, order: UUID, **units: int) -> None:
    """Let the time of an order's reservation be over."""
    set_deadline(store, order, now_ms(store) - 1, **units)
    store.delete(keys.reservation(order))


def shelf(store: Redis, sku: str) -> dict[str, Any]:
    """Read a product's three keys as they are, tidying nothing up."""
    members = store.zrange(keys.reservations(sku), 0, -1)
    numbers = {name: int(value) for name, value in store.hgetall(keys.stock(sku)).items()}
    return numbers | {
        "reservations": sorted(members),
        "paid": {order: int(n) for order, n in store.hgetall(keys.committed(sku)).items()},
    }


def everything(store: Redis) -> dict[str, Any]:
    """Read every key of a Redis, to compare it whole."""
    read = {
        "string": store.get,
        "hash": store.hgetall,
        "zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        "list": lambda key: store.lrange(key, 0, -1),
    }
    return {key: read[store.type(key)](key) for key in sorted(store.keys())}
