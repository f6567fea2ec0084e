"""
What a checkout and a whole purchase cost, part by part: CPU, scripts' time, bytes of log and wire.

What the plan of machines is made of (capacity/). All workers run, so that everything that a
purchase sets going is counted: its confirmation, its announcements, its mails. Then the checkout in
a closed loop by one web process and by two, for the plan to be held against.
"""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from app.core import jobs
from bench import processes
from bench.client import per_second, spread
from bench.house import PLENTY, House, Web, house
from bench.invariants import breaches
from bench.journeys import travel
from bench.measure import CONNECTIONS, Measure, Plan, Section
from bench.purchases import gateway, purchase
from bench.storefront import CREATED, MOST_WRITES

# What a purchase does not wait for, and what it does.
_DUE = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at < now() + interval '1 second'"
PATIENCE_SECONDS = 600
LOOK_AGAIN_SECONDS = 0.05
# Counted in hundredths: shorter would see nothing.
IDLE_SECONDS = 10


def measure(plan: Plan) -> Section:
    """Measure costs; those of CPU in milliseconds, one line an order."""
    section = Section("costs")
    with house() as shop:
        skus = shop.stock("BENCH", 200, PLENTY)
        with gateway(shop) as sandbox, contextlib.ExitStack() as running:
            # Of workers too: what they cannot reach, web would not ask either.
            shop.env["RAZORPAY_API_URL"] = f"http://127.0.0.1:{sandbox.port}"
            web = running.enter_context(shop.serving())
            workers = running.enter_context(_workers(shop))
            shop.warm_up(web, skus)
            _rest(shop)
            parts = {"web": web.pid, **workers, "postgres": shop.postgres} | _redis(shop)
            idle = _idle(shop, parts)
            count = plan.of(600, 150)
            for what, act in (("checkout", _check_out), ("purchase", _buy)):
                found = [
                    _cost(shop, parts, idle, count, act, web, skus) for _ in range(plan.rounds)
                ]
                for name, (_, unit) in found[0].items():
                    section.tell(f"{what}: {name}", [one[name][0] for one in found], unit)
        _measure_rates(section, shop, plan, skus)
        section.breaches += breaches(shop, skus)
    return section


def _check_out(shop: House, web: Web, count: int, skus: Sequence[str]) -> None:
    requests = shop.checkouts(count, skus, lines=1)
    sent = spread(web.port, requests, connections=CONNECTIONS, seconds=PATIENCE_SECONDS)
    assert {one.status for one in sent} == {CREATED}  # noqa: S101


def _buy(shop: House, web: Web, count: int, skus: Sequence[str]) -> None:
    checkouts = shop.checkouts(count, skus, lines=1)
    tokens = [shop.tokens[number % len(shop.tokens)] for number in range(count)]
    begun: dict[str, float] = {}
    bought = (purchase(web, *one, begun) for one in zip(checkouts, tokens, strict=True))
    travel(bought, travellers=CONNECTIONS)


def _idle(shop: House, parts: dict[str, int]) -> dict[str, float]:
    """Tell what goes on in a second when nobody comes: workers wait, the clock looks."""
    before = _look(shop, parts)
    time.sleep(IDLE_SECONDS)
    return {name: (now - before[name][0]) / IDLE_SECONDS
            for name, (now, _) in _look(shop, parts).items()}  # fmt: skip


def _cost(
    shop: House, parts: dict[str, int], idle: dict[str, float], count: int, act: Any, web: Web,
    skus: Sequence[str],
) -> dict[str, tuple[float, str]]:  # fmt: skip
    """
    Let so many be done and everything that follows; the cost of one, with its unit.

    What goes on anyhow is taken off.
    """
    shop.renew()
    before, begun = _look(shop, parts), time.monotonic()
    act(shop, web, count, skus)
    _rest(shop)
    after, took = _look(shop, parts), time.monotonic() - begun
    scale = {"ms": 1000, "us": 1, "bytes": 1, "calls": 1, "commits": 1}
    return {
        name: (
            max(value - before[name][0] - idle[name] * took, 0) * scale[unit] / count,
            unit,
        )
        for name, (value, unit) in after.items()
    }


