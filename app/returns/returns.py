"""Returns: found, counted, moved from step to step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.announcements import announce
from app.core.pages import Page, newest_first
from app.orders import orders
from app.orders.models import Order
from app.returns.errors import ReturnNotFound, UnitsNotReturnable
from app.returns.models import Disposition, Return, ReturnLine, ReturnStep

# Somebody still has to do something.
OPEN = ("requested", "approved")


def find(session: Session, return_id: UUID, *, user_id: UUID | None = None) -> Return:
    """
    Find a return.

    Raises:
        ReturnNotFound: there is none, or it is not ``user_id``'s.
    """
    query = select(Return).where(Return.id == return_id)
    if user_id is not None:
        query = query.where(Return.user_id == user_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise ReturnNotFound
    return found


def lock(session: Session, return_id: UUID, *, user_id: UUID | None = None) -> tuple[Order, Return]:
    """
    Find a return and lock its order, so that all that is returned of it comes one by one.

    Raises:
        ReturnNotFound: there is none, or it is not ``user_id``'s.
    """
    query = select(Return.order_id).where(Return.id == return_id)
    order_id = session.scalar(query)
    if order_id is None:
        raise ReturnNotFound
    order = orders.lock(session, order_id)
    return order, find(session, return_id, user_id=user_id)


def page(
    session: Session,
    *,
    user_id: UUID | None,
    status: str | None,
    limit: int,
    cursor: str | None,
) -> Page[Return]:
    """List returns, of one customer or of all, the newest first."""
    query = select(Return)
    if user_id is not None:
        query = query.where(Return.user_id == user_id)
    if status is not None:
        query = query.where(Return.status == status)
    return newest_first(session, query, Return.created_at, Return.id, limit=limit, cursor=cursor)


def of_order(session: Session, order_id: UUID) -> Sequence[Return]:
    """List the returns of an order, the first one first."""
    query = select(Return).where(Return.order_id == order_id)
    return session.scalars(query.order_by(Return.created_at, Return.id)).all()


def received_of(session: Session, order_id: UUID) -> Sequence[Return]:
    """List the returns of an order that were received, in the order in which they were."""

    def turn(one: Return) -> int:
        return next(step.id for step in one.steps if step.status == "received")

    received = [one for one in of_order(session, order_id) if one.status == "received"]
    return sorted(received, key=turn)


def under_way(session: Session, order_id: UUID) -> Mapping[str, int]:
    """Count the units of an order (by SKU) that are to come back and have not."""
    units: Counter[str] = Counter()
    for one in of_order(session, order_id):
        if one.status in OPEN:
            for line in one.lines:
                units[line.sku] += line.quantity if line.approved is None else line.approved
    return units


def require_left(wanted: Mapping[str, int], left: Mapping[str, int]) -> None:
    """
    Have as many units (by SKU) as are wanted.

    Raises:
        UnitsNotReturnable: naming the lines that have fewer.
    """
    short = [
        {"sku": sku, "requested": units, "left": left.get(sku, 0)}
        for sku, units in wanted.items()
        if units > left.get(sku, 0)
    ]
    if short:
        raise UnitsNotReturnable(lines=short)


def delivered_at(session: Session, order_id: UUID) -> datetime | None:
    """Tell when an order was delivered for the first time."""
    steps = orders.transitions(session, order_id)
    return next((step.created_at for step in steps if step.to_status == "delivered"), None)


def step(
    session: Session, one: Return, status: str, *, actor: str, note: str | None = None
) -> None:
    """Move a return of a locked order on, and tell of it; ``repaired`` is no status of its own."""
    if status != "repaired":
        one.status = status
    session.add(ReturnStep(return_id=one.id, status=status, actor=actor, note=note))
    announce(session, f"return.{status}", one.id)


def show_in_order(session: Session, order: Order, *, actor: str) -> None:
    """Move a locked order to where its returns leave it: asked for, come back whole, or neither."""
    session.flush()
    status = "delivered"
    if not any(line.remaining for line in order.lines):
        status = "returned"
    elif any(one.status in OPEN for one in of_order(session, order.id)):
        status = "return_requested"
    if order.status != status:
        if (order.status, status) == ("delivered", "returned"):
            orders.move(session, order, "return_requested", actor=actor)
        orders.move(session, order, status, actor=actor)


def in_repair(session: Session, return_id: UUID) -> Mapping[str, int]:
    """Count the units (by SKU) of a return that are in repair."""
    units: Counter[str] = Counter()
    for sku, quantity, disposition, is_repaired in session.execute(
        select(
            Disposition.sku, Disposition.quantity, Disposition.disposition, Disposition.is_repaired
        ).where(Disposition.return_id == return_id)
    ):
        if disposition == "repair":
            units[sku] += quantity
        elif is_repaired:
            units[sku] -= quantity
    return +units


def dispositions(session: Session, return_id: UUID) -> Sequence[Disposition]:
    """List what was done with the units of a return, the first first."""
    query = select(Disposition).where(Disposition.return_id == return_id)
    return session.scalars(query.order_by(Disposition.id)).all()


def reasons(session: Session, order_id: UUID) -> set[str]:
    """Tell for which reasons units of an order have come back."""
    query = (
        select(ReturnLine.reason)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.order_id == order_id, ReturnLine.received > 0)
    )
    return set(session.scalars(query))
