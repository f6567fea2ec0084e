"""
Units come back: staff look at them, the payer gets the money, and they find their place.

What is restocked is on sale again; what is melted or written off never is, and the ledger shows it
both ways; what is in repair is on hand again only when that is over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.checkout.confirm import settle_units
from app.core.actors import require_another
from app.core.db import transaction
from app.core.redis_client import redis
from app.fulfilment.money import send_money_back
from app.inventory import ledger
from app.inventory.terms import Booking, Claim, OnHand
from app.orders import shares
from app.orders.models import Order
from app.payments.terms import Speed
from app.returns import returns
from app.returns.errors import ReturnDecided
from app.returns.models import Disposition, Return

# For these the shop pays the way of a whole order back.
SHOPS_FAULT = frozenset({"damaged", "not_as_described", "wrong_item"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """So many units of a product, and what is done with them."""

    sku: str
    quantity: int
    disposition: str


def receive_return(
    return_id: UUID, arrivals: Sequence[Arrival], *, note: str | None, actor: str, speed: Speed
) -> Return:
    """
    Take in what came of an approved return, once; what has not come is not refunded.

    Exactly what the units were paid goes back, tax and discount included, as far as it has not
    gone back before; the shipping fee where the whole order comes back by the shop's fault.

    Raises:
        ReturnNotFound: there is none.
        ReturnDecided: it is not approved, or was received before.
        UnitsNotReturnable: naming lines of which fewer units are approved.
        OwnAffair: the order is the actor's own.
    """
    units = _summed(arrivals)
    with transaction() as session:
        order, one = returns.lock(session, return_id)
        require_another(actor, order.user_id)
        if one.status != "approved":
            raise ReturnDecided(f"The return is {one.status}.", return_status=one.status)
        returns.require_left(units, {line.sku: line.approved or 0 for line in one.lines})
        amount = _take_in(session, order, one, units)
        returns.step(session, one, "received", actor=actor, note=note)
        returns.show_in_order(session, order, actor=actor)
        if order.status == "returned" and returns.reasons(session, order.id) <= SHOPS_FAULT:
            amount += order.shipping_fee
        one.refund_amount = send_money_back(
            session, order, amount, reference=f"return:{one.id}", reason="returned", actor=actor,
            speed=speed,
        )  # fmt: skip
        for place, arrival in enumerate(arrivals):
            _find_place(session, one, arrival, f"return:{one.id}:{place}", actor)
        session.flush()
        session.refresh(one)
    settle_units(Claim(one.order_id, str(order.user_id), units))
    return one


def end_repair(
    return_id: UUID, arrivals: Sequence[Arrival], *, reference: str, actor: str
) -> Return:
    """
    Say what becomes of units that were in repair; repeated under ``reference`` nothing changes.

    Raises:
        ReturnNotFound: there is none.
        UnitsNotReturnable: naming lines of which fewer units are in repair.
    """
    numbers: list[OnHand] = []
    with transaction() as session:
        _, one = returns.lock(session, return_id)
        name = f"repair:{one.id}:{reference}"
        known = {done.reference for done in returns.dispositions(session, one.id)}
        if f"{name}:0" in known:
            return one
        returns.require_left(_summed(arrivals), returns.in_repair(session, one.id))
        for place, arrival in enumerate(arrivals):
            _note(session, one, arrival, f"{name}:{place}", actor, is_repaired=True)
            if arrival.disposition != "restock":
                continue
            booking = Booking(f"{name}:{place}", actor, "repaired", one.order_id)
            now = ledger.add(session, arrival.sku, arrival.quantity, booking, kind="restock")
            assert now is not None, "its reference is taken under the order's lock"  # noqa: S101
            numbers.append(now)
        returns.step(session, one, "repaired", actor=actor)
        session.flush()
        session.refresh(one)
    ledger.show(redis(), numbers)
    return one


def _take_in(session: Session, order: Order, one: Return, units: Mapping[str, int]) -> int:
    """Count the units as come back; returns what they were paid."""
    amount = 0
    for line in order.lines:
        came = units.get(line.sku, 0)
        amount += shares.paid_for(line, line.gone, came)
        line.returned_quantity += came
    for asked in one.lines:
        asked.received = units.get(asked.sku, 0)
    session.flush()
    return amount


def _find_place(
    session: Session, one: Return, arrival: Arrival, reference: str, actor: str
) -> None:
    _note(session, one, arrival, reference, actor)
    if arrival.disposition == "repair":
        ledger.take_back(session, one.order_id, arrival.sku, arrival.quantity)
        return
    ledger.restock(
        session,
        one.order_id,
        {arrival.sku: arrival.quantity},
        Booking(reference, actor, "returned"),
        written_off=None if arrival.disposition == "restock" else arrival.disposition,
    )


def _note(
    session: Session,
    one: Return,
    arrival: Arrival,
    reference: str,
    actor: str,
    *,
    is_repaired: bool = False,
) -> None:
    session.add(
        Disposition(
            return_id=one.id,
            sku=arrival.sku,
            quantity=arrival.quantity,
            disposition=arrival.disposition,
            is_repaired=is_repaired,
            reference=reference,
            actor=actor,
        )
    )


def _summed(arrivals: Sequence[Arrival]) -> Counter[str]:
    units: Counter[str] = Counter()
    for arrival in arrivals:
        units[arrival.sku] += arrival.quantity
    return units
