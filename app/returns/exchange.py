"""An exchange is a return and a new order: the one goes its way, the other is paid like any."""

import json
from collections import Counter
from uuid import UUID

from app.checkout.start import start_checkout
from app.config import Settings
from app.core.db import transaction
from app.orders import orders
from app.orders.models import Order
from app.returns import returns
from app.returns.errors import NothingToExchange
from app.returns.models import Return

EXCHANGEABLE = ("approved", "received")
OVER = ("expired", "cancelled")


def order_exchange(settings: Settings, return_id: UUID, *, customer_id: UUID) -> Order:
    """
    Order what a customer wants in the place of approved units, to where the first order went.

    Asked for again it is the same order, unless that one expired or was cancelled.

    Raises:
        ReturnNotFound: there is none among the customer's.
        NothingToExchange: nothing is wanted in exchange, or the return is not approved.
        InsufficientStock, PurchaseLimitExceeded, UnknownSku, ProductUnavailable: as a checkout.
    """
    with transaction() as session:
        one = returns.find(session, return_id, user_id=customer_id)
        wanted = _wanted(one)
        first = orders.find(session, one.order_id)
        before = one.exchange_order_id and orders.find(session, one.exchange_order_id)
    if before and before.status not in OVER:
        return before
    answer = start_checkout(
        settings,
        customer_id=customer_id,
        key=f"exchange:{return_id}:{before.id if before else 'first'}",
        body={
            "lines": wanted,
            "shipping_address": first.shipping_address,
            "shipping_address_id": None,
            "billing_address": first.billing_address,
            "billing_address_id": None,
            "expected_total": None,
            "contact": None,
            "coupon_code": None,
            "pan": first.pan,
            "notes": None,
        },
    )
    with transaction() as session:
        _, one = returns.lock(session, return_id)
        one.exchange_order_id = UUID(json.loads(answer.order)["id"])
        return orders.find(session, one.exchange_order_id)


def _wanted(one: Return) -> dict[str, int]:
    units: Counter[str] = Counter()
    for line in one.lines:
        if line.exchange_for is not None:
            units[line.exchange_for] += line.approved or 0
    if one.status not in EXCHANGEABLE or not +units:
        raise NothingToExchange(f"The return is {one.status}.", return_status=one.status)
    return dict(+units)
