"""Staff send money of a paid order back, whole or in parts, and never more than came."""

import pytest
from sqlalchemy import select

from app.payments.models import Refund
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import given_back, jobs_staged, purchase
from tests.treasury.money import (
    alerts,
    ask_back,
    at_gateway,
    counted,
    end,
    findings,
    paid_order,
    poll,
    tell_refund,
)


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def order(shop):
    """A paid order, and the id of the try that pays for it."""
    return paid_order(shop)


def shown(boss, bought):
    return boss.get(f"/api/v1/admin/payments/{bought.opened['payment_id']}").json


def again(boss, refund_id):
    return boss.post(f"/api/v1/admin/refunds/{refund_id}/retry")


def test_a_part_goes_back_and_the_order_says_so(shop, session, boss, order):
    bought, paid = order

    asked = ask_back(boss, bought, 20_000)

    refund = asked.json
    assert (asked.status_code, refund.pop("created_at")[-1]) == (202, "Z")
    refund_id = refund.pop("id")
    assert refund == {
        "gateway_payment_id": paid,
        "gateway_refund_id": None,
        "amount": 20_000,
        "status": "pending",
        "reason": "the stone is loose",
        "actor": f"staff:{boss.id}",
        "is_ours": True,
        "speed": "normal",
        "speed_processed": None,
        "polls": 0,
        "last_error": None,
        "ended_at": None,
    }
    assert bought.status == ("confirmed", "captured")
    shop.work()
    assert bought.status == ("confirmed", "partially_refunded")
    [booked] = at_gateway(shop, paid)
    told = {name: booked[name] for name in ("amount", "receipt", "speed_requested", "status")}
    assert told == {
        "amount": 20_000,
        "receipt": refund_id,
        "speed_requested": "normal",
        "status": "processed",
    }
    assert counted(session, paid) == (20_000, 0)
    assert_balanced(session, **{paid: [20_000]})
    assert findings(session) == []


def test_all_of_it_goes_back_where_no_amount_is_named(shop, session, boss, order):
    bought, paid = order

    assert ask_back(boss, bought).json["amount"] == bought.total
    shop.work()

    assert bought.status == ("confirmed", "refunded")
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert shown(boss, bought)["refundable"] == 0
    assert_balanced(session, **{paid: [bought.total]})


def test_two_parts_and_then_the_rest_go_back(shop, session, boss, order):
    bought, paid = order
    rest = bought.total - 30_000

    stood = []
    for number, amount in enumerate([10_000, 20_000, None]):
        assert ask_back(boss, bought, amount, f"part-{number}").status_code == 202
        shop.work()
        stood.append((bought.status[1], shown(boss, bought)["refundable"]))

    assert stood == [
        ("partially_refunded", bought.total - 10_000),
        ("partially_refunded", rest),
        ("refunded", 0),
    ]
    assert given_back(shop, paid) == [
        (10_000, "processed"),
        (20_000, "processed"),
        (rest, "processed"),
    ]
    assert_balanced(session, **{paid: [10_000, 20_000, rest]})
    assert findings(session) == []


def test_what_is_on_its_way_counts_as_gone(shop, session, boss, order):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    ask_back(boss, bought, 20_000)
    shop.work()

    refused = ask_back(boss, bought, bought.total - 20_000 + 1, "return-2")

    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (
        409,
        "refund_exceeds_capture",
        bought.total - 20_000,
    )
    assert bought.status == ("confirmed", "captured")
    assert counted(session, paid) == (20_000, 0)


def test_more_than_was_captured_is_refused_with_what_is_left(shop, session, boss, order):
    bought, paid = order

    refused = ask_back(boss, bought, bought.total + 1)

    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (
        409,
        "refund_exceeds_capture",
        bought.total,
    )
    assert (counted(session, paid), jobs_staged(session, "payments.refund")) == ((0, 0), 0)


@pytest.mark.parametrize("amount", [None, 1], ids=["the rest", "one paisa"])
def test_nothing_more_goes_back_once_all_of_it_has(shop, session, boss, order, amount):
    bought, paid = order
    ask_back(boss, bought)
    shop.work()

    refused = ask_back(boss, bought, amount, "return-2")

    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (
        409,
        "refund_exceeds_capture",
        0,
    )
    assert counted(session, paid) == (bought.total, 0)


@pytest.mark.parametrize("amount", [20_000, None], ids=["a part", "all of it"])
def test_a_request_that_is_repeated_is_the_same_refund(shop, session, boss, order, amount):
    bought, paid = order
    first = ask_back(boss, bought, amount)
    shop.work()

    repeated = ask_back(boss, bought, amount)
    shop.work()

    assert repeated.status_code == 202
    assert (repeated.json["id"], repeated.json["status"]) == (first.json["id"], "processed")
    assert given_back(shop, paid) == [(first.json["amount"], "processed")]
    assert jobs_staged(session, "payments.refund") == 1
    assert_balanced(session, **{paid: [first.json["amount"]]})


def test_another_amount_under_the_same_reference_is_refused(shop, session, boss, order):
    bought, paid = order
    ask_back(boss, bought, 20_000)

    refused = ask_back(boss, bought, 20_001)

    assert (refused.status_code, refused.json["code"]) == (409, "reference_reused")
    assert counted(session, paid) == (20_000, 0)


