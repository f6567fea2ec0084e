"""Money at the pages: each of the five lists, with the order that it is about."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from app.payments.models import Dispute, PaymentAttempt, Refund
from tests.backoffice.browser import words
from tests.backoffice.doors import post
from tests.builders import values
from tests.payments.purchase import expire, purchase, refunds

UNMATCHED = "/money/?view=paid, not matched"


@pytest.fixture
def mismatch(shop):
    """A ring for which too little came."""
    shop.product("ring", 5, price=12_34_567_00)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay(amount=bought.total - 100))
    shop.work()
    return bought


def stuck(session, status, **more):
    """Let the one refund not have gone through."""
    session.execute(update(Refund).values(status=status, **more))
    # Which makes room for it to be written anew.
    if status == "failed":
        session.execute(update(PaymentAttempt).values(amount_refunded=0))
    session.commit()


def test_the_lists_of_what_was_paid_went_back_and_is_disputed(shop, session, staff, admin):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    admin.send(f"/orders/{bought.order_id}", "/refund", amount="10", reason="A scratch")
    shop.work()
    session.execute(
        insert(Dispute).values(
            gateway_dispute_id="disp_1", gateway_payment_id=paid, status="open", amount=100,
            currency="INR", reason="not received",
        )
    )  # fmt: skip

    for view, told in (
        ("payments", bought.opened["razorpay_order_id"]),
        ("refunds", "A scratch"),
        ("disputes", "not received"),
    ):
        shown = staff.get(f"/money/?view={view}")
        assert told in words(shown)
        assert f"/admin/orders/{bought.order_id}" in shown.text
    assert "None yet." in words(staff.get("/money/?view=days compared"))
    assert staff.get("/money/?view=none").status_code == 200
    assert staff.get("/money/?view=refunds&cursor=x").status_code == 422


class TestPaidNotMatched:
    def test_each_capture_pays_for_its_order(self, shop, staff):
        shop.product("ring", 5)
        bought = purchase(shop, ring=1)
        bought.tell("payment.captured", bought.pay())
        shop.work()

        assert "Every capture pays for its order." in words(staff.get(UNMATCHED))

    def test_another_amount(self, staff, mismatch):
        page = staff.get(UNMATCHED)

        number = mismatch.buyer.order(mismatch.order_id)["number"]
        assert re.search(
            rf"{number} pending razorpay pay_\w+ .+ another amount came than was asked for"
            r" processed ₹12,71,603.01 .+ ₹12,71,604.01 ₹12,71,603.01",
            words(page),
        )
        assert f'href="/admin/orders/{mismatch.order_id}"' in page.text

    def test_why_each_of_the_others_pays_for_nothing(self, shop, session, staff):
        shop.product("ring", 2)
        twice = purchase(shop, ring=1)
        twice.tell("payment.captured", twice.pay())
        again = twice.paid_again()
        twice.tell("payment.captured", again, order_id=twice.opened["razorpay_order_id"])
        late = purchase(shop, ring=1)
        expire(session, late.order_id)
        # Who has the unit now.
        purchase(shop, ring=1)
        late.tell("payment.captured", late.pay())
        shop.work()

        shown = words(staff.get(UNMATCHED))

        assert "the order was paid already processed" in shown
        assert "it came late, and the units are sold processed" in shown

    @pytest.mark.usefixtures("mismatch")
    def test_older_ones_are_on_the_next_page(self, session, staff):
        columns = select(PaymentAttempt.payment_id, PaymentAttempt.order_id)
        payment_id, order_id = session.execute(columns).one()
        for number in range(30):
            session.add(
                PaymentAttempt(
                    gateway_payment_id=f"pay_{number:02}", payment_id=payment_id,
                    order_id=order_id, status="captured", amount=100, currency="INR",
                    outcome="refunded", created_at=func.now() - timedelta(hours=number + 1),
                )
            )  # fmt: skip
        session.commit()

        first = staff.get(UNMATCHED)
        older = re.search(r'class="more" href="/admin([^"]+)"', first.text)[1]
        second = words(staff.get(older.replace("&amp;", "&")))

        assert ("pay_00" in first.text, "pay_29" in first.text) == (True, False)
        assert ("pay_00" in second, "pay_29" in second) == (False, True)
        assert "nothing was left to go back" in second

    @pytest.mark.usefixtures("mismatch")
    def test_what_a_bank_took_is_told(self, session, staff):
        session.query(Refund).delete()
        session.execute(update(PaymentAttempt).values(amount_lost=500_00))
        session.commit()

        assert "the payer's bank took ₹500.00" in words(staff.get(UNMATCHED))


class TestAskingAgain:
    @pytest.mark.usefixtures("mismatch")
    @pytest.mark.parametrize("view", [UNMATCHED, "/money/?view=refunds"])
    def test_what_failed_is_written_anew(self, shop, session, admin, view):
        stuck(session, "failed")
        shop.gateway.clear()
        assert 'data-confirm="Ask the gateway for ₹12,71,603.01 again?' in admin.get(view).text

        answer = admin.send(view, "/retry")

        assert answer.headers["Location"].startswith("/admin/money/?view=")
        assert "It is asked for again." in words(admin.get(view))
        assert [row[2] for row in refunds(session)] == ["failed", "pending"]
        query = select(Refund.actor).order_by(Refund.created_at.desc())
        assert session.scalars(query).first() == f"admin:{admin.id}"

    @pytest.mark.usefixtures("mismatch")
    def test_what_is_on_its_way_is_asked_for_at_once(self, session, admin):
        stuck(session, "pending", last_error="no balance", polls=7)
        assert "no balance" in words(admin.get(UNMATCHED))

        admin.send(UNMATCHED, "/retry")

        assert values(session.execute(select(Refund.status, Refund.polls))) == [("pending", 0)]

    @pytest.mark.usefixtures("mismatch")
    def test_what_is_back_is_not_asked_for(self, session, admin):
        assert "Ask again" not in admin.get(UNMATCHED).text
        refund_id = session.scalars(select(Refund.id)).one()

        assert post(admin, f"/money/refunds/{refund_id}/retry", view="\x00") == 302

        assert "The money is back already." in words(admin.get("/money/"))
        assert len(refunds(session)) == 1

    def test_there_is_no_such_refund(self, admin):
        assert post(admin, f"/money/refunds/{uuid4()}/retry") == 404

    @pytest.mark.usefixtures("mismatch")
    def test_staff_see_how_it_stands_and_no_button(self, session, staff):
        stuck(session, "failed")

        assert "failed ₹12,71,603.01" in words(staff.get(UNMATCHED))
        assert "Ask again" not in staff.get(UNMATCHED).text


class TestCash:
    """What comes and goes by hand."""

    @pytest.fixture
    def promised(self, shop):
        shop.product("ring", 5)
        buyer = shop.customer()
        order_id = buyer.check_out(ring=1).json["id"]
        buyer.post(f"/api/v1/orders/{order_id}/payments", {"gateway": "cash_on_delivery"})
        return f"/orders/{order_id}"

    def test_it_comes_in_once_however_often_it_is_said(self, session, staff, promised):
        form = 'data-confirm="Has the courier brought ₹1,030.00 for ORA-'
        assert form in staff.get(promised).text
        payment_id = session.scalars(select(PaymentAttempt.payment_id)).one()

        answer = staff.send(promised, "/capture")
        assert post(staff, f"/money/payments/{payment_id}/capture") == 302

        assert answer.headers["Location"] == f"/admin{promised}"
        assert "The money has come in." in words(staff.get(promised))
        assert "The cash has come in" not in staff.get(promised).text
        query = select(PaymentAttempt.status, PaymentAttempt.amount)
        assert values(session.execute(query)) == [("captured", 103_000)]

    def test_nobody_takes_what_there_is_not(self, staff):
        assert post(staff, f"/money/payments/{uuid4()}/capture") == 404

    def test_it_goes_back_by_hand(self, shop, session, admin, promised):
        admin.send(promised, "/capture")
        admin.send(promised, "/refund", amount="500", reason="worn")
        shop.work()
        assert "Ask again" not in admin.get("/money/?view=refunds").text

        admin.send("/money/?view=refunds", "/paid-out")

        assert "The money is back." in words(admin.get("/money/?view=refunds"))
        assert [row[2] for row in refunds(session)] == ["processed"]

    @pytest.mark.usefixtures("mismatch")
    def test_what_a_gateway_pays_back_is_not_paid_out_by_hand(self, session, admin):
        stuck(session, "pending")
        refund_id = session.scalars(select(Refund.id)).one()

        assert post(admin, f"/money/refunds/{refund_id}/paid-out") == 409

        assert "It is paid out" not in admin.get("/money/?view=refunds").text
        assert [row[2] for row in refunds(session)] == ["pending"]
