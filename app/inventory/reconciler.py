"""
The reconciler: finds where Redis and Postgres differ though they should not, and repairs it.

While orders are under way the two differ all the time, for as long as a step takes. So a
difference counts only if it is there again, by name, after longer than any step takes; then it is
looked at once more under the product's row lock, written down, and ended by a load.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.redis_client import AnyRedis
from app.inventory import counters, keys, ledger, scripts, stock
from app.inventory.models import Reservation, StockDrift
from app.inventory.terms import Inspection

log = structlog.get_logger(__name__)

# Two clocks' rounding to milliseconds.
TOLERANCE_MS = 2
# What can differ. Missing, deadline and on_hand may have promised too much; the others hide units.
KINDS = (
    "epoch", "limit", "room", "on_hand", "missing", "deadline", "ended", "committed", "count",
    "buyer", "unreadable", "ledger",
)  # fmt: skip

# The name of a difference, which is the same at each look, and what each side has.
Differences = dict[str, dict[str, Any]]


def suspicions(
    session: Session, redis: AnyRedis, skus: Sequence[str], *, longest_ms: int
) -> dict[str, list[str]]:
    """
    Name what differs at this moment, product by product; most of it is under way.

    ``longest_ms`` is the longest a reservation may last: one that nobody knows ends by then.
    """
    products = session.scalars(select(Product).where(Product.sku.in_(skus))).all()
    found = {p.sku: list(_differences(session, redis, p, longest_ms=longest_ms)) for p in products}
    for sku, _, _ in ledger.disagreements(session, skus):
        found[sku].append("ledger")
    return {sku: names for sku, names in found.items() if names}


def repair(redis: AnyRedis, sku: str, suspected: Sequence[str], *, longest_ms: int) -> list[str]:
    """
    Write down and repair what still differs under one of the ``suspected`` names.

    Returns these names; none of them, where all was only under way.

    Raises:
        UnknownSku: there is no such product.
    """
    with transaction() as session:
        product = session.scalars(
            select(Product).where(Product.sku == sku).with_for_update()
        ).one_or_none()
        if product is None:
            raise stock.unknown([sku])
        found = _differences(session, redis, product, longest_ms=longest_ms)
        for _, on_hand, summed in ledger.disagreements(session, [sku]):
            found["ledger"] = {"on_hand": on_hand, "sum": summed}
        drifts = {name: found[name] for name in suspected if name in found}
        in_redis = [name for name in drifts if name != "ledger"]
        for name, details in drifts.items():
            _write_down(session, product.id, name, details, is_repaired=name in in_redis)
        if in_redis:
            stock.load(session, redis, [sku], is_forced=True)
    if drifts:
        log.error("stock.drift", sku=sku, drifts=drifts)
    return list(drifts)


def drifts_by_kind(session: Session) -> dict[str, int]:
    """Count the drifts that were ever found, for the metric."""
    rows = session.execute(select(StockDrift.kind, func.count()).group_by(StockDrift.kind))
    return dict.fromkeys(KINDS, 0) | {kind: count for kind, count in rows}  # noqa: C416


def _write_down(
    session: Session, product_id: UUID, name: str, details: dict[str, Any], *, is_repaired: bool
) -> None:
    kind = name.partition(" ")[0]
    told = select(StockDrift.id).where(
        StockDrift.product_id == product_id,
        StockDrift.kind == kind,
        StockDrift.details == details,
        StockDrift.is_repaired.is_(False),
    )
    if is_repaired or session.scalar(told.limit(1)) is None:
        session.add(
            StockDrift(product_id=product_id, kind=kind, details=details, is_repaired=is_repaired)
        )


def _differences(
    session: Session, redis: AnyRedis, product: Product, *, longest_ms: int
) -> Differences:
    try:
        counters_seen = {
            counter: seen
            for counter in _counters(product)
            if (seen := scripts.inspect(redis, counter.name)) is not None
        }
        rows = _rows(session, product.id, counters_seen.values())
        is_limited = any(int(seen.stock["limit"]) for seen in counters_seen.values())
        bought = stock.bought(session, [product.id] if is_limited else []).get(product.id, {})
        return {
            counter.named(name): details
            for counter, seen in counters_seen.items()
            for name, details in [
                *_of_numbers(product, counter, seen),
                *_of_reservations(rows, counter, seen, longest_ms),
                *_of_commits(rows, counter, seen),
                *_of_counts(seen),
                *_of_buyers(rows, counter, seen, bought),
            ]
        }
    except (ValueError, KeyError, IndexError) as error:
        # Somebody's hand in our Redis: a number that is none, a reservation without its parts.
        return {"unreadable": {"error": repr(error)}}


@dataclass(frozen=True, slots=True)
class _Counter:
    """One counter of a product, and what it should have on hand."""

    name: str
    number: int
    count: int
    on_hand: int

    def has(self, order_id: UUID, buyer: str) -> bool:
        """Tell whether an order's units are of it."""
        return counters.number_of(order_id, buyer, self.count) == self.number

    def named(self, difference: str) -> str:
        """Name a difference, as one of this counter where there are others."""
        return difference if self.count == 1 else f"{difference} {self.name}"


