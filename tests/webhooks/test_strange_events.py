"""Signed, and not as documented: stored, answered, recorded, and never tried for ever."""

import json

import pytest
from sqlalchemy import select

from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, open_jobs, purchase, refunds

DEEP = 50_000

# Body, and how its event ends.
STRANGE = {
    "empty": (b"", "ignored"),
    "not JSON": (b"event=payment.captured", "ignored"),
    "not UTF-8": (b'{"event":"\xff\xfe"}', "ignored"),
    "UTF-16": ('{"event":"payment.captured"}'.encode("utf-16"), "failed"),
    "byte order mark": (b"\xef\xbb\xbf{}", "ignored"),
    "null": (b"null", "ignored"),
    "number": (b"42", "ignored"),
    "text": (b'"payment.captured"', "ignored"),
    "array": (b'[{"event":"payment.captured"}]', "ignored"),
    "empty object": (b"{}", "ignored"),
    "event is a number": (b'{"event":1}', "ignored"),
    "event is an object": (b'{"event":{"a":1}}', "ignored"),
    "event has NUL": (b'{"event":"payment.captured\\u0000"}', "ignored"),
    "event is half a character": (b'{"event":"\\ud800"}', "ignored"),
    "event is endless": (b'{"event":"%s"}' % (b"a" * 100_000), "ignored"),
    "unknown event": (b'{"event":"payment.pending"}', "ignored"),
    "deep array": (b'{"event":"payment.captured","payload":%s}' % (b"[" * DEEP), "ignored"),
    "deep object": (
        b'{"event":"payment.captured","payload":%s1%s}' % (b'{"a":' * DEEP, b"}" * DEEP),
        "ignored",
    ),
    "number of 5000 digits": (
        b'{"event":"payment.captured","created_at":%s}' % (b"9" * 5_000),
        "ignored",
    ),
    "no payload": (b'{"event":"payment.captured"}', "failed"),
    "payload is null": (b'{"event":"payment.captured","payload":null}', "failed"),
    "payload is an array": (b'{"event":"payment.captured","payload":[]}', "failed"),
    "entity is a text": (
        b'{"event":"payment.captured","payload":{"payment":{"entity":"pay_1"}}}',
        "failed",
    ),
    "order.paid without payment": (
        b'{"event":"order.paid","payload":{"order":{"entity":{"id":"order_1"}}}}',
        "failed",
    ),
    "refund without refund": (b'{"event":"refund.processed","payload":{}}', "failed"),
    "dispute without dispute": (b'{"event":"payment.dispute.lost","payload":{}}', "failed"),
    "downtime without downtime": (b'{"event":"payment.downtime.started","payload":{}}', "failed"),
    "downtime under its last name": (
        b'{"event":"payment.downtime.started","payload":{"payment":{"downtime":{"entity":{"a":1}}}}}',
        "failed",
    ),
    "settlement without settlement": (b'{"event":"settlement.processed","payload":{}}', "failed"),
    "settlement without an id": (
        b'{"event":"settlement.processed","payload":{"settlement":{"entity":{"amount":1}}}}',
        "failed",
    ),
    "numbers that JSON has not": (
        b'{"event":"payment_link.paid","created_at":NaN,"payload":{"a":-Infinity}}',
        "ignored",
    ),
    "order twice": (
        b'{"event":"payment.captured","event":"payment.failed","payload":{}}',
        "failed",
    ),
}

# Values of one field of a payment of ours, which is otherwise as it should be.
CHANGES = {
    "order_id has NUL": {"order_id": "order_\x00"},
    "order_id is half a character": {"order_id": "order_\ud800"},
    "order_id is a number": {"order_id": 17},
    "order_id is empty": {"order_id": ""},
    "id has NUL": {"id": "pay_\x00"},
    "id is half a character": {"id": "pay_\udfff"},
    "id is null": {"id": None},
    "id is an array": {"id": ["pay_29QQoUBi66xm2f"]},
    "amount is a float": {"amount": 103000.0},
    "amount is a text": {"amount": "103000"},
    "amount is true": {"amount": True},
    "amount is zero": {"amount": 0},
    "amount is negative": {"amount": -103000},
    "amount is huge": {"amount": 10**30},
    "amount is infinite": {"amount": float("inf")},
    "currency is null": {"currency": None},
    "currency has NUL": {"currency": "INR\x00"},
}


