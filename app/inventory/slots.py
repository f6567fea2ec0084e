"""
How a claim is cut up for a cluster.

There a script may touch the keys of one slot only, so an order on several products takes one call a
slot, in the order of the slots. On one server all keys count as one slot.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.core.redis_client import AnyRedis, slot
from app.inventory import counters, keys
from app.inventory.terms import Claim


@dataclass(frozen=True, slots=True)
class Part:
    """
    The lines of a claim that lie in one slot, and the order's own key where it lies there.

    ``counters`` are those of the ``skus`` that the claim uses; ``later`` are the products of the
    slots that come after it.
    """

    claim: Claim
    skus: Sequence[str]
    counters: Sequence[str]
    order_key: Sequence[str]
    later: Sequence[str]

    def keys(self) -> list[str]:
        """Name the keys of each line, and the order's own."""
        return [*keys.of_products(self.counters), *self.order_key]

    def keys_to_reserve(self) -> list[str]:
        """Name the keys of each line as a reservation needs them, and the order's own."""
        return [*keys.of_lines(self.counters), *self.order_key]

    def units(self) -> list[int]:
        """Tell the units of each line."""
        return [self.claim.units[sku] for sku in self.skus]


def parts(
    redis: AnyRedis, claim: Claim, count_of: Callable[[str], int] = counters.count_of
) -> Iterator[Part]:
    """Cut a claim into what one call each can do; the order's own key, if apart, comes last."""
    own = keys.reservation(claim.id)
    sku_of = {counters.of_claim(claim, sku, count_of(sku)): sku for sku in sorted(claim.units)}
    home, slots = slot(redis, own), by_slot(redis, list(sku_of))
    for number, names in slots.items():
        later = [sku_of[name] for other in slots if other > number for name in slots[other]]
        skus = [sku_of[name] for name in names]
        yield Part(claim, skus, names, [own] if number == home else [], later)
    if slots and home not in slots:
        yield Part(claim, [], [], [own], [])


def only_parts(redis: AnyRedis, claim: Claim) -> Sequence[Part]:
    """Take a claim that one call can do as its one part; nothing of any other."""
    found = list(parts(redis, claim))
    return found if len(found) == 1 else []


def by_slot(redis: AnyRedis, names: Sequence[str]) -> dict[int, list[str]]:
    """Group counters by where their keys lie, in the order of the slots."""
    slots: dict[int, list[str]] = {}
    for name in names:
        slots.setdefault(slot(redis, keys.stock(name)), []).append(name)
    return dict(sorted(slots.items()))
