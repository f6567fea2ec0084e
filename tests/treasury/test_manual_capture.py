"""The shop takes authorised money itself: only for what it can deliver, and once."""

import pytest
import requests
from sqlalchemy import select, update

from app import _gateways
from app.inventory.terms import Levels
from app.payments import gateway as gateways
from app.payments import keys
from app.payments.models import Payment, PaymentAttempt
from app.payments.razorpay import Razorpay
from app.treasury import capture
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    events,
    expire,
    make_due,
    open_jobs,
    purchase,
    refunds,
    run_out,
    sales,
)
from tests.treasury.money import KEY_PAIR, alerts
from workers import payments as work


@pytest.fixture(autouse=True)
def _manual(app, settings):
    """Leave it to the shop to capture."""
    manual = settings.model_copy(update={"payment_capture": "manual"})
    gateways.connect(_gateways(manual), offered=settings.payment_gateways)
    yield
    gateways.connect(_gateways(settings), offered=settings.payment_gateways)


@pytest.fixture
def bought(shop):
    shop.product("ring", 2)
    return purchase(shop, ring=1)


def tries(session):
    """How each try stands, and what became of it."""
    columns = PaymentAttempt.status, PaymentAttempt.outcome
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def authorized(bought, **options):
    """Have the payer authorise the price, and the shop be told."""
    tried = bought.pay(**options)
    assert bought.shop.gateway.payment(tried)["status"] == "authorized"
    bought.tell("payment.authorized", tried)
    return tried


def is_captured(shop, tried):
    return shop.gateway.payment(tried)["captured"]


def lapse(shop, tried):
    """Let the gateway give an authorisation back."""
    address = f"{shop.gateway.url}/sandbox/payments/{tried}/lapse"
    requests.post(address, timeout=10).raise_for_status()


def tell_of_lapse(bought, tried):
    """Let the shop know of it, as Razorpay does: by the refund of what was never captured."""
    shop = bought.shop
    [refund] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == tried]
    shop.deliver(shop.gateway.event("refund.processed", shop.gateway.payment(tried), refund=refund))
    shop.work()


def ask_about_payments(session):
    session.execute(update(Payment).values(next_poll_at=Payment.created_at))
    work.poll_payments()


def test_what_is_authorised_is_captured_and_confirms_the_order(shop, session, bought):
    tried = authorized(bought)

    shop.work()

    assert is_captured(shop, tried)
    assert (bought.status, tries(session)) == (
        ("confirmed", "captured"),
        [("captured", "kept")],
    )
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


@pytest.mark.parametrize("late", ["payment.authorized", "payment.captured", "order.paid"])
def test_whatever_is_told_afterwards_changes_nothing(shop, session, bought, late):
    tried = authorized(bought)
    shop.work()

    bought.tell(late, tried, **({"status": "authorized"} if late.endswith("authorized") else {}))
    shop.work()

    assert (tries(session), refunds(session), open_jobs(session)) == (
        [("captured", "kept")],
        [],
        [],
    )
    assert len(sales(session)) == 1
    assert_balanced(session)


def test_what_no_event_told_of_is_captured_when_the_shop_asks(shop, session, bought):
    tried = bought.pay()

    ask_about_payments(session)

    assert is_captured(shop, tried)
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def cancelled(shop, session, bought):
    assert bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel").status_code == 200


def sold_meanwhile(shop, session, bought):
    expire(session, bought.order_id)
    assert shop.customer().check_out(ring=2).status_code == 201


@pytest.mark.parametrize(
    ("hindrance", "options", "closed_as"),
    [
        (None, {"amount": 100_000}, "pending"),
        (cancelled, {}, "cancelled"),
        (sold_meanwhile, {}, "expired"),
    ],
    ids=["another amount", "cancelled", "sold out"],
)
def test_what_the_shop_cannot_deliver_is_never_captured_and_lapses(
    shop, session, bought, hindrance, options, closed_as
):
    if hindrance is not None:
        hindrance(shop, session, bought)
    tried = authorized(bought, **options)

    shop.work()
    ask_about_payments(session)

    assert not is_captured(shop, tried)
    assert (bought.status, tries(session)) == (
        (closed_as, "authorized"),
        [("authorized", None)],
    )
    lapse(shop, tried)
    tell_of_lapse(bought, tried)
    assert (bought.status, tries(session)) == ((closed_as, "failed"), [("lapsed", None)])
    assert (refunds(session), sales(session), alerts(session)) == ([], [], [])
    assert {status for _, status, _ in events(session)} == {"processed"}
    assert_balanced(session)


def test_an_amount_in_another_currency_is_never_captured(shop, session, bought):
    tried = bought.pay()

    bought.tell("payment.authorized", tried, currency="USD")
    shop.work()

    assert (is_captured(shop, tried), tries(session)) == (False, [("authorized", None)])


def test_a_lapsed_try_leaves_the_order_to_be_paid(shop, session, bought):
    tried = authorized(bought, amount=100_000)
    shop.work()
    lapse(shop, tried)
    tell_of_lapse(bought, tried)

    paid = authorized(bought)
    shop.work()

    assert is_captured(shop, paid)
    assert bought.status == ("confirmed", "captured")
    assert tries(session) == [("lapsed", None), ("captured", "kept")]
    assert_balanced(session)