def test_a_reference_is_of_one_payment(shop, boss, order):
    other, _ = paid_order(shop)

    ids = [ask_back(boss, bought, 20_000).json["id"] for bought in (order[0], other)]

    assert len(set(ids)) == 2


def test_what_was_not_captured_is_not_refunded(shop, session, boss):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.authorized", bought.pay("failed"), status="authorized")
    shop.work()

    refused = ask_back(boss, bought)

    assert (refused.status_code, refused.json["code"]) == (404, "attempt_not_found")
    assert values(session.execute(select(Refund.id))) == []


def test_only_an_admin_sends_money_back(shop, session, boss, order):
    bought, _ = order
    refund_id = ask_back(boss, bought, 20_000).json["id"]

    for role in ("customer", "staff"):
        somebody = shop.customer(role=role)
        assert ask_back(somebody, bought, 10_000, "return-2").status_code == 403
        assert again(somebody, refund_id).status_code == 403

    assert list(session.scalars(select(Refund.amount))) == [20_000]


def test_a_refund_at_once_is_asked_for_as_such(shop, boss, order):
    bought, paid = order
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"

    asked = boss.post(path, {"reason": "broken", "reference": "return-1", "speed": "optimum"})
    shop.work()

    assert asked.json["speed"] == "optimum"
    [booked] = at_gateway(shop, paid)
    assert (booked["speed_requested"], booked["speed_processed"]) == ("optimum", "instant")


def failed_refund(shop, boss, order):
    """Have all of an order asked back, and the gateway fail at it; returns the refund's id."""
    bought, paid = order
    shop.gateway.fault(route="refunds.create", refund_status="pending", next_n=1)
    refund_id = ask_back(boss, bought).json["id"]
    shop.work()
    tell_refund(shop, "refund.failed", end(shop, at_gateway(shop, paid)[0], "failed"))
    shop.work()
    return refund_id


def test_a_refund_that_failed_is_the_shops_money_again_and_told_to_a_person(
    shop, session, boss, order
):
    bought, paid = order

    refund_id = failed_refund(shop, boss, order)

    assert alerts(session) == [("refund_failed", refund_id, True)]
    assert (counted(session, paid), bought.status) == ((0, 0), ("confirmed", "captured"))
    assert shown(boss, bought)["refundable"] == bought.total
    assert_balanced(session)
    assert findings(session) == []


def test_a_refund_that_failed_is_written_anew_and_goes_back(shop, session, boss, order):
    bought, paid = order
    refund_id = failed_refund(shop, boss, order)

    anew = again(boss, refund_id)
    repeated = again(boss, refund_id)
    shop.work()

    assert (anew.status_code, anew.json["status"], anew.json["amount"]) == (
        202,
        "pending",
        bought.total,
    )
    assert repeated.json["id"] == anew.json["id"] != refund_id
    assert given_back(shop, paid) == [(bought.total, "failed"), (bought.total, "processed")]
    assert bought.status == ("confirmed", "refunded")
    statuses = session.execute(select(Refund.id, Refund.status).order_by(Refund.created_at))
    assert [(str(one), status) for one, status in statuses] == [
        (refund_id, "failed"),
        (anew.json["id"], "processed"),
    ]
    assert_balanced(session, **{paid: [bought.total]})


def test_a_refund_that_failed_is_not_written_anew_where_the_money_is_gone(
    shop, session, boss, order
):
    bought, paid = order
    refund_id = failed_refund(shop, boss, order)
    ask_back(boss, bought, 20_000, "return-2")

    refused = again(boss, refund_id)

    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (
        409,
        "refund_exceeds_capture",
        bought.total - 20_000,
    )
    assert counted(session, paid) == (20_000, 0)


def test_a_failure_that_somebody_has_seen_to_is_not_told_once_more(shop, session, boss, order):
    refund_id = failed_refund(shop, boss, order)
    [alert] = boss.get("/api/v1/admin/alerts").json["items"]
    boss.post(f"/api/v1/admin/alerts/{alert['id']}/close")

    [failed] = at_gateway(shop, order[1])
    tell_refund(shop, "refund.failed", failed)
    shop.work()

    assert alerts(session) == [("refund_failed", refund_id, False)]


def test_a_refund_that_waits_is_asked_for_at_once_when_staff_say_so(shop, session, boss, order):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", no_balance=True)
    refund_id = ask_back(boss, bought, 20_000).json["id"]
    shop.work()
    for _ in range(3):
        poll(session)
    assert alerts(session) == [("refund_stuck", refund_id, True)]
    shop.gateway.clear()

    assert again(boss, refund_id).json["polls"] == 0
    shop.work()

    assert given_back(shop, paid) == [(20_000, "processed")]
    assert (bought.status[1], alerts(session)) == (
        "partially_refunded",
        [("refund_stuck", refund_id, False)],
    )


def test_a_refund_that_has_gone_through_is_not_asked_for_again(shop, session, boss, order):
    bought, paid = order
    refund_id = ask_back(boss, bought, 20_000).json["id"]
    shop.work()

    repeated = again(boss, refund_id)
    shop.work()

    assert (repeated.json["id"], repeated.json["status"]) == (refund_id, "processed")
    assert given_back(shop, paid) == [(20_000, "processed")]
    assert_balanced(session, **{paid: [20_000]})
