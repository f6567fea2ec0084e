"""Operations: whether the books add up, what drifted, and repairing it."""

from sqlalchemy import select, text

from app.core import origin
from app.core.jobs import Job
from app.inventory import keys
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


def test_books_that_add_up_and_settings_without_secrets(shop, settings, admin):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert "products agree" not in words(admin.get("/operations/"))
    answer = admin.get("/operations/books")
    shown = words(answer)

    assert "1 products agree" in shown
    assert "Captured ₹1,030.00" in shown
    assert "Unaccounted for ₹0.00" in shown
    assert "RESERVATION_TTL_SECONDS 900" in shown
    assert "SECRET_KEY set" in shown
    for secret in (settings.secret_key, settings.razorpay_key_secret):
        assert secret.get_secret_value() not in answer.text
    assert settings.database_url not in answer.text


def test_all_products_are_compared_when_asked(session, admin):
    for _ in range(2):
        assert admin.send("/operations/", "/compare").status_code == 302

    staged = session.scalars(select(Job.arguments).where(Job.name == "stock.reconcile")).all()
    assert [origin.arguments(kept) for kept in staged] == [{"after": ""}]


def test_redis_is_rebuilt_and_no_promise_is_lost(shop, redis, admin):
    shop.product("ring", 5)
    held = purchase(shop, ring=2)
    # Somebody meddled with it by hand.
    redis.hset(keys.stock("RING"), "on_hand", 50)

    assert admin.send("/operations/", "/rebuild").status_code == 302

    levels = shop.levels("ring")
    assert (levels.on_hand, levels.reserved, levels.available) == (5, 2, 3)
    held.tell("payment.captured", held.pay())
    shop.work()
    assert held.status == ("confirmed", "captured")


def test_a_book_that_does_not_add_up_is_red(shop, session, admin):
    shop.product("ring", 5)
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("UPDATE products SET stock_quantity = 6"))
    session.execute(text("SET session_replication_role = origin"))

    assert "1 of 1 differ" in words(admin.get("/operations/books"))


def test_it_is_for_admins_alone(staff):
    for path in ("", "books"):
        assert staff.get(f"/operations/{path}").status_code == 403
    token = staff.get("/").text.split('name="csrf_token" value="')[1].split('"')[0]
    for action in ("compare", "rebuild"):
        answer = staff.client.post(f"/admin/operations/{action}", data={"csrf_token": token})
        assert answer.status_code == 403
