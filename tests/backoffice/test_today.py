"""The first page: what there is to do, and how the day goes."""

from app.alerts import alerts
from app.backoffice import today
from app.core.db import transaction
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


def test_an_empty_shop_has_a_first_page(staff):
    shown = words(staff.get("/"))

    assert "0 to pack" in shown
    assert "Nothing needs looking at." in shown
    assert "Jobs given up none" in shown


def test_what_there_is_to_do_and_what_was_sold(shop, staff):
    shop.product("ring", 9)
    for _ in range(2):
        bought = purchase(shop, ring=1)
        bought.tell("payment.captured", bought.pay())
    purchase(shop, ring=1)
    shop.work()
    bought.tell("payment.failed", bought.pay("failed"))
    with transaction() as session:
        alerts.sound(session, "amount_mismatch", "pay_1", "1 INR came for 2 INR")

    shown = words(staff.get("/"))

    assert "2 to pack" in shown
    assert "Today 2 2 ₹2,060.00 ₹1,030.00" in shown
    assert "30 days 2 2 ₹2,060.00 ₹1,030.00" in shown
    assert "Reservations 1" in shown
    assert "Webhooks that wait 1 Webhooks given up none" in shown
    assert "paid 2" in shown
    assert "open 1" in shown
    assert "The ring 2 ₹2,060.00" in shown
    assert "razorpay upi 2 100 %" in shown
    assert "1 pieces low" not in shown
    assert "amount mismatch pay_1 1 INR came for 2 INR" in shown


def test_the_menu_shows_where_one_is(staff):
    for path, name in (("/", "Today"), ("/orders/", "Orders"), ("/stock/", "Stock")):
        assert f'aria-current="page">{name}</a>' in staff.get(path).text


def test_what_breaks_tells_nothing_of_the_inside(staff, monkeypatch):
    def break_down(_):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(today, "_alerts", break_down)

    answer = staff.get("/")

    assert answer.status_code == 500
    assert "Something went wrong" in words(answer)
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] in words(answer)
