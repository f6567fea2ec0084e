"""The ledger: every change of on hand is one movement, written beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import array, transaction
from app.core.problems import ReferenceReused
from app.core.redis_client import AnyRedis
from app.inventory import counters, scripts, stock
from app.inventory.errors import NotReturnable, TooManyUnits, insufficient
from app.inventory.models import Reservation, StockMovement
from app.inventory.terms import Booking, Claim, Deduction, OnHand

# Well within Postgres' integer.
MOST_ON_HAND = 1_000_000_000

# In the order of the SKUs, so that two who deduct never wait for each other.
_LOCK = text("""
    SELECT sku, on_hand_by_counter FROM products
    WHERE sku = ANY(:skus) ORDER BY sku FOR NO KEY UPDATE
""")
# The final guard: the condition stands in the statement itself, not in code before it. The epoch
# is part of it: what Redis committed before it was told anew is committed no more.
_DEDUCT = text("""
    UPDATE products
    SET stock_quantity = stock_quantity - leaving.units, stock_version = stock_version + 1,
        on_hand_by_counter = CAST(leaving.shares AS integer[])
    FROM unnest(CAST(:skus AS text[]), CAST(:epochs AS bigint[]), CAST(:units AS bigint[]),
            CAST(:shares AS text[]))
        AS leaving (sku, epoch, units, shares)
    WHERE products.sku = leaving.sku AND stock_epoch = leaving.epoch
        AND stock_quantity >= leaving.units
        AND 0 <= ALL (coalesce(CAST(leaving.shares AS integer[]), '{}'))
    RETURNING products.sku, id, stock_quantity
