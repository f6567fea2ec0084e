"""Orders that are placed and paid, and what Razorpay tells of them, signed."""

import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from bench.client import request, spread
from bench.house import WEBHOOK_SECRET, House, Web
from bench.measure import CONNECTIONS
from sandbox.entities import new_id
from sandbox.events import Event, sign

ACCOUNT = "acc_OraBench000001"
CAPTURED = ("payment.captured",)
# What Razorpay tells of every payment that goes well, in this order.
USUAL = ("payment.authorized", "payment.captured", "order.paid")
PATIENCE_SECONDS = 600


class Paid(NamedTuple):
    """An order whose payment is open here and taken there; the amount in paise."""

    order_id: UUID
    gateway_order_id: str
    amount: int


class Delivery(NamedTuple):
    """One event as it goes over the wire, and its id."""

    event_id: str
    request: bytes


def place(house: House, web: Web, count: int, skus: Sequence[str], *, lines: int = 2) -> list[Paid]:
    """Check out so many orders over HTTP, and open a payment of each by SQL."""
    [(begun,)] = house.sql.execute("SELECT clock_timestamp()")
    requests = house.checkouts(count, skus, lines=lines)
    sent = spread(web.port, requests, connections=CONNECTIONS, seconds=PATIENCE_SECONDS)
    assert {one.status for one in sent} == {HTTPStatus.CREATED}  # noqa: S101
    return [Paid(*row) for row in house.sql.execute(_OPEN, [begun])]


def deliveries(paid: Sequence[Paid], events: Sequence[str] = CAPTURED) -> list[Delivery]:
    """Write what is told of each, one order after the other, each event once."""
    return [one for each in paid for one in _told(each, events)]


def delivery(event: Event, event_id: str) -> bytes:
    """Write an event as Razorpay delivers it."""
    body = event.body(ACCOUNT)
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": event_id,
        "X-Razorpay-Signature": sign(body, WEBHOOK_SECRET),
    }
    return request("POST", "/webhooks/razorpay", headers=headers, body=body.encode())


def _told(paid: Paid, events: Sequence[str]) -> Iterator[Delivery]:
    payment_id = new_id("pay")
    for name in events:
        status = "authorized" if name == "payment.authorized" else "captured"
        entities = {"payment": _payment(paid, payment_id, status)}
        if name == "order.paid":
            entities["order"] = _order(paid)
        event_id = new_id()
        yield Delivery(event_id, delivery(Event(name, entities), event_id))


def _payment(paid: Paid, payment_id: str, status: str) -> dict[str, Any]:
    """Write a payment by UPI with all the fields that Razorpay documents."""
    is_captured = status == "captured"
    return {
        "id": payment_id, "entity": "payment", "amount": paid.amount, "currency": "INR",
        "base_amount": paid.amount, "status": status, "order_id": paid.gateway_order_id,
        "invoice_id": None, "international": False, "method": "upi", "amount_refunded": 0,
        "amount_transferred": 0, "refund_status": None, "captured": is_captured,
        "description": None, "card_id": None, "bank": None, "wallet": None,
        "vpa": "meera.iyer@upi", "email": "meera.iyer@example.com", "contact": "+919876543210",
        "notes": [], "fee": paid.amount // 50 if is_captured else None,
        "tax": paid.amount // 300 if is_captured else None, "error_code": None,
        "error_description": None, "error_source": None, "error_step": None, "error_reason": None,
        "acquirer_data": {"rrn": "012583617723"}, "created_at": int(time.time()),
        "upi": {"payer_account_type": "bank_account", "vpa": "meera.iyer@upi", "flow": "collect"},
    }  # fmt: skip


def _order(paid: Paid) -> dict[str, Any]:
    return {
        "id": paid.gateway_order_id, "entity": "order", "amount": paid.amount,
        "amount_paid": paid.amount, "amount_due": 0, "currency": "INR", "receipt": None,
        "offer_id": None, "status": "paid", "attempts": 1, "notes": [],
        "created_at": int(time.time()),
    }  # fmt: skip


# As the shop writes it when a payer opens a payment.
_OPEN = """
    INSERT INTO payments (id, order_id, gateway, gateway_order_id, amount, currency, status,
        next_poll_at)
    SELECT gen_random_uuid(), id, 'razorpay', 'order_' || left(md5(id::text), 14), total, 'INR',
        'created', now() + interval '1 minute'
    FROM orders WHERE created_at >= %s AND status = 'pending'
    RETURNING order_id, gateway_order_id, amount
"""
