"""What Postgres itself refuses, whoever asks and whatever code came before it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.coupons.till import buy, coupon
from tests.payments.purchase import Purchase
from tests.returns.steps import ask, decide, deliver, receive

INVOICE = """
    INSERT INTO invoices (
        id, kind, financial_year, serial, number, order_id, reference, total, facts, issued_at)
    SELECT gen_random_uuid(), kind, financial_year, {serial}, {number}, order_id, 'another', total,
        facts, issued_at
    FROM invoices WHERE kind = 'invoice'
"""
# By the constraint that has to refuse it; each breaks that one alone.
REFUSED = {
    "ck_orders_total_adds_up": "UPDATE orders SET total = total + 1",
    "ck_orders_discount_within_subtotal": """
        UPDATE orders SET discount = subtotal + 1, total = tax + shipping_fee - 1""",
    "ck_order_lines_total_adds_up": "UPDATE order_lines SET total = total + 1",
    "ck_order_lines_discount_within_price": """
        UPDATE order_lines SET discount = unit_price * quantity + 1, total = tax - 1""",
    "ck_order_lines_gone_within_quantity": """
        UPDATE order_lines SET cancelled_quantity = quantity, returned_quantity = 1""",
    "ck_payments_amount_positive": "UPDATE payments SET amount = 0",
    "ck_payment_attempts_refunded_is_captured": """
        UPDATE payment_attempts SET status = 'authorized', outcome = NULL, amount_refunded = 1""",
    "ck_payment_attempts_refunded_within_captured": """
        UPDATE payment_attempts SET amount_refunded = amount + 1""",
    "ck_payment_attempts_outcome_of_captured": """
        UPDATE payment_attempts SET status = 'authorized', amount_refunded = 0""",
    "uq_refunds_reference": """
        INSERT INTO refunds (id, gateway_payment_id, amount, status, reason, reference, actor)
        SELECT gen_random_uuid(), gateway_payment_id, amount, status, reason, reference, actor
        FROM refunds""",
    "ck_refunds_amount_positive": "UPDATE refunds SET amount = 0",
    "ck_coupons_uses_within_limit": "UPDATE coupons SET usage_limit = 1, uses = 2",
    "ck_return_lines_approved_within_quantity": "UPDATE return_lines SET approved = quantity + 1",
    "ck_return_lines_received_within_approved": "UPDATE return_lines SET received = approved + 1",
    "ck_invoices_number_well_formed": INVOICE.format(
        serial="serial + 1", number="number || '/TOO-LONG'"
    ),
    "uq_invoices_number": INVOICE.format(serial="serial + 1", number="number"),
    "uq_invoices_kind_financial_year_serial": INVOICE.format(serial="serial", number="'INV/X'"),
}


@pytest.fixture
def sold(shop):
    """A ring that was bought by coupon, paid, delivered, sent back and refunded."""
    shop.product("ring", 5)
    staff = shop.customer(role="admin")
    coupon(shop)
    buyer = shop.customer()
    order_id = buy(buyer, "DIWALI", ring=2).json["id"]
    bought = deliver(shop, staff, Purchase(shop, buyer, order_id, buyer.open_payment(order_id)))
    return_id = ask(bought, ring=1).json["id"]
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 1, "restock"))
    shop.work()


@pytest.mark.parametrize("constraint", REFUSED)
def test_postgres_itself_refuses_what_cannot_be(sold, session, constraint):
    with pytest.raises(IntegrityError) as refused:
        session.execute(text(REFUSED[constraint]))

    assert refused.value.orig.diag.constraint_name == constraint


def test_what_can_be_is_taken(sold, session):
    """So that what is refused above is refused for what it says."""
    changed = [
        session.execute(text(statement)).rowcount
        for statement in (
            "UPDATE orders SET total = total + 1, tax = tax + 1",
            "UPDATE payment_attempts SET amount_refunded = amount",
            "UPDATE coupons SET usage_limit = 1",
            "UPDATE return_lines SET received = approved",
            INVOICE.format(serial="serial + 1", number="'INV/X'"),
        )
    ]

    assert changed == [1] * 5
