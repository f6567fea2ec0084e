"""
Every Redis key of the room.

The braces are Redis Cluster's hash tag: all keys of one counter lie in one slot, so that one script
may touch them together. A product has one counter, which goes by its SKU, or is split over several.
"""

from collections.abc import Iterable
from uuid import UUID

EVERY_RESERVATIONS = "reservations:{*}"


def stock(counter: str) -> str:
    """
    Name the hash of ``on_hand``, ``reserved``, ``committed``, ``limit`` and what tells their age.

    ``room`` is 1 where the product is sold from a waiting room. ``version`` is the stock version
    that on hand mirrors, ``epoch`` the load that told Redis of the product, ``server`` the run id
    of the server that was told, with ``?`` until it is published.
    """
    return f"stock:{{{counter}}}"


def reservations(counter: str) -> str:
    """Name the sorted set of ``member``s, scored by the deadline in milliseconds."""
    return f"reservations:{{{counter}}}"


def committed(counter: str) -> str:
    """Name the hash of order id to units that are paid and not yet deducted in Postgres."""
    return f"committed:{{{counter}}}"


def buyers(counter: str) -> str:
    """
    Name the hash of what each buyer has of a product with a purchase limit.

    ``<buyer>`` is units reserved and committed; ``<buyer>/paid`` is what Postgres knows as paid and
    kept, ``<units>@<stock version>``.
    """
    return f"buyers:{{{counter}}}"


def visitors(sku: str) -> str:
    """Name the sorted set of buyers who were let in from a waiting room, by until when in ms."""
    return f"visitors:{{{sku}}}"


def reservation(order_id: UUID) -> str:
    """Name the key of the deadline of an order's reservation, gone when it has passed."""
    return f"reservation:{{{order_id}}}"


def counters(sku: str, count: int) -> list[str]:
    """Name a product's counters, by their number and by how many there are."""
    return [sku] if count == 1 else [counter(sku, number, count) for number in range(count)]


def counter(sku: str, number: int, count: int) -> str:
    """Name one counter of a product that is split; no SKU has a slash."""
    return f"{sku}/{number}/{count}"


def counter_of(key: str) -> str:
    """Tell the counter in a key."""
    return key[key.index("{") + 1 : -1]


def sku_of(counter: str) -> str:
    """Tell whose counter it is."""
    return counter.partition("/")[0]


def member(order_id: UUID, units: int, buyer: str) -> str:
    """Write one reservation of a product, as its sorted set has it."""
    return f"{order_id}:{units}:{buyer}"


def of_products(names: Iterable[str]) -> list[str]:
    """List the four keys of each counter, in the order of their names."""
    return [key(name) for name in names for key in (stock, reservations, committed, buyers)]


def of_lines(names: Iterable[str]) -> list[str]:
    """List what a reservation looks at: the same, and who was let in."""
    return [key for name in names for key in (*of_products([name]), visitors(name))]
