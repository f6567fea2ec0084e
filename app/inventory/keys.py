"""
Every Redis key of the room.

The braces are Redis Cluster's hash tag: all keys of one SKU lie in one slot, so that one script
may touch them together.
"""

from collections.abc import Iterable
from uuid import UUID

EVERY_RESERVATIONS = "reservations:{*}"


def stock(sku: str) -> str:
    """
    Name the hash of ``on_hand``, ``reserved``, ``committed``, ``limit`` and what tells their age.

    ``room`` is 1 where the product is sold from a waiting room. ``version`` is the stock version
    that on hand mirrors, ``epoch`` the load that told Redis of the product, ``server`` the run id
    of the server that was told, with ``?`` until it is published.
    """
    return f"stock:{{{sku}}}"


def reservations(sku: str) -> str:
    """Name the sorted set of ``member``s, scored by the deadline in milliseconds."""
    return f"reservations:{{{sku}}}"


def committed(sku: str) -> str:
    """Name the hash of order id to units that are paid and not yet deducted in Postgres."""
    return f"committed:{{{sku}}}"


def buyers(sku: str) -> str:
    """
    Name the hash of what each buyer has of a product with a purchase limit.

    ``<buyer>`` is units reserved and committed; ``<buyer>/paid`` is what Postgres knows as paid and
    kept, ``<units>@<stock version>``.
    """
    return f"buyers:{{{sku}}}"


def visitors(sku: str) -> str:
    """Name the sorted set of buyers who were let in from a waiting room, by until when in ms."""
    return f"visitors:{{{sku}}}"


def reservation(order_id: UUID) -> str:
    """Name the key of the deadline of an order's reservation, gone when it has passed."""
    return f"reservation:{{{order_id}}}"


def sku_of(key: str) -> str:
    """Tell the SKU in a product's key."""
    return key[key.index("{") + 1 : -1]


def member(order_id: UUID, units: int, buyer: str) -> str:
    """Write one reservation of a product, as its sorted set has it."""
    return f"{order_id}:{units}:{buyer}"


def of_products(skus: Iterable[str]) -> list[str]:
    """List the four keys of each SKU, in the order of the SKUs."""
    return [key(sku) for sku in skus for key in (stock, reservations, committed, buyers)]


def of_lines(skus: Iterable[str]) -> list[str]:
    """List what a reservation looks at: the same, and who was let in."""
    return [key for sku in skus for key in (*of_products([sku]), visitors(sku))]
