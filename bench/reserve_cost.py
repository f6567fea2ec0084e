"""
What reserve costs inside Redis, however much is on the shelf.

    .venv/bin/python bench/reserve_cost.py [--quick] [--json FILE]

Microseconds a call as Redis counts them (`INFO commandstats` of `evalsha` between a
`CONFIG RESETSTAT` and a look), so the network and Python cost nothing here. Four series:

1. outstanding: many reservations of one product that have not run out;
2. products: many products loaded, a server for each count, a product at random for each call;
3. lines: more products in one order;
4. lapsed: many reservations of one product run out in the same millisecond, and somebody wants
   all units at once, which can only be answered when every one was returned. Told are the longest
   single call, which is for how long everybody else waits, and the number of calls until the
   answer. Beside the script as it is runs one that returns all in one call; each
   also with a purchase limit, for which every buyer's count is kept.

The sizes of a series take turns, in another order each round, so that a machine that drifts drifts
for all of them. Told are medians of the rounds, and ratios to the smallest size; in series 4, where
one call in a hundred decides and does the same in every round, each call's best. It fails where
series 1 or 2 are not flat within a factor of 2, where in series 3 a line costs more than twice what
it costs alone, and where in series 4 a bounded call lasts longer than 5 ms and an unbounded one
does too.
"""

import argparse
import contextlib
import json
import random
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha1
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from redis import Redis  # noqa: E402

from app.core.lua import LuaScript  # noqa: E402
from app.core.redis_client import SERVER, Argument, clock_ms, make_client  # noqa: E402
from app.inventory import keys, scripts  # noqa: E402
from app.inventory.scripts import _RESERVE  # noqa: E402
from app.inventory.terms import Claim, Known, OnHand  # noqa: E402
from dev.redis_server import RedisServer  # noqa: E402

PLENTY = 2_000_000_000
QUARTER_HOUR_MS = 15 * 60 * 1000
FLAT = 2.0
LONGEST_CALL_MS = 5.0
# One call of a filling script does so much, well within the client's time-out.
FILL_BATCH = 5_000

# Copies one product that was loaded by the shop's own script to many names.
COPY_PRODUCT = """
local fields = redis.call("HGETALL", KEYS[1])
for number = ARGV[1], ARGV[2] do
  redis.call("HSET", "stock:{SKU-" .. string.format("%d", number) .. "}", unpack(fields))
end
return 1
"""
# Holds one unit each for many orders of as many buyers, as reserve writes it; once, however often
# it is sent.
HOLD = """
for number = ARGV[1], ARGV[2] do
  local buyer = string.format("0b0b0b0b-0000-4000-8000-%012d", number)
  local order = string.format("0a0a0a0a-0000-4000-8000-%012d", number)
  local deadline_ms, member = ARGV[3] + ARGV[4] * number, order .. ":1:" .. buyer
  redis.call("HINCRBY", KEYS[1], "reserved", redis.call("ZADD", KEYS[2], deadline_ms, member))
  if ARGV[5] == "limited" then
    redis.call("HSET", KEYS[4], buyer, 1)
  end
end
return 1
"""
# What makes a script return all that ran out in one call; Lua cannot unpack more at a time.
UNBOUNDED = {
    r"local MOST_LAPSED = \d+": "local MOST_LAPSED = 1000000000",
    r'redis\.call\("ZREM", reservations, unpack\(lapsed\.members\)\)': """
    for first = 1, #lapsed.members, 1000 do
      local last = math.min(first + 999, #lapsed.members)
      redis.call("ZREM", reservations, unpack(lapsed.members, first, last))
    end""",
}


@dataclass(frozen=True)
class Sizes:
    """How much to measure."""

    outstanding: Sequence[int] = (10, 1_000, 100_000, 1_000_000)
    products: Sequence[int] = (100, 10_000, 1_000_000)
    lines: Sequence[int] = (1, 2, 5, 10, 20)
    lapsed: int = 100_000
    calls: int = 1_000
    rounds: int = 9
    lapsed_rounds: int = 7


QUICK = Sizes(
    outstanding=(10, 1_000, 20_000),
    products=(100, 10_000),
    lapsed=20_000,
    calls=300,
    rounds=5,
    lapsed_rounds=5,
)


class Lapse(NamedTuple):
    """How returning all that ran out at once was answered."""

    longest_ms: float
    calls: int
    total_ms: float