def _look(shop: House, parts: dict[str, int]) -> dict[str, tuple[float, str]]:
    found = {f"CPU of {part}": (processes.cpu_seconds(pid), "ms") for part, pid in parts.items()}
    for name, server in (("stock", shop.redis), ("queue", shop.queue)):
        stats: dict[str, Any] = server.info("stats")
        commands: dict[str, Any] = server.info("commandstats")
        scripts = [told for key, told in commands.items() if "eval" in key]
        found |= {
            f"{name} Redis, scripts": (sum(told["usec"] for told in scripts), "us"),
            f"{name} Redis, calls": (stats["total_commands_processed"], "calls"),
            f"{name} Redis, wire": (
                stats["total_net_input_bytes"] + stats["total_net_output_bytes"], "bytes",
            ),
            f"{name} Redis, kept": (server.info("memory")["used_memory"], "bytes"),
        }  # fmt: skip
    [(log, commits, size)] = shop.sql.execute(_POSTGRES)
    return found | {
        "Postgres, log": (float(log), "bytes"),
        "Postgres, commits": (float(commits), "commits"),
        "Postgres, tables": (float(size), "bytes"),
    }


@contextlib.contextmanager
def _workers(shop: House) -> Iterator[dict[str, int]]:
    """Work every queue by one process each; the clock finds what nobody was woken for."""
    with contextlib.ExitStack() as running:
        found = {
            f"worker {queue}": running.enter_context(shop.working(queue)) for queue in jobs.QUEUES
        }
        clock = running.enter_context(shop.running([sys.executable, "-m", "workers.clock"]))
        yield found | {"clock": clock.pid}


def _redis(shop: House) -> dict[str, int]:
    servers = {"stock Redis": shop.redis, "queue Redis": shop.queue}
    return {name: int(one.info("server")["process_id"]) for name, one in servers.items()}


def _rest(shop: House) -> None:
    """Wait until nothing is due any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(row[0] for row in shop.sql.execute(_DUE)):
        if time.monotonic() > deadline:
            raise TimeoutError("jobs were not worked in time")
        time.sleep(LOOK_AGAIN_SECONDS)


def _measure_rates(section: Section, shop: House, plan: Plan, skus: Sequence[str]) -> None:
    """Check out by one web process and by two, in turn, and what each part used of it."""
    with shop.serving(workers=1) as one, shop.serving(workers=2) as two:
        webs = {1: one, 2: two}
        rates = {number: Measure(f"checkout, {number} web") for number in webs}
        used: dict[str, list[float]] = {}
        for web in webs.values():
            shop.warm_up(web, skus)
        for _ in range(plan.rounds):
            for number, web in webs.items():
                shop.renew()
                requests = shop.checkouts(int(plan.seconds * MOST_WRITES), skus, lines=1)
                parts = {"web": web.pid, "postgres": shop.postgres} | _redis(shop)
                before = _used(parts)
                sent = spread(web.port, requests, connections=CONNECTIONS, seconds=plan.seconds)
                rates[number].note(sent, CREATED)
                for part, seconds in _used(parts).items():
                    name = f"{number} web: CPU of {part}, a checkout"
                    spent = (seconds - before[part]) * 1000 / len(sent)
                    used.setdefault(name, []).append(spent)
                name = f"{number} web: rate"
                good = [each for each in sent if each.status == CREATED]
                used.setdefault(name, []).append(per_second(good))
        section.take(*rates.values())
        for name, values in used.items():
            section.tell(name, values, "/s" if name.endswith("rate") else "ms")


def _used(parts: dict[str, int]) -> dict[str, float]:
    """Tell the CPU seconds of parts, and of the client, which is this process alone."""
    found = {part: processes.cpu_seconds(pid) for part, pid in parts.items()}
    return found | {"client": time.process_time()}


_POSTGRES = """
    SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
        (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
        pg_database_size(current_database())
"""
