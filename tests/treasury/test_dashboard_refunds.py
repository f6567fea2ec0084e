"""Money that somebody sent back at the gateway's dashboard, past the shop, counts all the same."""

import pytest
from sqlalchemy import select

from app.payments.models import Refund
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, purchase
from tests.treasury.money import (
    alerts,
    ask_back,
    at_gateway,
    by_hand,
    counted,
    end,
    findings,
    paid_order,
    poll,
    tell_refund,
    told,
)


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def order(shop):
    """A paid order, and the id of the try that pays for it."""
    return paid_order(shop)


@pytest.mark.parametrize("amount", [20_000, None], ids=["a part", "all of it"])
def test_it_is_booked_once_however_often_it_is_told(shop, session, order, amount):
    bought, paid = order
    amount = amount or bought.total
    refund = by_hand(shop, paid, amount)

    for name in ("refund.created", "refund.processed", "refund.created", "refund.speed_changed"):
        tell_refund(shop, name, refund)
    shop.work()

    entry = session.execute(
        select(
            Refund.gateway_refund_id,
            Refund.gateway_payment_id,
            Refund.amount,
            Refund.status,
            Refund.reason,
            Refund.actor,
            Refund.is_ours,
            Refund.next_poll_at,
        )
    )
    assert values(entry) == [
        (refund["id"], paid, amount, "processed", "made at the gateway", "gateway", False, None)
    ]
    stands = "refunded" if amount == bought.total else "partially_refunded"
    assert bought.status == ("confirmed", stands)
    assert {status for _, status, _ in events(session)} == {"processed"}
    assert counted(session, paid) == (amount, 0)
    assert_balanced(session, **{paid: [amount]})
    assert findings(session) == []


def test_staff_can_send_back_no_more_than_it_left(shop, boss, order):
    bought, paid = order
    tell_refund(shop, "refund.processed", by_hand(shop, paid, 20_000))
    shop.work()

    refused = ask_back(boss, bought, bought.total)
    rest = ask_back(boss, bought, reference="return-2")
    shop.work()

    assert (refused.status_code, refused.json["left"]) == (409, bought.total - 20_000)
    assert rest.json["amount"] == bought.total - 20_000
    assert bought.status == ("confirmed", "refunded")


def test_one_that_is_under_way_is_asked_about_until_it_has_ended(shop, session, order):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    refund = by_hand(shop, paid, 20_000)
    tell_refund(shop, "refund.created", refund)
    shop.work()
    assert (told(session), bought.status[1]) == ([(20_000, "pending", False, None)], "captured")

    end(shop, refund, "processed")
    poll(session)

    assert told(session) == [(20_000, "processed", False, None)]
    assert bought.status == ("confirmed", "partially_refunded")
    assert len(at_gateway(shop, paid)) == 1


def test_one_that_failed_is_the_shops_money_again(shop, session, order):
    _, paid = order
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    refund = by_hand(shop, paid, 20_000)
    tell_refund(shop, "refund.created", refund)
    shop.work()

    tell_refund(shop, "refund.failed", end(shop, refund, "failed"))
    shop.work()

    assert told(session) == [(20_000, "failed", False, None)]
    assert (counted(session, paid), [kind for kind, *_ in alerts(session)]) == (
        (0, 0),
        ["refund_failed"],
    )


def test_one_of_which_only_the_failure_is_told_never_counted(shop, session, boss, order):
    bought, paid = order
    ask_back(boss, bought)
    shop.gateway.fault(route="refunds.create", refund_status="failed", next_n=1)

    tell_refund(shop, "refund.failed", by_hand(shop, paid, 20_000))
    shop.work()

    assert told(session) == [
        (bought.total, "processed", True, None),
        (20_000, "failed", False, None),
    ]
    assert bought.status == ("confirmed", "refunded")
    assert_balanced(session, **{paid: [bought.total]})


@pytest.mark.parametrize("carries_payment", [True, False], ids=["told with it", "asked for"])
@pytest.mark.parametrize("is_known", [True, False], ids=["authorised", "unknown"])
def test_one_that_is_told_before_its_capture_is_booked_after_it(
    shop, session, carries_payment, is_known
):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    if is_known:
        bought.tell("payment.authorized", paid, status="authorized")
        shop.work()
    refund = by_hand(shop, paid, 20_000)
    event = shop.gateway.event("refund.processed", shop.gateway.payment(paid), refund=refund)
    if not carries_payment:
        event = shop.gateway.deliver_of({
            "entity": "event", "event": "refund.processed", "contains": ["refund"],
            "payload": {"refund": {"entity": refund}}, "created_at": 1764000000,
        })  # fmt: skip

    shop.deliver(event)
    shop.work()

    assert bought.status == ("confirmed", "partially_refunded")
    assert told(session) == [(20_000, "processed", False, None)]
    assert_balanced(session, **{paid: [20_000]})


@pytest.mark.parametrize("is_known", [True, False], ids=["no order", "another shop's order"])
def test_one_of_a_payment_that_is_not_ours_is_left_alone(shop, session, order, is_known):
    refund = by_hand(shop, order[1], 20_000) | {"payment_id": "pay_29QQoUBi66xm2f"}
    stranger = {
        "id": "pay_29QQoUBi66xm2f", "status": "captured", "captured": True, "amount": 50_000,
        "currency": "INR", "order_id": None if is_known else "order_EKwxwAgItmmXdp",
    }  # fmt: skip

    tell_refund(shop, "refund.processed", refund, stranger)
    shop.work()

    assert events(session)[-1] == ("refund.processed", "ignored", "not an order of this shop")
    assert told(session) == []
