"""Looks taken while the shop is at work: Redis never sells what Postgres has not got."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
from redis.exceptions import RedisError

from chaos.house import Shop

# Both change all the time: what is seen so often in a row was not a step under way.
_LOOKS = 3
_TRUTH = """
    SELECT sku, stock_quantity - coalesce((
        SELECT sum(units) FROM reservations WHERE product_id = products.id
            AND state = 'pending' AND deadline_at > clock_timestamp()), 0)::int
    FROM products
"""


def sample(shop: Shop) -> list[dict[str, Any]] | None:
    """Name the products of which Redis would sell more than there is; None where none can tell."""
    try:
        suspects = _above(shop)
        for _ in range(_LOOKS - 1):
            if suspects:
                again = _above(shop)
                suspects = {sku: again[sku] for sku in suspects if sku in again}
    except (psycopg.Error, RedisError, OSError):
        return None
    return [
        {"at": round(time.time(), 3), "sku": sku, "available": available, "truth": truth}
        for sku, (available, truth) in suspects.items()
    ]


def _above(shop: Shop) -> dict[str, tuple[int, int]]:
    before = _truth(shop)
    seen: Counter[str] = Counter()
    for counter, available in _available(shop):
        seen[counter.partition("/")[0]] += available
    after = _truth(shop)
    return {
        sku: (available, max(before[sku], after[sku]))
        for sku, available in seen.items()
        if sku in before and available > max(before[sku], after[sku])
    }


def _truth(shop: Shop) -> dict[str, int]:
    return {sku: units for sku, units in shop.sql(_TRUTH, timeout=1)}  # noqa: C416 - rows


def _available(shop: Shop) -> Iterator[tuple[str, int]]:
    """Tell what this very server would sell of what it knows for sure, by counter."""
    with shop.redis() as client:
        run_id = client.info("server")["run_id"]
        now_ms = int(client.time()[0]) * 1000
        for key in list(client.scan_iter("stock:{*}", count=1000)):
            counter = key[key.index("{") + 1 : -1]
            stock = client.hgetall(key)
            lapsed = client.zrange(f"reservations:{{{counter}}}", 0, now_ms, byscore=True)
            if stock.get("server") == run_id:
                held = int(stock["reserved"]) - sum(int(one.split(":")[1]) for one in lapsed)
                yield counter, int(stock["on_hand"]) - held - int(stock["committed"])
