"""A day of a gateway's, compared with ours: what was lost is made up for, once."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select, update

from app.alerts.models import Alert
from app.payments.errors import PaymentNotFound
from app.payments.gateway import gateway
from app.payments.models import Payment, PaymentAttempt, Refund
from app.treasury import news
from app.treasury.reconciliation import reconcile_day
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import jobs_staged, purchase, sales
from tests.payments.stripe_stub import stripe_purchase
from tests.treasury.days import DAY, NOON, differences, open_books, sums, totals
from tests.treasury.money import by_hand

BOTH = pytest.mark.parametrize("name", ["razorpay", "stripe"])


@pytest.fixture
def books(app):
    with open_books(app) as opened:
        yield opened


@pytest.fixture
def shop(books):
    books.shop.product("ring", 9)
    return books.shop


def order_at(books, name):
    """An order whose payment is open at a gateway."""
    if name == "razorpay":
        return purchase(books.shop, ring=1)
    return stripe_purchase(books.shop, books.stripe, ring=1)


def tell(bought, paid):
    bought.tell({"p": "payment.captured", "c": "charge.succeeded"}[paid[0]], paid)
    bought.shop.work()


def paid_at(books, name):
    """An order that was paid at a gateway, and told."""
    bought = order_at(books, name)
    paid = bought.pay()
    tell(bought, paid)
    return bought, paid


def at_the_dashboard(books, paid, amount):
    """Send money back without the shop; returns the refund's id."""
    if paid.startswith("ch_"):
        return books.stripe.refund_at_the_dashboard(paid, amount)
    return by_hand(books.shop, paid, amount)["id"]


def ask_back(shop, bought, amount):
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"
    body = {"amount": amount, "reason": "bent", "reference": "r1"}
    assert shop.customer(role="admin").post(path, body).status_code == 202
    shop.work()


def alerts(session):
    return values(session.execute(select(Alert.kind, Alert.subject, Alert.detail)))


@BOTH
def test_a_day_on_which_all_is_equal_is_written_down_and_alarms_nobody(shop, session, books, name):
    bought, _ = paid_at(books, name)
    paid_at(books, name)
    ask_back(shop, bought, 3_000)
    order_at(books, name).pay("failed")

    found = reconcile_day(name, DAY)

    assert found.differences == []
    assert totals(session, name) == sums((206_000, 206_000), (3_000, 3_000))
    assert (differences(session), alerts(session)) == ([], [])


@BOTH
def test_a_capture_of_which_nobody_told_is_taken_and_its_order_confirmed(
    shop, session, books, name
):
    bought = order_at(books, name)
    paid = bought.pay()

    reconcile_day(name, DAY)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    row = ("capture_missing", paid, "nothing", "103000 INR captured", True)
    assert differences(session) == [row]
    assert totals(session, name) == sums((0, 103_000))
    assert alerts(session) == [
        ("reconciliation", f"{name}:{DAY}", "1 differences: capture_missing")
    ]
    assert_balanced(session)


def test_a_capture_that_was_known_as_authorised_is_taken(shop, session, books):
    bought = order_at(books, "razorpay")
    paid = bought.pay()
    bought.tell("payment.authorized", paid, status="authorized", captured=False)
    shop.work()
    assert bought.status == ("pending", "authorized")

    reconcile_day("razorpay", DAY)

    assert bought.status == ("confirmed", "captured")
    row = ("capture_missing", paid, "authorized", "103000 INR captured", True)
    assert differences(session) == [row]


@BOTH
def test_compared_again_what_was_found_stays_written_and_is_told_once(shop, session, books, name):
    bought = order_at(books, name)
    bought.pay()
    reconcile_day(name, DAY)
    before = differences(session)

    again = reconcile_day(name, DAY)
    shop.work()

    assert again.differences == []
    assert (differences(session), jobs_staged(session, "mail.send_alert")) == (before, 1)
    assert totals(session, name) == sums((103_000, 103_000))
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]


@BOTH
def test_money_sent_back_at_the_dashboard_is_booked(shop, session, books, name):
    bought, paid = paid_at(books, name)
    refund_id = at_the_dashboard(books, paid, 3_000)

    reconcile_day(name, DAY)

    columns = Refund.gateway_refund_id, Refund.amount, Refund.status, Refund.is_ours
    assert values(session.execute(select(*columns))) == [(refund_id, 3_000, "processed", False)]
    assert bought.status == ("confirmed", "partially_refunded")
    row = ("refund_missing", refund_id, "nothing", "3000 INR processed", True)
    assert differences(session) == [row]
    assert totals(session, name) == sums((103_000, 103_000), (0, 3_000))
    assert reconcile_day(name, DAY).differences == []
    assert totals(session, name) == sums((103_000, 103_000), (3_000, 3_000))


