"""Money that somebody sent back at the gateway crosses what the shop was about to send back."""

from uuid import UUID

import pytest

from app.payments.gateway import gateway
from app.payments.razorpay import Razorpay
from app.payments.refunds import REFUNDED_ELSEWHERE
from app.treasury.refund import send_refund
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, make_due, purchase
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


@pytest.fixture
def misfit(shop):
    """An order that was paid with another amount than its price, which has to go back whole."""
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=100_000)
    bought.tell("payment.captured", paid)
    shop.work("webhooks")
    return bought, paid


def test_a_refund_of_ours_that_was_not_sent_yet_makes_way(shop, session, boss, order):
    bought, paid = order
    refund_id = ask_back(boss, bought).json["id"]

    tell_refund(shop, "refund.processed", by_hand(shop, paid, 20_000))
    shop.work()

    assert told(session) == [
        (bought.total, "failed", True, REFUNDED_ELSEWHERE),
        (20_000, "processed", False, None),
    ]
    assert len(at_gateway(shop, paid)) == 1
    assert bought.status == ("confirmed", "partially_refunded")
    assert boss.post(f"/api/v1/admin/refunds/{refund_id}/retry").status_code == 409
    assert_balanced(session, **{paid: [20_000]})
    assert findings(session) == []


def test_for_one_of_ours_that_made_way_the_gateway_is_not_asked(shop, boss, order, monkeypatch):
    """Its job is still to come, and finds that there is nothing to do."""
    bought, paid = order
    refund_id = ask_back(boss, bought).json["id"]
    tell_refund(shop, "refund.processed", by_hand(shop, paid, 20_000))
    shop.work("webhooks")
    asked = []
    monkeypatch.setattr(gateway("razorpay"), "refund", lambda *_, **how: asked.append(how))

    send_refund(UUID(refund_id))

    assert asked == []


def test_only_the_latest_of_ours_make_way_and_only_as_many_as_have_to(shop, session, boss, order):
    bought, paid = order
    for number, amount in enumerate([bought.total - 50_000, 30_000, 20_000]):
        ask_back(boss, bought, amount, f"part-{number}")

    tell_refund(shop, "refund.processed", by_hand(shop, paid, 40_000))
    shop.work()

    assert told(session) == [
        (bought.total - 50_000, "processed", True, None),
        (30_000, "failed", True, REFUNDED_ELSEWHERE),
        (20_000, "failed", True, REFUNDED_ELSEWHERE),
        (40_000, "processed", False, None),
    ]
    assert counted(session, paid) == (bought.total - 10_000, 0)
    assert_balanced(session, **{paid: [bought.total - 50_000, 40_000]})


def test_a_refund_of_ours_that_still_fits_goes_out_beside_it(shop, session, boss, order):
    bought, paid = order
    ask_back(boss, bought, 20_000)

    tell_refund(shop, "refund.processed", by_hand(shop, paid, bought.total - 20_000))
    shop.work()

    assert told(session) == [
        (20_000, "processed", True, None),
        (bought.total - 20_000, "processed", False, None),
    ]
    assert bought.status == ("confirmed", "refunded")


def test_the_rest_of_what_has_to_go_back_whole_is_asked_for_again(shop, session, misfit):
    bought, paid = misfit

    tell_refund(shop, "refund.processed", by_hand(shop, paid, 30_000))
    shop.work()

    assert told(session) == [
        (100_000, "failed", True, REFUNDED_ELSEWHERE),
        (30_000, "processed", False, None),
        (70_000, "processed", True, None),
    ]
    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [30_000, 70_000]
    assert bought.status == ("pending", "refunded")
    assert_balanced(session, **{paid: [30_000, 70_000]})
    assert findings(session) == []


def test_nothing_is_asked_for_again_where_all_went_back(shop, session, misfit):
    bought, paid = misfit

    tell_refund(shop, "refund.processed", by_hand(shop, paid, 100_000))
    shop.work()

    assert told(session) == [
        (100_000, "failed", True, REFUNDED_ELSEWHERE),
        (100_000, "processed", False, None),
    ]
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_one_that_no_event_told_of_is_found_when_ours_is_refused(shop, session, misfit):
    _, paid = misfit
    by_hand(shop, paid, 30_000)
    shop.work()
    [refused] = told(session)
    assert refused[:3] == (100_000, "pending", True)
    assert "greater than amount captured" in refused[3]

    poll(session)
    shop.work()

    assert told(session) == [
        (100_000, "failed", True, REFUNDED_ELSEWHERE),
        (30_000, "processed", False, None),
        (70_000, "processed", True, None),
    ]
    assert [(kind, is_open) for kind, _, is_open in alerts(session)] == [
        ("amount_mismatch", True),
        ("refund_stuck", False),
    ]


