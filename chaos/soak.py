"""
A soak: half load for long, and memory, connections, keys and queues have to stay flat.

python -m chaos.soak --minutes 60. The first third warms up and is left out. What grows with the
orders on purpose (rows, books) is not looked at; keys of Redis are, less those that orders leave
for a day by design.
"""

import argparse
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from redis.exceptions import RedisError

from app.core import jobs
from bench import processes
from chaos import liveness
from chaos.house import Shop, house
from chaos.recheck import recheck
from chaos.run import Crowd, Run, finish, traffic
from chaos.slope import Slope, slope

EVERY_SECONDS = 2.0
_WARM_SHARE = 1 / 3
# What may grow by how much an hour: MiB, connections, keys, jobs.
_MOST = {"MiB": 24.0, "connections": 4.0, "keys": 200.0, "jobs": 20.0, "files": 10.0}
_WAITING = """
    SELECT count(*) FROM outbox
    WHERE done_at IS NULL AND failed_at IS NULL AND due_at < now() - interval '1 second'
"""


def look(shop: Shop) -> dict[str, float]:
    """Measure everything once, by a name that ends with its unit."""
    found: dict[str, float] = {}
    for name, program in shop.programs.items():
        pids = program.pids()
        found[f"{name}, MiB"] = sum(_pss(pid) for pid in pids) / 2**20
        found[f"{name}, files"] = sum(_files(pid) for pid in pids)
    [(connections, waiting)] = shop.sql(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ora'),"  # noqa: S608 - of ours
        f" ({_WAITING})"
    )
    found |= {"postgres, connections": connections, "outbox, jobs": waiting}
    for name in ("stock-redis", "queue-redis"):
        with shop.redis(name) as client:
            # A request's answer is kept for a day, by design: those keys are told apart.
            requests = sum(1 for _ in client.scan_iter("request:*", count=10_000))
            found[f"{name}, keys"] = client.dbsize() - requests
            found[f"{name}, connections"] = int(client.info("clients")["connected_clients"])
    with shop.redis("queue-redis") as client:
        found["queues, jobs"] = sum(
            int(str(client.llen(f"rq:queue:{queue}"))) for queue in jobs.QUEUES
        )
    return found


def _pss(pid: int) -> int:
    try:
        return processes.memory(pid).pss
    except OSError:
        return 0


def _files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


def judge(seen: list[dict[str, float]]) -> dict[str, tuple[Slope, float, bool]]:
    """Draw a line through each, the warm-up left out: slope, what is allowed, and whether it is."""
    seen = seen[int(len(seen) * _WARM_SHARE) :]
    found = {}
    for name in sorted(seen[0].keys() - {"at"}):
        points = [(one["at"], one[name]) for one in seen if name in one]
        line = slope([at for at, _ in points], [value for _, value in points])
        most = _MOST[name.rpartition(", ")[2]]
        found[name] = line, most, not line.is_growing(most)
    return found


def lines(judged: dict[str, tuple[Slope, float, bool]]) -> list[str]:
    """Say it in lines."""
    head = f"{'':32} {'at first':>10} {'an hour':>10} {'+-':>9} {'allowed':>8}"
    return [head] + [
        f"{name:32} {line.start:10.1f} {line.per_hour:+10.2f} {line.error:9.2f} {most:8.0f}"
        f"  {'flat' if is_flat else 'GROWS'}"
        for name, (line, most, is_flat) in judged.items()
    ]


def soak(shop: Shop, folder: Path, *, seed: int, seconds: float, rate: float) -> bool:
    """Let customers come, look every two seconds, and judge; tells whether all stayed flat."""
    made = Run(shop, folder, seed, print)
    seen: list[dict[str, float]] = []
    begun = time.time()
    with traffic(shop, folder, seed, Crowd(rate=rate)):
        while (at := time.time() - begun) < seconds:
            with contextlib.suppress(psycopg.Error, RedisError):
                seen.append({"at": at} | look(shop))
            shop.wait(EVERY_SECONDS)
    rest = liveness.come_to_rest(shop)
    about: dict[str, Any] = {"begun": begun, "seconds": time.time() - begun, "rate": rate}
    finish(made, rest, **about)
    judged = judge(seen)
    (folder / "soak.json").write_text(json.dumps({"seen": seen, "judged": lines(judged)}, indent=1))
    for line in lines(judged):
        print(line)
    return all(is_flat for _, _, is_flat in judged.values())


def main() -> int:
    """Run, judge, check the books; 0 where all stayed flat and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m chaos.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=10.0, help="customers a second")
    parser.add_argument("--to", type=Path, help="a folder for what is written")
    asked = parser.parse_args()
    folder = asked.to or Path(".data/soak") / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    with house(on_disks=False) as shop:
        is_flat = soak(
            shop, folder.absolute(), seed=asked.seed, seconds=asked.minutes * 60, rate=asked.rate
        )
    return max(recheck(folder), 0 if is_flat else 1)


if __name__ == "__main__":
    sys.exit(main())
