"""
Memory: what a reservation takes in Redis, and whether web processes and a worker grow.

Resident size counts what processes share in each of them; the proportional one (PSS) counts it once
among them. The web processes answer many requests of kinds that Postgres does not bound.
"""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import chain, repeat

from bench import processes
from bench.client import request, spread
from bench.house import PLENTY, House, Web, house
from bench.invariants import breaches
from bench.measure import CONNECTIONS, Plan, Section
from bench.paid import USUAL, deliveries, place
from bench.storefront import availability
from bench.webhooks import wait_for_jobs

MEBIBYTE = 1024 * 1024
# Looks at the web processes, the first one after so many requests and the rest evenly.
POINTS = 5
# Before the first look, so that everything was done often by then.
WARM = 5_000
PATIENCE_SECONDS = 3_600


def measure(plan: Plan) -> Section:
    """Measure memory; bytes of Redis, MiB of processes."""
    section = Section("memory")
    with house() as shop:
        skus = shop.stock("BENCH", 200, PLENTY)
        sold_out = shop.stock("GONE", 10, 0)
        with shop.serving() as web:
            _tell(section, "a web process at rest", _web(web))
            order = shop.warm_up(web, skus)
            _measure_reservations(section, shop, web, plan, skus)
            _measure_web(section, shop, web, plan, list(_asked(shop, skus, sold_out, order)))
            _measure_worker(section, shop, web, plan, skus)
        section.breaches += breaches(shop, [*skus, *sold_out])
    return section


def _measure_reservations(
    section: Section, shop: House, web: Web, plan: Plan, skus: Sequence[str]
) -> None:
    """Check out orders of one line and of two: the difference is a line, the rest an order."""
    count = plan.of(10_000, 1_000)
    taken = {}
    for lines in (1, 2):
        before = _used(shop)
        requests = shop.checkouts(count, skus, lines=lines)
        sent = spread(web.port, requests, connections=CONNECTIONS, seconds=PATIENCE_SECONDS)
        assert {one.status for one in sent} == {HTTPStatus.CREATED}  # noqa: S101
        taken[lines] = (_used(shop) - before) / count
    note = f"used_memory of {count:,} checkouts, their idempotency keys included"
    section.tell("Redis, an order of two lines", taken[2], "bytes", note)
    section.tell("Redis, a line of it", taken[2] - taken[1], "bytes", "two lines less one")
    for name in ("request", "reservation"):
        key = next(shop.redis.scan_iter(match=f"{name}:{{*}}", count=1_000))
        section.tell(f"Redis, the key {name}:{{id}}", shop.redis.memory_usage(key) or 0, "bytes")


def _measure_web(
    section: Section, shop: House, web: Web, plan: Plan, asked: Sequence[bytes]
) -> None:
    """Ask the same few things over and over, and look at the web processes on the way."""
    _ask(shop, web, asked, WARM)
    begun = _web(web)
    _tell(section, "a web process, warm", begun)
    step = plan.requests // POINTS
    for point in range(1, POINTS + 1):
        _ask(shop, web, asked, step)
        _tell(section, f"a web process, {point * step:,} requests later", _web(web))
    grown = (_web(web).rss - begun.rss) / plan.requests
    section.tell("a web process, growth", grown, "bytes", "a request, both processes' mean")


def _measure_worker(
    section: Section, shop: House, web: Web, plan: Plan, skus: Sequence[str]
) -> None:
    with shop.working() as worker:
        _tell(section, "a worker at rest", processes.memory(worker))
        count = plan.of(500, 40)
        for point in range(1, 4):
            told = deliveries(place(shop, web, count, skus), USUAL)
            requests = [one.request for one in told]
            spread(web.port, requests, connections=CONNECTIONS, seconds=PATIENCE_SECONDS)
            wait_for_jobs(shop)
            name = f"a worker, {point * count * len(USUAL):,} events later"
            _tell(section, name, processes.memory(worker))


def _asked(
    shop: House, skus: Sequence[str], sold_out: Sequence[str], order: str
) -> Iterator[bytes]:
    """Write a refusal, a question what is available, and how an order stands; ever again."""
    status = request(
        "GET", f"/api/v1/orders/{order}/payment-status", headers={"Authorization": shop.tokens[0]}
    )
    for number, refused in enumerate(shop.checkouts(100, sold_out)):
        yield refused
        yield availability(skus[number : number + 10])
        yield status


def _ask(shop: House, web: Web, asked: Sequence[bytes], count: int) -> None:
    shop.renew()
    requests = list(chain.from_iterable(repeat(asked, count // len(asked))))
    sent = spread(web.port, requests, connections=CONNECTIONS, seconds=PATIENCE_SECONDS)
    wrong = [one.status for one in sent if one.status not in (HTTPStatus.OK, HTTPStatus.CONFLICT)]
    assert not wrong, wrong[:5]  # noqa: S101


def _web(web: Web) -> processes.Memory:
    """Tell the mean of the web processes; who started them serves nothing."""
    found = [processes.memory(pid) for pid in processes.children(web.pid)]
    return processes.Memory(*(sum(each) // len(found) for each in zip(*found, strict=True)))


def _tell(section: Section, name: str, memory: processes.Memory) -> None:
    note = f"resident; {memory.pss / MEBIBYTE:.1f} MiB proportional"
    section.tell(name, memory.rss / MEBIBYTE, "MiB", note)


def _used(shop: House) -> int:
    return int(shop.redis.info("memory")["used_memory"])
