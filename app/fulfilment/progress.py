"""Staff move an order on its way: packed, handed to the courier, arrived."""

from uuid import UUID

from app.core.db import transaction
from app.fulfilment import preorders
from app.fulfilment.errors import PreorderNotArrived
from app.orders import orders
from app.orders.errors import IllegalTransition
from app.orders.models import Order
from app.orders.orders import TRANSITIONS

STEPS = ("processing", "shipped", "delivered")


def next_steps(order: Order) -> list[str]:
    """Name the steps that an order may take; one that is asked back goes where its returns end."""
    if order.status == "return_requested":
        return []
    return [step for step in STEPS if step in TRANSITIONS[order.status]]


def move_order(
    order_id: UUID,
    status: str,
    *,
    courier: str | None,
    tracking_number: str | None,
    reason: str | None,
    actor: str,
) -> Order:
    """
    Move an order on to one of ``STEPS``; where it is there already, nothing changes.

    Except that ``shipped`` may be told again, to put the courier or the number right.

    Raises:
        OrderNotFound: there is none.
        PreorderNotArrived: pieces of it are not there yet.
        IllegalTransition: there is no way from where it is; tells what is possible.
    """
    with transaction() as session:
        order = orders.lock(session, order_id)
        if status == "shipped" and (waiting := preorders.not_arrived(session, order)):
            raise PreorderNotArrived(skus=waiting)
        if order.status != status:
            _require_no_open_return(order, status)
            orders.move(session, order, status, actor=actor, reason=reason)
        if status == "shipped":
            order.courier = courier or order.courier
            order.tracking_number = tracking_number or order.tracking_number
        return order


def _require_no_open_return(order: Order, status: str) -> None:
    """Leave it to the returns of an order where it goes from here."""
    if order.status == "return_requested":
        raise IllegalTransition(
            "The order is return_requested: decide its returns.",
            order_status=order.status,
            wanted=status,
            possible=next_steps(order),
        )
