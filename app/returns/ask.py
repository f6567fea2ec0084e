"""A customer asks to send units of a delivered order back, or thinks better of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.core.ids import new_id
from app.orders import orders
from app.orders.models import Order
from app.returns import returns
from app.returns.errors import ReturnDecided, ReturnWindowClosed
from app.returns.models import Return, ReturnLine

RETURNABLE = ("delivered", "return_requested")


def ask_for_return(
    order_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    *,
    customer_id: UUID,
    comment: str | None,
    window_days: int,
) -> Return:
    """
    Write down what a customer wants to send back, for staff to decide.

    Raises:
        OrderNotFound: there is none among the customer's.
        ReturnWindowClosed: it has not been delivered, or longer ago than ``window_days``.
        UnitsNotReturnable: naming the lines of which fewer units are with the customer.
    """
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=customer_id)
        _require_window(session, order, window_days)
        _require_there(session, order, lines)
        wanted = Return(id=new_id(), order_id=order_id, user_id=customer_id, comment=comment)
        wanted.lines = [ReturnLine(**line) for line in lines]
        session.add(wanted)
        session.flush()
        actor = f"customer:{customer_id}"
        returns.step(session, wanted, "requested", actor=actor)
        returns.show_in_order(session, order, actor=actor)
        session.refresh(wanted)
        return wanted


def withdraw_return(return_id: UUID, *, customer_id: UUID) -> Return:
    """
    Give a return up that nobody has received; given up again, nothing changes.

    Raises:
        ReturnNotFound: there is none among the customer's.
        ReturnDecided: it is over.
    """
    with transaction() as session:
        order, one = returns.lock(session, return_id, user_id=customer_id)
        if one.status == "withdrawn":
            return one
        if one.status not in returns.OPEN:
            raise ReturnDecided(f"The return is {one.status}.", return_status=one.status)
        actor = f"customer:{customer_id}"
        returns.step(session, one, "withdrawn", actor=actor)
        returns.show_in_order(session, order, actor=actor)
        session.refresh(one)
        return one


def _require_window(session: Session, order: Order, window_days: int) -> None:
    if order.status not in RETURNABLE:
        raise ReturnWindowClosed(f"The order is {order.status}.", order_status=order.status)
    delivered_at = returns.delivered_at(session, order.id)
    assert delivered_at is not None, "what is delivered was delivered at some time"  # noqa: S101
    closes_at = delivered_at + timedelta(days=window_days)
    if session.scalars(select(func.now())).one() >= closes_at:
        raise ReturnWindowClosed(f"It closed on {closes_at:%d %B %Y}.", order_status=order.status)


def _require_there(session: Session, order: Order, lines: Sequence[Mapping[str, Any]]) -> None:
    under_way = returns.under_way(session, order.id)
    left = {line.sku: line.remaining - under_way.get(line.sku, 0) for line in order.lines}
    returns.require_left({line["sku"]: line["quantity"] for line in lines}, left)
