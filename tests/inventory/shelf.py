"""Short ways for tests of scripts: put units on a shelf, let time pass, read every key."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from redis import Redis

from app.inventory import keys, scripts
from app.inventory.terms import Claim, Known, Levels, OnHand, Pending

MEERA, NAINA = "meera", "naina"
ASHA, BINA, CHITRA = (UUID(int=number) for number in (0xA, 0xB, 0xC))
EPOCH = 7
QUARTER_HOUR = 15 * 60 * 1000


def put(
    store: Redis,
    *,
    version: int = 1,
    epoch: int = EPOCH,
    limit: int = 0,
    pending: tuple[Pending, ...] = (),
    **units: int,
) -> None:
    """Put ``RING=3`` and the like on the shelf."""
    for sku, count in units.items():
        known = Known(OnHand(sku, count, version), limit, pending)
        assert tell(store, known, present=None, epoch=epoch)


def tell(store: Redis, known: Known, *, present: int | None, epoch: int) -> bool:
    """Load a product and publish it, as a load does before and after Postgres' commit."""
    is_loaded = scripts.load(store, known, present=present, epoch=epoch)
    assert not is_loaded or scripts.publish(store, known.number.sku, epoch=epoch)
    return is_loaded


def claim(order: UUID, units: Mapping[str, int], *, buyer: str = MEERA) -> Claim:
    return Claim(order, buyer, units)


def reserve(
    store: Redis,
    order: UUID,
    *,
    buyer: str = MEERA,
    lifetime_ms: int = QUARTER_HOUR,
    **units: int,
) -> Any:
    return scripts.reserve(store, claim(order, units, buyer=buyer), lifetime_ms=lifetime_ms)


def commit(store: Redis, order: UUID, *, buyer: str = MEERA, **units: int) -> dict[str, int]:
    return scripts.commit(store, claim(order, units, buyer=buyer))


def levels(store: Redis, sku: str) -> Levels:
    return scripts.levels(store, [sku])[sku]


def now_ms(store: Redis) -> int:
    """Tell the time by Redis' clock, as the scripts do."""
    seconds, microseconds = store.time()
    return seconds * 1000 + microseconds // 1000


def set_deadline(
    store: Redis, order: UUID, deadline_ms: int, *, buyer: str = MEERA, **units: int
) -> None:
    """Write the deadline of an order's reservation over."""
    for sku, count in units.items():
        member = keys.member(order, count, buyer)
        assert store.zscore(keys.reservations(sku), member) is not None
        store.zadd(keys.reservations(sku), {member: deadline_ms})


def run_out(store: Redis, order: UUID, *, buyer: str = MEERA, **units: int) -> None:
    """Let the time of an order's reservation be over."""
    set_deadline(store, order, now_ms(store) - 1, buyer=buyer, **units)
    store.delete(keys.reservation(order))


def run_id(store: Redis) -> str:
    """Tell what a connection knows its server by."""
    pool = store.connection_pool
    connection = pool.get_connection()
    try:
        return connection.server
    finally:
        pool.release(connection)


def stock(
    store: Redis,
    on_hand: int,
    *,
    version: int = 1,
    reserved: int = 0,
    committed: int = 0,
    epoch: int = EPOCH,
    limit: int = 0,
) -> dict[str, str]:
    """Write the whole stock hash that a product should have."""
    numbers = {
        "on_hand": on_hand, "version": version, "reserved": reserved, "committed": committed,
        "epoch": epoch, "limit": limit,
    }  # fmt: skip
    return {name: str(number) for name, number in numbers.items()} | {"server": run_id(store)}


def shelf(store: Redis, sku: str) -> dict[str, Any]:
    """Read who holds what of a product as it is, tidying nothing up."""
    members = store.zrange(keys.reservations(sku), 0, -1)
    numbers = {
        name: int(value)
        for name, value in store.hgetall(keys.stock(sku)).items()
        if name not in ("server", "epoch", "limit")
    }
    return numbers | {
        "reservations": sorted(members),
        "paid": {order: int(n) for order, n in store.hgetall(keys.committed(sku)).items()},
    }


def buyers(store: Redis, sku: str) -> dict[str, str]:
    """Read what each buyer of a limited product has."""
    return store.hgetall(keys.buyers(sku))


def everything(store: Redis) -> dict[str, Any]:
    """Read every key of a Redis, to compare it whole."""
    read = {
        "string": store.get,
        "hash": store.hgetall,
        "zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        "list": lambda key: store.lrange(key, 0, -1),
    }
    return {key: read[store.type(key)](key) for key in sorted(store.keys())}