@pytest.mark.parametrize("end", [expire, run_out], ids=["expired", "run out"])
def test_a_late_payer_gets_the_units_that_are_left(shop, session, bought, end):
    end(session, bought.order_id)
    tried = authorized(bought)

    shop.work()

    assert is_captured(shop, tried)
    assert bought.status == ("confirmed", "captured")
    assert shop.levels("ring") == Levels(1, 0, 0)
    assert_balanced(session)


def test_of_two_late_payers_for_the_last_unit_one_pays(shop, session):
    shop.product("ring", 1)
    late = []
    for _ in range(2):
        bought = purchase(shop, ring=1)
        expire(session, bought.order_id)
        late.append((bought, authorized(bought)))

    shop.work()

    ended = [(bought.status[0], is_captured(shop, tried)) for bought, tried in late]
    assert ended == [("confirmed", True), ("expired", False)]
    assert refunds(session) == []
    assert_balanced(session)


def test_what_somebody_captured_already_is_captured(shop, session, bought):
    tried = authorized(bought)
    address = f"{shop.gateway.url}/v1/payments/{tried}/capture"
    body = {"amount": bought.total, "currency": "INR"}
    requests.post(address, json=body, auth=KEY_PAIR, timeout=10).raise_for_status()

    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert events(session) == [("payment.authorized", "processed", None)]
    assert_balanced(session)


@pytest.mark.parametrize("fault", ["too_many_requests", "reset_after", "json_500"])
@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "late"])
def test_a_gateway_that_does_not_answer_is_asked_again_and_takes_the_money_once(
    shop, session, redis, bought, fault, is_late
):
    if is_late:
        expire(session, bought.order_id)
    tried = authorized(bought)
    shop.gateway.fault(route="payments.capture", **{fault: True})
    shop.gateway.fault(route="payments.fetch", json_500=True)

    shop.work()

    assert bought.status[0] == ("expired" if is_late else "pending")
    assert open_jobs(session) == ["webhooks.process"]
    # Nobody else is promised the unit meanwhile.
    assert shop.levels("ring").available == 1
    shop.gateway.clear()
    redis.delete(keys.breaker("razorpay"))
    make_due(session)
    shop.work()
    assert is_captured(shop, tried)
    assert (bought.status, tries(session)) == (
        ("confirmed", "captured"),
        [("captured", "kept")],
    )
    assert refunds(session) == []
    assert_balanced(session)


class Killed(BaseException):
    """The process is gone; no handler of the shop gets to see it."""


def _die(*_):
    raise Killed


@pytest.mark.parametrize(
    "crash",
    [(Razorpay, "capture", _die), (capture, "complete_payments", _die)],
    ids=["before it captures", "after it captured"],
)
@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "late"])
def test_a_worker_that_dies_over_a_capture_takes_the_money_once(
    shop, session, bought, monkeypatch, crash, is_late
):
    if is_late:
        expire(session, bought.order_id)
    tried = authorized(bought)
    with monkeypatch.context() as patch:
        patch.setattr(*crash)
        with pytest.raises(Killed):
            shop.work("webhooks")

    make_due(session)
    shop.work()

    assert is_captured(shop, tried)
    assert (bought.status, tries(session), len(sales(session))) == (
        ("confirmed", "captured"),
        [("captured", "kept")],
        1,
    )
    assert_balanced(session)


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "late"])
def test_what_lapsed_before_it_could_be_captured_costs_nobody_a_unit(
    shop, session, bought, is_late
):
    if is_late:
        expire(session, bought.order_id)
    tried = authorized(bought)
    lapse(shop, tried)

    shop.work()

    assert (bought.status[1], tries(session)) == ("failed", [("lapsed", None)])
    assert events(session) == [("payment.authorized", "processed", None)]
    assert shop.levels("ring") == Levels(2, 0 if is_late else 1, 0)
    assert_balanced(session)


def test_a_refused_capture_of_late_units_leaves_them_on_sale_and_is_tried_again(
    shop, session, bought, monkeypatch
):
    expire(session, bought.order_id)
    tried = authorized(bought)
    api = gateways.gateway("razorpay")
    with monkeypatch.context() as patch:
        patch.setattr(api._client, "auth", ("rzp_test_nobody", "no secret"))
        shop.work()
    assert (shop.levels("ring"), open_jobs(session)) == (Levels(2, 0, 0), ["webhooks.process"])

    make_due(session)
    shop.work()

    assert is_captured(shop, tried)
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def captured_by(somebody, bought):
    return somebody.post(f"/api/v1/admin/payments/{bought.opened['payment_id']}/capture")


def test_staff_take_what_the_shop_left_and_get_it_into_the_books(shop, session, bought):
    clerk = shop.customer(role="staff")
    nothing = captured_by(clerk, bought)
    assert (nothing.status_code, nothing.json["code"], nothing.json["payment_status"]) == (
        409,
        "nothing_to_capture",
        "created",
    )
    cancelled(shop, session, bought)
    tried = authorized(bought)
    shop.work()

    taken = [captured_by(clerk, bought).json["status"] for _ in range(2)]

    assert (taken, is_captured(shop, tried)) == (["captured", "captured"], True)
    assert bought.status == ("confirmed", "captured")
    assert captured_by(bought.buyer, bought).status_code == 403
    assert_balanced(session)
