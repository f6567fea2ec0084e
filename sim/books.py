"""Both sides' books at the end of a history, as plain values for the checker of conservation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.inventory import keys
from sim.house import House

Row = dict[str, Any]


@dataclass
class Books:
    """What Postgres, Redis and the gateway have."""

    products: list[Row] = field(default_factory=list)
    movements: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    reservations: list[Row] = field(default_factory=list)
    transitions: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    tries: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    # By SKU: on_hand, reserved, committed as Redis counts them, the sums of what it lists, what it
    # counts of buyers where that is limited, and whether it knows the product by its last load.
    redis: dict[str, Row] = field(default_factory=dict)
    gateway_payments: list[Row] = field(default_factory=list)
    gateway_refunds: list[Row] = field(default_factory=list)
    now_ms: int = 0


def read(house: House) -> Books:
    """Read all of it; nobody is at work."""
    told = {name: _rows(house, query) for name, query in _QUERIES.items()}
    with house.bank.store.transaction() as books:
        payments, refunds = books.list("payment"), books.list("refund")
    return Books(
        **told,
        redis={one["sku"]: _shelf(house, one) for one in told["products"]},
        gateway_payments=payments,
        gateway_refunds=refunds,
        now_ms=house.moment.now_ms,
    )


def _rows(house: House, query: str) -> list[Row]:
    found = house.sql.execute(query)
    names = [column.name for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found]


def _shelf(house: House, product: Row) -> Row:
    """Add up what Redis has of a product, by all of its counters."""
    counters = keys.counters(product["sku"], product["counters"])
    found = [_counter(house, name, product["epoch"]) for name in counters]
    shelf = {name: sum(one[name] for one in found) for name in ("on_hand", "reserved", "committed")}
    buyers: Counter[str] = Counter()
    for one in found:
        buyers.update(one["buyers"])
    return shelf | {
        "buyers": dict(buyers),
        "is_known": all(one["is_known"] for one in found),
        "members": {order: held for one in found for order, held in one["members"].items()},
        "commits": {order: units for one in found for order, units in one["commits"].items()},
    }


def _counter(house: House, counter: str, epoch: int) -> Row:
    redis = house.redis
    stock: dict[str, str] = redis.hgetall(keys.stock(counter))
    members: list[Any] = redis.zrange(keys.reservations(counter), 0, -1, withscores=True)
    committed: dict[str, str] = redis.hgetall(keys.committed(counter))
    buyers: dict[str, str] = redis.hgetall(keys.buyers(counter))
    return {
        "is_known": stock.get("epoch") == str(epoch) and "server" in stock,
        "on_hand": int(stock.get("on_hand", 0)),
        "reserved": int(stock.get("reserved", 0)),
        "committed": int(stock.get("committed", 0)),
        "members": {m.split(":")[0]: (int(m.split(":")[1]), int(ms)) for m, ms in members},
        "commits": {order: int(units) for order, units in committed.items()},
        "buyers": _buyers(buyers, members, house.moment.now_ms),
    }


def _buyers(counted: Mapping[str, str], members: Sequence[Any], now_ms: int) -> Counter[str]:
    """Tell what Redis counts of buyers, less what has run out and is taken off when it is met."""
    found = Counter({name: int(units.partition("@")[0]) for name, units in counted.items()})
    for member, until_ms in members:
        _, units, buyer = member.split(":", 2)
        if int(until_ms) <= now_ms and buyer in found:
            found[buyer] -= int(units)
    return found


_QUERIES = {
    "products": """
        SELECT id::text, sku, stock_quantity AS on_hand, stock_epoch AS epoch,
            purchase_limit AS "limit", coalesce(cardinality(on_hand_by_counter), 1) AS counters
        FROM products ORDER BY sku""",
    "movements": """
        SELECT product_id::text, kind, units, balance, reference, order_id::text
        FROM stock_movements ORDER BY id""",
    "orders": """
        SELECT id::text, status, payment_status, subtotal, discount, tax, shipping_fee, total,
            pays_on_delivery, (extract(epoch FROM expires_at) * 1000)::bigint AS expires_ms
        FROM orders ORDER BY id""",
    "lines": """
        SELECT order_id::text, product_id::text, sku, quantity, unit_price, discount, tax, total,
            cancelled_quantity, returned_quantity FROM order_lines ORDER BY order_id, position""",
    "reservations": """
        SELECT order_id::text, product_id::text, buyer, units, returned, state,
            (extract(epoch FROM deadline_at) * 1000)::bigint AS deadline_ms
        FROM reservations ORDER BY order_id, product_id""",
    "transitions": """
        SELECT order_id::text, from_status, to_status FROM order_transitions ORDER BY id""",
    "payments": """
        SELECT id::text, order_id::text, gateway, status, amount FROM payments ORDER BY id""",
    "tries": """
        SELECT gateway_payment_id AS id, payment_id::text, order_id::text, status, amount, outcome,
            amount_refunded, amount_lost FROM payment_attempts ORDER BY 1""",
    "refunds": """
        SELECT id::text, gateway_payment_id AS try_id, gateway_refund_id AS gateway_id, amount,
            status, reason, reference FROM refunds ORDER BY id""",
    "events": "SELECT event_id AS id, event, status, note FROM webhook_events ORDER BY event_id",
    "jobs": """
        SELECT name, attempts, last_error, failed_at IS NOT NULL AS is_failed FROM outbox
        WHERE done_at IS NULL AND queue NOT IN ('announcements', 'mail') ORDER BY id""",
    "answers": "SELECT order_id::text FROM idempotency_keys ORDER BY order_id",
}
