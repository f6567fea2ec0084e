"""What has to hold after a measurement: a bench that breaks it fails, however fast it was."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.inventory import ledger, scripts
from app.inventory.errors import UnknownToRedisError
from app.inventory.terms import Levels
from bench.house import House

# What ran out between the two looks has run out by the next.
LOOKS = 3


def breaches(house: House, skus: Sequence[str]) -> list[str]:
    """
    Name every promise that is broken: Redis as Postgres, nothing oversold, the ledger balanced.

    ``skus`` are those that the shop alone has sold, and nobody does now.
    """
    found = _differences(house, skus)
    for _ in range(LOOKS - 1):
        found = _differences(house, found)
    with Session(house.engine) as session:
        # The whole ledger may be read for longer than the shop ever waits.
        session.execute(text("SET LOCAL statement_timeout = 0"))
        unbalanced = ledger.disagreements(session)
    return list(found.values()) + [
        f"{sku}: {on_hand} on hand, {booked} in the ledger" for sku, on_hand, booked in unbalanced
    ]


def _differences(house: House, skus: Sequence[str] | dict[str, str]) -> dict[str, str]:
    """Compare each product's levels; tells those that differ, and how."""
    in_redis = _levels(house, list(skus))
    found = {}
    for sku, on_hand, reserved in house.sql.execute(_HELD, [list(in_redis)]):
        levels = in_redis[sku]
        if (levels.on_hand, levels.reserved, levels.committed) != (on_hand, reserved, 0):
            found[sku] = f"{sku}: {levels} in Redis, {on_hand} and {reserved} in Postgres"
        elif reserved > on_hand:
            found[sku] = f"{sku}: {reserved} promised of {on_hand}"
    return found


def _levels(house: House, skus: Sequence[str]) -> dict[str, Levels]:
    """Ask Redis; what it was not told of it would be told from Postgres, and cannot differ."""
    try:
        return scripts.levels(house.redis, skus)
    except UnknownToRedisError as unknown:
        untold = set(unknown.skus)
        return scripts.levels(house.redis, [sku for sku in skus if sku not in untold])


_HELD = """
    SELECT sku, stock_quantity, coalesce((
        SELECT sum(units) FROM reservations WHERE product_id = products.id
            AND state = 'pending' AND deadline_at > now()), 0)::int
    FROM products WHERE sku = ANY(%s)
"""
