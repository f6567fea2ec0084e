"""
Webhooks: how many a second the door takes, how many orders a worker confirms, and how soon.

Every delivery is signed and about an order that was checked out before. The door alone is measured
with no worker, the worker alone with no web traffic; then both together, where a wait counts from
the moment at which the delivery was due until the transaction that confirmed is over.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from bench import ceilings
from bench.client import Sent, spread
from bench.house import PLENTY, Cpu, House, Web, house
from bench.invariants import breaches
from bench.measure import CONNECTIONS, Measure, Plan, Section
from bench.paid import CAPTURED, PATIENCE_SECONDS, USUAL, Delivery, deliveries, place

OK = HTTPStatus.OK
KINDS = {"one event an order": CAPTURED, "three events an order": USUAL}
LOADS = {"at 50 %": 0.5, "at 90 %": 0.9}
OPEN_CONNECTIONS = 32
LOOK_AGAIN_SECONDS = 0.02


class _Look(NamedTuple):
    at: float
    cpu: Cpu


@dataclass(frozen=True)
class Drained:
    """How a worker did its backlog: jobs a second, and CPU seconds a job."""

    jobs_per_second: float
    cpu: Cpu


def measure(plan: Plan) -> Section:
    """Measure the inbox; waits in milliseconds."""
    section = Section("webhooks")
    with house() as shop:
        skus = shop.stock("BENCH", 200, PLENTY)
        with shop.serving() as web, shop.serving("bench.empty:app") as empty:
            shop.warm_up(web, skus)
            alone = [_Alone(shop, web, skus, *kind) for kind in KINDS.items()]
            together = _Together(shop, web, skus)
            for _ in range(plan.rounds):
                shop.renew()
                posts, _ = ceilings.empty(empty, shop, plan.seconds)
                for kind in alone:
                    kind.round(plan, posts)
                together.round(plan)
        for kind in alone:
            kind.tell(section)
        together.tell(section)
        section.breaches += breaches(shop, skus)
    return section


class _Alone:
    """The door with no worker, then a worker with no door."""

    def __init__(
        self, shop: House, web: Web, skus: Sequence[str], kind: str, events: Sequence[str]
    ) -> None:
        self.shop, self.web, self.skus, self.kind, self.events = shop, web, skus, kind, events
        self.door = Measure(f"accepted, {kind}")
        self.orders = Measure(f"orders confirmed, {kind}")
        self.cpu: list[Cpu] = []

    def round(self, plan: Plan, posts: float) -> None:
        """Deliver what was paid, then have it worked."""
        paid = place(self.shop, self.web, plan.of(1_000, 200), self.skus)
        told = deliveries(paid, self.events)
        self.door.note(_deliver(self.web, told, plan.clients), OK)
        body = told[0].request.split(b"\r\n\r\n", 1)[1]
        stored = ceilings.storing(self.shop, body, plan.seconds)
        self.door.beside(pgbench_of_the_same_row=stored, empty_POST=posts)
        drained = drain(self.shop, len(told))
        missing = len(paid) - confirmed(self.shop, [each.order_id for each in paid])
        self.orders.note_rate(drained.jobs_per_second / len(self.events), errors=missing)
        self.orders.beside(accepted=self.door.rates[-1] / len(self.events))
        self.cpu.append(Cpu(*(seconds * len(self.events) for seconds in drained.cpu)))

    def tell(self, section: Section) -> None:
        section.take(self.door, self.orders)
        for name, at in (("worker's CPU an order", 0), ("Postgres' CPU an order", 1)):
            values = [cpu[at] * 1000 for cpu in self.cpu]
            section.tell(f"{name}, {self.kind}", values, "ms")
        if self.orders.errors:
            section.breaches.append(f"{self.orders.errors} paid orders not confirmed, {self.kind}")


class _Together:
    """The door and a worker on the same machine, as they are in life."""

    def __init__(self, shop: House, web: Web, skus: Sequence[str]) -> None:
        self.shop, self.web, self.skus = shop, web, skus
        self.most = Measure("delivered and confirmed, all at once")
        self.waits = {name: Measure(f"delivery to confirmed {name}") for name in LOADS}
        self.door = {name: Measure(f"accepted {name}, a worker at work") for name in LOADS}

    def round(self, plan: Plan) -> None:
        """Measure what both can do, then how soon orders are confirmed at half and most of that."""
        with self.shop.working():
            told = self._paid(plan.of(500, 150))
            capacity = self._confirm(self.most, told, _deliver(self.web, told, plan.clients))
            for name, share in LOADS.items():
                rate = capacity * share
                told = self._paid(max(20, int(rate * plan.of(6, 3))))
                requests = [one.request for one in told]
                sent = spread(self.web.port, requests, connections=OPEN_CONNECTIONS, rate=rate)
                self.door[name].note(sent, OK)
                self._confirm(self.waits[name], told, sent)
                self.waits[name].beside(all_at_once=capacity)

    def tell(self, section: Section) -> None:
        section.take(self.most, *self.waits.values(), *self.door.values())
        missing = sum(each.errors for each in (self.most, *self.waits.values()))
        if missing:
            section.breaches.append(f"{missing} paid orders not confirmed, door and worker at once")

    def _paid(self, count: int) -> list[Delivery]:
        return deliveries(place(self.shop, self.web, count, self.skus))

    def _confirm(self, measure: Measure, told: Sequence[Delivery], sent: Sequence[Sent]) -> float:
        """Wait for the last order, and note how long each has taken; tells orders a second."""
        wait_for_jobs(self.shop)
        ended = processed(self.shop, [one.event_id for one in told])
        begun = {told[one.number].event_id: one.due for one in sent if one.status == OK}
        took = [(ended[event_id] - begun[event_id]) * 1000 for event_id in ended.keys() & begun]
        rate = len(took) / (max(ended.values()) - min(begun.values()))
        return measure.note_rate(rate, took, errors=len(told) - len(took))


def drain(shop: House, jobs: int) -> Drained:
    """Have a backlog of so many jobs worked by one process, which begins after it is there."""
    with shop.working() as worker:
        waiting = jobs
        # Not before the first ones are done: beginning costs more than any of them.
        while waiting == jobs:
            before, earlier = _look(shop, worker), waiting
            time.sleep(LOOK_AGAIN_SECONDS)
            waiting = _waiting(shop)
        if waiting:
            before, earlier = _look(shop, worker), waiting
        wait_for_jobs(shop)
        after = _look(shop, worker)
    used = after.cpu.since(before.cpu)
    return Drained(earlier / (after.at - before.at), Cpu(*(seconds / earlier for seconds in used)))


def _look(shop: House, worker: int) -> _Look:
    return _Look(time.perf_counter(), shop.cpu(worker))


def wait_for_jobs(shop: House) -> None:
    """Wait until no job of the inbox is left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _waiting(shop):
        if time.monotonic() > deadline:
            raise TimeoutError("jobs were not worked in time")
        time.sleep(LOOK_AGAIN_SECONDS)


