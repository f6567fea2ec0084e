"""How a product is written for the scripts, and how their replies are read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.core.redis_client import Argument
from app.inventory import counters, keys
from app.inventory.slots import Part
from app.inventory.terms import Known, OnHand


def rows(known: Known) -> Iterator[tuple[str, str, int | str]]:
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


def settlement(part: Part, known: Mapping[str, OnHand]) -> list[Argument]:
    """Write what a claim's units of one slot are settled with."""
    args: list[Argument] = [str(part.claim.id), part.claim.buyer]
    for sku in part.skus:
        number, units = known[sku], part.claim.units[sku]
        args += [units, counters.share_of(number, part.claim), number.version, number.bought]
    return args


def pairs(flat: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Take the firsts and the seconds of a flat list of pairs."""
    return flat[::2], flat[1::2]


def numbered(names: Sequence[str], reply: list[Any], word: str) -> list[str]:
    """Name the lines that a reply numbers, counted from 1, after the one word that it may begin."""
    assert reply[:1] == [word], f"instead of {word}: {reply!r}"  # noqa: S101
    return [names[number - 1] for number in reply[1:]]


def strange(script: str, reply: list[Any]) -> AssertionError:
    """Make the bug of a reply that a script does not list."""
    return AssertionError(f"{script} answered {reply!r}")
