"""Money comes when the order is expired or cancelled: it lives again, or the money goes back."""

import pytest

from app.checkout import complete
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    expire,
    given_back,
    make_due,
    open_jobs,
    purchase,
    refunds,
    run_out,
    sales,
)
from workers.expiry import expire_orders


def expired(session, bought):
    expire(session, bought.order_id)
    assert bought.status == ("expired", "pending")


def cancelled(session, bought):
    response = bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
    assert response.status_code == 200
    assert bought.status == ("cancelled", "pending")


def run_out_unnoticed(session, bought):
    run_out(session, bought.order_id)
    assert bought.status == ("pending", "pending")


ENDS = pytest.mark.parametrize(
    "end", [expired, cancelled, run_out_unnoticed], ids=["expired", "cancelled", "run out"]
)


@ENDS
def test_a_late_payer_gets_the_units_that_are_left(shop, session, end):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    end(session, bought)

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert (announced(session, "order.confirmed"), open_jobs(session)) == (1, [])
    assert_balanced(session)


@ENDS
def test_a_late_payer_whose_units_are_gone_gets_the_money_back(shop, session, end):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    end(session, bought)
    closed_as = bought.status[0]
    rival = purchase(shop, ring=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid)
    shop.work("webhooks")
    assert bought.status == (closed_as, "captured")
    assert refunds(session) == [(paid, bought.total, "pending", "sold_out")]
    assert given_back(shop, paid) == []

    shop.work()
    assert bought.status == (closed_as, "refunded")
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert announced(session, "order.confirmed") == 0

    rival.tell("payment.captured", rival.pay())
    shop.work()
    assert rival.status == ("confirmed", "captured")
    if closed_as == "pending":
        expire(session, bought.order_id)
    assert_balanced(session)


def test_one_short_product_sends_the_whole_late_payment_back(shop, session):
    shop.product("ring", 1)
    shop.product("chain", 5)
    bought = purchase(shop, ring=1, chain=2)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status == ("expired", "refunded")
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert (shop.levels("chain").available, shop.on_hand("chain")) == (5, 5)
    assert_balanced(session)


def test_a_payment_that_went_back_buys_nothing_when_it_is_told_again(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    rival = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    rival.buyer.post(f"/api/v1/orders/{rival.order_id}/cancel")
    assert shop.levels("ring").available == 1

    bought.tell("order.paid", paid, status="captured")
    shop.work()

    assert bought.status == ("expired", "refunded")
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert shop.levels("ring").available == 1
    assert_balanced(session)


def test_an_order_that_lives_again_cannot_expire_any_more(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    make_due(session)
    shop.work()
    expire_orders()

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_paid_units_cannot_be_bought_while_their_order_waits_for_postgres(
    shop, session, monkeypatch
):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    monkeypatch.setattr(complete, "_conclude", _postgres_is_away)
    shop.work("webhooks")
    run_out(session, bought.order_id)

    refused = shop.customer().check_out(ring=1)

    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    monkeypatch.undo()
    make_due(session)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def _postgres_is_away(*_, **__):
    raise ConnectionError("Postgres is away")
