"""
How a claim is cut up for a cluster.

There a script may touch the keys of one slot only, so an order on several products takes one call a
slot, in the order of the slots. On one server all keys count as one slot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.redis_client import AnyRedis, slot
from app.inventory import keys
from app.inventory.terms import Claim


@dataclass(frozen=True, slots=True)
class Part:
    """
    The lines of a claim that lie in one slot, and the order's own key where it lies there.

    ``later`` are the products of the slots that come after it.
    """

    claim: Claim
    skus: Sequence[str]
    order_key: Sequence[str]
    later: Sequence[str]

    def keys(self) -> list[str]:
        """Name the keys of each line, and the order's own."""
        return [*keys.of_products(self.skus), *self.order_key]

    def keys_to_reserve(self) -> list[str]:
        """Name the keys of each line as a reservation needs them, and the order's own."""
        return [*keys.of_lines(self.skus), *self.order_key]

    def units(self) -> list[int]:
        """Tell the units of each line."""
        return [self.claim.units[sku] for sku in self.skus]


def parts(redis: AnyRedis, claim: Claim) -> Iterator[Part]:
    """Cut a claim into what one call each can do; the order's own key, if apart, comes last."""
    own = keys.reservation(claim.id)
    home, slots = slot(redis, own), by_slot(redis, sorted(claim.units))
    for number, skus in slots.items():
        later = [sku for other in slots if other > number for sku in slots[other]]
        yield Part(claim, skus, [own] if number == home else [], later)
    if slots and home not in slots:
        yield Part(claim, [], [own], [])


def only_parts(redis: AnyRedis, claim: Claim) -> Sequence[Part]:
    """Take a claim that one call can do as its one part; nothing of any other."""
    found = list(parts(redis, claim))
    return found if len(found) == 1 else []


def by_slot(redis: AnyRedis, skus: Sequence[str]) -> dict[int, list[str]]:
    """Group SKUs by where their keys lie, in the order of the slots."""
    slots: dict[int, list[str]] = {}
    for sku in skus:
        slots.setdefault(slot(redis, keys.stock(sku)), []).append(sku)
    return dict(sorted(slots.items()))