def _counters(product: Product) -> Iterator[_Counter]:
    names = counters.of_product(product)
    shares = product.on_hand_by_counter or [product.stock_quantity]
    for number, (name, share) in enumerate(zip(names, shares, strict=True)):
        yield _Counter(name, number, len(names), share)


def _rows(
    session: Session, product_id: UUID, seen: Iterable[Inspection]
) -> Mapping[str, Reservation]:
    """Read what Postgres has pending of a product, and of the orders that Redis names."""
    named = {
        UUID(order_id)
        for one in seen
        for order_id in (*(member.partition(":")[0] for member in one.reservations), *one.committed)
    }
    rows = session.scalars(
        select(Reservation)
        .where(
            Reservation.product_id == product_id,
            (Reservation.state == "pending")
            | tuple_(Reservation.order_id).in_([(order_id,) for order_id in named]),
        )
        .execution_options(populate_existing=True)
    )
    return {str(row.order_id): row for row in rows}


def _of_numbers(
    product: Product, counter: _Counter, seen: Inspection
) -> Iterator[tuple[str, dict[str, Any]]]:
    ours = {
        "epoch": product.stock_epoch,
        "limit": product.purchase_limit,
        "room": int(product.has_waiting_room),
        "version": product.stock_version,
        "on_hand": counter.on_hand,
    }
    # What an older version loaded has no waiting room.
    theirs = {name: int(({"room": "0"} | dict(seen.stock))[name]) for name in ours}
    both = {"postgres": ours, "redis": theirs}
    for name in ("epoch", "limit", "room"):
        if ours[name] != theirs[name]:
            yield name, both
    # A counter among others is not shown a version that left it as it was.
    is_same = counter.count > 1 and ours["on_hand"] == theirs["on_hand"]
    if ours["version"] != theirs["version"] and not is_same:
        # Named by Redis' version: a newer one means that it is only a step behind.
        yield f"on_hand {theirs['version']}", both
    elif ours["on_hand"] != theirs["on_hand"]:
        yield "on_hand", both


def _of_reservations(
    rows: Mapping[str, Reservation], counter: _Counter, seen: Inspection, longest_ms: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    pending = {
        keys.member(row.order_id, row.units, row.buyer): row
        for row in rows.values()
        if row.state == "pending" and counter.has(row.order_id, row.buyer)
    }
    for member, row in pending.items():
        deadline_ms = round(row.deadline_at.timestamp() * 1000)
        theirs = seen.reservations.get(member, 0)
        is_over = deadline_ms <= seen.now_ms + TOLERANCE_MS
        if is_over or str(row.order_id) in seen.committed or theirs >= deadline_ms - TOLERANCE_MS:
            continue
        details = {"reservation": member, "postgres": deadline_ms, "redis": theirs}
        yield (f"deadline {member}" if theirs else f"missing {member}"), details
    for member, deadline_ms in seen.reservations.items():
        known = rows.get(member.partition(":")[0])
        if deadline_ms <= seen.now_ms or member in pending:
            continue
        if known is not None or deadline_ms > seen.now_ms + longest_ms:
            state = None if known is None else known.state
            yield f"ended {member}", {"reservation": member, "postgres": state}


def _of_commits(
    rows: Mapping[str, Reservation], counter: _Counter, seen: Inspection
) -> Iterator[tuple[str, dict[str, Any]]]:
    for order_id, units in seen.committed.items():
        row = rows.get(order_id)
        # Not deducted yet, so a job is on its way to do it.
        is_due = row is not None and row.state != "committed" and row.units == units
        if row is None or not is_due or not counter.has(row.order_id, row.buyer):
            state = None if row is None else row.state
            details = {"order_id": order_id, "units": units, "postgres": state}
            yield f"committed {order_id}", details


def _of_counts(seen: Inspection) -> Iterator[tuple[str, dict[str, Any]]]:
    held = sum(_units(member) for member in seen.reservations)
    counts = {"reserved": held, "committed": sum(seen.committed.values())}
    for name, summed in counts.items():
        if int(seen.stock[name]) != summed:
            yield f"count {name}", {"counted": int(seen.stock[name]), "summed": summed}


def _of_buyers(
    rows: Mapping[str, Reservation],
    counter: _Counter,
    seen: Inspection,
    bought: Mapping[str, int],
) -> Iterator[tuple[str, dict[str, Any]]]:
    if not int(seen.stock["limit"]):
        return
    held: Counter[str] = Counter()
    for member in seen.reservations:
        held[member.split(":", 2)[2]] += _units(member)
    for order_id, units in seen.committed.items():
        if order_id in rows:
            held[rows[order_id].buyer] += units
    paid = {
        f"{buyer}/paid": units for buyer, units in bought.items() if counter.has(_NO_ORDER, buyer)
    }
    for field in held.keys() | paid.keys() | seen.buyers.keys():
        theirs = seen.buyers.get(field, "0")
        ours = paid.get(field, 0) if field.endswith("/paid") else held[field]
        if int(theirs.partition("@")[0]) != ours:
            yield f"buyer {field} {theirs}", {"buyer": field, "postgres": ours, "redis": theirs}


# A buyer's counter is the same whatever the order.
_NO_ORDER = UUID(int=0)


def _units(member: str) -> int:
    return int(member.split(":", 2)[1])
