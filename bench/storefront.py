"""
The storefront: what shoppers ask two web processes, beside what lies below the shop.

Closed loops tell how much it can do; the checkout then runs in an open loop at half and at nine
tenths of that, where a wait counts from the moment at which the request was due.
"""

import random
from collections.abc import Sequence
from http import HTTPStatus
from itertools import cycle, islice

from bench import ceilings
from bench.client import Sent, per_second, request, spread
from bench.house import PLENTY, House, Web, house
from bench.invariants import breaches
from bench.measure import CONNECTIONS, Measure, Plan, Section

OK, CREATED, CONFLICT = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT
# Above what any of them reaches, so that the time ends a round and not the requests.
MOST_WRITES, MOST_READS = 4_000, 12_000
OPEN_CONNECTIONS = 64
LOADS = {"at 50 %": 0.5, "at 90 %": 0.9}
UNITS_IN_SALE = 100
BUYERS_IN_SALE = 2_000
# How much longer than half of the checkouts one in a hundred may take at half load.
CALM = 5


def measure(plan: Plan) -> Section:
    """Measure the storefront; waits in milliseconds."""
    section = Section("storefront")
    with house() as shop:
        skus = shop.stock("BENCH", 200, PLENTY)
        sold_out = shop.stock("GONE", 10, 0)
        below = _Below(shop, shop.stock("BELOW", 200, PLENTY))
        with shop.serving("bench.empty:app") as empty, shop.serving() as web:
            front = _Front(shop, web, plan, skus, gone=sold_out)
            below.load(web, sold_out)
            for _ in range(plan.rounds):
                shop.renew()
                posts, gets = ceilings.empty(empty, shop, plan.seconds)
                front.round(posts, gets)
                below.round(plan, front.checkout, front.refusal, sold_out)
            front.tell(section)
            below.tell(section)
            sale = _flash_sale(shop, web, section)
        section.breaches += breaches(shop, [*skus, *sold_out, sale])
    return section


class _Front:
    """The measures of the web processes."""

    def __init__(
        self, shop: House, web: Web, plan: Plan, skus: Sequence[str], *, gone: Sequence[str]
    ) -> None:
        self.shop, self.web, self.plan, self.skus, self.gone = shop, web, plan, skus, gone
        self.checkout, self.refusal = Measure("checkout"), Measure("refusal, sold out")
        self.loaded = {name: Measure(f"checkout, open loop {name}") for name in LOADS}
        self.order = shop.warm_up(web, skus)
        self.reads = {name: Measure(name) for name in reads(shop, skus, self.order)}
        self.calm: list[float] = []

    def round(self, posts: float, gets: float) -> None:
        """Measure everything once, beside the rates of the empty views."""
        seconds = self.plan.seconds
        requests = self.shop.checkouts(int(seconds * MOST_WRITES), self.skus)
        capacity = self.checkout.note(self._closed(requests), CREATED)
        self.checkout.beside(empty_POST=posts)
        requests = self.shop.checkouts(int(seconds * MOST_WRITES), self.gone)
        self.refusal.note(self._closed(requests), CONFLICT)
        self.refusal.beside(empty_POST=posts)
        for name, asked in reads(self.shop, self.skus, self.order).items():
            many = list(islice(cycle(asked), int(seconds * MOST_READS)))
            self.reads[name].note(self._closed(many), OK)
            self.reads[name].beside(empty_GET=gets)
        for name, share in LOADS.items():
            self._open(self.loaded[name], capacity, share)
        p50, _, p99 = self.loaded["at 50 %"].waits[-1]
        self.calm.append(p99 / p50)

    def tell(self, section: Section) -> None:
        section.take(self.checkout, self.refusal, *self.reads.values(), *self.loaded.values())
        name = "checkout at half load, p99 beside p50"
        section.tell(name, self.calm, "times", f"to be under {CALM}")

    def _closed(self, requests: Sequence[bytes]) -> list[Sent]:
        return spread(
            self.web.port, requests, connections=CONNECTIONS, processes=self.plan.clients,
            seconds=self.plan.seconds,
        )  # fmt: skip

    def _open(self, measure: Measure, capacity: float, share: float) -> None:
        rate = capacity * share
        requests = self.shop.checkouts(int(rate * 2 * self.plan.seconds), self.skus)
        sent = spread(self.web.port, requests, connections=OPEN_CONNECTIONS, rate=rate)
        measure.note(sent, CREATED)
        measure.beside(checkout=capacity)


