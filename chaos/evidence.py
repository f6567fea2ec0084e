"""
What is left after a run, as files: tables, Redis, the gateway's books, mails, histories.

Everything that is checked is checked on these files, so that whoever has them may check again.
"""

import email
import email.policy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from chaos import history
from chaos.house import Shop
from chaos.programs import ROOT

Row = dict[str, Any]
# What is kept of each table; nothing that no check reads.
TABLES = {
    "products": "id, sku, stock_quantity, stock_epoch, purchase_limit,"
    " coalesce(cardinality(on_hand_by_counter), 1) AS counters",
    "stock_movements": "id, product_id, kind, units, balance, reference, order_id",
    "stock_drifts": "id, product_id, kind, details, is_repaired, found_at",
    "reservations": "order_id, product_id, units, returned, buyer, state,"
    " extract(epoch FROM deadline_at)::float AS deadline",
    "orders": "id, number, user_id, status, payment_status, subtotal, discount, tax, shipping_fee,"
    " total, coupon_code, pays_on_delivery, extract(epoch FROM expires_at)::float AS expires",
    "order_lines": "order_id, sku, product_id, quantity, unit_price, discount, tax_basis_points,"
    " tax, total, cancelled_quantity, returned_quantity",
    "order_transitions": "id, order_id, from_status, to_status, actor,"
    " extract(epoch FROM created_at)::float AS at",
    "idempotency_keys": "order_id",
    "payments": "id, order_id, gateway, gateway_order_id, amount, status, verified_at",
    "payment_attempts": "gateway_payment_id, order_id, status, amount, outcome, amount_refunded,"
    " amount_lost",
    "refunds": "id, gateway_payment_id, gateway_refund_id, amount, status, reference, is_ours",
    "webhook_events": "event_id, event, status, note, tries",
    "outbox": "id, queue, name, attempts, done_at, failed_at, due_at, last_error",
    "coupons": "id, code, usage_limit, usage_limit_per_customer, uses",
    "coupon_customers": "coupon_id, user_id, uses",
    "coupon_uses": "order_id, coupon_id, user_id, given_back_at",
    "invoices": "kind, financial_year, serial, number, order_id, reference, total",
    "returns": "id, order_id, status, refund_amount",
    "return_lines": "return_id, sku, quantity, approved, received",
    "return_dispositions": "return_id, sku, quantity, disposition, reference, actor",
    "notifications": "id, event, subject, order_id, mail_error",
    "clock_runs": "*",
}
# Who holds what in Postgres, though nobody is asked anything.
_LEFT = """
    SELECT pid, state, wait_event_type,
        coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::float AS seconds
    FROM pg_stat_activity
    WHERE application_name = 'ora'
        AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')
"""
_CHECKS = ("check-stock", "check-money")


def collect(shop: Shop, folder: Path) -> None:
    """Write everything of a shop at rest into a folder, beside its histories."""
    with psycopg.connect(shop.plain_url, row_factory=dict_row) as sql:
        # All tables as they were at one moment, whatever still goes on.
        sql.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        there = {row["name"] for row in sql.execute(_TABLE_NAMES)}
        for table in TABLES.keys() & there:
            rows = sql.execute(f"SELECT {TABLES[table]} FROM {table}")  # noqa: S608 - of ours
            history.write(folder / f"{table}.jsonl.gz", iter(rows))
        left = sql.execute(_LEFT).fetchall()
        [connections] = sql.execute(
            "SELECT count(*) AS of_shop, current_setting('max_connections')::int AS most"
            " FROM pg_stat_activity WHERE application_name = 'ora'"
        ).fetchall()
    history.write(folder / "redis.jsonl.gz", _redis(shop))
    books = shop.sandbox("GET", "/sandbox/books", timeout=300)
    for name in ("orders", "payments", "refunds", "deliveries"):
        history.write(folder / f"gateway_{name}.jsonl.gz", iter(books[name]))
    history.write(folder / "mails.jsonl.gz", _mails(shop.mails))
    history.write(folder / "rest.jsonl.gz", [{"left": left, "connections": connections}])
    history.write(folder / "app_checks.jsonl.gz", _app_checks(shop))


def _redis(shop: Shop) -> Iterator[Row]:
    """Tell what the stock Redis has of each counter of a product."""
    with shop.redis(timeout=30) as client:
        seconds, _ = client.time()
        for key in client.scan_iter("stock:{*}", count=1000):
            counter = key[key.index("{") + 1 : -1]
            live = client.zrangebyscore(f"reservations:{{{counter}}}", seconds * 1000, "+inf")
            members = client.zrange(f"reservations:{{{counter}}}", 0, -1)
            yield {
                "sku": counter.partition("/")[0],
                "counter": counter,
                "stock": client.hgetall(key),
                "live": live,
                "members": members,
                "committed": client.hgetall(f"committed:{{{counter}}}"),
                "run_id": client.info("server")["run_id"],
            }


def _mails(folder: Path) -> Iterator[Row]:
    """Tell each mail's name, which is the same however often it is sent."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix == ".eml":
            with path.open("rb") as file:
                head = email.message_from_binary_file(file, policy=email.policy.default)
            yield {"id": str(head["Message-ID"]), "subject": str(head["Subject"])}


def _app_checks(shop: Shop) -> Iterator[Row]:
    """Run the shop's own checks, as its operator does."""
    for name in _CHECKS:
        told = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", name],
            cwd=ROOT, env=shop.programs["web"].env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield {"check": name, "code": told.returncode, "text": (told.stdout + told.stderr)[-2000:]}


_TABLE_NAMES = """
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'
"""


@dataclass(frozen=True)
class Evidence:
    """The files of one run; each is read when a check asks for it."""

    folder: Path

    def rows(self, name: str) -> list[Row]:
        """Read a file, once."""
        kept: dict[str, list[Row]] = self._kept
        if name not in kept:
            path = history.find(self.folder, name)
            kept[name] = list(history.read(path)) if path.exists() else []
        return kept[name]

    @cached_property
    def _kept(self) -> dict[str, list[Row]]:
        return {}

    @cached_property
    def skus(self) -> dict[str, str]:
        """Name the SKU of each product's id."""
        return {row["id"]: row["sku"] for row in self.rows("products")}

    @cached_property
    def orders(self) -> dict[str, Row]:
        """Find orders by their id."""
        return {row["id"]: row for row in self.rows("orders")}

    def requests(self) -> Iterator[Row]:
        """Go through what clients asked."""
        yield from self.rows("clients")

    def about(self) -> dict[str, Any]:
        """Tell of the run itself."""
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return found
