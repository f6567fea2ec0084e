"""Paid orders that are given up before they leave the house: whole, or some units of them."""

from threading import Barrier

import pytest
from sqlalchemy import select

from app.fulfilment import cancel as story
from app.inventory.terms import Levels
from app.orders import orders
from app.payments.models import Payment, PaymentAttempt
from tests.api.snapshot import everything
from tests.checkout.steps import at_once
from tests.crashes.aftermath import reconcile
from tests.payments.balance import assert_balanced
from tests.payments.purchase import Purchase, given_back, purchase, refunds

RING, CHAIN, SHIPPING = 103_000, 10_300, 5_000


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")


@pytest.fixture
def bought(shop):
    """Three rings and a chain, paid for and confirmed; with the id of the try that paid."""
    shop.product("ring", 5)
    shop.product("chain", 2, price=10_000)
    found = purchase(shop, ring=3, chain=1)
    found.payment_id = found.pay()
    found.tell("payment.captured", found.payment_id)
    shop.work()
    assert found.status == ("confirmed", "captured")
    return found


def cancel(who, bought, *, admin=False, reason=None):
    root = "/api/v1/admin/orders" if admin else "/api/v1/orders"
    return who.post(f"{root}/{bought.order_id}/cancel", {"reason": reason} if reason else None)


def cancel_units(who, bought, reference="once", *, admin=False, **units):
    root = "/api/v1/admin/orders" if admin else "/api/v1/orders"
    lines = [{"sku": name.upper(), "quantity": count} for name, count in units.items()]
    return who.post(
        f"{root}/{bought.order_id}/cancel-units", {"reference": reference, "lines": lines}
    )


def move(staff, bought, status, **more):
    path = f"/api/v1/admin/orders/{bought.order_id}/status"
    return staff.post(path, {"status": status} | more)


@pytest.mark.parametrize("status", ["confirmed", "processing"])
def test_a_paid_order_that_is_cancelled_is_refunded_and_on_sale_again(
    shop, session, staff, bought, status
):
    if status == "processing":
        assert move(staff, bought, status).status_code == 200

    answer = cancel(bought.buyer, bought, reason="Changed my mind.")
    shop.work()

    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    assert [line["cancelled_quantity"] for line in answer.json["lines"]] == [1, 3]
    assert given_back(shop, bought.payment_id) == [(bought.total, "processed")]
    assert bought.status == ("cancelled", "refunded")
    assert shop.levels("ring") == Levels(5, 0, 0)
    assert shop.levels("chain") == Levels(2, 0, 0)
    assert_balanced(session)


def test_it_is_done_once(shop, session, redis, bought):
    cancel(bought.buyer, bought)
    shop.work()
    before = everything(session, redis)["rows"]

    again = cancel(bought.buyer, bought)
    shop.work()

    assert (again.status_code, again.json["status"]) == (200, "cancelled")
    assert everything(session, redis)["rows"] == before


def test_staff_may_cancel_too_and_say_why(shop, session, staff, bought):
    assert cancel(staff, bought, admin=True, reason="Broken in the box.").status_code == 200

    [*_, entry] = staff.get(f"/api/v1/admin/orders/{bought.order_id}").json["timeline"]

    assert (entry["actor"], entry["reason"]) == (f"staff:{staff.id}", "Broken in the box.")
    assert_balanced(session)


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_what_has_left_the_house_is_not_cancelled(shop, session, redis, staff, bought, status):
    for step in ("processing", "shipped", "delivered"):
        move(staff, bought, step)
        if step == status:
            break
    before = everything(session, redis)

    refusals = [
        cancel(bought.buyer, bought),
        cancel(staff, bought, admin=True),
        cancel_units(bought.buyer, bought, ring=1),
    ]

    assert [(r.status_code, r.json["code"], r.json["order_status"]) for r in refusals] == [
        (409, "order_not_cancellable", status)
    ] * 3
    assert everything(session, redis) == before