@BOTH
def test_a_capture_and_its_refund_that_were_both_lost_are_both_made_up_for(
    shop, session, books, name
):
    bought = order_at(books, name)
    paid = bought.pay()
    refund_id = at_the_dashboard(books, paid, 103_000)

    reconcile_day(name, DAY)

    assert bought.status == ("confirmed", "refunded")
    assert differences(session) == [
        ("capture_missing", paid, "nothing", "103000 INR captured", True),
        ("refund_missing", refund_id, "nothing", "103000 INR processed", True),
    ]
    assert reconcile_day(name, DAY).differences == []


def test_a_refund_whose_end_was_not_told_is_ended(shop, session, books):
    bought, _ = paid_at(books, "stripe")
    books.stripe.fault(route="refunds.create", refund_status="pending")
    ask_back(shop, bought, 3_000)
    refund_id = session.scalars(select(Refund.gateway_refund_id)).one()
    books.stripe.drive(f"refunds/{refund_id}", status="succeeded", deliver="none")

    reconcile_day("stripe", DAY)

    assert bought.status == ("confirmed", "partially_refunded")
    row = ("refund_differs", refund_id, "3000 pending", "3000 INR processed", True)
    assert differences(session) == [row]
    assert totals(session, "stripe") == sums((103_000, 103_000), (3_000, 3_000))


def test_a_refund_that_the_gateway_has_otherwise_is_left_to_a_person(shop, session, books):
    bought, _ = paid_at(books, "razorpay")
    ask_back(shop, bought, 3_000)
    refund_id = session.scalars(select(Refund.gateway_refund_id)).one()
    session.execute(update(Refund).values(amount=4_000))

    reconcile_day("razorpay", DAY)

    row = ("refund_differs", refund_id, "4000 processed", "3000 INR processed", False)
    assert differences(session) == [row]
    assert totals(session) == sums((103_000, 103_000), (4_000, 3_000))


def test_a_refund_that_failed_counts_on_neither_side(shop, session, books):
    bought, _ = paid_at(books, "stripe")
    books.stripe.fault(route="refunds.create", refund_status="failed")
    ask_back(shop, bought, 3_000)

    assert reconcile_day("stripe", DAY).differences == []
    assert totals(session, "stripe") == sums((103_000, 103_000))


def forge_capture(session, bought, **changes):
    """Write a capture and its refund of which no gateway knows."""
    payment = session.scalars(select(Payment).where(Payment.order_id == bought.order_id)).one()
    written = {
        "gateway_payment_id": "pay_of_nowhere", "payment_id": payment.id,
        "order_id": payment.order_id, "status": "captured", "amount": 103_000, "currency": "INR",
        "amount_refunded": 3_000, "begun_at": NOON,
    }  # fmt: skip
    session.add(PaymentAttempt(**written | changes))
    session.flush()
    session.add(
        Refund(
            gateway_payment_id="pay_of_nowhere", gateway_refund_id="rfnd_of_nowhere",
            amount=3_000, status="processed", reason="bent", reference="x", actor="x",
            begun_at=NOON,
        )
    )  # fmt: skip
    session.flush()


def test_what_only_we_have_is_left_to_a_person(shop, session, books):
    forge_capture(session, order_at(books, "razorpay"))

    reconcile_day("razorpay", DAY)

    assert differences(session) == [
        ("capture_unknown_to_gateway", "pay_of_nowhere", "103000 INR", "nothing", False),
        ("refund_unknown_to_gateway", "rfnd_of_nowhere", "3000 processed", "nothing", False),
    ]
    assert totals(session) == sums((103_000, 0), (3_000, 0))
    detail = "2 differences: capture_unknown_to_gateway, refund_unknown_to_gateway"
    assert alerts(session) == [("reconciliation", f"razorpay:{DAY}", detail)]


@pytest.mark.parametrize("changes", [{"amount": 103_001}, {"currency": "USD"}])
def test_an_amount_that_we_have_otherwise_is_left_to_a_person(shop, session, books, changes):
    _, paid = paid_at(books, "razorpay")
    session.execute(update(PaymentAttempt).values(**changes))

    reconcile_day("razorpay", DAY)

    has = {"amount": 103_000, "currency": "INR"} | changes
    ours = f"{has['amount']} {has['currency']}"
    assert differences(session) == [("capture_differs", paid, ours, "103000 INR captured", False)]
    assert totals(session) == sums((has["amount"], 103_000))


