"""
Growth: whether the shop stays as fast when it has lived, sells more, or is asked for more at once.

A young shop and an old one stand side by side, each with servers of its own, and take turns, so
that a machine that drifts drifts for both. The same number of products is bought in both, spread
over all that there are. Told beside the rate is the CPU time that a request costs in all processes
of the shop, its servers included, for that drifts less than the rate does.
"""

import contextlib
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from bench.client import Sent, request, spread
from bench.history import live_through, orders_of
from bench.house import Cpu, House, Web, house
from bench.invariants import breaches
from bench.measure import CONNECTIONS, Measure, Plan, Section
from bench.paid import deliveries, place
from bench.storefront import availability
from bench.webhooks import drain

OK, CREATED, CONFLICT = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT
YOUNG = (1_000, 100)
LINES = (1, 2, 5, 10, 20)
# Products that are bought and orders that are asked about, however many there are.
BOUGHT, ASKED = 100, 600
SKUS_ASKED = 50
MOST_WRITES, MOST_READS = 4_000, 12_000


@dataclass
class Cost:
    """CPU milliseconds a request, round by round: of all that the shop runs, and of its own."""

    all: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def note(self, used: Cpu, requests: int) -> None:
        """Add a round."""
        self.all.append(used.all * 1000 / requests)
        self.ours.append(used.ours * 1000 / requests)

    def beside(self, smaller: "Cost") -> list[float]:
        """Tell the ratio of each round to another's."""
        return [mine / theirs for mine, theirs in zip(self.all, smaller.all, strict=True)]


def measure(plan: Plan) -> Section:
    """Measure how rates and costs grow with orders, products, lines and processes."""
    section = Section("growth")
    # Everything is measured twice and more: half as long each, and often.
    plan = replace(plan, seconds=max(1.0, plan.seconds / 2))
    old = plan.of(1_000_000, 20_000), plan.of(100_000, 5_000)
    with _shop(*YOUNG) as young, _shop(*old) as aged:
        for number in range(plan.rounds):
            turns = (young, aged) if number % 2 == 0 else (aged, young)
            for shop in turns:
                shop.house.renew()
            for name in _SAMPLES:
                for shop in turns:
                    shop.sample(name, plan)
        _tell_ages(section, young, aged, old)
        _measure_lines(section, young, plan)
        _measure_processes(section, young, plan)
        for shop in (young, aged):
            section.breaches += breaches(shop.house, [*shop.skus, *shop.sold_out])
    return section