def test_units_are_given_up_for_exactly_what_they_were_paid(shop, session, bought):
    answer = cancel_units(bought.buyer, bought, ring=2)
    shop.work()

    assert answer.status_code == 200
    assert {line["sku"]: line["cancelled_quantity"] for line in answer.json["lines"]} == {
        "CHAIN": 0, "RING": 2,
    }  # fmt: skip
    assert given_back(shop, bought.payment_id) == [(2 * RING, "processed")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert shop.levels("ring") == Levels(4, 0, 0)
    assert_balanced(session)


def test_with_the_last_unit_the_order_is_over_and_all_of_the_money_back(shop, session, bought):
    cancel_units(bought.buyer, bought, "first", ring=1)
    cancel_units(bought.buyer, bought, "second", ring=2)
    assert bought.status[0] == "confirmed"

    last = cancel_units(bought.buyer, bought, "third", chain=1)
    shop.work()

    assert last.json["status"] == "cancelled"
    amounts = sorted(amount for amount, _ in given_back(shop, bought.payment_id))
    assert amounts == sorted([RING, 2 * RING, bought.total - 3 * RING])
    assert bought.status == ("cancelled", "refunded")
    assert_balanced(session)


def test_shares_of_a_line_add_up_to_it_to_the_paisa(shop, session):
    shop.product("bead", 3, price=33_333, tax_basis_points=333)
    bought = purchase(shop, bead=3)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    [line] = bought.buyer.order(bought.order_id)["lines"]

    for number in range(3):
        assert cancel_units(bought.buyer, bought, f"no. {number}"[-1], bead=1).status_code == 200

    amounts = [amount for _, amount, _, _ in refunds(session)]
    assert sum(amounts[:2]) < line["total"]["amount"]
    assert sum(amounts) == bought.total
    assert_balanced(session)


def test_a_reference_is_good_for_one_wish(shop, session, redis, bought):
    assert cancel_units(bought.buyer, bought, ring=1).status_code == 200
    before = everything(session, redis)

    again = cancel_units(bought.buyer, bought, ring=1)
    other = cancel_units(bought.buyer, bought, ring=2)

    assert again.status_code == 200
    assert (other.status_code, other.json["code"]) == (409, "reference_reused")
    assert everything(session, redis) == before


def test_no_more_units_are_given_up_than_there_are(shop, session, redis, bought):
    cancel_units(bought.buyer, bought, "first", ring=1)
    before = everything(session, redis)

    refused = cancel_units(bought.buyer, bought, "second", ring=3, tiara=1)

    assert (refused.status_code, refused.json["code"]) == (409, "units_not_cancellable")
    assert refused.json["lines"] == [
        {"sku": "RING", "requested": 3, "left": 2},
        {"sku": "TIARA", "requested": 1, "left": 0},
    ]
    assert everything(session, redis) == before


def test_what_was_refunded_by_hand_does_not_go_back_again(shop, session, bought):
    payment = session.scalars(select(Payment)).one()
    body = {"amount": 50_000, "reason": "goodwill", "reference": "1"}
    path = f"/api/v1/admin/payments/{payment.id}/refunds"
    assert shop.customer(role="admin").post(path, body).status_code == 202

    cancel(bought.buyer, bought)
    shop.work()

    rest = bought.total - 50_000
    assert sorted(given_back(shop, bought.payment_id)) == [
        (50_000, "processed"),
        (rest, "processed"),
    ]
    assert bought.status == ("cancelled", "refunded")


def test_an_order_that_was_given_up_does_not_live_again(shop, session, bought):
    cancel(bought.buyer, bought)
    shop.work()

    again = bought.paid_again()
    bought.tell("payment.captured", again, order_id=bought.opened["razorpay_order_id"])
    shop.work()

    assert bought.status[0] == "cancelled"
    assert given_back(shop, again) == [(bought.total, "processed")]
    assert shop.levels("ring") == Levels(5, 0, 0)


def test_a_promise_that_was_given_up_does_not_live_again_by_a_payment(shop):
    """No earlier capture stands in the way of this one: that the units were given up has to."""
    shop.product("ring", 5)
    given_up = purchase(shop, ring=1)
    path = f"/api/v1/orders/{given_up.order_id}/payments"
    assert given_up.buyer.post(path, {"gateway": "cash_on_delivery"}).status_code == 200
    cancel(given_up.buyer, given_up)

    paid = given_up.pay()
    given_up.tell("payment.captured", paid)
    shop.work()

    assert given_up.status[0] == "cancelled"
    assert given_back(shop, paid) == [(given_up.total, "processed")]
    assert shop.levels("ring") == Levels(5, 0, 0)


def test_somebody_elses_order_is_not_there(shop, session, redis, bought):
    stranger = shop.customer()
    before = everything(session, redis)

    answers = [
        cancel(stranger, bought),
        cancel_units(stranger, bought, ring=1),
        stranger.get(f"/api/v1/orders/{bought.order_id}/timeline"),
    ]

    assert [r.json["code"] for r in answers] == ["order_not_found"] * 3
    assert everything(session, redis) == before


def test_a_purchase_limit_counts_what_was_kept(shop, staff):
    shop.product("medal", 9, purchase_limit=2)
    bought = purchase(shop, medal=2)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.buyer.check_out(medal=1).json["code"] == "purchase_limit_exceeded"

    cancel_units(bought.buyer, bought, medal=1)

    assert bought.buyer.check_out(medal=2).status_code == 409
    assert bought.buyer.check_out(medal=1).status_code == 201


class TestOnDelivery:
    """Orders that are paid at the door."""

    @pytest.fixture
    def promised(self, shop):
        shop.product("ring", 5)
        buyer = shop.customer()
        order_id = buyer.check_out(ring=3).json["id"]
        found = Purchase(shop, buyer, order_id, {})
        body = {"gateway": "cash_on_delivery"}
        assert buyer.post(f"/api/v1/orders/{order_id}/payments", body).status_code == 200
        return found

    def test_nothing_is_refunded_and_nothing_collected(self, shop, session, staff, promised):
        assert cancel(promised.buyer, promised).status_code == 200

        assert promised.status == ("cancelled", "failed")
        assert refunds(session) == []
        payment = session.scalars(select(Payment)).one()
        collected = staff.post(f"/api/v1/admin/payments/{payment.id}/capture")
        assert (collected.status_code, collected.json["code"]) == (409, "nothing_to_capture")
        assert shop.levels("ring") == Levels(5, 0, 0)

    def test_less_is_collected_for_fewer_units(self, session, staff, promised):
        assert cancel_units(promised.buyer, promised, ring=1).status_code == 200

        payment = session.scalars(select(Payment)).one()
        staff.post(f"/api/v1/admin/payments/{payment.id}/capture")

        assert promised.status == ("confirmed", "captured")
        assert session.scalars(select(PaymentAttempt.amount)).one() == 2 * RING
        assert_balanced(session)

    def test_money_that_comes_all_the_same_goes_back(self, shop, session):
        """The buyer had opened a payment at the gateway first, and pays there after all."""
        shop.product("ring", 1)
        bought = purchase(shop, ring=1)
        body = {"gateway": "cash_on_delivery"}
        bought.buyer.post(f"/api/v1/orders/{bought.order_id}/payments", body)
        cancel(bought.buyer, bought)

        payment_id = bought.pay()
        bought.tell("payment.captured", payment_id)
        shop.work()

        assert bought.status[0] == "cancelled"
        assert given_back(shop, payment_id) == [(bought.total, "processed")]
        assert [reason for *_, reason in refunds(session)] == ["order_cancelled"]
        assert shop.levels("ring") == Levels(1, 0, 0)


def test_of_shipping_and_cancelling_at_once_one_is_done(shop, session, staff, bought, monkeypatch):
    move(staff, bought, "processing")
    together, lock = Barrier(2), orders.lock

    def wait_and_lock(*args, **options):
        together.wait(timeout=30)
        return lock(*args, **options)

    monkeypatch.setattr(orders, "lock", wait_and_lock)
    answers = at_once(
        [
            lambda: cancel(bought.buyer, bought),
            lambda: move(staff, bought, "shipped", courier="BlueDart"),
        ]
    )
    monkeypatch.undo()
    shop.work()

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert bought.status in {("cancelled", "refunded"), ("shipped", "captured")}
    assert_balanced(session)


def test_units_that_many_give_up_at_once_are_given_up_once(shop, session, bought):
    answers = at_once(
        [
            lambda number=number: cancel_units(bought.buyer, bought, f"wish-{number}", ring=2)
            for number in range(4)
        ]
    )
    shop.work()

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert given_back(shop, bought.payment_id) == [(2 * RING, "processed")]
    assert_balanced(session)


def test_without_the_lock_units_would_be_given_up_twice(shop, session, bought, monkeypatch):
    """The negative control: two that read before either writes both find the units there."""
    find, together = orders.find, Barrier(2)

    def find_unlocked(session, order_id, *, user_id=None):
        found = find(session, order_id, user_id=user_id)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(orders, "lock", find_unlocked)
    answers = at_once(
        [lambda name=name: cancel_units(bought.buyer, bought, name, ring=2) for name in ("a", "b")]
    )

    # What holds then is the ledger, which knows how many units are out.
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json.get("code") for answer in answers} == {None, "not_returnable"}


def test_a_crash_before_redis_is_shown_hides_units_until_they_are_found(
    shop, session, bought, monkeypatch
):
    def die(_claim):
        raise ZeroDivisionError

    with monkeypatch.context() as dying:
        dying.setattr(story, "settle_units", die)
        assert cancel(bought.buyer, bought).status_code == 500
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (5, 2)

    reconcile(shop, session)

    assert shop.levels("ring") == Levels(5, 0, 0)
    shop.work()
    assert_balanced(session)
