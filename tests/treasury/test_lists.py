"""Lists of money: leafed through newest first, narrowed, and strict about what is asked."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.payments.models import Dispute, Payment, Reconciliation, Refund, Settlement
from tests.treasury.money import paid_order

ID = "01a214cb-c9c8-7793-adb6-ffecb3ec5f8c"
NOW = datetime(2026, 6, 10, 6, 30, tzinfo=UTC)


@pytest.fixture
def clerk(shop):
    return shop.customer(role="staff")


@pytest.fixture
def paid(shop):
    """A paid order and the id of its try."""
    return paid_order(shop)


def write_payments(session, bought, payment_id):
    """Payments of orders that others placed."""
    for _ in range(4):
        copy = session.get_one(Payment, bought.opened["payment_id"])
        session.add(
            Payment(order_id=copy.order_id, gateway=uuid4().hex, amount=1, currency="INR",
                    status="failed", created_at=NOW)
        )  # fmt: skip


def write_refunds(session, bought, payment_id):
    for number in range(5):
        session.add(
            Refund(gateway_payment_id=payment_id, amount=1, status="failed", reason="bent",
                   reference=f"r{number}", actor="x", created_at=NOW)
        )  # fmt: skip


def write_disputes(session, bought, payment_id):
    for number in range(5):
        session.add(
            Dispute(gateway_dispute_id=f"disp_{number}", gateway_payment_id=payment_id,
                    status="won", amount=1, currency="INR", created_at=NOW)
        )  # fmt: skip


def write_settlements(session, bought, payment_id):
    for number in range(5):
        session.add(
            Settlement(gateway_settlement_id=f"setl_{number}", gateway="razorpay", amount=1,
                       status="processed", fees=0, tax=0, created_at=NOW)
        )  # fmt: skip


def write_reconciliations(session, bought, payment_id):
    for number in range(5):
        session.add(
            Reconciliation(gateway="razorpay", day=date(2026, 6, 10 - number), captured=0,
                           captured_at_gateway=0, refunded=0, refunded_at_gateway=0,
                           foreign_payments=0, compared_at=NOW - timedelta(seconds=number))
        )  # fmt: skip


LISTS = {
    "payments": (write_payments, Payment.id, Payment.created_at),
    "refunds": (write_refunds, Refund.id, Refund.created_at),
    "disputes": (write_disputes, Dispute.gateway_dispute_id, Dispute.created_at),
    "settlements": (
        write_settlements, Settlement.gateway_settlement_id, Settlement.created_at,
    ),
    "reconciliations": (write_reconciliations, Reconciliation.day, Reconciliation.compared_at),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_leafed_through_newest_first_and_shows_each_once(session, clerk, paid, name):
    write, key, at = LISTS[name]
    write(session, *paid)
    session.flush()

    pages, cursor = [], ""
    while cursor is not None:
        page = clerk.get(f"/api/v1/admin/{name}?limit=2{cursor and f'&cursor={cursor}'}").json
        pages.append([item[key.key] for item in page["items"]])
        cursor = page["next_cursor"]

    ordered = session.scalars(select(key).order_by(at.desc(), key.desc())).all()
    in_order = [str(value) for value in ordered]
    assert pages == [in_order[:2], in_order[2:4], in_order[4:]]
    assert len(in_order) == 5


@pytest.mark.parametrize(
    ("name", "status", "others"),
    [("payments", "failed", "captured"), ("refunds", "failed", "pending"),
     ("disputes", "won", "open")],
)  # fmt: skip
def test_a_list_is_narrowed_to_one_status(session, clerk, paid, name, status, others):
    write, key, _ = LISTS[name]
    write(session, *paid)
    session.flush()

    narrowed = clerk.get(f"/api/v1/admin/{name}?status={status}").json["items"]
    rest = clerk.get(f"/api/v1/admin/{name}?status={others}").json["items"]

    everything = {str(value) for value in session.scalars(select(key))}
    assert {item["status"] for item in narrowed} == {status}
    assert {item[key.key] for item in narrowed + rest} == everything


def cursor(*position):
    written = urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
    return f"cursor={written}"


MOMENT = "2026-06-10T06:30:00"


STRANGE_CURSORS = {
    "empty": "cursor=",
    "a letter": "cursor=x",
    "NUL": "cursor=%00",
    "overlong": f"cursor={'x' * 301}",
    "of another list": cursor("RING"),
    "of numbers": cursor(1, 2),
    "without an id": cursor(f"{MOMENT}+00:00"),
    "without a time": cursor("yesterday", ID),
    "half a letter": cursor(f"{MOMENT}+00:00", "\ud800"),
    "NUL within": cursor(f"{MOMENT}+00:00", "\x00"),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", STRANGE_CURSORS.values(), ids=STRANGE_CURSORS.keys())
def test_a_cursor_that_no_list_gave_out_is_refused(clerk, name, query):
    refused = clerk.get(f"/api/v1/admin/{name}?{query}")

    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert [error["pointer"] for error in refused.json["errors"]] == ["#/cursor"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=1.5", "limit=", "colour=red"])
def test_a_page_that_cannot_be_is_refused(clerk, name, query):
    refused = clerk.get(f"/api/v1/admin/{name}?{query}")

    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert [error["pointer"] for error in refused.json["errors"]] == [f"#/{query.split('=')[0]}"]


@pytest.mark.parametrize("name", ["payments", "refunds", "disputes"])
@pytest.mark.parametrize("status", ["", "odd", "CAPTURED", "captured,failed"])
def test_a_status_that_nothing_has_is_refused(clerk, name, status):
    refused = clerk.get(f"/api/v1/admin/{name}?status={status}")

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, ["#/status"])
