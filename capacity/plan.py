"""The plan: what so many checkouts a second need of each part, and which part ends first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from capacity.costs import Costs

# What `python -m bench --only costs` ran on.
MEASURED_CORES = 2


@dataclass(frozen=True)
class Assumptions:
    """What is not measured (assumptions.toml has the reasons)."""

    paid_share: float
    looks: float
    look_ms: float
    target: float
    machine_cores: int
    postgres_cores: int
    log_bytes_per_second: float
    postgres_connections: int
    pool: int
    core_hour_rupees: float


@dataclass(frozen=True)
class Need:
    """
    What one part needs: ``cores`` busy, ``pieces`` of it, and at which rate it ends.

    A piece is a process or a server; ``ends_at`` is in checkouts a second, and infinite for a part
    of which there may be any number.
    """

    part: str
    cores: float
    pieces: int
    ends_at: float = math.inf


@dataclass(frozen=True)
class Plan:
    """The needs of one rate."""

    rate: float
    needs: tuple[Need, ...]
    log_bytes: float
    counters: int
    machines: int
    connections: int
    rupees_an_hour: float

    def of(self, part: str) -> Need:
        """Find the need of a part."""
        return next(need for need in self.needs if need.part == part)

    @property
    def first_limit(self) -> Need:
        """The part that ends at the lowest rate."""
        return min(self.needs, key=lambda need: need.ends_at)


def plan(costs: Costs, given: Assumptions, rate: float) -> Plan:
    """Plan for so many checkouts a second."""
    needs = tuple(_needs(costs, given, rate))
    cores = sum(need.cores for need in needs) / given.target
    web = next(need for need in needs if need.part == "web")
    log = costs.of("Postgres, log", paid_share=given.paid_share) * rate
    return Plan(
        rate=rate,
        needs=needs,
        log_bytes=log,
        counters=counters(costs, given, rate),
        machines=math.ceil(cores / given.machine_cores),
        connections=web.pieces * given.pool,
        rupees_an_hour=cores * given.core_hour_rupees,
    )


def _needs(costs: Costs, given: Assumptions, rate: float) -> Iterator[Need]:
    for part in costs.parts:
        milliseconds = costs.cpu(part, paid_share=given.paid_share)
        if part == "web":
            milliseconds += given.looks * given.look_ms
        cores = rate * milliseconds / 1000
        if part == "postgres":
            most = given.postgres_cores * given.target * 1000 / milliseconds
            log = costs.of("Postgres, log", paid_share=given.paid_share)
            yield Need(part, cores, 1, min(most, given.log_bytes_per_second * given.target / log))
        elif part == "queue Redis":
            # RQ cannot spread its keys over a cluster.
            yield Need(part, cores, 1, given.target * 1000 / milliseconds)
        else:
            # A process is at one thing at a time: one core each, at the most.
            yield Need(part, cores, max(1, math.ceil(cores / given.target)))


def counters(costs: Costs, given: Assumptions, rate: float) -> int:
    """Tell over how many counters a product is to be split that all of the rate is for."""
    busy = rate * costs.checkout["CPU of stock Redis"] / 1000
    return max(1, math.ceil(busy / given.target))


def predicted(costs: Costs, processes: int) -> float:
    """
    Predict the checkouts a second of so many web processes on the machine that was measured on.

    Each does what one did alone, until all cores of the machine are busy. Both come from the run
    with one process, so that the one with two is foretold.
    """
    by_process = processes * costs.rates[1]["rate"]
    return min(by_process, MEASURED_CORES * 1000 / costs.spent(1))
