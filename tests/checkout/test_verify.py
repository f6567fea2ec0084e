"""The buyer's browser brings Razorpay's signature: it extends the time to pay, once."""

from threading import Barrier

import pytest
from sqlalchemy import select

from app.inventory import scripts
from app.inventory.keys import reservation
from app.inventory.models import Reservation
from app.inventory.reservations import instant
from app.orders import orders
from app.orders.models import Order
from app.payments.models import Payment, PaymentAttempt
from tests.api.snapshot import everything
from tests.checkout.steps import (
    at_once,
    basket,
    deadline_ms,
    let_time_run_out,
    reservations,
    send,
    told,
)

NOT_FOUND = {
    "type": "/problems/payment-not-found",
    "title": "There is no such payment among yours.",
    "status": 404,
    "code": "payment_not_found",
}
INVALID = {
    "type": "/problems/invalid-signature",
    "title": "The gateway does not vouch for what was handed in.",
    "status": 400,
    "code": "invalid_signature",
}


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return send(buyer, basket(ring=1)).json


@pytest.fixture
def opened(buyer, order):
    return buyer.open_payment(order["id"])


@pytest.fixture
def paid(shop, opened):
    """What Razorpay's checkout gave to the browser."""
    return shop.gateway.pay(opened["razorpay_order_id"])


def verify(buyer, paid):
    return buyer.post("/api/v1/payments/verify", paid)


def test_a_right_signature_marks_the_payment_as_verified_and_confirms_nothing(
    shop, buyer, order, opened, paid, session
):
    response = verify(buyer, paid)

    payment = session.scalars(select(Payment)).one()
    assert (response.status_code, response.json) == (
        200,
        {
            "payment_id": opened["payment_id"],
            "gateway": "razorpay",
            "order_id": order["id"],
            "status": "created",
            "amount": 103_000,
            "currency": "INR",
            "verified_at": payment.verified_at.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            ),
        },
    )
    afterwards = buyer.order(order["id"])
    assert (afterwards["status"], afterwards["payment_status"]) == ("pending", "pending")
    assert session.scalars(select(PaymentAttempt)).all() == []
    levels = shop.levels("ring")
    assert (levels.on_hand, levels.reserved, levels.committed) == (5, 1, 0)
    assert shop.on_hand("ring") == 5


def test_a_verified_payment_gives_the_payer_thirty_minutes_from_now_on(
    buyer, order, paid, session, redis
):
    before, first_deadline = redis.time(), deadline_ms(redis, "ring", order["id"])

    verify(buyer, paid)

    deadline, after = deadline_ms(redis, "ring", order["id"]), redis.time()
    thirty_minutes_ms = 30 * 60 * 1000
    assert ms(before) + thirty_minutes_ms <= deadline <= ms(after) + thirty_minutes_ms
    assert deadline - first_deadline >= 15 * 60 * 1000
    assert redis.get(reservation(order["id"])) == str(deadline)
    assert session.scalars(select(Order.expires_at)).one() == instant(deadline)
    assert session.scalars(select(Reservation.deadline_at)).one() == instant(deadline)


def ms(time):
    seconds, microseconds = time
    return seconds * 1000 + microseconds // 1000


def test_verifying_twice_extends_once(buyer, paid, session, redis):
    first = verify(buyer, paid)
    before = everything(session, redis)

    second = verify(buyer, paid)

    assert (second.status_code, second.json) == (200, first.json)
    assert everything(session, redis) == before


def test_a_second_try_to_pay_extends_nothing_more(shop, buyer, opened, session, redis):
    verify(buyer, shop.gateway.pay(opened["razorpay_order_id"], "failed"))
    before = everything(session, redis)

    again = verify(buyer, shop.gateway.pay(opened["razorpay_order_id"]))

    assert again.status_code == 200
    assert everything(session, redis) == before


def test_verifying_at_once_comes_to_one_deadline(buyer, order, paid, session, redis, monkeypatch):
    """All have read the order before the first of them extends it."""
    really_find, really_extend = orders.find, scripts.extend
    together, extended = Barrier(4), []

    def find(*args, **kwargs):
        found = really_find(*args, **kwargs)
        together.wait(timeout=30)
        return found

    def extend(*args, **kwargs):
        extended.append(really_extend(*args, **kwargs))
        return extended[-1]

    monkeypatch.setattr(orders, "find", find)
    monkeypatch.setattr(scripts, "extend", extend)

    answers = at_once([lambda: verify(buyer, paid)] * 4)

    assert [r.status_code for r in answers] == [200] * 4
    assert [r.json for r in answers] == [answers[0].json] * 4
    deadline = max(each.deadline_ms for each in extended)
    assert deadline == deadline_ms(redis, "ring", order["id"])
    assert session.scalars(select(Order.expires_at)).one() == instant(deadline)


