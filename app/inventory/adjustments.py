"""Staff book what changed on the shelf: deliveries, counts that came out otherwise, write-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import points
from app.core.db import CommitUnknown, transaction
from app.core.problems import ReferenceReused
from app.core.redis_client import AnyRedis
from app.inventory import ledger, reservations, stock
from app.inventory.errors import InsufficientStock
from app.inventory.models import StockAdjustment
from app.inventory.terms import Booking, Claim

KINDS = ("receipt", "adjustment", "write_off")


@dataclass(frozen=True, slots=True)
class Change:
    """One line: ``delta`` units of a product more or fewer on hand, and why."""

    sku: str
    kind: str
    delta: int
    reason: str | None


def adjust(redis: AnyRedis, changes: Sequence[Change], *, reference: str, actor: str) -> bool:
    """
    Book changes of on hand, all of them or none; False where ``reference`` was booked before.

    What goes down is taken in Redis first, so that nobody is promised a unit that is about to
    leave; what goes up is shown there last. A product stands on one line only.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
        InsufficientStock: units that would leave are held by somebody, or are not there.
        ReferenceReused: this reference was used for other lines.
        StaleEpoch: Redis was told anew meanwhile; ask again.
    """
    skus = [change.sku for change in changes]
    with transaction() as session:
        if _is_booked(session, changes, reference):
            return False
        stock.require(session, skus)
    # An id of this call alone: another one under the same reference has units of its own to drop.
    leaving = Claim(uuid4(), "", {c.sku: -c.delta for c in changes if c.delta < 0})
    try:
        epochs = reservations.commit(redis, leaving) if leaving.units else {}
    except InsufficientStock:
        # It may be another call of the same reference that has them.
        with transaction() as session:
            if _is_booked(session, changes, reference):
                return False
        raise
    points.reached("sync.after-redis")
    try:
        with transaction() as session:
            is_ours = _take_reference(session, changes, reference, actor)
            if is_ours:
                _book(session, redis, changes, leaving, epochs, reference=reference, actor=actor)
    except CommitUnknown:
        # Booked or not: what was to leave stays out of sale until the reconciler knows.
        raise
    except BaseException:
        _show(redis, skus, leaving)
        raise
    points.reached("sync.after-pg")
    _show(redis, skus, leaving)
    return is_ours


def _take_reference(
    session: Session, changes: Sequence[Change], reference: str, actor: str
) -> bool:
    """Take a reference for good; False where another call was faster with the same changes."""
    taken = session.execute(
        insert(StockAdjustment)
        .values(reference=reference, fingerprint=_fingerprint(changes), actor=actor)
        .on_conflict_do_nothing()
        .returning(StockAdjustment.reference)
    ).one_or_none()
    return taken is not None or not _is_booked(session, changes, reference)


def _is_booked(session: Session, changes: Sequence[Change], reference: str) -> bool:
    """
    Tell whether these changes were booked under this reference.

    Raises:
        ReferenceReused: others were.
    """
    query = select(StockAdjustment.fingerprint).where(StockAdjustment.reference == reference)
    booked = session.scalar(query)
    if booked not in (None, _fingerprint(changes)):
        raise ReferenceReused
    return booked is not None


def _fingerprint(changes: Sequence[Change]) -> str:
    """Sum up what changes, whatever the order of the lines and the words of the reasons."""
    return " ".join(sorted(f"{c.sku}:{c.kind}:{c.delta}" for c in changes))


def _book(
    session: Session,
    redis: AnyRedis,
    changes: Sequence[Change],
    leaving: Claim,
    epochs: Mapping[str, int],
    *,
    reference: str,
    actor: str,
) -> None:
    for change in sorted(changes, key=lambda change: change.sku):
        booking = Booking(f"adjustment:{reference}", actor, change.reason)
        if change.delta < 0:
            line = leaving.only([change.sku])
            ledger.deduct(session, redis, line, epochs, booking, kind=change.kind)
        else:
            ledger.add(session, change.sku, change.delta, booking, kind=change.kind)


def _show(redis: AnyRedis, skus: Sequence[str], leaving: Claim) -> None:
    """Show in Redis what Postgres has now, booked or not, and drop what was to leave."""
    with transaction() as session:
        found = ledger.numbers(session, skus)
    ledger.settle(redis, leaving, [number for number in found if number.sku in leaving.units])
    ledger.show(redis, [number for number in found if number.sku not in leaving.units])
