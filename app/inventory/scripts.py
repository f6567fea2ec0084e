"""
One function for each file of lua/inventory/; nothing else in the shop calls Lua.

On a cluster an order on several products takes one call a slot.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from redis import RedisCluster

from app.core import points
from app.core.lua import Call, LuaScript, together
from app.core.problems import ServiceUnavailable
from app.core.redis_client import SERVER, AnyRedis, Argument, foreign_errors
from app.inventory import counters, keys
from app.inventory.errors import (
    AdmissionNeeded,
    GuardLostError,
    InsufficientStock,
    PurchaseLimitExceeded,
    ReservationCommitted,
    UnknownToRedisError,
    insufficient,
    limited,
)
from app.inventory.slots import Part, by_slot, only_parts, parts
from app.inventory.terms import (
    Claim,
    Extended,
    Held,
    Inspection,
    Known,
    Levels,
    OnHand,
    Reserved,
)
from app.inventory.wire import numbered, pairs, rows, settlement, strange

_LINE = ("lib/clock", "lib/lapsed", "lib/line")
_RESERVE = LuaScript("inventory/reserve", uses=[*_LINE, "lib/refuse"])
_EXTEND = LuaScript("inventory/extend", uses=["lib/clock"])
_COMMIT = LuaScript("inventory/commit", uses=[*_LINE, "lib/refuse"])
_SETTLE = LuaScript("inventory/settle")
_RELEASE = LuaScript("inventory/release")
_SYNC = LuaScript("inventory/sync")
_LOAD = LuaScript("inventory/load")
_PUBLISH = LuaScript("inventory/publish")
_LEVELS = LuaScript("inventory/levels", uses=["lib/clock", "lib/lapsed"])
_FORGET = LuaScript("inventory/forget")
_DISCARD = LuaScript("inventory/discard")
_INSPECT = LuaScript("inventory/inspect", uses=["lib/clock"])

# Each call returns hundreds of reservations that ran out: more than these Redis cannot hold.
MOST_CALLS = 100_000


@dataclass(frozen=True, slots=True)
class Guard:
    """
    What has to be so for units to be taken: the hash at ``key`` has this ``token``.

    ``ahead`` is a call that may make it so, with what reads its reply and raises where it did not;
    on one server it takes no round trip of its own. Where units are refused the hash is dropped.
    """

    key: str
    token: str
    ahead: tuple[Call, Callable[[list[Any]], None]] | None = None


def reserve(
    redis: AnyRedis, claim: Claim, *, lifetime_ms: int, guard: Guard | None = None
) -> Reserved | None:
    """
    Take a claim's units out of sale, all of them or none.

    Returns None where the order is paid already. Repeated, it takes nothing more and gives a new
    deadline, so that the earlier call can no longer release what the later one stands on.

    Raises:
        InsufficientStock: naming every short line and what is available of it.
        PurchaseLimitExceeded: naming every line above what the buyer may have.
        AdmissionNeeded: naming every line of a waiting room that the buyer was not let in from.
        GuardLostError: the guard has another token by now; nothing was taken.
        UnknownToRedisError: the named products have to be loaded first.
    """
    lines: dict[str, Held] = {}
    if isinstance(redis, RedisCluster) and guard is not None and guard.ahead is not None:
        ahead, read = guard.ahead
        read(ahead(redis))
    try:
        for part in parts(redis, claim):
            if lines:
                points.reached("cart.between-slots")
            match _reserve_part(redis, part, lifetime_ms, guard):
                case ["reserved", int(deadline_ms), *found]:
                    lines |= {
                        sku: Held(deadline_ms, epoch, is_new=taken > 0)
                        for sku, epoch, taken in zip(part.skus, *pairs(found), strict=True)
                    }
                case ["committed"]:
                    return None
                case reply:
                    _refuse(redis, part, "inventory/reserve", reply)
    except Exception:
        # What earlier slots of a cluster have taken; where that fails, the deadline does it.
        with suppress(ServiceUnavailable, ReservationCommitted):
            taken = Reserved(lines)
            release(redis, claim.only(taken.taken), fence=taken)
            if guard is not None and isinstance(redis, RedisCluster):
                with foreign_errors():
                    redis.delete(guard.key)
        raise
    return Reserved(lines)


def _reserve_part(redis: AnyRedis, part: Part, lifetime_ms: int, guard: Guard | None) -> list[Any]:
    """Ask for the lines of one slot; on one server the guard comes along."""
    head: list[Argument] = [SERVER, str(part.claim.id), part.claim.buyer, lifetime_ms]
    if guard is None or isinstance(redis, RedisCluster):
        return _ask(_RESERVE, redis, part.keys_to_reserve(), [*head, "", *part.units()])
    call = Call(_RESERVE, [*part.keys_to_reserve(), guard.key], [*head, guard.token, *part.units()])
    if guard.ahead is not None:
        ahead, read = guard.ahead
        told, reply = together(redis, ahead, call)
        read(told)
        if reply != ["again"]:
            return reply
    return _ask(_RESERVE, redis, call.keys, call.args)


def extend(redis: AnyRedis, claim: Claim, *, lifetime_ms: int) -> Extended | None:
    """
    Move the deadline out to ``lifetime_ms`` from now; None where a line is not held any more.

    Raises:
        UnknownToRedisError: the named products have to be loaded first.
    """
    deadlines: list[int] = []
    epochs: dict[str, int] = {}
    for part in parts(redis, claim):
        head: list[Argument] = [SERVER, str(claim.id), claim.buyer, lifetime_ms]
        match _EXTEND(redis, part.keys(), [*head, *part.units()]):
            case ["extended", int(deadline_ms), *found]:
                deadlines.append(deadline_ms)
                epochs |= dict(zip(part.skus, found, strict=True))
            case ["expired"] | ["committed"]:
                return None
            case reply:
                _refuse(redis, part, "inventory/extend", reply)
    return Extended(min(deadlines), epochs)


def commit(redis: AnyRedis, claim: Claim) -> dict[str, int]:
    """
    Make a paid order's units ones that never expire; taken again where they had expired.

    Returns the epoch of each line.

    Raises:
        InsufficientStock, PurchaseLimitExceeded: the reservation had expired and the units are
            gone, or the buyer has bought others meanwhile; nothing was taken.
        UnknownToRedisError: the named products have to be loaded first.
    """
    epochs: dict[str, int] = {}
    done: list[Part] = []
    try:
        for part in parts(redis, claim):
            call = _commitment(part)
            match _ask(call.script, redis, call.keys, call.args):
                case ["committed", *found]:
                    epochs |= dict(zip(part.skus, found, strict=True))
                    done.append(part)
                case reply:
                    _refuse(redis, part, "inventory/commit", reply)
    except (InsufficientStock, PurchaseLimitExceeded):
        # What earlier slots of a cluster have committed; on hand is Postgres' and stays.
        for part in done:
            undone = settlement(part, {sku: OnHand(sku, 0, _OLDER_THAN_ANY) for sku in part.skus})
            _SETTLE(redis, keys.of_products(part.counters), undone)
        raise
    return epochs


def commit_all(redis: AnyRedis, claims: Sequence[Claim]) -> dict[UUID, dict[str, int]]:
    """
    Commit many orders in one round trip; returns the epochs of those that are committed.

    The others, and those whose lines lie in several slots, have to be committed alone.
    """
    whole = [part for claim in claims for part in only_parts(redis, claim)]
    replies = together(redis, *map(_commitment, whole))
    return {
        part.claim.id: dict(zip(part.skus, epochs, strict=True))
        for part, (word, *epochs) in zip(whole, replies, strict=True)
        if word == "committed"
    }


def _commitment(part: Part) -> Call:
    head: list[Argument] = [SERVER, str(part.claim.id), part.claim.buyer]
    return Call(_COMMIT, part.keys(), [*head, *part.units()])


def settle(redis: AnyRedis, claim: Claim, numbers: Sequence[OnHand]) -> list[Claim]:
    """
    Drop a claim's committed units and show the ``numbers`` that Postgres has since.

    Returns what of it is of counters that Redis has not: it may have been told of others.
    """
    cut = _settlements(redis, [(claim, numbers)])
    return _absent(cut, [call(redis) for _, call in cut])


def settle_all(redis: AnyRedis, settled: Sequence[tuple[Claim, Sequence[OnHand]]]) -> list[Claim]:
    """Settle many claims, in one round trip; returns the same of each."""
    cut = _settlements(redis, settled)
    return _absent(cut, together(redis, *(call for _, call in cut)))


_Cut = list[tuple[Part, Call]]


def _settlements(redis: AnyRedis, settled: Sequence[tuple[Claim, Sequence[OnHand]]]) -> _Cut:
    cut: _Cut = []
    for claim, numbers in settled:
        known = {number.sku: number for number in numbers}
        count = {number.sku: number.counters for number in numbers}
        found = parts(redis, claim.only(known), count.__getitem__)
        cut += [
            (part, Call(_SETTLE, keys.of_products(part.counters), settlement(part, known)))
            for part in found
            if part.skus
        ]
    return cut


def _absent(cut: _Cut, replies: Sequence[list[Any]]) -> list[Claim]:
    found = [numbered(part.skus, r, "settled") for (part, _), r in zip(cut, replies, strict=True)]
    return [part.claim.only(skus) for (part, _), skus in zip(cut, found, strict=True) if skus]


def release(redis: AnyRedis, claim: Claim, *, fence: Reserved | None = None) -> list[str]:
    """
    Give up an order's reservation; with a ``fence``, only what that call took and nobody renewed.

    Returns the SKUs whose counters Redis has not: it may have been told of others.

    Raises:
        ReservationCommitted: the order is paid; nothing was given up.
    """
    absent: list[str] = []
    for part in parts(redis, claim):
        deadline = "any" if fence is None else fence.deadline_of(part.skus)
        head: list[Argument] = [str(claim.id), claim.buyer, deadline]
        reply = _RELEASE(redis, part.keys(), [*head, *part.units()])
        if reply == ["committed"]:
            raise ReservationCommitted
        absent += numbered(part.skus, reply, "released")
    return absent


def sync(redis: AnyRedis, numbers: Sequence[OnHand]) -> None:
    """Show what Postgres has on hand; a number older than what Redis knows is left out."""
    shown = {
        name: (on_hand, number.version)
        for number in numbers
        for name, on_hand in counters.shown(number).items()
    }
    for names in by_slot(redis, list(shown)).values():
        args = [value for name in names for value in shown[name]]
        numbered([], _SYNC(redis, [keys.stock(name) for name in names], args), "synced")


def load(redis: AnyRedis, known: Known, *, present: int | None, epoch: int) -> bool:
    """
    Tell Redis all that Postgres knows of a product, or of one counter of it; to be published.

    It is told as the load ``epoch``. Returns False where this server was told of it by the load
    that Postgres has as ``present``; without one it is told again whatever it knows.
    """
    number = known.number
    args = [
        *(SERVER, "any" if present is None else present, epoch),
        *(number.on_hand, number.version, known.limit, int(known.has_waiting_room)),
        *(value for row in rows(known) for value in row),
    ]
    match _LOAD(redis, keys.of_products([number.sku]), args):
        case ["loaded"]:
            return True
        case ["exists"]:
            return False
        case reply:
            raise strange("inventory/load", reply)


def publish(redis: AnyRedis, counter: str, *, epoch: int) -> bool:
    """Let what was loaded be known; False where another load came after it, or it is not there."""
    return _PUBLISH(redis, [keys.stock(counter)], [SERVER, epoch]) == ["published"]


def levels(redis: AnyRedis, skus: Sequence[str]) -> dict[str, Levels]:
    """
    Tell the levels of each SKU, the sum of its counters'; or of one counter by its name.

    Raises:
        UnknownToRedisError: the named products have to be loaded first.
    """
    names = {sku: counters.all_of(sku) for sku in skus}
    found: dict[str, Levels] = {}
    unknown: list[str] = []
    for part in by_slot(redis, [name for of_one in names.values() for name in of_one]).values():
        named = [key(name) for name in part for key in (keys.stock, keys.reservations, keys.buyers)]
        match _ask(_LEVELS, redis, named, [SERVER]):
            case ["levels", *numbers]:
                found |= zip(part, map(Levels, *(numbers[at::3] for at in range(3))), strict=True)
            case ["unknown", *numbers]:
                unknown += [keys.sku_of(part[number - 1]) for number in numbers]
            case reply:
                raise strange("inventory/levels", reply)
    if unknown:
        raise UnknownToRedisError(dict.fromkeys(unknown))
    return {
        sku: found[sku] if sku in found else Levels.total([found[name] for name in of_one])
        for sku, of_one in names.items()
    }


def inspect(redis: AnyRedis, counter: str) -> Inspection | None:
    """Tell all that Redis knows by one counter; None where it was not told of it."""
    match _INSPECT(redis, keys.of_products([counter]), [SERVER]):
        case ["inspected", int(now_ms), [], *_]:
            return None
        case ["inspected", int(now_ms), stock, members, committed, buyers]:
            return Inspection(
                now_ms,
                dict(zip(*pairs(stock), strict=True)),
                {member: int(float(ms)) for member, ms in zip(*pairs(members), strict=True)},
                {order: int(units) for order, units in zip(*pairs(committed), strict=True)},
                dict(zip(*pairs(buyers), strict=True)),
            )
        case reply:
            raise strange("inventory/inspect", reply)


def forget(redis: AnyRedis, counter: str, *, epoch: int | None = None) -> None:
    """Have it loaded again by whoever asks next; with an ``epoch``, if it is known by that load."""
    args: list[Argument] = ["any" if epoch is None else epoch]
    numbered([], _FORGET(redis, [keys.stock(counter)], args), "forgotten")


def discard(redis: AnyRedis, counter: str, *, epoch: int) -> None:
    """Drop a counter that was told of by an earlier load than this, which split otherwise."""
    numbered([], _DISCARD(redis, keys.of_products([counter]), [epoch]), "discarded")


# A version that no product has had, so that what comes with it is left out.
_OLDER_THAN_ANY = -1


def _refuse(redis: AnyRedis, part: Part, script: str, reply: list[Any]) -> NoReturn:
    """Raise what a reply refuses with."""
    match reply:
        case ["insufficient", *found]:
            short = {part.skus[n - 1]: units for n, units in zip(*pairs(found), strict=True)}
            raise insufficient(short | _short_later(redis, part), part.claim.units)
        case ["limited", *found]:
            over = {part.skus[n - 1]: units for n, units in zip(*pairs(found), strict=True)}
            raise limited(over, part.claim.units)
        case ["closed", *lines]:
            raise AdmissionNeeded(lines=[{"sku": part.skus[n - 1]} for n in lines])
        case ["guarded"]:
            raise GuardLostError
        case ["unknown", *lines]:
            raise UnknownToRedisError(part.skus[n - 1] for n in lines)
    raise strange(script, reply)


def _short_later(redis: AnyRedis, part: Part) -> dict[str, int]:
    """Look at the slots that were not asked any more, so that every short line is told."""
    try:
        found = levels(redis, part.later)
    except UnknownToRedisError:
        return {}
    return {s: n.available for s, n in found.items() if n.available < part.claim.units[s]}


def _ask(
    script: LuaScript, redis: AnyRedis, names: Sequence[str], args: Sequence[Argument]
) -> list[Any]:
    """Call a script until it has returned enough of what ran out to answer exactly."""
    for _ in range(MOST_CALLS):
        reply = script(redis, names, args)
        if reply != ["again"]:
            return reply
    raise ServiceUnavailable