def processed(shop: House, event_ids: Sequence[str]) -> dict[str, float]:
    """Tell when events that confirmed their order were over, in seconds of the monotonic clock."""
    # Postgres' clock is this machine's.
    ahead = time.time() - time.perf_counter()
    rows = shop.sql.execute(_PROCESSED, [list(event_ids)])
    return {event_id: float(epoch) - ahead for event_id, epoch in rows}


def confirmed(shop: House, orders: Sequence[object]) -> int:
    """Count those orders that are confirmed."""
    query = "SELECT count(*) FROM orders WHERE id = ANY(%s) AND status = 'confirmed'"
    [(count,)] = shop.sql.execute(query, [orders])
    return int(count)


def _deliver(web: Web, told: Sequence[Delivery], processes: int) -> list[Sent]:
    return spread(
        web.port, [one.request for one in told], connections=CONNECTIONS, processes=processes,
        seconds=PATIENCE_SECONDS,
    )  # fmt: skip


def _waiting(shop: House) -> int:
    [(count,)] = shop.sql.execute(_WAITING)
    return int(count)


# By the index that the drain itself uses.
_WAITING = """
    SELECT count(*) FROM outbox WHERE queue = 'webhooks' AND done_at IS NULL AND failed_at IS NULL
"""
# An event is ended in a transaction that begins after the order's is committed.
_PROCESSED = """
    SELECT event_id, extract(epoch FROM processed_at) FROM webhook_events
    JOIN payments ON payments.gateway = webhook_events.gateway
        AND payments.gateway_order_id =
            convert_from(body, 'UTF8')::jsonb #>> '{payload,payment,entity,order_id}'
    JOIN order_transitions ON order_transitions.order_id = payments.order_id
    WHERE event_id = ANY(%s) AND webhook_events.status = 'processed' AND to_status = 'confirmed'
"""
