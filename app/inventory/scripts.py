"""
One function for each file of lua/inventory/; nothing else in the shop calls Lua.

On a cluster an order on several products takes one call a slot.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from redis import RedisCluster

from app.core import points
from app.core.lua import Call, LuaScript, together
from app.core.problems import ServiceUnavailable
from app.core.redis_client import SERVER, AnyRedis, Argument, foreign_errors
from app.inventory import keys
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
                case ["reserved", int(deadline_ms), *pairs]:
                    lines |= {
                        sku: Held(deadline_ms, epoch, is_new=taken > 0)
                        for sku, epoch, taken in zip(part.skus, *_pairs(pairs), strict=True)
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
    try:
        for part in parts(redis, claim):
            call = _commitment(part)
            match _ask(call.script, redis, call.keys, call.args):
                case ["committed", *found]:
                    epochs |= dict(zip(part.skus, found, strict=True))
                case reply:
                    _refuse(redis, part, "inventory/commit", reply)
    except (InsufficientStock, PurchaseLimitExceeded):
        # What earlier slots of a cluster have committed; on hand is Postgres' and stays.
        settle(redis, claim, [OnHand(sku, 0, _OLDER_THAN_ANY) for sku in epochs])
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


def settle(redis: AnyRedis, claim: Claim, numbers: Sequence[OnHand]) -> None:
    """Drop a claim's committed units and show the ``numbers`` that Postgres has since."""
    for call in _settlements(redis, claim, numbers):
        _expect("settled", call(redis))


def settle_all(redis: AnyRedis, settled: Sequence[tuple[Claim, Sequence[OnHand]]]) -> None:
    """Settle many claims, in one round trip."""
    calls = [call for claim, numbers in settled for call in _settlements(redis, claim, numbers)]
    for reply in together(redis, *calls):
        _expect("settled", reply)


def _settlements(redis: AnyRedis, claim: Claim, numbers: Sequence[OnHand]) -> Iterator[Call]:
    known = {number.sku: number for number in numbers}
    for part in parts(redis, claim.only(known)):
        lines = [
            (claim.units[sku], known[sku].on_hand, known[sku].version, known[sku].bought)
            for sku in part.skus
        ]
        if lines:
            head: list[Argument] = [str(claim.id), claim.buyer]
            args = [*head, *(value for line in lines for value in line)]
            yield Call(_SETTLE, keys.of_products(part.skus), args)


def release(redis: AnyRedis, claim: Claim, *, fence: Reserved | None = None) -> None:
    """
    Give up an order's reservation; with a ``fence``, only what that call took and nobody renewed.

    Raises:
        ReservationCommitted: the order is paid; nothing was given up.
    """
    for part in parts(redis, claim):
        deadline = "any" if fence is None else fence.deadline_of(part.skus)
        head: list[Argument] = [str(claim.id), claim.buyer, deadline]
        match _RELEASE(redis, part.keys(), [*head, *part.units()]):
            case ["released"]:
                continue
            case ["committed"]:
                raise ReservationCommitted
            case reply:
                raise _strange("inventory/release", reply)


def sync(redis: AnyRedis, numbers: Sequence[OnHand]) -> None:
    """Show what Postgres has on hand; a number older than what Redis knows is left out."""
    of_sku = {number.sku: number for number in numbers}
    for skus in by_slot(redis, list(of_sku)).values():
        args = [value for s in skus for value in (of_sku[s].on_hand, of_sku[s].version)]
        _expect("synced", _SYNC(redis, [keys.stock(sku) for sku in skus], args))


def load(redis: AnyRedis, known: Known, *, present: int | None, epoch: int) -> bool:
    """
    Tell Redis all that Postgres knows of a product, as the load ``epoch``; to be published.

    Returns False where this server was told of it by the load that Postgres has as ``present``;
    without one it is told again whatever it knows.
    """
    number = known.number
    args = [
        *(SERVER, "any" if present is None else present, epoch),
        *(number.on_hand, number.version, known.limit, int(known.has_waiting_room)),
        *(value for row in _rows(known) for value in row),
    ]
    match _LOAD(redis, keys.of_products([number.sku]), args):
        case ["loaded"]:
            return True
        case ["exists"]:
            return False
        case reply:
            raise _strange("inventory/load", reply)