class _Below:
    """The ceilings of Postgres and Redis, by themselves."""

    def __init__(self, shop: House, skus: Sequence[str]) -> None:
        self.shop, self.in_postgres, self.in_redis = shop, skus[::2], skus[1::2]
        self.reserved: list[float] = []
        self.refused: list[float] = []

    def load(self, web: Web, sold_out: Sequence[str]) -> None:
        """Have the products loaded whose units the script alone takes."""
        asked = [availability(self.in_redis[:50]), availability(self.in_redis[50:])]
        sent = spread(web.port, [*asked, availability(sold_out)], connections=1, seconds=20)
        assert {one.status for one in sent} == {OK}, sent  # noqa: S101

    def round(
        self, plan: Plan, checkout: Measure, refusal: Measure, sold_out: Sequence[str]
    ) -> None:
        """Run each of them once, for the measures just noted."""
        shop = self.shop
        placed = ceilings.placing(shop, self.in_postgres, plan.seconds)
        reserved = ceilings.reserving(shop, self.in_redis, plan.seconds, wanted=CREATED)
        refused = ceilings.reserving(shop, sold_out, plan.seconds, wanted=CONFLICT)
        checkout.beside(pgbench_of_the_same_rows=placed, reserve_alone=reserved.per_second)
        refusal.beside(reserve_alone=refused.per_second)
        self.reserved.append(reserved.microseconds)
        self.refused.append(refused.microseconds)

    def tell(self, section: Section) -> None:
        name = "reserve inside Redis, two lines"
        section.tell(name, self.reserved, "us", "a call, as Redis counts")
        section.tell(f"{name}, refused", self.refused, "us", "a call, as Redis counts")


def availability(skus: Sequence[str]) -> bytes:
    """Write the question what is available of products."""
    return request("GET", "/api/v1/inventory?" + "&".join(f"sku={sku}" for sku in skus))


def reads(shop: House, skus: Sequence[str], order: str) -> dict[str, list[bytes]]:
    """
    Write what shoppers look at, by name, to be asked in turn; the order is the first customer's.

    What everybody asks alike the shop may know from a moment ago; what each asks anew it may not.
    """
    of = dict(zip(map(str, shop.customers), shop.tokens, strict=True))
    asked = [(order, str(shop.customers[0])), *shop.sql.execute(_ORDERS, [list(of)])]
    statuses = [
        request(
            "GET", f"/api/v1/orders/{order_id}/payment-status",
            headers={"Authorization": of[customer]},
        )
        for order_id, customer in asked
    ]  # fmt: skip
    return {
        "availability of the same 50": [availability(skus[:50])],
        "availability of 50, any": [availability(random.sample(skus, 50)) for _ in range(500)],
        "products, a page of 20": [request("GET", "/api/v1/products?limit=20")],
        "payment status of one order": statuses[:1],
        "payment status of many": statuses[1:],
    }


def _flash_sale(shop: House, web: Web, section: Section) -> str:
    """Offer few units to many at once; returns what was sold."""
    [sku] = shop.stock("SALE", 1, UNITS_IN_SALE)
    shop.sign_in(BUYERS_IN_SALE)
    wanted = shop.checkouts(BUYERS_IN_SALE, [sku], lines=1)
    sent = spread(web.port, wanted, connections=64, seconds=120)
    sold = sum(one.status == CREATED for one in sent)
    refused = sum(one.status == CONFLICT for one in sent)
    name = f"flash sale, {UNITS_IN_SALE} units to {len(sent)} buyers"
    section.tell(name, len(sent) / per_second(sent), "s", f"{sold} sold, {refused} refused")
    if (sold, refused) != (UNITS_IN_SALE, BUYERS_IN_SALE - UNITS_IN_SALE):
        section.breaches.append(f"flash sale: {sold} of {UNITS_IN_SALE} units, {refused} refused")
    return sku


_ORDERS = """
    SELECT id::text, user_id::text FROM orders WHERE user_id = ANY(%s::uuid[])
    ORDER BY id LIMIT 10000
"""
