"""Orders: placed, moved from state to state, found."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.announcements import announce
from app.core.pages import Page, newest_first
from app.orders.errors import IllegalTransition, OrderNotFound
from app.orders.models import Order, OrderCancellation, OrderTransition

# From where to where. A payment that comes late makes an expired or cancelled order live again.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"confirmed", "cancelled", "expired"}),
    "expired": frozenset({"confirmed"}),
    "cancelled": frozenset({"confirmed"}),
    "confirmed": frozenset({"processing", "cancelled"}),
    "processing": frozenset({"shipped", "cancelled"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset({"return_requested"}),
    # Back to delivered where a return is refused, withdrawn, or one of some units alone.
    "return_requested": frozenset({"returned", "delivered"}),
    "returned": frozenset(),
}
_CONFIRMABLE = frozenset(state for state, targets in TRANSITIONS.items() if "confirmed" in targets)


def lock(session: Session, order_id: UUID, *, user_id: UUID | None = None) -> Order:
    """
    Find an order and lock its row, so that its transitions come one after another.

    Raises:
        OrderNotFound: there is none, or it is not ``user_id``'s.
    """
    return _one(session, order_id, user_id, for_update=True)


def find(session: Session, order_id: UUID, *, user_id: UUID | None = None) -> Order:
    """
    Find an order.

    Raises:
        OrderNotFound: there is none, or it is not ``user_id``'s.
    """
    return _one(session, order_id, user_id, for_update=False)


def find_all(session: Session, order_ids: Collection[UUID]) -> dict[UUID, Order]:
    """Find orders that there are."""
    found = session.scalars(select(Order).where(Order.id.in_(order_ids)))
    return {order.id: order for order in found}


def lock_all(session: Session, order_ids: Collection[UUID]) -> dict[UUID, Order]:
    """Find orders that there are and lock their rows, in an order that all who do it share."""
    query = select(Order).where(Order.id.in_(order_ids)).order_by(Order.id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True))
    return {order.id: order for order in found}


def _one(session: Session, order_id: UUID, user_id: UUID | None, *, for_update: bool) -> Order:
    query = select(Order).where(Order.id == order_id)
    if user_id is not None:
        query = query.where(Order.user_id == user_id)
    if for_update:
        # As it is now that the row is ours, whatever this session has read of it before.
        query = query.with_for_update().execution_options(populate_existing=True)
    order = session.scalars(query).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def quantities(order: Order) -> dict[str, int]:
    """Tell what an order is of: SKU to units."""
    return {line.sku: line.quantity for line in order.lines}


def is_confirmable(order: Order) -> bool:
    """Tell whether an order may still become a confirmed one; one that was given up may not."""
    return order.status in _CONFIRMABLE and not any(line.cancelled_quantity for line in order.lines)


def move(
    session: Session, order: Order, status: str, *, actor: str, reason: str | None = None
) -> None:
    """
    Move a locked order on to ``status``, and tell of it.

    Raises:
        IllegalTransition: there is no way from where it is; nothing changed.
    """
    if status not in TRANSITIONS[order.status]:
        raise IllegalTransition(
            f"The order is {order.status}.",
            order_status=order.status,
            wanted=status,
            possible=sorted(TRANSITIONS[order.status]),
        )
    session.add(
        OrderTransition(
            order_id=order.id,
            from_status=order.status,
            to_status=status,
            actor=actor,
            reason=reason,
        )
    )
    # It arrives once, whatever is sent back or kept afterwards.
    if (order.status, status) != ("return_requested", "delivered"):
        announce(session, f"order.{status}", order.id)
    order.status = status


def page(
    session: Session, user_id: UUID, *, status: str | None, limit: int, cursor: str | None
) -> Page[Order]:
    """List a customer's orders, newest first."""
    query = select(Order).where(Order.user_id == user_id)
    if status is not None:
        query = query.where(Order.status == status)
    return newest_first(session, query, Order.created_at, Order.id, limit=limit, cursor=cursor)


def has_any(session: Session, user_id: UUID, statuses: Collection[str]) -> bool:
    """Tell whether a customer has an order in one of these states."""
    query = select(Order.id).where(Order.user_id == user_id, Order.status.in_(statuses))
    return session.scalar(query.limit(1)) is not None


def transitions(session: Session, order_id: UUID) -> Sequence[OrderTransition]:
    """List the steps of an order's life, the first one first."""
    query = select(OrderTransition).where(OrderTransition.order_id == order_id)
    return session.scalars(query.order_by(OrderTransition.id)).all()


def cancellations(session: Session, order_id: UUID) -> Sequence[OrderCancellation]:
    """List what was given up of a confirmed order, the first one first."""
    query = select(OrderCancellation).where(OrderCancellation.order_id == order_id)
    return session.scalars(query.order_by(OrderCancellation.id)).all()


def cancellation(session: Session, order_id: UUID, reference: str) -> OrderCancellation | None:
    """Find what was given up of an order under a reference."""
    return session.scalars(
        select(OrderCancellation).where(
            OrderCancellation.order_id == order_id, OrderCancellation.reference == reference
        )
    ).one_or_none()


def due_to_expire(session: Session, now: datetime, *, limit: int) -> Sequence[UUID]:
    """Name pending orders whose time is up, the oldest first."""
    return session.scalars(
        select(Order.id)
        .where(Order.status == "pending", Order.expires_at <= now)
        .order_by(Order.expires_at)
        .limit(limit)
    ).all()