class _Shop:
    """A shop of some age, and what was measured of it."""

    def __init__(self, shop: House, web: Web, skus: Sequence[str]) -> None:
        self.house, self.web = shop, web
        self.skus = skus[:: max(1, len(skus) // BOUGHT)][:BOUGHT]
        self.sold_out = shop.stock("GONE", 10, 0)
        self.measures = {name: Measure(name) for name in _SAMPLES}
        self.costs = {name: Cost() for name in _SAMPLES}
        # It took its time to get here.
        shop.renew()
        shop.warm_up(web, self.skus)

    def sample(self, name: str, plan: Plan) -> None:
        """Measure one thing once."""
        if name == _CONFIRMED:
            self._confirm(plan)
            return
        requests, wanted = self._requests(name, plan)
        before = self.house.cpu(self.web.pid)
        sent = self.closed(self.web, requests, plan)
        self.costs[name].note(self.house.cpu(self.web.pid).since(before), len(sent))
        self.measures[name].note(sent, wanted)

    def closed(self, web: Web, requests: Sequence[bytes], plan: Plan) -> list[Sent]:
        """Ask for a round, as fast as answers come."""
        return spread(web.port, requests, connections=CONNECTIONS, seconds=plan.seconds)

    def _requests(self, name: str, plan: Plan) -> tuple[list[bytes], HTTPStatus]:
        writes, reads = int(plan.seconds * MOST_WRITES), int(plan.seconds * MOST_READS)
        match name:
            case "checkout":
                return self.house.checkouts(writes, self.skus), CREATED
            case "refusal, sold out":
                return self.house.checkouts(writes, self.sold_out), CONFLICT
            case "payment status":
                asked = self._statuses()
                return (asked * (reads // len(asked) + 1))[:reads], OK
        asked = [availability(random.sample(self.skus, SKUS_ASKED)) for _ in range(ASKED)]
        return (asked * (reads // len(asked) + 1))[:reads], OK

    def _statuses(self) -> list[bytes]:
        known = orders_of(self.house, self.house.customers, ASKED)
        return [
            request(
                "GET", f"/api/v1/orders/{order_id}/payment-status",
                headers={"Authorization": self.house.tokens[customer]},
            )
            for order_id, customer in known
        ]  # fmt: skip

    def _confirm(self, plan: Plan) -> None:
        paid = place(self.house, self.web, plan.of(300, 100), self.skus)
        told = deliveries(paid)
        requests = [one.request for one in told]
        sent = spread(self.web.port, requests, connections=CONNECTIONS, seconds=60)
        assert {one.status for one in sent} == {OK}  # noqa: S101
        drained = drain(self.house, len(told))
        self.measures[_CONFIRMED].note_rate(drained.jobs_per_second)
        self.costs[_CONFIRMED].note(drained.cpu, 1)


_CONFIRMED = "order confirmed"
_SAMPLES = (
    "checkout", "refusal, sold out", "payment status", f"availability of {SKUS_ASKED}", _CONFIRMED,
)  # fmt: skip


@contextlib.contextmanager
def _shop(orders: int, products: int) -> Iterator[_Shop]:
    with house() as found:
        skus = live_through(found, orders=orders, products=products)
        with found.serving() as web:
            # Redis is told of every product, as it would be after a day.
            pages = range(0, len(skus), SKUS_ASKED)
            asked = [availability(skus[first : first + SKUS_ASKED]) for first in pages]
            sent = spread(web.port, asked, connections=4, seconds=600)
            assert {one.status for one in sent} == {OK}  # noqa: S101
            yield _Shop(found, web, skus)


def _tell_ages(section: Section, young: _Shop, aged: _Shop, size: tuple[int, int]) -> None:
    for name in _SAMPLES:
        rates = Measure(f"{name}: {size[0]:,} orders, {size[1]:,} products")
        rates.rates, rates.waits = aged.measures[name].rates, aged.measures[name].waits
        rates.errors = aged.measures[name].errors + young.measures[name].errors
        rates.ceilings = {f"{YOUNG[0]:,} and {YOUNG[1]:,}": young.measures[name].rates}
        section.take(rates)
        grown = _middle(aged.costs[name].beside(young.costs[name]))
        note = f"of all processes, {grown:.2f} times what it costs the young shop"
        section.tell(f"CPU, {name}, aged", aged.costs[name].all, "ms", note)


def _measure_lines(section: Section, shop: _Shop, plan: Plan) -> None:
    """Check out orders of so many lines, in turn; fits a cost that grows with each line."""
    rates = {lines: Measure(f"checkout, lines: {lines}") for lines in LINES}
    costs = {lines: Cost() for lines in LINES}
    for _ in range(plan.rounds):
        shop.house.renew()
        for lines in LINES:
            count = int(plan.seconds * MOST_WRITES / max(1, lines // 2))
            requests = shop.house.checkouts(count, shop.skus, lines=lines)
            before = shop.house.cpu(shop.web.pid)
            sent = shop.closed(shop.web, requests, plan)
            costs[lines].note(shop.house.cpu(shop.web.pid).since(before), len(sent))
            rates[lines].note(sent, CREATED)
    for lines in LINES:
        rates[lines].ceilings = {"of 1 line": rates[1].rates}
        section.take(rates[lines])
    points = {lines: _middle(costs[lines].all) for lines in LINES}
    slope, alone = statistics.linear_regression(list(points), list(points.values()))
    for lines, cost in points.items():
        note = f"{cost / (alone + slope * lines):.2f} times {alone:.2f} + {slope:.3f} a line"
        section.tell(f"CPU, checkout, lines: {lines}", cost, "ms", note)


def _measure_processes(section: Section, shop: _Shop, plan: Plan) -> None:
    """Check out by one web process and by two, in turn; the client has the same two cores."""
    with shop.house.serving(workers=1) as one:
        shop.house.renew()
        shop.house.warm_up(one, shop.skus)
        webs = {"one web process": one, "two web processes": shop.web}
        rates = {name: Measure(f"checkout, {name}") for name in webs}
        costs = {name: Cost() for name in webs}
        for _ in range(plan.rounds):
            shop.house.renew()
            for name, web in webs.items():
                requests = shop.house.checkouts(int(plan.seconds * MOST_WRITES), shop.skus)
                before = shop.house.cpu(web.pid)
                sent = shop.closed(web, requests, plan)
                costs[name].note(shop.house.cpu(web.pid).since(before), len(sent))
                rates[name].note(sent, CREATED)
    first, second = rates
    rates[second].ceilings = {first: rates[first].rates}
    section.take(rates[first], rates[second])
    for name, cost in costs.items():
        section.tell(f"CPU, checkout, {name}", cost.ours, "ms", "of the web processes alone")


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)
