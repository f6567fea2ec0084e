"""I12, on the clients' own words: a yes is there, a no left nothing, the unknown is whole."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from app.core.ids import keyed_id
from bench.house import SECRET_KEY
from chaos.evidence import Evidence, Row

# Refused before anything was done, whatever came before or after.
REFUSED = {400, 401, 403, 404, 409, 422}
# Nobody knows yet: another request with this key was under way.
_UNDER_WAY = "request-in-flight"
# Any of these shows that the payment was not taken for good news before.
_STEPS = {
    "cancel": "cancelled", "processing": "processing", "shipped": "shipped",
    "delivered": "delivered",
}  # fmt: skip


def order_id_of(who: str, key: str) -> str:
    """Derive an order's id as the shop does."""
    return str(keyed_id(SECRET_KEY, "order", str(UUID(who)), key))


def visible(found: Evidence) -> Iterator[str]:
    """Each 2xx that a client saw is there; 409, 422 left nothing; the rest is whole or absent."""
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    others: list[Row] = []
    for row in found.requests():
        if row.get("op") == "broken-journey":
            yield f"a journey met an answer that nobody foresaw: {row['error']}"
        elif "key" in row:
            by_key[row["who"], row["key"]].append(row)
        else:
            others.append(row)
    yield from _checkouts(found, by_key)
    yield from _others(found, others)
    yield from _whole(found)


def _checkouts(found: Evidence, by_key: dict[tuple[str, str], list[Row]]) -> Iterator[str]:
    lines: dict[str, dict[str, int]] = defaultdict(dict)
    for row in found.rows("order_lines"):
        lines[row["order_id"]][row["sku"]] = row["quantity"]
    for (who, key), rows in by_key.items():
        order_id = order_id_of(who, key)
        order = found.orders.get(order_id)
        told = {row["id"] for row in rows if row["status"] == 201}  # noqa: PLR2004
        if told - {order_id}:
            yield f"key {key}: told of order {told}, its order is {order_id}"
        if told and order is None:
            yield f"key {key}: order {order_id} was acknowledged, and is not there"
        if told and lines[order_id] != rows[0]["lines"]:
            yield f"key {key}: asked for {rows[0]['lines']}, the order has {lines[order_id]}"
        if order is not None and all(map(_is_refusal, rows)):
            yield f"key {key}: refused with {rows[-1].get('problem')}; order {order_id} is there"
        yield from (
            f"key {key}: answered {row['status']} {row.get('problem', '')}"
            for row in rows
            if row["status"] >= 500 and row["status"] != 503  # noqa: PLR2004
        )


def _is_refusal(row: Row) -> bool:
    return row["status"] in REFUSED and row.get("problem") != _UNDER_WAY


def _others(found: Evidence, rows: list[Row]) -> Iterator[str]:
    steps: dict[str, set[str]] = defaultdict(set)
    for row in found.rows("order_transitions"):
        steps[row["order_id"]].add(row["to_status"])
    opened = {row["order_id"] for row in found.rows("payments")}
    movements = (row["reference"].split(":") for row in found.rows("stock_movements"))
    booked = {parts[1] for parts in movements if parts[0] == "adjustment"}
    returns = {row["id"]: row for row in found.rows("returns")}
    for row in rows:
        if row["status"] == 500:  # noqa: PLR2004
            yield f"{row['op']} at {row['t0']} was answered 500"
        if not 200 <= row["status"] < 300:  # noqa: PLR2004
            continue
        op, order_id = row["op"], row.get("order", "")
        step = _STEPS.get(str(row.get("to", op)))
        is_there = {
            "open": order_id in opened,
            "open-cash": order_id in opened,
            "staff-adjust": row.get("reference") in booked,
            "return": row.get("id") in returns,
            "staff-receive": returns.get(row.get("of", ""), {}).get("status") == "received",
        }.get(op, step is None or step in steps[order_id])
        if not is_there:
            which = order_id or row.get("of") or row.get("reference")
            yield f"{op} of {which} was acknowledged, and nothing shows it"


def _whole(found: Evidence) -> Iterator[str]:
    """Name the orders that lack their lines, their answer or their reservations."""
    lines: dict[str, set[str]] = defaultdict(set)
    for row in found.rows("order_lines"):
        lines[row["order_id"]].add(row["product_id"])
    held: dict[str, set[str]] = defaultdict(set)
    for row in found.rows("reservations"):
        held[row["order_id"]].add(row["product_id"])
    answered = {row["order_id"] for row in found.rows("idempotency_keys")}
    for order_id in found.orders:
        if not lines[order_id] or held[order_id] != lines[order_id] or order_id not in answered:
            yield f"order {order_id} is not whole"
