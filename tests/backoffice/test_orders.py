"""Orders at the pages: found by whatever there is of them, moved, cancelled, paid back."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.orders.models import Order, OrderTransition
from tests.backoffice.browser import email_of, words
from tests.payments.balance import assert_balanced
from tests.payments.purchase import purchase, refunds


@pytest.fixture
def bought(shop):
    shop.product("ring", 5, price=12_345_600)
    one = purchase(shop, ring=1)
    one.payment_id = one.pay()
    one.tell("payment.captured", one.payment_id)
    shop.work()
    return one


def page(bought):
    return f"/orders/{bought.order_id}"


def test_the_list_and_its_tabs(shop, staff, bought):
    shop.customer().check_out(ring=1)

    everything, to_pack = words(staff.get("/orders/")), words(staff.get("/orders/?view=to pack"))

    number = bought.buyer.order(bought.order_id)["number"]
    assert number in everything
    assert number in to_pack
    assert "₹1,27,159.68" in everything
    assert everything.count("ORA-") == 2
    assert to_pack.count("ORA-") == 1
    assert "No orders here" in words(staff.get("/orders/?view=returns"))


@pytest.mark.parametrize("by", ["number", "small letters", "id", "razorpay order", "try"])
def test_an_order_is_found_by_whatever_there_is_of_it(staff, bought, by):
    number = bought.buyer.order(bought.order_id)["number"]
    term = {
        "number": number, "small letters": number.lower(), "id": bought.order_id,
        "razorpay order": bought.opened["razorpay_order_id"], "try": bought.payment_id,
    }[by]  # fmt: skip

    answer = staff.get(f"/orders/?q={term}")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin{page(bought)}")


def test_a_customers_orders_are_found_by_mail_and_phone(session, staff, bought):
    email = email_of(bought.buyer.id)
    phone = session.scalars(select(User.phone).where(User.id == bought.buyer.id)).one()

    for term in (email, email.upper(), phone.removeprefix("+91"), "98765 43210"):
        assert words(staff.get(f"/orders/?q={term}")).count("ORA-") == 1, term


@pytest.mark.parametrize(
    "term",
    ["nothing", "ORA-0", "pay_none", "%00", "x" * 3_000, "0192f5a4-7c1e-4cc3-98c4-dc0c0c07398f"],
)
def test_what_there_is_not_is_said(staff, term):
    answer = staff.get(f"/orders/?q={term}")

    assert answer.status_code == 200
    assert "Nothing is called" in words(answer)


def test_an_order_goes_its_way_by_the_legal_steps_alone(session, staff, bought):
    assert "Start packing" in staff.get(page(bought)).text
    assert "It has arrived" not in staff.get(page(bought)).text

    staff.send(page(bought), "/move", status="processing")
    sent = staff.send(page(bought), "/move", courier="BlueDart", tracking_number="69123456780")
    assert sent.status_code == 302
    shown = words(staff.get(page(bought)))

    assert "is shipped" in shown
    assert "BlueDart 69123456780" in shown
    steps = session.execute(
        select(OrderTransition.to_status, OrderTransition.actor).order_by(OrderTransition.id)
    ).all()
    assert [tuple(step) for step in steps[1:]] == [
        ("processing", f"staff:{staff.id}"), ("shipped", f"staff:{staff.id}"),
    ]  # fmt: skip
    assert "Cancel the order" not in shown


def test_a_step_that_somebody_took_before_is_refused_in_words(session, staff, bought):
    stale = staff.send
    staff.send(page(bought), "/move", status="processing")

    answer = stale(page(bought), "/move", status="delivered")

    assert answer.status_code == 302
    assert "does not allow this step" in words(staff.get(page(bought)))
    assert session.scalars(select(Order.status)).one() == "processing"


def test_a_cancelled_order_goes_back_whole(shop, session, staff, bought):
    assert staff.send(page(bought), "/cancel", reason="Not to be had").status_code == 302
    shop.work()

    shown = words(staff.get(page(bought)))
    assert "cancelled" in shown
    assert "Not to be had" in shown
    assert [(amount, state) for _, amount, state, _ in refunds(session)] == [
        (12_715_968, "processed")
    ]
    assert shop.on_hand("ring") == 5
    assert_balanced(session)


def test_half_goes_back_once_however_often_the_form_is_sent(shop, session, admin, bought):
    fields = {"amount": "₹63,579.84", "reason": "A scratch", "reference": "once"}
    for _ in range(2):
        assert admin.send(page(bought), "/refund", **fields).status_code == 302
    shop.work()

    assert [amount for _, amount, *_ in refunds(session)] == [6_357_984]
    assert "partially refunded" in words(admin.get(page(bought)))


@pytest.mark.parametrize("amount", ["much", "-5", "0", "1.234", "9999999999999", "1,27,159.69"])
def test_what_cannot_go_back_does_not(session, admin, bought, amount):
    admin.send(page(bought), "/refund", amount=amount, reason="x")

    assert refunds(session) == []
    assert 'class="flash error"' in admin.get(page(bought)).text


def test_names_are_text_whatever_they_say(shop, staff):
    shop.product("ring", 5)
    buyer = shop.customer()
    order = buyer.check_out(ring=1).json
    script = "<script>alert(1)</script>"
    buyer.post(f"/api/v1/orders/{order['id']}/cancel", {"reason": script})

    shown = staff.get(f"/orders/{order['id']}").text

    assert script not in shown
    assert "&lt;script&gt;" in shown


def test_an_order_that_there_is_not_is_a_page_that_says_so(staff):
    answer = staff.get(f"/orders/{uuid4()}")

    assert answer.status_code == 404
    assert "There is no such order" in words(answer)


def test_an_invoice_is_printed_from_its_order(shop, staff, nobody, bought):
    for _ in range(2):
        status = (
            "shipped" if "Hand to the courier" in staff.get(page(bought)).text else "processing"
        )
        staff.send(page(bought), "/move", status=status)
    shop.work()

    shown = staff.get(page(bought)).text
    path = shown.split('href="/admin/orders/paper/')[1].split('"')[0]

    printed = staff.get(f"/orders/paper/{path}")
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    assert printed.headers["Cache-Control"] == "no-store"
    assert nobody.get(f"/orders/paper/{path}").status_code == 302