def flipped(signature):
    return ("0" if signature[0] != "0" else "1") + signature[1:]


@pytest.mark.parametrize("part", ["razorpay_signature", "razorpay_payment_id"])
def test_a_wrong_signature_is_refused_and_changes_nothing(buyer, paid, session, redis, part):
    forged = {
        "razorpay_signature": flipped(paid["razorpay_signature"]),
        "razorpay_payment_id": "pay_00000000000000",
    }
    before = everything(session, redis)

    response = verify(buyer, paid | {part: forged[part]})

    assert (response.status_code, told(response)) == (400, INVALID)
    assert everything(session, redis) == before


def test_the_signature_of_one_order_is_worth_nothing_on_another(buyer, paid, session, redis):
    other = send(buyer, basket(ring=2), "another").json
    opened = buyer.open_payment(other["id"])
    before = everything(session, redis)

    response = verify(buyer, paid | {"razorpay_order_id": opened["razorpay_order_id"]})

    assert (response.status_code, told(response)) == (400, INVALID)
    assert everything(session, redis) == before


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_another_customers_payment_is_not_there_whatever_the_signature(
    shop, paid, session, redis, is_right
):
    stranger = shop.customer()
    signature = paid["razorpay_signature"]
    before = everything(session, redis)

    response = verify(
        stranger, paid | {"razorpay_signature": signature if is_right else flipped(signature)}
    )

    assert (response.status_code, told(response)) == (404, NOT_FOUND)
    assert everything(session, redis) == before


def test_a_razorpay_order_that_is_none_of_ours_is_not_there(buyer, paid):
    response = verify(buyer, paid | {"razorpay_order_id": "order_00000000000000"})

    assert (response.status_code, told(response)) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("razorpay_signature", ""),
        ("razorpay_signature", "0" * 63),
        ("razorpay_signature", "0" * 65),
        ("razorpay_signature", "A" * 64),
        ("razorpay_signature", "é" * 64),
        ("razorpay_signature", "0" * 64 + "\n0"),
        ("razorpay_order_id", "pay_29QQoUBi66xm2f"),
        ("razorpay_order_id", "order_" + "a" * 59),
        ("razorpay_order_id", "order_|pay_29QQoUBi66xm2f"),
        ("razorpay_payment_id", "order_9A33XWu170gUtm"),
        ("razorpay_payment_id", "pay_%s"),
    ],
)
def test_what_razorpay_cannot_have_given_is_refused_by_name(
    buyer, paid, session, redis, field, value
):
    before = everything(session, redis)

    response = verify(buyer, paid | {field: value})

    pointers = {error["pointer"] for error in response.json["errors"]}
    assert (response.status_code, pointers) == (422, {f"#/{field}"})
    assert everything(session, redis) == before


def test_a_payment_verified_after_the_time_was_up_takes_no_units(
    shop, buyer, order, paid, session, redis
):
    let_time_run_out(session, redis, order["id"], "ring")
    rival = send(shop.customer(), basket(ring=5))

    response = verify(buyer, paid)

    assert (rival.status_code, response.status_code) == (201, 200)
    assert session.scalars(select(Payment.verified_at)).one() is not None
    assert buyer.order(order["id"])["expires_at"] == "2026-01-01T00:00:00.000Z"
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (5, 0)


def test_a_payment_verified_after_the_order_was_cancelled_takes_no_units(
    shop, buyer, order, paid, session
):
    buyer.post(f"/api/v1/orders/{order['id']}/cancel", {})

    response = verify(buyer, paid)

    assert response.status_code == 200
    assert buyer.order(order["id"])["status"] == "cancelled"
    assert reservations(session) == [(1, "released")]
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (0, 5)


def test_a_failed_try_is_verified_like_any_other_and_pays_nothing(
    shop, buyer, order, opened, session
):
    """The signature says which order a payment is for, and not that money came."""
    response = verify(buyer, shop.gateway.pay(opened["razorpay_order_id"], "failed"))

    assert (response.status_code, response.json["status"]) == (200, "created")
    assert buyer.order(order["id"])["payment_status"] == "pending"
