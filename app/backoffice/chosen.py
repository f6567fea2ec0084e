"""Several orders at once: which were chosen, and what came of each."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from app.backoffice.words import words
from app.core.db import transaction
from app.core.ids import read_id
from app.core.problems import Problem, ServiceUnavailable, invalid
from app.fulfilment.progress import move_order, next_steps
from app.orders import orders
from app.orders.models import Order

# As many as a page of the list shows.
MOST = 25
# Steps that take nothing but the order.
STEPS = ("processing", "delivered")
# Who may be chosen, by the tab: the steps that are offered, and whether slips are.
OFFERED: dict[str, tuple[str, ...]] = {
    "to pack": ("processing", "slips"), "packing": ("slips",), "on the way": ("delivered",),
    "all": ("processing", "delivered", "slips"),
}  # fmt: skip
CHOOSABLE = ("confirmed", "processing", "shipped")


class Outcome(NamedTuple):
    """What came of one order, in words."""

    is_done: bool
    words: str


def read(names: Sequence[str]) -> list[UUID]:
    """
    Read which orders were chosen, each once.

    Raises:
        ValidationFailed: none was, too many were, or what was chosen is no order's id.
    """
    order_ids = [order_id for name in names if (order_id := read_id(name)) is not None]
    if not names:
        raise invalid("#/order_id", "Choose the orders first.")
    if len(names) > MOST:
        raise invalid("#/order_id", f"At most {MOST} orders at once.")
    if len(order_ids) < len(names):
        raise invalid("#/order_id", "The form is not one of ours.")
    return list(dict.fromkeys(order_ids))


def found(order_ids: Sequence[UUID]) -> list[Order]:
    """
    Find orders, as they were chosen.

    Raises:
        OrderNotFound: there is one not.
    """
    with transaction() as session:
        known = orders.find_all(session, order_ids)
        return [known.get(one) or orders.find(session, one) for one in order_ids]


def move(order_ids: Sequence[UUID], status: str, *, actor: str) -> Iterator[Outcome]:
    """Move orders on, each by itself; one that is there already stays as it is."""
    for order in found(order_ids):
        if order.status != status and status not in next_steps(order):
            yield Outcome(False, f"{order.number} was not moved: it is {words(order.status)}.")
            continue
        try:
            move_order(
                order.id, status, courier=None, tracking_number=None, reason=None, actor=actor
            )
        except ServiceUnavailable as problem:
            # The rest would wait as long, one after the other.
            yield Outcome(False, f"{order.number} and those after it: {problem.title()}")
            return
        except Problem as problem:
            yield Outcome(False, f"{order.number} was not moved: {problem.detail or problem}")
        else:
            yield Outcome(True, f"{order.number} is {words(status)}.")
