"""What Redis and Postgres each have of a product at one moment, and what has to be true of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.inventory import keys

_PRODUCTS = text("""
    SELECT sku, stock_quantity AS on_hand, stock_epoch AS epoch, purchase_limit AS limited_to,
        (SELECT coalesce(sum(units), 0) FROM stock_movements WHERE product_id = products.id)
            AS booked,
        (SELECT balance FROM stock_movements WHERE product_id = products.id
            ORDER BY id DESC LIMIT 1) AS balance
    FROM products WHERE sku = ANY(:skus)
""")
_ROWS = text("""
    SELECT sku, order_id, buyer, units, returned, state,
        round(extract(epoch FROM deadline_at) * 1000)::bigint AS deadline_ms
    FROM reservations JOIN products ON products.id = product_id WHERE sku = ANY(:skus)
""")


@dataclass(frozen=True)
class Row:
    """A line of an order, as Postgres remembers it."""

    sku: str
    order_id: UUID
    buyer: str
    units: int
    returned: int
    state: str
    deadline_ms: int

    @property
    def member(self) -> str:
        return keys.member(self.order_id, self.units, self.buyer)


@dataclass(frozen=True)
class Shelf:
    """One product on both sides."""

    sku: str
    on_hand: int
    epoch: int
    limited_to: int
    booked: int
    balance: int | None
    rows: Sequence[Row]
    run_id: str
    now_ms: int
    stock: Mapping[str, str]
    members: Mapping[str, int]
    committed: Mapping[str, int]
    buyers: Mapping[str, str]

    @property
    def is_known(self) -> bool:
        """Tell whether a promise can stand on what Redis says."""
        return self.stock.get("server") == self.run_id and self.stock["epoch"] == str(self.epoch)

    def promised(self) -> list[Row]:
        """List the rows that somebody counts on: not paid yet, and not past their deadline."""
        return [r for r in self.rows if r.state == "pending" and r.deadline_ms > self.now_ms]

    def bought_by(self, buyer: str) -> int:
        """Add up what a buyer has and may still get: paid and kept, or promised."""
        paid = [r for r in self.rows if r.state == "committed"]
        return sum(r.units - r.returned for r in [*paid, *self.promised()] if r.buyer == buyer)

    def live(self) -> dict[str, int]:
        """Tell the reservations in Redis that have not run out."""
        return {m: deadline for m, deadline in self.members.items() if deadline > self.now_ms}

    def available(self) -> int:
        """Tell what Redis would sell now."""
        lapsed = sum(units_of(member) for member in self.members.keys() - self.live().keys())
        reserved = int(self.stock["reserved"]) - lapsed
        return max(int(self.stock["on_hand"]) - reserved - int(self.stock["committed"]), 0)


def look(session: Session, redis: Redis, skus: Sequence[str]) -> dict[str, Shelf]:
    """Read both sides of some products."""
    pipeline = redis.pipeline(transaction=False)
    pipeline.time()
    for sku in skus:
        pipeline.hgetall(keys.stock(sku))
        pipeline.zrange(keys.reservations(sku), 0, -1, withscores=True)
        pipeline.hgetall(keys.committed(sku))
        pipeline.hgetall(keys.buyers(sku))
    (seconds, microseconds), *told = pipeline.execute()
    products = {row.sku: row for row in session.execute(_PRODUCTS, {"skus": list(skus)})}
    rows = [Row(*row) for row in session.execute(_ROWS, {"skus": list(skus)})]
    return {
        sku: Shelf(
            *products[sku],
            rows=[row for row in rows if row.sku == sku],
            run_id=run_id(redis),
            now_ms=seconds * 1000 + microseconds // 1000,
            stock=told[4 * n],
            members={member: int(ms) for member, ms in told[4 * n + 1]},
            committed={order: int(units) for order, units in told[4 * n + 2].items()},
            buyers=told[4 * n + 3],
        )
        for n, sku in enumerate(skus)
    }


def run_id(redis: Redis) -> str:
    """Tell the run id that this client's connections fill in."""
    connection = redis.connection_pool.get_connection()
    try:
        return connection.server
    finally:
        redis.connection_pool.release(connection)


def units_of(member: str) -> int:
    return int(member.split(":", 2)[1])


def check_ledger(shelf: Shelf) -> None:
    """On hand is the sum of the movements, and the balance of the last one."""
    assert shelf.on_hand >= 0
    assert shelf.on_hand == shelf.booked == (shelf.balance or 0)


def check_promises(shelf: Shelf, claimed: Iterable[tuple[UUID, int]] = ()) -> None:
    """
    Redis sells nothing that somebody counts on.

    ``claimed`` are further orders and their units that Postgres would still take on what Redis
    said: taken in Redis and on the way to Postgres.
    """
    held = {row.order_id: row.units for row in shelf.promised()} | dict(claimed)
    truth = shelf.on_hand - sum(held.values())
    assert truth >= 0, f"{shelf.sku}: more is promised than there is: {held} of {shelf.on_hand}"
    if shelf.is_known:
        assert shelf.available() <= truth, f"{shelf.sku}: Redis sells what is promised: {shelf}"


def check_holdings(shelf: Shelf) -> None:
    """Whoever was promised units holds them in Redis for as long as they were promised."""
    if not shelf.is_known:
        return
    for row in shelf.promised():
        if str(row.order_id) not in shelf.committed:
            held_until = shelf.members.get(row.member, 0)
            assert held_until >= row.deadline_ms, f"{row} is held until {held_until}"


def check_counts(shelf: Shelf, buyer_of: Mapping[str, str]) -> None:
    """Each number in Redis is the sum of what it counts."""
    if not shelf.is_known:
        return
    assert int(shelf.stock["reserved"]) == sum(map(units_of, shelf.members))
    assert int(shelf.stock["committed"]) == sum(shelf.committed.values())
    if shelf.stock["limit"] != "0":
        held = Counter()
        for member in shelf.members:
            held[member.split(":", 2)[2]] += units_of(member)
        for order_id, units in shelf.committed.items():
            held[buyer_of.get(order_id, "")] += units
        # What belongs to nobody counts for nobody.
        told = {b: int(n) for b, n in shelf.buyers.items() if b and not b.endswith("/paid")}
        assert told == {buyer: units for buyer, units in held.items() if buyer}
