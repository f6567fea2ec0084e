"""
What a product costs each node of a cluster while a crowd buys it, by how many counters it has.

    .venv/bin/python -m bench.counters [--calls N] [--rounds N] [--json FILE]

Real masters on this machine, one reservation after the other, each of another buyer. Told are of
each node its share of the scripts' work (`INFO commandstats`, microseconds inside `evalsha`) and
the processor time it spent (`used_cpu_user` and `used_cpu_sys`: the network counts here), for each
reservation that the product took anywhere. A node is one processor: the busiest bounds the whole.
The numbers of counters take turns, so that a machine that drifts drifts for all; told are medians.
"""

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from redis import Redis

from app.core.redis_client import AnyRedis, make_client
from app.inventory import counters, keys, scripts
from app.inventory.terms import Claim, Known, OnHand
from dev.redis_cluster import MASTERS, RedisClusterServers

COUNTS = (1, 4, 16)
UNITS = 1_000_000
QUARTER_HOUR_MS = 15 * 60 * 1000


@dataclass(frozen=True)
class Load:
    """What one reservation cost, of all nodes and of each, the busiest first."""

    script_us: float
    cpu_us: list[float]
    shares: list[float]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--calls", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    rounds: dict[int, list[Load]] = {count: [] for count in COUNTS}
    with (
        tempfile.TemporaryDirectory(prefix="ora-bench-") as folder,
        RedisClusterServers(Path(folder)) as cluster,
    ):
        redis = make_client(cluster.url)
        nodes = [
            Redis.from_url(node.url, decode_responses=True) for node in cluster.nodes[:MASTERS]
        ]
        for _ in range(options.rounds):
            for count in COUNTS:
                rounds[count].append(_measure(redis, nodes, _put(redis, count), options.calls))
    found = {count: _median(loads) for count, loads in rounds.items()}
    _show(found)
    if options.json:
        options.json.write_text(json.dumps({n: asdict(load) for n, load in found.items()}))
    return 0


def _put(redis: AnyRedis, count: int) -> str:
    """Put plenty of one product on so many counters; returns its SKU."""
    sku = f"HOT-{count}"
    known = Known(OnHand(sku, UNITS, 1), 0)
    for part in counters.divide(known, counters.shares(known, count)):
        scripts.load(redis, part, present=None, epoch=1)
        scripts.publish(redis, part.number.sku, epoch=1)
    counters.learn(sku, count)
    return sku


def _measure(redis: AnyRedis, nodes: list[Redis], sku: str, calls: int) -> Load:
    """Have a crowd buy a product."""
    claims = [Claim(uuid4(), str(uuid4()), {sku: 1}) for _ in range(calls)]
    # Whatever is done once, such as learning the script, is done before it is counted.
    for name in counters.all_of(sku):
        _reserve(redis, _claim_at(sku, name))
    for node in nodes:
        node.config_resetstat()
    before = [_cpu_us(node) for node in nodes]
    for claim in claims:
        _reserve(redis, claim)
    cpu = [(_cpu_us(node) - was) / calls for node, was in zip(nodes, before, strict=True)]
    script = [_script_us(node) / calls for node in nodes]
    shares = sorted((us / sum(script) for us in script), reverse=True)
    return Load(sum(script), sorted(cpu, reverse=True), shares)


def _reserve(redis: AnyRedis, claim: Claim) -> None:
    """Reserve without the order's own key, which lies on another node by chance."""
    [(sku, units)] = claim.units.items()
    name = counters.of_claim(claim, sku, counters.count_of(sku))
    reply = scripts._RESERVE(  # noqa: SLF001
        redis, keys.of_lines([name]),
        [scripts.SERVER, str(claim.id), claim.buyer, QUARTER_HOUR_MS, "", units],
    )  # fmt: skip
    assert reply[0] == "reserved", reply  # noqa: S101


def _claim_at(sku: str, name: str) -> Claim:
    count = counters.count_of(sku)
    claims = (Claim(one, str(one), {sku: 1}) for one in iter(uuid4, None))
    return next(claim for claim in claims if counters.of_claim(claim, sku, count) == name)


def _cpu_us(node: Redis) -> float:
    told: dict[str, Any] = node.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"]) * 1e6


def _script_us(node: Redis) -> float:
    stats: dict[str, Any] = node.info("commandstats")
    return float(stats.get("cmdstat_evalsha", {"usec": 0})["usec"])


def _median(loads: list[Load]) -> Load:
    return Load(
        statistics.median(load.script_us for load in loads),
        [statistics.median(ones) for ones in zip(*(load.cpu_us for load in loads), strict=True)],
        [statistics.median(ones) for ones in zip(*(load.shares for load in loads), strict=True)],
    )


def _show(found: dict[int, Load]) -> None:
    alone = found[min(found)].cpu_us[0]
    for count, load in found.items():
        shares = " ".join(f"{share:5.1%}" for share in load.shares)
        cpu = " ".join(f"{us:6.1f}" for us in load.cpu_us)
        print(
            f"{count:3} counters: script {load.script_us:5.1f} us a reservation, by node {shares};"
            f" processor us by node {cpu}; the busiest {load.cpu_us[0] / alone:.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
