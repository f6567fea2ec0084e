"""The operator's commands: the money ledger added up, and a day compared with a gateway."""

import pytest
from sqlalchemy import select, update

from app.payments import calls
from app.payments.errors import GatewayUnavailable
from app.payments.models import PaymentAttempt, Reconciliation
from tests.payments.purchase import purchase
from tests.treasury.days import open_books
from tests.treasury.money import ask_back, by_hand, paid_order


@pytest.fixture
def run(app):
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


@pytest.fixture
def books(app):
    with open_books(app) as opened:
        yield opened


def told(result):
    return result.exit_code, result.output.splitlines()


def test_a_ledger_that_is_right_is_told_in_rupees(shop, run):
    bought, _ = paid_order(shop)
    ask_back(shop.customer(role="admin"), bought, 3_050)
    shop.work()

    assert told(run("check-money")) == (
        0,
        [
            "captured              ₹1,030.00",
            "refunded                 ₹30.50",
            "lost                      ₹0.00",
            "kept                    ₹999.50",
            "unaccounted               ₹0.00",
            "0 findings.",
        ],
    )


def test_a_ledger_that_is_wrong_fails_and_names_what_is(shop, session, run):
    _, paid = paid_order(shop)
    session.execute(update(PaymentAttempt).values(amount_refunded=100))

    assert told(run("check-money")) == (
        1,
        [
            "captured              ₹1,030.00",
            "refunded                  ₹1.00",
            "lost                      ₹0.00",
            "kept                  ₹1,029.00",
            "unaccounted               ₹0.00",
            f"refunds_miscounted: {paid} (100)",
            "1 findings.",
        ],
    )


def test_a_day_that_is_equal_is_told_so(books, run):
    bought, _ = paid_order(books.shop)
    ask_back(books.shop.customer(role="admin"), bought, 3_000)
    books.shop.work()

    assert told(run("reconcile-payments", "2026-06-10")) == (
        0,
        [
            "captured  ₹1,030.00 here, ₹1,030.00 at razorpay",
            "refunded  ₹30.00 here, ₹30.00 at razorpay",
            "0 differences.",
        ],
    )


def test_a_day_that_differs_fails_and_names_what_was_repaired(books, session, run):
    bought, paid = paid_order(books.shop)
    refund = by_hand(books.shop, paid, 3_000)["id"]
    session.execute(update(PaymentAttempt).values(currency="USD"))

    assert told(run("reconcile-payments", "2026-06-10")) == (
        1,
        [
            "captured  ₹1,030.00 here, ₹1,030.00 at razorpay",
            "refunded  ₹0.00 here, ₹30.00 at razorpay",
            f"capture_differs: {paid}: 103000 USD here, 103000 INR captured there",
            f"refund_missing: {refund}: nothing here, 3000 INR processed there (repaired)",
            "2 differences.",
        ],
    )
    assert bought.status == ("confirmed", "partially_refunded")
    assert session.scalars(select(Reconciliation.gateway)).all() == ["razorpay"]


def test_a_day_of_another_gateway_is_compared_by_its_name(books, session, run):
    answer = run("reconcile-payments", "2026-06-10", "--gateway", "stripe")

    assert told(answer) == (
        0,
        [
            "captured  ₹0.00 here, ₹0.00 at stripe",
            "refunded  ₹0.00 here, ₹0.00 at stripe",
            "0 differences.",
        ],
    )
    assert session.scalars(select(Reconciliation.gateway)).all() == ["stripe"]


def test_a_gateway_that_does_not_answer_is_said_to_and_nothing_is_written(
    books, session, run, monkeypatch
):
    monkeypatch.setattr(calls, "TRIES", 1)
    books.shop.product("ring", 1)
    purchase(books.shop, ring=1).pay()
    books.shop.gateway.fault(route="payments.all", too_many_requests=True)

    assert told(run("reconcile-payments", "2026-06-10")) == (
        1,
        ["Error: " + GatewayUnavailable.title()],
    )
    assert session.scalars(select(Reconciliation)).all() == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "Missing argument"),
        (("2026-06-31",), "does not match the format"),
        (("10.06.2026",), "does not match the format"),
        (("2026-06-10", "--gateway", "paypal"), "is none of the shop's gateways"),
    ],
)
def test_what_is_no_day_and_no_gateway_is_refused(run, session, arguments, complaint):
    result = run("reconcile-payments", *arguments)

    assert (result.exit_code, complaint in result.output) == (2, True)
    assert session.scalars(select(Reconciliation)).all() == []
