"""What Redis and Postgres each have of a product at one moment, and what has to be true of it."""

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.inventory import counters, keys
from app.inventory.terms import Claim

_PRODUCTS = text("""
    SELECT sku, stock_quantity AS on_hand, on_hand_by_counter AS shares, stock_epoch AS epoch,
        purchase_limit AS limited_to,
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
class Counter:
    """What Redis has by one counter of a product."""

    stock: Mapping[str, str]
    members: Mapping[str, int]
    committed: Mapping[str, int]
    buyers: Mapping[str, str]


@dataclass(frozen=True)
class Shelf:
    """One product on both sides; of its counters, where there are several, the sum."""

    sku: str
    on_hand: int
    shares: Sequence[int] | None
    epoch: int
    limited_to: int
    booked: int
    balance: int | None
    rows: Sequence[Row]
    run_id: str
    now_ms: int
    counters: Mapping[str, Counter]

    @property
    def stock(self) -> Mapping[str, str]:
        found = [counter.stock for counter in self.counters.values()]
        if len(found) == 1:
            return found[0]
        fields = set(found[0]).intersection(*found[1:])
        return {name: _merged(name, [stock[name] for stock in found]) for name in fields}

    @property
    def members(self) -> Mapping[str, int]:
        return dict(ChainMap(*(dict(counter.members) for counter in self.counters.values())))

    @property
    def committed(self) -> Mapping[str, int]:
        return dict(ChainMap(*(dict(counter.committed) for counter in self.counters.values())))

    @property
    def buyers(self) -> Mapping[str, str]:
        return dict(ChainMap(*(dict(counter.buyers) for counter in self.counters.values())))

    @property
    def is_known(self) -> bool:
        """Tell whether a promise can stand on what Redis says."""
        return all(map(self._knows, self.counters.values()))

    def _knows(self, counter: Counter) -> bool:
        is_told = counter.stock.get("server") == self.run_id
        return is_told and counter.stock["epoch"] == str(self.epoch)

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
        """Tell what Redis would sell now, by the counters that it knows."""
        return sum(self._available(c) for c in self.counters.values() if self._knows(c))

    def _available(self, counter: Counter) -> int:
        lapsed = sum(units_of(m) for m, ms in counter.members.items() if ms <= self.now_ms)
        stock = counter.stock
        reserved = int(stock["reserved"]) - lapsed
        return max(int(stock["on_hand"]) - reserved - int(stock["committed"]), 0)


def look(session: Session, redis: Redis, skus: Sequence[str]) -> dict[str, Shelf]:
    """Read both sides of some products."""
    products = {row.sku: row for row in session.execute(_PRODUCTS, {"skus": list(skus)})}
    names = {sku: keys.counters(sku, len(products[sku].shares or [0])) for sku in skus}
    pipeline = redis.pipeline(transaction=False)
    pipeline.time()
    for name in chain(*names.values()):
        pipeline.hgetall(keys.stock(name))
        pipeline.zrange(keys.reservations(name), 0, -1, withscores=True)
        pipeline.hgetall(keys.committed(name))
        pipeline.hgetall(keys.buyers(name))
    (seconds, microseconds), *told = pipeline.execute()
    found = {
        name: Counter(
            stock=told[4 * n],
            members={member: int(ms) for member, ms in told[4 * n + 1]},
            committed={order: int(units) for order, units in told[4 * n + 2].items()},
            buyers=told[4 * n + 3],
        )
        for n, name in enumerate(chain(*names.values()))
    }
    rows = [Row(*row) for row in session.execute(_ROWS, {"skus": list(skus)})]
    return {
        sku: Shelf(
            *products[sku],
            rows=[row for row in rows if row.sku == sku],
            run_id=run_id(redis),
            now_ms=seconds * 1000 + microseconds // 1000,
            counters={name: found[name] for name in names[sku]},
        )
        for sku in skus
    }


def _merged(name: str, values: Sequence[str]) -> str:
    """Add numbers up; what has to be the same of all counters is none where it is not."""
    if name in ("on_hand", "reserved", "committed"):
        return str(sum(map(int, values)))
    return max(values, key=int) if name == "version" else values[0] * (len(set(values)) == 1)


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
    assert shelf.shares is None or (sum(shelf.shares), min(shelf.shares) >= 0) == (
        shelf.on_hand, True
    )  # fmt: skip


def check_promises(shelf: Shelf, claimed: Iterable[tuple[UUID, int]] = ()) -> None:
    """
    Redis sells nothing that somebody counts on.

    ``claimed`` are further orders and their units that Postgres would still take on what Redis
    said: taken in Redis and on the way to Postgres.
    """
    held = {row.order_id: row.units for row in shelf.promised()} | dict(claimed)
    truth = shelf.on_hand - sum(held.values())
    assert truth >= 0, f"{shelf.sku}: more is promised than there is: {held} of {shelf.on_hand}"
    if shelf.available():
        assert shelf.available() <= truth, f"{shelf.sku}: Redis sells what is promised: {shelf}"


def check_holdings(shelf: Shelf) -> None:
    """Whoever was promised units holds them in Redis for as long as they were promised."""
    if not shelf.is_known:
        return
    for row in shelf.promised():
        counter = shelf.counters[counter_of(row.order_id, row.buyer, shelf)]
        if str(row.order_id) not in counter.committed:
            held_until = counter.members.get(row.member, 0)
            assert held_until >= row.deadline_ms, f"{row} is held until {held_until}"


def counter_of(order_id: UUID, buyer: str, shelf: Shelf) -> str:
    """Name the counter that an order's units are of."""
    claim = Claim(order_id, buyer, {})
    return counters.of_claim(claim, shelf.sku, len(shelf.counters))


def check_counts(shelf: Shelf, buyer_of: Mapping[str, str]) -> None:
    """Each number in Redis is the sum of what it counts."""
    if shelf.is_known:
        for name, counter in shelf.counters.items():
            _check_counter(shelf, name, counter, buyer_of)


def _check_counter(shelf: Shelf, name: str, counter: Counter, buyer_of: Mapping[str, str]) -> None:
    assert int(counter.stock["reserved"]) == sum(map(units_of, counter.members))
    assert int(counter.stock["committed"]) == sum(counter.committed.values())
    of_members = [(*member.split(":", 2)[::2], units_of(member)) for member in counter.members]
    of_commits = [(o, buyer_of.get(o, ""), units) for o, units in counter.committed.items()]
    held: defaultdict[str, int] = defaultdict(int)
    for order_id, buyer, units in [*of_members, *of_commits]:
        assert counter_of(UUID(order_id), buyer, shelf) == name
        held[buyer] += units
    if counter.stock["limit"] != "0":
        # What belongs to nobody counts for nobody.
        told = {b: int(n) for b, n in counter.buyers.items() if b and not b.endswith("/paid")}
        assert told == {buyer: units for buyer, units in held.items() if buyer}
