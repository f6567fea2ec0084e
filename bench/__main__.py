"""
How fast the shop is, beside what the same server, database and client can do at all.

    make bench          or    .venv/bin/python -m bench [--quick] [--json FILE]

Everything runs on this machine: real Postgres with fsync, real Redis, two web processes of
granian, and clients of bench/client.py. A figure alone says little of another machine, so each
stands beside a ceiling that was measured in the same run, in turn; told are the medians of
the rounds and the ratio. The invariants are checked in the end, and a bench that breaks one fails.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import func, select

from app.catalog.models import Product
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import scripts
from app.inventory.models import Reservation
from bench.client import Sent, percentile, request, spread
from bench.house import PLENTY, House, house

OK, CREATED, CONFLICT = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT
CONNECTIONS = 16
ROUNDS = 5
SECONDS = 4.0
UNITS_IN_SALE = 100
BUYERS_IN_SALE = 2_000


@dataclass
class Measure:
    """One thing that is done over and over, and what it is held against."""

    name: str
    rate: list[float] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    errors: int = 0
    ceiling_name: str = ""

    def note(self, sent: Sequence[Sent], wanted: int) -> None:
        """Add a round."""
        good = [one for one in sent if one.status == wanted]
        waits = sorted(one.wait_ms for one in good)
        self.rate.append(per_second(good))
        self.p50.append(percentile(waits, 50))
        self.p95.append(percentile(waits, 95))
        self.p99.append(percentile(waits, 99))
        self.errors += len(sent) - len(good)

    def told(self) -> dict[str, object]:
        """Sum the rounds up by their medians."""
        middle = statistics.median
        rate, ceiling = middle(self.rate), middle(self.ceiling)
        return {
            "measure": self.name,
            "per_second": round(rate),
            "ceiling": self.ceiling_name,
            "ceiling_per_second": round(ceiling),
            "ratio": round(rate / ceiling, 3),
            "p50_ms": round(middle(self.p50), 1),
            "p95_ms": round(middle(self.p95), 1),
            "p99_ms": round(middle(self.p99), 1),
            "errors": self.errors,
        }


def main() -> int:
    """Measure, print the table, write the JSON; 1 where an invariant broke."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--json", type=Path, default=Path(".data/bench.json"))
    options = parser.parse_args()
    rounds, seconds = (1, 1.5) if options.quick else (ROUNDS, SECONDS)
    with house() as shop:
        told, breaches = _measure(shop, rounds, seconds)
    _print(told)
    for breach in breaches:
        print(f"BROKEN: {breach}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"measures": told, "breaches": breaches}, indent=2))
    print(f"\nWritten to {options.json}")
    return 1 if breaches else 0


def _measure(shop: House, rounds: int, seconds: float) -> tuple[list[dict[str, object]], list[str]]:
    skus = shop.stock("BENCH", 200, PLENTY)
    sold_out = shop.stock("GONE", 10, 0)
    measures = [
        Measure(name) for name in ("checkout", "sold out", "availability", "products", "status")
    ]
    by_name = {measure.name: measure for measure in measures}
    with shop.serving("bench.empty:app") as empty, shop.serving() as web:
        order = _warm_up(shop, web, skus)
        read = _reads(shop, skus, order)
        for _ in range(rounds):
            posts = _ceiling(empty, _empty_posts(shop, skus), seconds)
            gets = _ceiling(empty, [request("GET", "/empty")], seconds)
            for name, make, wanted, ceiling, of in (
                ("checkout", lambda n: shop.checkouts(n, skus), CREATED, posts, "empty POST"),
                ("sold out", lambda n: shop.checkouts(n, sold_out), CONFLICT, posts, "empty POST"),
                *((name, lambda n, r=r: [r] * n, OK, gets, "empty GET") for name, r in read),
            ):
                measure = by_name[name]
                count = int(seconds * 12_000)
                sent = spread(
                    web, make(count if wanted == OK else count // 3),
                    connections=CONNECTIONS, seconds=seconds,
                )  # fmt: skip
                measure.note(sent, wanted)
                measure.ceiling.append(ceiling)
                measure.ceiling_name = of
        sale = _flash_sale(shop, web)
    told = [measure.told() for measure in measures]
    return told, [*sale, *_breaches(skus)]


def _warm_up(shop: House, port: int, skus: Sequence[str]) -> str:
    """Let every process load the products; returns an order's id."""
    sent = spread(port, shop.checkouts(600, skus), connections=CONNECTIONS, seconds=20)
    assert all(one.status == CREATED for one in sent), {one.status for one in sent}  # noqa: S101
    with transaction() as session:
        query = select(Reservation.order_id).where(Reservation.buyer == str(shop.customers[0]))
        return str(session.scalars(query.limit(1)).one())


def _reads(shop: House, skus: Sequence[str], order: str) -> list[tuple[str, bytes]]:
    asked = "&".join(f"sku={sku}" for sku in skus[:50])
    signed_in = {"Authorization": shop.tokens[0]}
    return [
        ("availability", request("GET", f"/api/v1/inventory?{asked}")),
        ("products", request("GET", "/api/v1/products?limit=20")),
        ("status", request("GET", f"/api/v1/orders/{order}/payment-status", headers=signed_in)),
    ]


def _empty_posts(shop: House, skus: Sequence[str]) -> list[bytes]:
    body = shop.checkouts(1, skus)[0].split(b"\r\n\r\n", 1)[1]
    headers = {"Authorization": shop.tokens[0], "Content-Type": "application/json"}
    return [request("POST", "/empty", headers=headers, body=body)]


def _ceiling(port: int, requests: Sequence[bytes], seconds: float) -> float:
    many = list(requests) * int(seconds * 20_000)
    return per_second(spread(port, many, connections=CONNECTIONS, seconds=seconds))


def _flash_sale(shop: House, port: int) -> list[str]:
    """Offer few units to many at once; tells what was oversold."""
    [sku] = shop.stock("SALE", 1, UNITS_IN_SALE)
    shop.sign_in(BUYERS_IN_SALE)
    wanted = shop.checkouts(BUYERS_IN_SALE, [sku], lines=1)
    sent = spread(port, wanted, connections=64, seconds=120)
    sold = sum(one.status == CREATED for one in sent)
    span = max(one.answered for one in sent) - min(one.due for one in sent)
    print(f"Flash sale: {sold} of {UNITS_IN_SALE} units to {len(sent)} buyers in {span:.1f} s")
    return [] if sold == UNITS_IN_SALE else [f"{sold} of {UNITS_IN_SALE} units were sold"]


def _breaches(skus: Sequence[str]) -> list[str]:
    """Compare what Redis holds with what Postgres does."""
    held = (
        select(Product.sku, func.sum(Reservation.units))
        .join(Product, Product.id == Reservation.product_id)
        .where(Reservation.state == "pending", Product.sku.in_(skus))
        .group_by(Product.sku)
    )
    with transaction() as session:
        in_postgres = {sku: int(units) for sku, units in session.execute(held)}
    in_redis = {sku: level.reserved for sku, level in scripts.levels(redis(), skus).items()}
    return [
        f"{sku}: {in_redis[sku]} reserved in Redis, {in_postgres.get(sku, 0)} in Postgres"
        for sku in skus
        if in_redis[sku] != in_postgres.get(sku, 0)
    ]


def per_second(sent: Sequence[Sent]) -> float:
    """Tell how many were answered a second."""
    if not sent:
        return 0.0
    span = max(one.answered for one in sent) - min(one.due for one in sent)
    return len(sent) / span


def _percent(value: object) -> str:
    return f"{float(str(value)):.1%}"


def _print(told: Sequence[dict[str, object]]) -> None:
    columns: list[tuple[str, str, Callable[[object], str]]] = [
        ("measure", "<14", str), ("per_second", ">9", str), ("ceiling", "<11", str),
        ("ceiling_per_second", ">9", str), ("ratio", ">7", _percent),
        ("p50_ms", ">8", str), ("p95_ms", ">8", str), ("p99_ms", ">8", str), ("errors", ">7", str),
    ]  # fmt: skip
    heads = ("measure", "/s", "ceiling", "/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "errors")
    print("  ".join(f"{head:{form}}" for head, (_, form, _) in zip(heads, columns, strict=True)))
    for row in told:
        print("  ".join(f"{show(row[name]):{form}}" for name, form, show in columns))


if __name__ == "__main__":
    sys.exit(main())
