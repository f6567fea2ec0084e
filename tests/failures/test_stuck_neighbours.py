"""One payment or refund that cannot be got on with: the others of the same run are."""

import pytest

from app.core.problems import ServiceUnavailable
from app.treasury import refund as refunding
from tests.failures.account import account
from tests.failures.polling import let_time_pass, poll
from tests.failures.soundness import assert_sound
from tests.failures.together import finish
from tests.payments.purchase import given_back, purchase
from workers.payments import poll_refunds


def test_payments_at_a_gateway_that_the_shop_gave_up_hide_none_at_the_others(shop, session):
    """razorpay-woocommerce#156, #181: paid, and pending for as long as somebody else's is stuck"""
    shop.product("stud", 3)
    shop.product("ring", 3)
    paid = []
    for _ in range(3):
        buyer = shop.customer()
        order_id = buyer.check_out(stud=1).json["id"]
        path = f"/api/v1/orders/{order_id}/payments"
        assert buyer.post(path, {"gateway": "stripe"}).status_code == 200
        paid.append(purchase(shop, ring=1))
        paid[-1].pay()

    with account(stripe_secret_key=None, payment_gateways=("razorpay",)):
        poll(shop, session)

    assert [bought.status for bought in paid] == [("confirmed", "captured")] * 3
    assert_sound(shop, session)


@pytest.mark.parametrize("error", [ServiceUnavailable(), ZeroDivisionError()], ids=repr)
def test_a_refund_that_cannot_be_written_down_now_keeps_no_other_waiting(
    shop, session, monkeypatch, error
):
    """razorpay-node#414: refunds that wait for one another"""
    shop.product("ring", 3)
    odd = []
    for _ in range(3):
        bought = purchase(shop, ring=1)
        odd.append((bought, bought.pay(amount=bought.total + 100)))
        bought.tell("payment.captured", odd[-1][1])
    shop.work("webhooks")
    follow_refund, fails = refunding.follow_refund, [error]

    def first_fails(news):
        if fails:
            raise fails.pop()
        follow_refund(news)

    monkeypatch.setattr(refunding, "follow_refund", first_fails)
    let_time_pass(session)
    poll_refunds()
    ended = sorted(bought.status for bought, _ in odd)
    assert ended == [("pending", "captured"), *[("pending", "refunded")] * 2]

    finish(shop, session)
    assert {bought.status for bought, _ in odd} == {("pending", "refunded")}
    for bought, paid in odd:
        assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert_sound(shop, session)
