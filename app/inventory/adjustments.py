"""Staff book what changed on the shelf: deliveries, counts that came out otherwise, write-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.db import CommitUnknown, transaction
from app.core.redis_client import AnyRedis
from app.inventory import ledger, reservations, stock
from app.inventory.errors import ReferenceReused
from app.inventory.models import StockMovement
from app.inventory.terms import Booking, Claim

KINDS = ("receipt", "adjustment", "write_off")


@dataclass(frozen=True, slots=True)
class Change:
    """One line: ``delta`` units of a product more or fewer on hand, and why."""

    sku: str
    kind: str
    delta: int
    reason: str | None


class _BookedMeanwhileError(Exception):
    """Another call under the same reference was faster."""


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
    epochs = reservations.commit(redis, leaving) if leaving.units else {}
    try:
        with transaction() as session:
            _book(session, redis, changes, leaving, epochs, reference=reference, actor=actor)
    except CommitUnknown:
        # Booked or not: what was to leave stays out of sale until the reconciler knows.
        raise
    except (IntegrityError, _BookedMeanwhileError):
        is_ours = False
    except BaseException:
        _show(redis, skus, leaving)
        raise
    else:
        is_ours = True
    _show(redis, skus, leaving)
    return is_ours


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
        booking = Booking(_name(reference), actor, change.reason)
        if change.delta < 0:
            line = leaving.only([change.sku])
            ledger.deduct(session, redis, line, epochs, booking, kind=change.kind)
        elif not ledger.add(session, change.sku, change.delta, booking, kind=change.kind):
            raise _BookedMeanwhileError


def _show(redis: AnyRedis, skus: Sequence[str], leaving: Claim) -> None:
    """Show in Redis what Postgres has now, booked or not, and drop what was to leave."""
    with transaction() as session:
        found = ledger.numbers(session, skus)
    ledger.settle(redis, leaving, [number for number in found if number.sku in leaving.units])
    ledger.show(redis, [number for number in found if number.sku not in leaving.units])


def _is_booked(session: Session, changes: Sequence[Change], reference: str) -> bool:
    """
    Tell whether these changes were booked under this reference.

    Raises:
        ReferenceReused: others were.
    """
    prefix = f"{_name(reference)}:"
    columns = StockMovement.reference, StockMovement.kind, StockMovement.units
    rows = session.execute(
        select(*columns).where(StockMovement.reference.startswith(prefix, autoescape=True))
    )
    booked = {(name.removeprefix(prefix), kind, units) for name, kind, units in rows}
    if booked and booked != {(change.sku, change.kind, change.delta) for change in changes}:
        raise ReferenceReused
    return bool(booked)


def _name(reference: str) -> str:
    return f"adjustment:{reference}"