@BOTH
def test_payments_of_others_are_counted_and_left_alone(shop, session, books, name):
    paid_at(books, name)
    foreign = [books.pay_foreign(name) for _ in range(2)]
    at_the_dashboard(books, foreign[0], 1_000)

    assert reconcile_day(name, DAY).differences == []

    assert totals(session, name) == sums((103_000, 103_000), foreign=2)
    assert len(session.scalars(select(PaymentAttempt)).all()) == 1


@BOTH
def test_what_was_authorised_and_lapsed_is_no_money(shop, session, books, name, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(gateway(name), "is_capture_manual", True)
        waiting, lapsed = order_at(books, name), order_at(books, name)
    for bought in (waiting, lapsed):
        paid = bought.pay("authorized")
        bought.tell({"p": "payment.authorized", "c": "charge.succeeded"}[paid[0]], paid)
    shop.work()
    let_lapse(books, lapsed, paid)

    assert reconcile_day(name, DAY).differences == []

    assert (waiting.status, lapsed.status) == (("pending", "authorized"),) * 2
    assert totals(session, name) == sums((0, 0))


def let_lapse(books, bought, paid):
    if paid.startswith("ch_"):
        books.stripe.ask("POST", f"payment_intents/{bought.opened['payment_intent']}/cancel")
    else:
        answer = requests.post(
            f"{books.shop.gateway.url}/sandbox/payments/{paid}/lapse", json={}, timeout=10
        )
        assert answer.status_code == 200, answer.text


def test_what_could_not_be_repaired_at_first_is_written_as_repaired_when_it_is(
    shop, session, books, monkeypatch
):
    bought = order_at(books, "razorpay")
    paid = bought.pay()

    def refuse(*_):
        raise PaymentNotFound

    with monkeypatch.context() as patch:
        patch.setattr(news, "take", refuse)
        reconcile_day("razorpay", DAY)
    row = ("capture_missing", paid, "nothing", "103000 INR captured")
    assert differences(session) == [(*row, False)]
    assert bought.status == ("pending", "pending")

    reconcile_day("razorpay", DAY)

    assert differences(session) == [(*row, True)]
    assert bought.status == ("confirmed", "captured")
    assert len(alerts(session)) == 1


@BOTH
def test_another_gateways_day_is_another_ones(shop, session, books, name):
    for each in ("razorpay", "stripe"):
        bought, _ = paid_at(books, each)
        ask_back(shop, bought, 3_000)

    assert reconcile_day(name, DAY).differences == []
    assert totals(session, name) == sums((103_000, 103_000), (3_000, 3_000))


@BOTH
def test_a_day_begins_and_ends_at_midnight_in_india(shop, session, books, name):
    midnight = NOON - timedelta(hours=12)
    a_second = timedelta(seconds=1)
    for moment in (
        midnight - a_second,
        midnight,
        midnight + timedelta(days=1) - a_second,
        midnight + timedelta(days=1),
    ):
        books.clock.at = moment
        order_at(books, name).pay()

    assert len(reconcile_day(name, DAY).differences) == 2
    assert reconcile_day(name, DAY).differences == []
    assert totals(session, name) == sums((206_000, 206_000))


@BOTH
def test_a_day_of_more_than_a_hundred_payments_is_compared_whole(shop, session, books, name):
    paid_at(books, name)
    payment = order_at(books, name).pay()
    for _ in range(100):
        books.pay_foreign(name)

    found = reconcile_day(name, DAY)

    assert [(d.kind, d.subject) for d in found.differences] == [("capture_missing", payment)]
    assert totals(session, name) == sums((103_000, 206_000), foreign=100)


@BOTH
def test_refunds_on_several_pages_are_all_booked(shop, session, books, name, monkeypatch):
    monkeypatch.setattr(f"app.payments.{name}.PAGE", 2)
    _, paid = paid_at(books, name)
    made = {at_the_dashboard(books, paid, 1_000) for _ in range(4)}

    found = reconcile_day(name, DAY)

    assert {(d.kind, d.subject) for d in found.differences} == {
        ("refund_missing", refund_id) for refund_id in made
    }
    assert totals(session, name) == sums((103_000, 103_000), (0, 4_000))