Figures = dict[int, float]
_orders = count(1)


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small run")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    sizes = QUICK if options.quick else Sizes()
    series = {
        "outstanding": measure_outstanding(sizes),
        "products": measure_products(sizes),
        "lines": measure_lines(sizes),
    }
    lapses = measure_lapsed(sizes)
    for name, figures in series.items():
        _print_series(name, figures)
    _print_lapses(sizes, lapses)
    failures = judge(series, lapses)
    if options.json:
        found = {
            "sizes": asdict(sizes),
            "microseconds_a_call": series,
            "lapsed": {name: lapse._asdict() for name, lapse in lapses.items()},
            "failures": failures,
        }
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    for failure in failures:
        print(f"NOT AS PROMISED: {failure}")
    return 1 if failures else 0


def measure_outstanding(sizes: Sizes) -> Figures:
    """Measure with so many reservations outstanding on the one product that is asked for."""
    with _server() as redis:
        for size in sizes.outstanding:
            sku = f"HELD-{size}"
            _load(redis, sku)
            _hold(redis, sku, size, deadline_ms=clock_ms(redis, "") + 8 * QUARTER_HOUR_MS, step=1)
        runs = {
            size: partial(_cost, redis, sizes.calls, partial(_one_of_each, [f"HELD-{size}"]))
            for size in sizes.outstanding
        }
        return _in_turns(runs, sizes.rounds)


def measure_products(sizes: Sizes) -> Figures:
    """Measure with so many products loaded."""
    with contextlib.ExitStack() as stack:
        runs: dict[int, Callable[[], float]] = {}
        for size in sizes.products:
            redis = stack.enter_context(_server())
            _load(redis, "MODEL")
            for first in range(0, size, FILL_BATCH):
                last = min(first + FILL_BATCH, size) - 1
                redis.eval(COPY_PRODUCT, 1, keys.stock("MODEL"), first, last)
            pick = partial(_any_of, random.Random(size), size)
            runs[size] = partial(_cost, redis, sizes.calls, pick)
        return _in_turns(runs, sizes.rounds)


def measure_lines(sizes: Sizes) -> Figures:
    """Measure orders of so many lines."""
    with _server() as redis:
        named = [f"LINE-{number:02}" for number in range(max(sizes.lines))]
        for sku in named:
            _load(redis, sku)
        runs = {
            size: partial(_cost, redis, sizes.calls, partial(_one_of_each, named[:size]))
            for size in sizes.lines
        }
        return _in_turns(runs, sizes.rounds)


def measure_lapsed(sizes: Sizes) -> dict[str, Lapse]:
    """Measure the answer to a rush on a product whose every unit has just run out."""
    variants = {
        f"{name}{', limited' if limit else ''}": (script, limit)
        for limit in (0, PLENTY)
        for name, script in (("bounded", _RESERVE), ("unbounded", _unbounded(_RESERVE)))
    }
    rounds: dict[str, list[list[float]]] = {name: [] for name in variants}
    with _server() as redis:
        for _ in range(sizes.lapsed_rounds):
            for name, (script, limit) in _shuffled(variants):
                rounds[name].append(_rush(redis, script, sizes.lapsed, limit=limit))
                redis.flushall()
    return {name: _best(found) for name, found in rounds.items()}


def _best(rounds: list[list[float]]) -> Lapse:
    """Take each call at its best: it does the same in every round, and other work only adds."""
    took = [min(same_call) for same_call in zip(*rounds, strict=True)]
    return Lapse(max(took), len(took), sum(took))


def judge(series: dict[str, Figures], lapses: dict[str, Lapse]) -> list[str]:
    """Tell what is not as promised."""
    failures = []
    for name in ("outstanding", "products"):
        smallest = series[name][min(series[name])]
        failures += [
            f"{name} {size:,}: {cost / smallest:.2f} times the cost at the smallest"
            for size, cost in series[name].items()
            if cost > FLAT * smallest
        ]
    single = series["lines"][min(series["lines"])] / min(series["lines"])
    failures += [
        f"lines {size}: a line costs {cost / size / single:.2f} times what it costs alone"
        for size, cost in series["lines"].items()
        if cost > FLAT * size * single
    ]
    failures += [
        f"lapsed: a call lasts {lapse.longest_ms:.1f} ms ({name})"
        for name, lapse in lapses.items()
        if name.startswith("bounded")
        and lapse.longest_ms > LONGEST_CALL_MS
        and lapses[f"un{name}"].longest_ms > LONGEST_CALL_MS
    ]
    return failures


@contextlib.contextmanager
def _server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="ora-bench-") as folder:
        server = RedisServer(Path(folder) / "redis", durable=False)
        server.start()
        redis = make_client(server.url)
        assert isinstance(redis, Redis)  # noqa: S101
        try:
            yield redis
        finally:
            redis.close()
            server.remove()


