"""One function for each file of lua/inventory/; nothing else in the shop calls Lua."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from redis import Redis

from app.core.lua import LuaScript
from app.inventory import keys
from app.inventory.errors import ReservationCommitted, UnknownToRedisError, insufficient

_RESERVE = LuaScript("inventory/reserve")
_EXTEND = LuaScript("inventory/extend")
_COMMIT = LuaScript("inventory/commit")
_SETTLE = LuaScript("inventory/settle")
_RELEASE = LuaScript("inventory/release")
_SYNC = LuaScript("inventory/sync")
_LOAD = LuaScript("inventory/load")
_LEVELS = LuaScript("inventory/levels")


@dataclass(frozen=True, slots=True)
class OnHand:
    """What Postgres has on hand of a product, and the version that tells which number is newer."""

    sku: str
    on_hand: int
    version: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Units of one product; ``available`` is what may still be promised."""

    on_hand: int
    reserved: int
    committed: int

    @property
    def available(self) -> int:
        """Units that nobody holds; never below zero, whatever is being repaired."""
        return max(self.on_hand - self.reserved - self.committed, 0)


@dataclass(frozen=True, slots=True)
class Reserved:
    """Units held for an order until a deadline, and which of them this call took."""

    deadline_ms: int
    taken: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """A reservation as Postgres remembers it, for a Redis that forgot."""

    order_id: UUID
    units: int
    deadline_ms: int


def reserve(
    redis: Redis, order_id: UUID, quantities: Mapping[str, int], *, lifetime_ms: int
) -> Reserved | None:
    """
    Take ``quantities`` (SKU to units) out of sale, all of them or none.

    Returns None where the order is paid already. Repeated, it takes nothing more and gives a new
    deadline, so that the earlier call can no longer release what the later one stands on.

    Raises:
        InsufficientStock: naming every short line and what is available of it.
        UnknownToRedisError: the named products have to be loaded first.
    """
    skus = sorted(quantities)
    reply = _RESERVE(
        redis,
        [*keys.of_products(skus), keys.reservation(order_id)],
        [str(order_id), lifetime_ms, *(quantities[sku] for sku in skus)],
    )
    match reply:
        case ["reserved", int(deadline_ms), *lines]:
            return Reserved(deadline_ms, {s: quantities[s] for s in (skus[n - 1] for n in lines)})
        case ["committed"]:
            return None
        case ["insufficient", *short]:
            raise insufficient(_by_sku(skus, short), dict(quantities))
        case ["unknown", *lines]:
            raise UnknownToRedisError(skus[line - 1] for line in lines)
    raise AssertionError(f"inventory/reserve answered {reply!r}")


def extend(
    redis: Redis, order_id: UUID, quantities: Mapping[str, int], *, lifetime_ms: int
) -> int | None:
    """Move the deadline out; returns the new one, or None where nothing is held any more."""
    skus = sorted(quantities)
    reply = _EXTEND(
        redis,
        [*keys.of_products(skus), keys.reservation(order_id)],
        [str(order_id), lifetime_ms, *(quantities[sku] for sku in skus)],
    )
    match reply:
        case ["extended", int(deadline_ms)]:
            return deadline_ms
        case ["expired"] | ["committed"]:
            return None
    raise AssertionError(f"inventory/extend answered {reply!r}")


def commit(redis: Redis, order_id: UUID, quantities: Mapping[str, int]) -> None:
    """
    Make a paid order's units ones that never expire; taken again where they had expired.

    Raises:
        InsufficientStock: the reservation had expired and the units are gone; nothing was taken.
        UnknownToRedisError: the named products have to be loaded first.
    """
    skus = sorted(quantities)
    reply = _COMMIT(
        redis,
        [*keys.of_products(skus), keys.reservation(order_id)],
        [str(order_id), *(quantities[sku] for sku in skus)],
    )
    match reply:
        case ["committed"]:
            return
        case ["insufficient", *short]:
            raise insufficient(_by_sku(skus, short), dict(quantities))
        case ["unknown", *lines]:
            raise UnknownToRedisError(skus[line - 1] for line in lines)
    raise AssertionError(f"inventory/commit answered {reply!r}")


def settle(redis: Redis, order_id: UUID, deducted: Sequence[OnHand]) -> None:
    """Drop the order's committed units and show what Postgres has ``deducted`` them to."""
    reply = _SETTLE(
        redis,
        [key for line in deducted for key in (keys.stock(line.sku), keys.committed(line.sku))],
        [str(order_id), *(number for line in deducted for number in (line.on_hand, line.version))],
    )
    assert reply == ["settled"], f"inventory/settle answered {reply!r}"  # noqa: S101


def release(
    redis: Redis, order_id: UUID, quantities: Mapping[str, int], *, deadline_ms: int | None = None
) -> None:
    """
    Give up an order's reservation; with a ``deadline_ms``, only one that still has it.

    Raises:
        ReservationCommitted: the order is paid; nothing was given up.
    """
    skus = sorted(quantities)
    reply = _RELEASE(
        redis,
        [*keys.of_products(skus), keys.reservation(order_id)],
        [
            str(order_id),
            "any" if deadline_ms is None else deadline_ms,
            *(quantities[sku] for sku in skus),
        ],
    )
    match reply:
        case ["released"]:
            return
        case ["committed"]:
            raise ReservationCommitted
    raise AssertionError(f"inventory/release answered {reply!r}")


def sync(redis: Redis, numbers: Sequence[OnHand]) -> None:
    """Show what Postgres has on hand; a number older than what Redis knows is left out."""
    reply = _SYNC(
        redis,
        [keys.stock(number.sku) for number in numbers],
        [value for number in numbers for value in (number.on_hand, number.version)],
    )
    assert reply == ["synced"], f"inventory/sync answered {reply!r}"  # noqa: S101


def load(redis: Redis, number: OnHand, pending: Iterable[Pending]) -> bool:
    """Tell Redis about a product it does not know; False where it knows it already."""
    reply = _LOAD(
        redis,
        keys.of_products([number.sku]),
        [
            number.on_hand,
            number.version,
            *(v for p in pending for v in (str(p.order_id), p.units, p.deadline_ms)),
        ],
    )
    match reply:
        case ["loaded"]:
            return True
        case ["exists"]:
            return False
    raise AssertionError(f"inventory/load answered {reply!r}")


def levels(redis: Redis, skus: Sequence[str]) -> dict[str, Levels]:
    """
    Tell the levels of each SKU.

    Raises:
        UnknownToRedisError: the named products have to be loaded first.
    """
    skus = list(dict.fromkeys(skus))
    reply = _LEVELS(redis, [key for s in skus for key in (keys.stock(s), keys.reservations(s))], [])
    match reply:
        case ["levels", *found]:
            unknown = [sku for sku, numbers in zip(skus, found, strict=True) if not numbers]
            if unknown:
                raise UnknownToRedisError(unknown)
            return {sku: Levels(*numbers) for sku, numbers in zip(skus, found, strict=True)}
    raise AssertionError(f"inventory/levels answered {reply!r}")


def _by_sku(skus: Sequence[str], short: Sequence[int]) -> dict[str, int]:
    """Read a reply's pairs of line and units available."""
    return {skus[line - 1]: units for line, units in zip(short[::2], short[1::2], strict=True)}