@pytest.mark.parametrize(("body", "end"), STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_event_is_stored_and_ends(shop, session, body, end):
    delivery = shop.gateway.deliver_of(body)

    assert shop.deliver(delivery).status_code == 200
    shop.work()

    assert values(
        session.execute(select(WebhookEvent.event_id, WebhookEvent.body, WebhookEvent.status))
    ) == [(delivery.event_id, body, end)]
    assert open_jobs(session) == []


def test_no_strange_value_in_an_event_of_ours_moves_the_order_or_sticks(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    names = ("payment.captured", "order.paid", "payment.authorized", "payment.failed")

    for changes in CHANGES.values():
        for name in names:
            bought.tell(name, paid, **changes)
    shop.work()

    statuses = list(session.scalars(select(WebhookEvent.status)))
    assert statuses == ["failed"] * len(CHANGES) * len(names)
    assert (bought.status, open_jobs(session)) == (("pending", "pending"), [])
    assert_balanced(session)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"method": None}, id="no method"),
        pytest.param({"method": 7}, id="method is a number"),
        pytest.param({"method": "\x00"}, id="method has NUL"),
        pytest.param({"method": "\ud800"}, id="method is half a character"),
        pytest.param({"notes": {"note": "\x00\ud800"}}, id="strange notes"),
        pytest.param({"description": "\x00"}, id="description has NUL"),
        pytest.param({"fee": 10**400, "new_field": [[]]}, id="fields of tomorrow"),
    ],
)
def test_strange_values_that_decide_nothing_do_not_keep_an_order_from_being_paid(
    shop, session, changes
):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)

    bought.tell("payment.captured", bought.pay(), **changes)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


REFUND = {
    "id": "rfnd_FS8TWyPrCsa0OB", "entity": "refund", "amount": 50_000, "currency": "INR",
    "payment_id": "pay_FPoJKWQQ8lK13n", "notes": [], "receipt": None, "status": "processed",
}  # fmt: skip
STRANGE_RECEIPTS = {
    "receipt has NUL": "\x00",
    "receipt is an object": {"a": 1},
    "receipt is half characters": "\ud800" * 32,
    "endless receipt": "9" * 100_000,
    "receipt of a refund that never was": "0193f8a2-7d5e-7aaa-8bbb-0123456789ab",
}


def tell_refund(shop, refund, **entities):
    payload = {"refund": {"entity": refund}} | entities
    body = json.dumps({"event": "refund.processed", "payload": payload})
    assert shop.deliver(shop.gateway.deliver_of(body.encode())).status_code == 200
    shop.work()


@pytest.mark.parametrize("receipt", STRANGE_RECEIPTS.values(), ids=STRANGE_RECEIPTS)
def test_a_strange_refund_that_is_not_ours_is_recorded(shop, session, receipt):
    tell_refund(shop, REFUND | {"receipt": receipt})

    assert events(session) == [("refund.processed", "ignored", "not an order of this shop")]
    assert (refunds(session), open_jobs(session)) == ([], [])


@pytest.mark.parametrize("receipt", STRANGE_RECEIPTS.values(), ids=STRANGE_RECEIPTS)
def test_a_strange_refund_of_a_capture_of_ours_was_made_at_the_gateway(shop, session, receipt):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)

    tell_refund(shop, REFUND | {"receipt": receipt, "payment_id": paid})

    assert [status for _, status, _ in events(session)] == ["processed"] * 2
    assert refunds(session) == [(paid, 50_000, "processed", "made at the gateway")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert open_jobs(session) == []
    assert_balanced(session, **{paid: [50_000]})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "\x00"},
        {"id": None},
        {"status": "\ud800"},
        {"status": "reversed"},
        {"payment_id": None},
        {"payment_id": "\x00"},
        {"amount": 50_000.0},
        {"amount": "50000"},
        {"amount": True},
        {"amount": 0},
        {"amount": -1},
        {"amount": 2**63},
        {"currency": None},
    ],
    ids=str,
)
def test_a_refund_that_cannot_be_read_is_recorded_as_failed(shop, session, changes):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)

    tell_refund(shop, REFUND | {"payment_id": paid} | changes)

    assert [(name, status) for name, status, _ in events(session)] == [
        ("payment.captured", "processed"),
        ("refund.processed", "failed"),
    ]
    assert (refunds(session), open_jobs(session)) == ([], [])
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)