def publish(redis: AnyRedis, sku: str, *, epoch: int) -> bool:
    """Let a loaded product be known; False where another load came after it."""
    return _PUBLISH(redis, [keys.stock(sku)], [SERVER, epoch]) == ["published"]


def levels(redis: AnyRedis, skus: Sequence[str]) -> dict[str, Levels]:
    """
    Tell the levels of each SKU.

    Raises:
        UnknownToRedisError: the named products have to be loaded first.
    """
    found: dict[str, Levels] = {}
    unknown: list[str] = []
    for part in by_slot(redis, list(dict.fromkeys(skus))).values():
        named = [key(sku) for sku in part for key in (keys.stock, keys.reservations, keys.buyers)]
        match _ask(_LEVELS, redis, named, [SERVER]):
            case ["levels", *numbers]:
                found |= zip(part, map(Levels, *(numbers[at::3] for at in range(3))), strict=True)
            case ["unknown", *numbers]:
                unknown += [part[number - 1] for number in numbers]
            case reply:
                raise _strange("inventory/levels", reply)
    if unknown:
        raise UnknownToRedisError(unknown)
    return {sku: found[sku] for sku in skus}


def inspect(redis: AnyRedis, sku: str) -> Inspection | None:
    """Tell all that Redis knows of a product; None where it was not told of it."""
    match _INSPECT(redis, keys.of_products([sku]), [SERVER]):
        case ["inspected", int(now_ms), [], *_]:
            return None
        case ["inspected", int(now_ms), stock, members, committed, buyers]:
            return Inspection(
                now_ms,
                dict(zip(*_pairs(stock), strict=True)),
                {member: int(float(ms)) for member, ms in zip(*_pairs(members), strict=True)},
                {order: int(units) for order, units in zip(*_pairs(committed), strict=True)},
                dict(zip(*_pairs(buyers), strict=True)),
            )
        case reply:
            raise _strange("inventory/inspect", reply)


def forget(redis: AnyRedis, sku: str, *, epoch: int) -> None:
    """Have the product loaded again by whoever asks next, if it is still known by this load."""
    _expect("forgotten", _FORGET(redis, [keys.stock(sku)], [epoch]))


# A version that no product has had, so that what comes with it is left out.
_OLDER_THAN_ANY = -1


def _refuse(redis: AnyRedis, part: Part, script: str, reply: list[Any]) -> NoReturn:
    """Raise what a reply refuses with."""
    match reply:
        case ["insufficient", *pairs]:
            short = {part.skus[n - 1]: units for n, units in zip(*_pairs(pairs), strict=True)}
            raise insufficient(short | _short_later(redis, part), part.claim.units)
        case ["limited", *pairs]:
            over = {part.skus[n - 1]: units for n, units in zip(*_pairs(pairs), strict=True)}
            raise limited(over, part.claim.units)
        case ["closed", *lines]:
            raise AdmissionNeeded(lines=[{"sku": part.skus[n - 1]} for n in lines])
        case ["guarded"]:
            raise GuardLostError
        case ["unknown", *lines]:
            raise UnknownToRedisError(part.skus[n - 1] for n in lines)
    raise _strange(script, reply)


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


def _rows(known: Known) -> Iterator[tuple[str, str, int | str]]:
    """Write what a load tells, as the script reads it."""
    held: Counter[str] = Counter()
    for p in known.pending:
        yield "reservation", keys.member(p.order_id, p.units, p.buyer), p.deadline_ms
        held[p.buyer] += p.units
    for order_id, (buyer, units) in known.committed.items():
        yield "committed", order_id, units
        held[buyer] += units
    if known.limit:
        for buyer, units in held.items():
            yield "buyer", buyer, units
        for buyer, units in known.bought.items():
            yield "buyer", f"{buyer}/paid", f"{units}@{known.number.version}"


def _pairs(flat: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Take the firsts and the seconds of a flat list of pairs."""
    return flat[::2], flat[1::2]


def _expect(word: str, reply: list[Any]) -> None:
    assert reply == [word], f"instead of {word}: {reply!r}"  # noqa: S101


def _strange(script: str, reply: list[Any]) -> AssertionError:
    return AssertionError(f"{script} answered {reply!r}")
