"""
Counters: where the units of a product are counted in Redis.

A product has one, or is split over several, each of which has a share of what is on hand and on a
cluster lies in a slot of its own. Which one a claim uses follows from the claim and from how many
there are, so that whoever comes later finds it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID
from zlib import crc32

from app.catalog.models import Product
from app.inventory import keys
from app.inventory.terms import Claim, Known, OnHand, Pending

# A counter that runs short costs a load: with fewer units for each, one would follow the other.
FEW = 32

# By SKU, of those that are split.
_SPLIT: dict[str, int] = {}


def learn(sku: str, count: int) -> None:
    """
    Remember over how many counters a product is split.

    Redis knows the counters of the last load alone: whoever remembers others is told to ask again.
    """
    if count > 1:
        _SPLIT[sku] = count
    else:
        _SPLIT.pop(sku, None)


def count_of(sku: str) -> int:
    """Tell over how many counters a product is split, as far as this process was told."""
    return _SPLIT.get(sku, 1)


def all_of(sku: str) -> list[str]:
    """Name a product's counters, as far as this process was told."""
    return keys.counters(sku, _SPLIT.get(sku, 1))


def of_product(product: Product) -> list[str]:
    """Name a product's counters, as Postgres has them."""
    return keys.counters(product.sku, len(product.on_hand_by_counter or ()) or 1)


def of_claim(claim: Claim, sku: str, count: int) -> str:
    """Name the counter that a claim's units of a product are of."""
    return sku if count == 1 else keys.counter(sku, number_of(claim.id, claim.buyer, count), count)


def number_of(order_id: UUID, buyer: str, count: int) -> int:
    """Tell a claim's counter by number: one has all of a buyer's, so that a limit counts them."""
    return crc32((buyer or str(order_id)).encode()) % count


def share_of(number: OnHand, claim: Claim) -> int:
    """Tell what is on hand of the counter that a claim's units are of."""
    if not number.shares:
        return number.on_hand
    return number.shares[number_of(claim.id, claim.buyer, number.counters)]


def shown(number: OnHand) -> dict[str, int]:
    """Tell what is on hand of each counter."""
    names = keys.counters(number.sku, number.counters)
    return dict(zip(names, number.shares or [number.on_hand], strict=True))


def count_for(known: Known, most: int, *, wanted: int = 0) -> int:
    """
    Tell over how many counters a product is to be split that may have ``most``.

    Over one where few units are free, or fewer for each than somebody has ``wanted`` at once, and
    where a waiting room lets no crowd in.
    """
    is_worth_it = known.free // most >= max(FEW, wanted) and not known.has_waiting_room
    return most if is_worth_it else 1


def shares(known: Known, count: int) -> list[int]:
    """Share out what is on hand: to each counter what its claims hold, and as much of the rest."""
    held = [0] * count
    for pending in known.pending:
        held[number_of(pending.order_id, pending.buyer, count)] += pending.units
    for order_id, (buyer, units) in known.committed.items():
        held[number_of(UUID(order_id), buyer, count)] += units
    return [units + more for units, more in zip(held, _evenly(known.free, count), strict=True)]


def divide(known: Known, shares: Sequence[int]) -> list[Known]:
    """Part what Postgres knows of a product into what each of its counters is to be told."""
    count = len(shares)
    if count == 1:
        return [known]
    parts: list[_Part] = [([], {}, {}) for _ in shares]
    for one in known.pending:
        parts[number_of(one.order_id, one.buyer, count)][0].append(one)
    for order_id, (buyer, units) in known.committed.items():
        parts[number_of(UUID(order_id), buyer, count)][1][order_id] = buyer, units
    for buyer, units in known.bought.items():
        parts[number_of(_NO_ORDER, buyer, count)][2][buyer] = units
    names = keys.counters(known.number.sku, count)
    return [
        replace(
            known,
            number=replace(known.number, sku=name, on_hand=share),
            pending=tuple(pending),
            committed=committed,
            bought=bought,
        )
        for name, share, (pending, committed, bought) in zip(names, shares, parts, strict=True)
    ]


def add(shares: Sequence[int] | None, units: int, claim: Claim | None = None) -> list[int] | None:
    """
    Put units on a product's counters, as many on each; or take off what was put on last.

    Those of a ``claim`` are put on its own counter, which is the one that its settling shows.
    """
    if shares is None:
        return None
    if claim is None:
        more = _evenly(abs(units), len(shares))
    else:
        own = number_of(claim.id, claim.buyer, len(shares))
        more = [abs(units) if number == own else 0 for number in range(len(shares))]
    return [share + (n if units > 0 else -n) for share, n in zip(shares, more, strict=True)]


def take(shares: Sequence[int], claims: Iterable[Claim], sku: str) -> list[int]:
    """Take claims' units off the counters that they are of."""
    left = list(shares)
    for claim in claims:
        left[number_of(claim.id, claim.buyer, len(left))] -= claim.units.get(sku, 0)
    return left


def _evenly(units: int, count: int) -> list[int]:
    each, over = divmod(units, count)
    return [each + (number < over) for number in range(count)]


_Part = tuple[list[Pending], dict[str, tuple[str, int]], dict[str, int]]
# A buyer's counter is the same whatever the order.
_NO_ORDER = UUID(int=0)
