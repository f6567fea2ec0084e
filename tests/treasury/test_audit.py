"""The money ledger, added up: no story leaves a finding, and each broken rule is one."""

import pytest
from sqlalchemy import select, update

from app.orders.models import Order
from app.payments.models import PaymentAttempt, Refund
from app.treasury import audit
from app.treasury.audit import Finding, Totals
from tests.payments.purchase import expire, purchase
from tests.treasury.money import ask_back, by_hand, paid_order, tell_refund


@pytest.fixture
def paid(shop):
    """A paid order and the id of its try."""
    return paid_order(shop)


@pytest.fixture
def number(session, paid):
    """The number of the paid order."""
    return session.scalars(select(Order.number)).one()


def break_attempt(session, **changes):
    session.execute(update(PaymentAttempt).values(**changes))


def write_refund(session, payment_id, amount, status="processed"):
    session.add(
        Refund(
            gateway_payment_id=payment_id, amount=amount, status=status, reason="bent",
            reference=f"forged-{amount}", actor="x",
        )
    )  # fmt: skip
    session.flush()


def test_an_empty_ledger_is_right(session):
    assert audit.totals(session) == Totals(captured=0, refunded=0, lost=0, kept=0)
    assert (audit.totals(session).unaccounted, audit.findings(session)) == (0, [])


def test_every_way_that_money_can_go_adds_up(shop, session):
    boss = shop.customer(role="admin")
    paid_order(shop)
    partly, _ = paid_order(shop)
    ask_back(boss, partly, 3_000)
    by_dashboard, payment_id = paid_order(shop)
    tell_refund(shop, "refund.processed", by_hand(shop, payment_id, 103_000))
    second = by_dashboard.paid_again()
    by_dashboard.tell("payment.captured", second, order_id=by_dashboard.opened["razorpay_order_id"])
    promised = shop.customer()
    cash = promised.check_out(ring=1).json["id"]
    promised.post(f"/api/v1/orders/{cash}/payments", {"gateway": "cash_on_delivery"})
    _, lost_id = paid_order(shop)
    dispute = {
        "id": "disp_1", "payment_id": lost_id, "status": "lost", "amount": 50_000,
        "currency": "INR", "amount_deducted": 50_000,
    }  # fmt: skip
    event = shop.gateway.event(
        "payment.dispute.lost", shop.gateway.payment(lost_id), dispute=dispute
    )
    shop.deliver(event)
    shop.work()

    totals = audit.totals(session)

    refunded = 3_000 + 103_000 + 103_000
    assert totals == Totals(
        captured=5 * 103_000, refunded=refunded, lost=50_000,
        kept=5 * 103_000 - refunded - 50_000,
    )  # fmt: skip
    assert (totals.unaccounted, audit.findings(session)) == (0, [])


def test_a_capture_that_neither_pays_nor_goes_back_is_found(session, paid, number):
    _, payment_id = paid
    break_attempt(session, outcome=None)

    assert audit.findings(session) == [
        Finding("capture_without_end", payment_id, "103000"),
        Finding("confirmed_without_money", number, "confirmed"),
    ]
    assert audit.totals(session) == Totals(captured=103_000, refunded=0, lost=0, kept=0)
    assert audit.totals(session).unaccounted == 103_000


@pytest.mark.parametrize(
    ("counted", "written", "status", "detail"),
    [(3_000, 0, "", "3000"), (0, 3_000, "pending", "-3000"), (3_000, 3_000, "failed", "3000")],
)
def test_refunds_that_are_counted_otherwise_than_written_are_found(
    session, paid, counted, written, status, detail
):
    _, payment_id = paid
    break_attempt(session, amount_refunded=counted)
    if written:
        write_refund(session, payment_id, written, status)

    assert audit.findings(session) == [Finding("refunds_miscounted", payment_id, detail)]
    assert audit.totals(session).unaccounted == 0


def test_money_that_should_have_gone_back_and_did_not_is_found(shop, session):
    shop.product("ring", 5)
    shop.categories["rings"] = None
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    payment_id = bought.pay(amount=103_100)
    bought.tell("payment.captured", payment_id)
    shop.gateway.fault(route="refunds.create", refund_status="failed")
    shop.work()

    assert audit.findings(session) == [Finding("money_of_nobody", payment_id, "103100")]
    totals = audit.totals(session)
    assert (totals, totals.unaccounted) == (Totals(103_100, 0, 0, 0), 103_100)


def test_more_that_went_back_than_came_is_found(session, paid):
    _, payment_id = paid
    break_attempt(session, amount_refunded=3_000, amount_lost=103_000)
    write_refund(session, payment_id, 3_000)

    assert audit.findings(session) == [Finding("more_went_back_than_came", payment_id, "3000")]
    assert audit.totals(session) == Totals(103_000, 3_000, 103_000, -3_000)


@pytest.mark.parametrize("status", ["pending", "expired", "cancelled"])
def test_money_that_is_kept_for_what_is_not_delivered_is_found(session, paid, status):
    _, payment_id = paid
    session.execute(update(Order).values(status=status))

    assert audit.findings(session) == [Finding("kept_for_no_order", payment_id, status)]


def test_a_cancelled_order_whose_money_went_back_is_right(session, paid):
    _, payment_id = paid
    session.execute(update(Order).values(status="cancelled", payment_status="refunded"))
    break_attempt(session, amount_refunded=103_000)
    write_refund(session, payment_id, 103_000)

    assert audit.findings(session) == []


@pytest.mark.parametrize(
    "status",
    ["confirmed", "processing", "shipped", "delivered", "return_requested", "returned"],
)
def test_an_order_that_is_delivered_for_nothing_is_found(session, paid, number, status):
    session.execute(update(Order).values(status=status))
    break_attempt(session, status="failed", outcome=None)

    assert audit.findings(session) == [Finding("confirmed_without_money", number, status)]


@pytest.mark.parametrize(
    "status",
    ["confirmed", "processing", "shipped", "delivered", "return_requested", "returned"],
)
def test_kept_money_of_whatever_is_on_its_way_is_right(session, paid, status):
    session.execute(update(Order).values(status=status))

    assert audit.findings(session) == []


def test_an_order_that_pays_on_delivery_may_wait_for_its_money(session, paid):
    session.execute(update(Order).values(pays_on_delivery=True, payment_status="authorized"))
    break_attempt(session, status="authorized", outcome=None)

    assert audit.findings(session) == []
