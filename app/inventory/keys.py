"""
Every Redis key of the room.

The braces are Redis Cluster's hash tag: all keys of one SKU lie in one slot, so that one script
may touch them together.
"""

from collections.abc import Iterable
from uuid import UUID


def stock(sku: str) -> str:
    """Name the hash of ``on_hand``, ``reserved``, ``committed``, ``version``."""
    return f"stock:{{{sku}}}"


def reservations(sku: str) -> str:
    """Name the sorted set of ``<order id>:<units>``, scored by the deadline in milliseconds."""
    return f"reservations:{{{sku}}}"


def committed(sku: str) -> str:
    """Name the hash of order id to units that are paid and not yet deducted in Postgres."""
    return f"committed:{{{sku}}}"


def reservation(order_id: UUID) -> str:
    """Name the key of the deadline of an order's reservation, gone when it has passed."""
    return f"reservation:{{{order_id}}}"


def of_products(skus: Iterable[str]) -> list[str]:
    """List the three keys of each SKU, in the order of the SKUs."""
    return [key(sku) for sku in skus for key in (stock, reservations, committed)]
