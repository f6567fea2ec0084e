"""
Reports, each one statement over an index on time; days are India's, amounts paise.

Every report is a list of rows with the same columns, so that page, JSON and file say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.core.india import INDIA
from app.core.money import PAISE

LONGEST_DAYS = 366
_COUNTS = ("orders", "tries", "captured", "returns", "asked", "received", "on_hand", "units",
    "units_kept", "held_unsold_minutes",
)  # fmt: skip

# By the step that confirmed an order, which it takes once, and the end of each refund.
_SALES = text("""
    WITH sold AS (
        SELECT (t.created_at AT TIME ZONE 'Asia/Kolkata')::date AS day, count(*) AS orders,
            sum(o.subtotal) AS subtotal, sum(o.discount) AS discount, sum(o.tax) AS tax,
            sum(o.shipping_fee) AS shipping, sum(o.total) AS total
        FROM order_transitions t JOIN orders o ON o.id = t.order_id
        WHERE t.to_status = 'confirmed' AND t.created_at >= :since AND t.created_at < :until
        GROUP BY day
    ), back AS (
        SELECT (ended_at AT TIME ZONE 'Asia/Kolkata')::date AS day, sum(amount) AS refunded
        FROM refunds WHERE status = 'processed' AND ended_at >= :since AND ended_at < :until
        GROUP BY day
    )
    SELECT day::date, coalesce(orders, 0), coalesce(subtotal, 0), coalesce(discount, 0),
        coalesce(tax, 0), coalesce(shipping, 0), coalesce(total, 0), coalesce(refunded, 0)
    FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS day
        LEFT JOIN sold USING (day) LEFT JOIN back USING (day)
    ORDER BY day
""")
_PAYMENTS = text("""
    SELECT p.gateway, coalesce(a.method, 'unknown'), count(*),
        count(*) FILTER (WHERE a.status = 'captured'),
        coalesce(sum(a.amount) FILTER (WHERE a.status = 'captured'), 0),
        coalesce(sum(a.amount_refunded), 0), coalesce(sum(a.amount_lost), 0)
    FROM payment_attempts a JOIN payments p ON p.id = a.payment_id
    WHERE a.created_at >= :since AND a.created_at < :until
    GROUP BY 1, 2 ORDER BY 1, 2
""")
# Credit notes take away what their invoices have.
_TAXES = text("""
    SELECT item->>'hsn_code', (item->>'rate')::int, facts->>'place_of_supply',
        sum(sign * (item->>'taxable')::bigint), sum(sign * (item->>'cgst')::bigint),
        sum(sign * (item->>'sgst')::bigint), sum(sign * (item->>'igst')::bigint)
    FROM invoices, jsonb_array_elements(facts->'items') AS item,
        LATERAL (SELECT CASE kind WHEN 'invoice' THEN 1 ELSE -1 END) AS its (sign)
    WHERE issued_at >= :since AND issued_at < :until
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
_RETURNS = text("""
    SELECT line.sku, line.reason, count(DISTINCT r.id), sum(line.quantity), sum(line.received)
    FROM returns r JOIN return_lines line ON line.return_id = r.id
    WHERE r.created_at >= :since AND r.created_at < :until
    GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2
""")
# How the orders that were placed ended, and for how long their units were held for nothing.
_FUNNEL = text("""
    WITH placed AS (
        SELECT id, created_at, expires_at FROM orders
        WHERE created_at >= :since AND created_at < :until
    ), held AS (
        SELECT order_id, sum(quantity) AS units
        FROM order_lines JOIN placed ON placed.id = order_id GROUP BY order_id
    ), ended AS (
        SELECT DISTINCT ON (order_id) order_id, to_status, step.created_at AS ended_at
        FROM order_transitions AS step JOIN placed ON placed.id = order_id
        ORDER BY order_id, (to_status = 'confirmed') DESC, step.id
    )
    SELECT CASE to_status WHEN 'confirmed' THEN 'paid' WHEN 'expired' THEN 'lapsed'
            WHEN 'cancelled' THEN 'given up' ELSE 'open' END AS came_to,
        count(*), sum(units), sum(CASE WHEN to_status = 'confirmed' THEN 0 ELSE units * extract(
            epoch FROM least(coalesce(ended_at, now()), expires_at) - created_at) / 60 END)
    FROM placed JOIN held ON held.order_id = id LEFT JOIN ended ON ended.order_id = id
    GROUP BY came_to ORDER BY count(*) DESC, came_to
""")
_PRODUCTS = text("""
    SELECT line.sku, min(line.name), count(*), sum(line.quantity - line.cancelled_quantity
        - line.returned_quantity) AS kept, sum(line.total) AS total
    FROM order_transitions t JOIN order_lines line ON line.order_id = t.order_id
    WHERE t.to_status = 'confirmed' AND t.created_at >= :since AND t.created_at < :until
    GROUP BY line.sku ORDER BY total DESC, line.sku LIMIT 1000
""")
# Promises of a pre-order are no stock.
_INVENTORY = text("""
    SELECT sku, name, stock_quantity, price, stock_quantity * price
    FROM products WHERE preorder_ships_on IS NULL AND stock_quantity > 0 ORDER BY sku
""")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its statement, its columns, and whether it is of a period or of now."""

    query: TextClause
    columns: tuple[str, ...]
    is_of_period: bool = True


REPORTS: Mapping[str, Report] = {
    "sales": Report(
        _SALES,
        ("day", "orders", "subtotal_paise", "discount_paise", "tax_paise", "shipping_fee_paise",
         "total_paise", "refunded_paise"),
    ),
    "payments": Report(
        _PAYMENTS,
        ("gateway", "method", "tries", "captured", "captured_paise", "refunded_paise",
         "lost_paise"),
    ),
    "funnel": Report(_FUNNEL, ("came_to", "orders", "units", "held_unsold_minutes")),
    "products": Report(_PRODUCTS, ("sku", "name", "orders", "units_kept", "total_paise")),
    "taxes": Report(
        _TAXES,
        ("hsn_code", "rate_basis_points", "place_of_supply", "taxable_paise", "cgst_paise",
         "sgst_paise", "igst_paise"),
    ),
    "returns": Report(_RETURNS, ("sku", "reason", "returns", "asked", "received")),
    "inventory": Report(
        _INVENTORY, ("sku", "name", "on_hand", "price_paise", "value_paise"), is_of_period=False
    ),
}  # fmt: skip


def rows(session: Session, name: str, *, first: date, last: date) -> list[Sequence[Any]]:
    """Make a report of the days from ``first`` to ``last``, both included."""
    found = session.execute(
        REPORTS[name].query,
        {
            "since": _midnight(first), "until": _midnight(last + timedelta(days=1)),
            "first": first, "last": last,
        },
    )  # fmt: skip
    return [tuple(map(_plain, row)) for row in found]


def sums(name: str, found: Sequence[Sequence[Any]]) -> list[Any]:
    """Add up the columns that can be added up."""
    columns = REPORTS[name].columns
    return [
        sum(row[place] for row in found) if _adds_up(column) else None
        for place, column in enumerate(columns)
    ]


def _adds_up(column: str) -> bool:
    return column in _COUNTS or (column.endswith(PAISE) and column != "price_paise")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), INDIA)


def _plain(value: Any) -> Any:
    """Postgres' sums are numerics."""
    return value if value is None or isinstance(value, (str, date)) else int(value)
