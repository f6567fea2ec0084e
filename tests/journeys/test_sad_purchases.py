"""Purchases that do not go smoothly, step by step over HTTP."""

from tests.payments.balance import assert_balanced
from tests.payments.purchase import given_back, run_out
from workers.expiry import expire_orders


def status(buyer, order):
    told = buyer.get(f"/api/v1/orders/{order['id']}/payment-status").json
    return told["order_status"], told["payment_status"]


def deliver(shop, name, payment_id):
    event = shop.gateway.event(name, shop.gateway.payment(payment_id))
    assert shop.deliver(event).status_code == 200
    shop.work()


def test_what_one_buyer_does_not_pay_another_buyer_gets(shop, session):
    shop.product("ring", 1)
    first, second = shop.customer(), shop.customer()
    unpaid = first.check_out(ring=1).json
    first.open_payment(unpaid["id"])
    refused = second.check_out(ring=1)
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    assert shop.levels("ring").available == 0

    run_out(session, unpaid["id"])
    assert shop.levels("ring").available == 1
    assert expire_orders() == 1
    assert status(first, unpaid) == ("expired", "pending")
    too_late = first.post(f"/api/v1/orders/{unpaid['id']}/payments")
    assert (too_late.status_code, too_late.json["code"]) == (409, "reservation_expired")

    bought = second.check_out(ring=1).json
    paid = shop.gateway.pay(second.open_payment(bought["id"])["razorpay_order_id"])
    assert second.post("/api/v1/payments/verify", paid).status_code == 200
    deliver(shop, "payment.captured", paid["razorpay_payment_id"])

    assert status(second, bought) == ("confirmed", "captured")
    assert status(first, unpaid) == ("expired", "pending")
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (0, 0)
    assert_balanced(session)


def test_a_payment_that_fails_is_tried_again_on_the_same_order(shop, session):
    shop.product("ring", 1)
    buyer = shop.customer()
    order = buyer.check_out(ring=1).json
    opened = buyer.open_payment(order["id"])
    failed = shop.gateway.pay(opened["razorpay_order_id"], "failed", reason="card_declined")
    deliver(shop, "payment.failed", failed["razorpay_payment_id"])
    assert status(buyer, order) == ("pending", "failed")
    assert shop.levels("ring").reserved == 1

    again = buyer.open_payment(order["id"])
    assert again["razorpay_order_id"] == opened["razorpay_order_id"]
    paid = shop.gateway.pay(again["razorpay_order_id"])
    assert buyer.post("/api/v1/payments/verify", paid).status_code == 200
    deliver(shop, "payment.captured", paid["razorpay_payment_id"])
    deliver(shop, "order.paid", paid["razorpay_payment_id"])

    assert status(buyer, order) == ("confirmed", "captured")
    assert shop.on_hand("ring") == 0
    assert_balanced(session)


def test_a_buyer_who_pays_too_late_for_the_last_unit_has_the_money_back(shop, session):
    shop.product("ring", 1)
    late, quick = shop.customer(), shop.customer()
    missed = late.check_out(ring=1).json
    opened = late.open_payment(missed["id"])
    run_out(session, missed["id"])
    assert expire_orders() == 1
    bought = quick.check_out(ring=1).json
    paid = shop.gateway.pay(quick.open_payment(bought["id"])["razorpay_order_id"])
    deliver(shop, "payment.captured", paid["razorpay_payment_id"])
    assert status(quick, bought) == ("confirmed", "captured")

    too_late = shop.gateway.pay(opened["razorpay_order_id"])
    late.post("/api/v1/payments/verify", too_late)
    assert status(late, missed) == ("expired", "pending")
    deliver(shop, "payment.captured", too_late["razorpay_payment_id"])

    assert status(late, missed) == ("expired", "refunded")
    assert given_back(shop, too_late["razorpay_payment_id"]) == [(opened["amount"], "processed")]
    assert given_back(shop, paid["razorpay_payment_id"]) == []
    assert status(quick, bought) == ("confirmed", "captured")
    assert shop.on_hand("ring") == 0
    assert_balanced(session)


def test_a_buyer_who_pays_a_cancelled_order_gets_it_while_there_are_units(shop, session):
    shop.product("ring", 1)
    buyer = shop.customer()
    order = buyer.check_out(ring=1).json
    opened = buyer.open_payment(order["id"])
    assert buyer.post(f"/api/v1/orders/{order['id']}/cancel").json["status"] == "cancelled"
    assert shop.levels("ring").available == 1

    paid = shop.gateway.pay(opened["razorpay_order_id"])
    deliver(shop, "payment.captured", paid["razorpay_payment_id"])

    assert status(buyer, order) == ("confirmed", "captured")
    assert shop.on_hand("ring") == 0
    assert_balanced(session)