""")


def deduct(
    session: Session,
    redis: AnyRedis,
    claim: Claim,
    epochs: Mapping[str, int],
    booking: Booking,
    *,
    kind: str = "sale",
) -> None:
    """
    Take a committed claim's units off what is on hand.

    Raises:
        InsufficientStock: Postgres does not have the units; the transaction has to be undone.
        StaleEpoch: Redis was told anew since the commit; commit again.
    """
    deduct_all(session, redis, [Deduction(claim, epochs, booking, kind)])


def deduct_all(session: Session, redis: AnyRedis, deductions: Sequence[Deduction]) -> None:
    """
    Take the units of committed claims off what is on hand: one statement, a movement a line.

    Raises:
        InsufficientStock: Postgres does not have the units; the transaction has to be undone.
        StaleEpoch: Redis was told anew since one of the commits; commit again.
    """
    epochs: dict[str, int] = {}
    units: Counter[str] = Counter()
    for leaving in deductions:
        units.update(leaving.claim.units)
        for sku in leaving.claim.units:
            # One of an older epoch than another's is committed no more.
            epochs[sku] = min(leaving.epochs[sku], epochs.get(sku, leaving.epochs[sku]))
    skus = sorted(units)
    claims = [leaving.claim for leaving in deductions]
    shares = {
        sku: array(counters.take(of_one, claims, sku))
        for sku, of_one in session.execute(_LOCK, {"skus": skus})
        if of_one
    }
    rows = session.execute(
        _DEDUCT,
        {
            "skus": skus,
            "epochs": [epochs[s] for s in skus],
            "units": [units[s] for s in skus],
            "shares": [shares.get(s) for s in skus],
        },
    )
    left = {sku: (product_id, on_hand) for sku, product_id, on_hand in rows}
    if len(left) < len(skus):
        raise _refusal(session, redis, units, epochs)
    session.execute(insert(StockMovement), _sales(deductions, units, left))


def _sales(
    deductions: Sequence[Deduction],
    units: Mapping[str, int],
    left: Mapping[str, tuple[UUID, int]],
) -> list[dict[str, Any]]:
    """Write a movement for each line, whose balances lead from what was there to what is left."""
    balances = {sku: on_hand + units[sku] for sku, (_, on_hand) in left.items()}
    movements = []
    for leaving in deductions:
        for sku, taken in sorted(leaving.claim.units.items()):
            balances[sku] -= taken
            product_id, _ = left[sku]
            movements.append(
                _movement(product_id, leaving.kind, sku, -taken, balances[sku], leaving.booking)
            )
    return movements


def _movement(
    product_id: UUID, kind: str, sku: str, units: int, balance: int, booking: Booking
) -> dict[str, Any]:
    """Write a movement that leaves a product with ``balance`` units on hand."""
    return {
        "product_id": product_id,
        "kind": kind,
        "units": units,
        "balance": balance,
        "reference": f"{booking.reference}:{sku}",
        "order_id": booking.order_id,
        "actor": booking.actor,
        "reason": booking.reason,
    }


def _refusal(
    session: Session, redis: AnyRedis, units: Mapping[str, int], epochs: Mapping[str, int]
) -> Exception:
    columns = Product.sku, Product.stock_epoch, Product.stock_quantity
    rows = session.execute(select(*columns).where(Product.sku.in_(units))).all()
    outlived = {sku: epochs[sku] for sku, epoch, _ in rows if epoch != epochs[sku]}
    if outlived:
        return stock.stale(redis, outlived)
    short = {sku: on_hand for sku, _, on_hand in rows if on_hand < units[sku]}
    if not short:
        # Redis promised more of one counter than it has; told anew, another may have it.
        return stock.stale(redis, epochs)
    return insufficient(short, units)


def add(
    session: Session,
    sku: str,
    units: int,
    booking: Booking,
    *,
    kind: str,
    claim: Claim | None = None,
) -> OnHand | None:
    """
    Book units that come on hand; the caller shows the returned number in Redis after its commit.

    Units that come back of a ``claim``, which the caller settles, are of its counter again.
    Returns None where they were booked before under this reference: nothing changed.

    Raises:
        UnknownSku: there is no such product.
        TooManyUnits: the number is a mistake.
    """
    # No key of the product changes, so checkouts that point to it need not wait.
    row = select(Product).where(Product.sku == sku).with_for_update(key_share=True)
    product = session.scalar(row.execution_options(populate_existing=True))
    if product is None:
        raise stock.unknown([sku])
    balance = product.stock_quantity + units
    if balance > MOST_ON_HAND:
        raise TooManyUnits(f"{balance} units of {sku} are more than {MOST_ON_HAND}.")
    booked = session.execute(
        insert(StockMovement)
        .values(_movement(product.id, kind, sku, units, balance, booking))
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(StockMovement.id)
    ).one_or_none()
    if booked is None:
        return None
    product.stock_quantity = balance
    product.stock_version += 1
    product.on_hand_by_counter = counters.add(product.on_hand_by_counter, units, claim)
    session.flush()
    shares = tuple(product.on_hand_by_counter or ())
    return OnHand(sku, product.stock_quantity, product.stock_version, shares=shares)


def receive(session: Session, sku: str, units: int, booking: Booking) -> OnHand | None:
    """
    Book units that were delivered; None where they were booked before under this reference.

    Raises:
        UnknownSku: there is no such product.
    """
    return add(session, sku, units, booking, kind="receipt")


def restock(
    session: Session,
    order_id: UUID,
    returned: Mapping[str, int],
    booking: Booking,
    *,
    written_off: str | None = None,
) -> Claim | None:
    """
    Take units of a paid order back, per line; they count no more against a purchase limit.

    They are on hand again, unless a reason is given for which they are ``written_off`` at once.
    After its commit the caller settles the returned claim, which shows all of it in Redis. Returns
    None where they were booked before under this reference.

    Raises:
        NotReturnable: naming a line of which fewer units are bought and still out.
        ReferenceReused: some of the lines were booked under this reference, and others not.
        UnknownSku: there is no such product.
    """
    booking = replace(booking, order_id=order_id)
    claim = Claim(order_id, _buyer_of(session, order_id), dict(returned))
    lines = sorted(returned.items())
    booked = [
        add(session, sku, units, booking, kind="restock", claim=claim) for sku, units in lines
    ]
    if None in booked:
        if any(booked):
            raise ReferenceReused
        return None
    for sku, units in lines:
        take_back(session, order_id, sku, units)
        if written_off is not None:
            _take_off_again(session, sku, claim, replace(booking, reason=written_off))
    return claim


def _buyer_of(session: Session, order_id: UUID) -> str:
    """Tell who has an order's units; all of its lines are one buyer's."""
    buyers = select(Reservation.buyer).where(Reservation.order_id == order_id)
    return session.scalar(buyers.limit(1)) or ""


def _take_off_again(session: Session, sku: str, claim: Claim, booking: Booking) -> None:
    """Write units off that this transaction added: nobody was promised any of them."""
    units = claim.units[sku]
    product = session.scalars(select(Product).where(Product.sku == sku)).one()
    product.stock_quantity -= units
    product.stock_version += 1
    product.on_hand_by_counter = counters.add(product.on_hand_by_counter, -units, claim)
    booking = replace(booking, reference=f"{booking.reference}:write_off")
    movement = _movement(product.id, "write_off", sku, -units, product.stock_quantity, booking)
    session.execute(insert(StockMovement), movement)
    session.flush()


def take_back(session: Session, order_id: UUID, sku: str, units: int) -> None:
    """
    Count units of a paid order as come back, though not on hand.

    Raises:
        NotReturnable: fewer of them are bought and still out.
    """
    product_id = select(Product.id).where(Product.sku == sku).scalar_subquery()
    found = session.scalar(
        update(Reservation)
        .where(
            Reservation.order_id == order_id,
            Reservation.product_id == product_id,
            Reservation.state == "committed",
            Reservation.returned + units <= Reservation.units,
        )
        .values(returned=Reservation.returned + units)
        .returning(Reservation.order_id)
    )
    if found is None:
        raise NotReturnable(
            f"Fewer than {units} units of {sku} are out.", lines=[{"sku": sku, "units": units}]
        )


def numbers(session: Session, skus: Sequence[str], *, buyer: str = "") -> list[OnHand]:
    """Read what Postgres has on hand, and what a buyer has bought where that is limited."""
    [found] = numbers_of(session, [Claim(_NOBODY, buyer, dict.fromkeys(skus, 0))])
    return found


def numbers_of(session: Session, claims: Sequence[Claim]) -> list[list[OnHand]]:
    """Read for each claim what Postgres has on hand, and what its buyer has bought."""
    wanted = sorted({(sku, claim.buyer) for claim in claims for sku in claim.units})
    rows = session.execute(
        _NUMBERS,
        {"skus": [sku for sku, _ in wanted], "buyers": [buyer for _, buyer in wanted]},
    )
    found = {
        (sku, buyer): OnHand(sku, on_hand, version, bought, tuple(shares or ()))
        for buyer, sku, on_hand, version, bought, shares in rows
    }
    return [
        [found[sku, claim.buyer] for sku in sorted(claim.units) if (sku, claim.buyer) in found]
        for claim in claims
    ]


_NOBODY = UUID(int=0)
_NUMBERS = text("""
    SELECT buyer, sku, stock_quantity, stock_version, CASE WHEN purchase_limit > 0 THEN (
        SELECT coalesce(sum(units - returned), 0) FROM reservations
        WHERE product_id = products.id AND reservations.buyer = wanted.buyer
            AND state = 'committed') ELSE 0 END, on_hand_by_counter
    FROM unnest(CAST(:skus AS text[]), CAST(:buyers AS text[])) AS wanted (sku, buyer)
    JOIN products USING (sku)