def test_one_that_no_event_told_of_does_not_stand_in_for_ours(shop, session, boss, order):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", no_balance=True)
    ask_back(boss, bought, 20_000)
    shop.work()
    shop.gateway.clear()
    by_hand(shop, paid, 30_000)

    poll(session)

    assert told(session) == [
        (20_000, "processed", True, None),
        (30_000, "processed", False, None),
    ]
    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [30_000, 20_000]
    assert_balanced(session, **{paid: [20_000, 30_000]})


@pytest.mark.parametrize("is_newest_first", [False, True], ids=["oldest first", "newest first"])
def test_one_in_place_of_ours_that_failed_unheard_is_booked(
    shop, session, boss, order, monkeypatch, is_newest_first
):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", refund_status="pending", next_n=1)
    ask_back(boss, bought)
    shop.work()
    end(shop, at_gateway(shop, paid)[0], "failed")
    tell_refund(shop, "refund.processed", by_hand(shop, paid, bought.total))
    shop.work()
    refunds = Razorpay.refunds
    step = -1 if is_newest_first else 1
    monkeypatch.setattr(Razorpay, "refunds", lambda *args: refunds(*args)[::step])

    poll(session)
    make_due(session)
    shop.work()

    assert sorted(told(session)) == [
        (bought.total, "failed", True, None),
        (bought.total, "processed", False, None),
    ]
    assert events(session)[-1] == ("refund.processed", "processed", None)
    assert (bought.status, counted(session, paid)) == (
        ("confirmed", "refunded"),
        (bought.total, 0),
    )
    assert_balanced(session, **{paid: [bought.total]})


def unheard(shop, refund_id):
    """Have a refund made at the gateway, and the shop hear nothing of it."""
    shop.gateway.fault(route="refunds.create", reset_after=True)
    assert send_refund(UUID(refund_id)) is False
    shop.gateway.clear()


def test_of_ours_the_one_that_was_never_asked_for_is_the_first_to_make_way(
    shop, session, boss, order
):
    bought, paid = order
    half, rest = bought.total // 2, bought.total - bought.total // 2
    ask_back(boss, bought, half, "first")
    unheard(shop, ask_back(boss, bought, rest, "second").json["id"])

    tell_refund(shop, "refund.processed", by_hand(shop, paid, half))
    shop.work("webhooks")
    assert [status for _, status, *_ in told(session)] == ["failed", "pending", "processed"]
    poll(session)

    assert told(session) == [
        (half, "failed", True, REFUNDED_ELSEWHERE),
        (rest, "processed", True, None),
        (half, "processed", False, None),
    ]
    assert_balanced(session, **{paid: [half, rest]})


def test_one_of_ours_that_made_way_and_had_gone_out_unheard_is_booked_after_all(
    shop, session, boss, order
):
    bought, paid = order
    half, rest = bought.total // 2, bought.total - bought.total // 2
    shop.gateway.fault(route="refunds.create", no_balance=True)
    ask_back(boss, bought, half, "first")
    shop.work()
    unheard(shop, ask_back(boss, bought, rest, "second").json["id"])
    [made] = at_gateway(shop, paid)
    tell_refund(shop, "refund.processed", by_hand(shop, paid, half))
    shop.work()
    assert [status for _, status, *_ in told(session)] == ["pending", "failed", "processed"]

    tell_refund(shop, "refund.processed", made)
    shop.work()

    assert told(session) == [
        (half, "failed", True, REFUNDED_ELSEWHERE),
        (rest, "processed", True, None),
        (half, "processed", False, None),
    ]
    assert (bought.status, counted(session, paid)) == (
        ("confirmed", "refunded"),
        (bought.total, 0),
    )
    assert_balanced(session, **{paid: [half, rest]})
    assert findings(session) == []


def test_one_of_ours_for_which_the_bank_left_no_room_is_not_sent(shop, session, boss, order):
    bought, paid = order
    half, rest = bought.total // 2, bought.total - bought.total // 2
    shop.gateway.fault(route="refunds.create", no_balance=True)
    ask_back(boss, bought, rest, "first")
    shop.work()
    shop.gateway.clear()
    tell_of_loss(shop, paid, half)
    by_hand(shop, paid, half)

    poll(session)

    assert told(session) == [
        (rest, "failed", True, REFUNDED_ELSEWHERE),
        (half, "processed", False, None),
    ]
    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [half]
    assert counted(session, paid) == (half, half)
    assert findings(session) == []


def tell_of_loss(shop, paid, amount):
    """Let the payer's bank have taken a part of a capture in a dispute."""
    payment = shop.gateway.payment(paid)
    lost = {
        "id": "disp_EsIAlDcoUr8CaQ", "payment_id": paid, "amount": amount, "currency": "INR",
        "amount_deducted": amount, "status": "lost",
    }  # fmt: skip
    shop.deliver(shop.gateway.event("payment.dispute.lost", payment, dispute=lost))
    shop.work()
