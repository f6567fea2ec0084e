"""Money at the pages: each of the four lists, with the order that it is about."""

from sqlalchemy import insert

from app.payments.models import Dispute
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


def test_the_four_lists(shop, session, staff, admin):
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