def _load(redis: Redis, sku: str, *, on_hand: int = PLENTY, limit: int = 0) -> None:
    known = Known(OnHand(sku, on_hand, 1), limit)
    scripts.load(redis, known, present=None, epoch=1)
    scripts.publish(redis, sku, epoch=1)


def _hold(
    redis: Redis, sku: str, units: int, *, deadline_ms: int, step: int, limit: int = 0
) -> None:
    named = keys.of_products([sku])
    kind = "limited" if limit else "unlimited"
    for first in range(0, units, FILL_BATCH):
        last = min(first + FILL_BATCH, units) - 1
        redis.eval(HOLD, len(named), *named, first, last, deadline_ms, step, kind)


def _cost(redis: Redis, calls: int, wanted: Callable[[], dict[str, int]]) -> float:
    """Tell the microseconds of one reserve, and leave nothing reserved."""
    claims = [_claim(wanted()) for _ in range(calls)]
    # Whatever is done once, such as learning the script, is done before it is counted.
    scripts.reserve(redis, claims[0], lifetime_ms=QUARTER_HOUR_MS)
    scripts.release(redis, claims[0])
    redis.config_resetstat()
    for claim in claims:
        scripts.reserve(redis, claim, lifetime_ms=QUARTER_HOUR_MS)
    stats = _stats(redis)
    assert stats["calls"] == calls, stats  # noqa: S101
    for claim in claims:
        scripts.release(redis, claim)
    return float(stats["usec_per_call"])


def _stats(redis: Redis) -> dict[str, Any]:
    """Read what Redis counted of scripts since it began to count."""
    stats: dict[str, Any] = redis.info("commandstats")["cmdstat_evalsha"]
    return stats


def _rush(redis: Redis, script: LuaScript, units: int, *, limit: int) -> list[float]:
    """
    Ask for every unit of a product just after all of them ran out in one millisecond.

    Returns the milliseconds of each call until the answer.
    """
    _load(redis, "RUSH", on_hand=units, limit=limit)
    _hold(redis, "RUSH", units, deadline_ms=clock_ms(redis, "") - 1, step=0, limit=limit)
    redis.script_load(script.source)
    claim = _claim({"RUSH": units})
    args: list[Argument] = [SERVER, str(claim.id), claim.buyer, QUARTER_HOUR_MS, "", units]
    named = [*keys.of_lines(["RUSH"]), keys.reservation(claim.id)]
    took: list[float] = []
    reply = ["again"]
    while reply == ["again"]:
        redis.config_resetstat()
        reply = script(redis, named, args)
        took.append(_stats(redis)["usec"] / 1000)
    assert reply[0] == "reserved", reply  # noqa: S101
    return took


def _unbounded(script: LuaScript) -> LuaScript:
    unbounded = LuaScript(script.name)
    unbounded.source = script.source
    for bounded, replacement in UNBOUNDED.items():
        unbounded.source, replaced = re.subn(bounded, replacement, unbounded.source)
        assert replaced == 1, f"{bounded} is not in the script"  # noqa: S101
    unbounded.digest = sha1(unbounded.source.encode(), usedforsecurity=False).hexdigest()
    return unbounded


def _claim(units: dict[str, int]) -> Claim:
    number = next(_orders)
    return Claim(UUID(int=(0xC << 124) + number), str(UUID(int=(0xB << 124) + number)), units)


def _one_of_each(skus: Sequence[str]) -> dict[str, int]:
    return dict.fromkeys(skus, 1)


def _any_of(random_: random.Random, products: int) -> dict[str, int]:
    return {f"SKU-{random_.randrange(products)}": 1}


def _in_turns(runs: Mapping[int, Callable[[], float]], rounds: int) -> Figures:
    found: dict[int, list[float]] = {size: [] for size in runs}
    for _ in range(rounds):
        for size, run in _shuffled(runs):
            found[size].append(run())
    return {size: statistics.median(costs) for size, costs in found.items()}


def _shuffled(variants: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return random.sample(list(variants.items()), len(variants))


def _print_series(name: str, figures: Figures) -> None:
    smallest = figures[min(figures)]
    for size, cost in figures.items():
        print(f"{name:12} {size:>10,} {cost:8.1f} us a call   ratio {cost / smallest:5.2f}")


def _print_lapses(sizes: Sizes, lapses: dict[str, Lapse]) -> None:
    for name, lapse in lapses.items():
        ratio = lapse.longest_ms / lapses["bounded"].longest_ms
        print(
            f"lapsed {sizes.lapsed:,} {name:19} {lapse.longest_ms:7.2f} ms the longest call, "
            f"{lapse.calls} calls, {lapse.total_ms:.0f} ms in all   ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