""")


def settle(redis: AnyRedis, claim: Claim, found: Sequence[OnHand]) -> None:
    """Drop a claim's committed units in Redis, now that Postgres has what is on hand."""
    settle_all(redis, [(claim, found)])


def settle_all(redis: AnyRedis, settled: Sequence[tuple[Claim, Sequence[OnHand]]]) -> None:
    """Drop the committed units of many claims, in one round trip."""
    absent = scripts.settle_all(redis, settled)
    if absent:
        # They may be of other counters since the numbers were read; none while they are read again.
        with transaction() as session:
            stock.relearn(session, {sku for claim in absent for sku in claim.units})
            found = numbers_of(session, absent)
            scripts.settle_all(redis, list(zip(absent, found, strict=True)))


def show(redis: AnyRedis, found: Sequence[OnHand]) -> None:
    """Show in Redis what Postgres has on hand since a commit; an older number is left out."""
    scripts.sync(redis, found)


def disagreements(
    session: Session, skus: Sequence[str] | None = None
) -> list[tuple[str, int, int]]:
    """List the products whose on hand is not the sum of their movements: SKU, on hand, sum."""
    booked = (
        select(func.coalesce(func.sum(StockMovement.units), 0))
        .where(StockMovement.product_id == Product.id)
        .scalar_subquery()
    )
    query = select(Product.sku, Product.stock_quantity, booked)
    if skus is not None:
        query = query.where(Product.sku.in_(skus))
    rows = session.execute(query.where(Product.stock_quantity != booked).order_by(Product.sku))
    return [(sku, on_hand, summed) for sku, on_hand, summed in rows]
