"""Whatever happens to an order, its customer is told of it once: in the account and by mail."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.catalog.models import Product
from app.core.announcements import announce
from app.core.db import transaction
from app.core.jobs import Job
from app.inventory import low
from app.messages import notifications, wording
from app.messages.models import Notification
from tests.messages.post import open_post
from tests.payments.purchase import expire, make_due, purchase
from workers import cleanup, reports
from workers.stock import look_for_low_stock


@pytest.fixture
def post(app, monkeypatch):
    """The post office that the mails of this test go to."""
    with open_post() as opened:
        monkeypatch.setenv("MAIL_URL", opened.url)
        yield opened


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")


@pytest.fixture
def bought(shop):
    shop.product("ring", 5)
    return purchase(shop, ring=2)


def told(buyer, query=""):
    return buyer.get(f"/api/v1/notifications{query}").json


def events(buyer):
    """What a customer was told of, the first first."""
    return [one["event"] for one in reversed(told(buyer)["items"])]


def confirm(shop, bought):
    bought.payment_id = bought.pay()
    bought.tell("payment.captured", bought.payment_id)
    shop.work()


def move(staff, bought, *steps):
    for step in steps:
        path = f"/api/v1/admin/orders/{bought.order_id}/status"
        more = {"courier": "BlueDart", "tracking_number": "69<1>"} if step == "shipped" else {}
        assert staff.post(path, {"status": step} | more).status_code == 200


def test_an_order_on_its_way(shop, staff, bought, post):
    confirm(shop, bought)
    move(staff, bought, "processing", "shipped", "delivered")
    shop.work()

    wanted = ["order.placed", "order.confirmed", "order.shipped", "order.delivered"]
    assert events(bought.buyer) == wanted
    assert [
        str(letter["Message-ID"]).split(f".{bought.order_id}")[0] for letter in post.letters
    ] == [f"<{event}" for event in wanted]
    shipped = post.letters[2]
    assert "BlueDart has your parcel now. Its tracking number is 69<1>." in plain(shipped)
    html = shipped.get_body(("html",)).get_content()
    assert "69&lt;1&gt;" in html
    assert "src=" not in html


def plain(letter):
    return letter.get_body(("plain",)).get_content()


def test_an_order_that_is_given_up_and_its_refund(shop, bought):
    confirm(shop, bought)
    lines = [{"sku": "RING", "quantity": 1}]
    path = f"/api/v1/orders/{bought.order_id}"
    bought.buyer.post(f"{path}/cancel-units", {"reference": "1", "lines": lines})
    bought.buyer.post(f"{path}/cancel")
    shop.work()

    assert sorted(events(bought.buyer)) == sorted([
        "order.placed", "order.confirmed", "order.units_cancelled", "refund.created",
        "order.cancelled", "refund.created", "refund.processed", "refund.processed",
    ])  # fmt: skip


def test_an_order_that_is_not_paid(shop, session, bought):
    bought.tell("payment.failed", bought.pay("failed"))
    shop.work()
    expire(session, bought.order_id)
    shop.work()

    assert events(bought.buyer) == ["order.placed", "payment.failed", "order.expired"]


def test_a_return(shop, staff, bought, post):
    confirm(shop, bought)
    move(staff, bought, "processing", "shipped", "delivered")
    line = {"sku": "RING", "quantity": 1, "reason": "wrong_size"}
    path = f"/api/v1/orders/{bought.order_id}/returns"
    return_id = bought.buyer.post(path, {"lines": [line]}).json["id"]
    root = f"/api/v1/admin/returns/{return_id}"
    staff.post(f"{root}/decision", {"decision": "approve", "note": "Send it insured."})
    arrived = {"sku": "RING", "quantity": 1, "disposition": "restock"}
    staff.post(f"{root}/receipt", {"lines": [arrived]})
    shop.work()

    assert sorted(events(bought.buyer)[4:]) == sorted([
        "return.requested", "return.approved", "return.received", "refund.created",
        "refund.processed",
    ])  # fmt: skip
    [approved] = [one for one in post.letters if "return.approved" in str(one["Message-ID"])]
    assert "₹1,030.00 go back" in next(
        plain(one) for one in post.letters if "return.received" in str(one["Message-ID"])
    )
    assert "Pack it well" in plain(approved)


def test_what_is_spread_again_and_again_is_told_once(shop, session, bought, post):
    confirm(shop, bought)
    before = told(bought.buyer)
    for _ in range(3):
        session.execute(
            update(Job)
            .where(Job.name == "announcements.spread")
            .values(done_at=None, due_at=Job.created_at)
        )
        shop.work()

    assert told(bought.buyer) == before
    assert len(post.letters) == 2


def test_what_nobody_has_words_for_is_told_to_nobody(shop, session, bought):
    with transaction() as opened:
        announce(opened, "order.processing", uuid4())
        announce(opened, "stock.low", uuid4())
        announce(opened, "moon.full", uuid4())
        announce(opened, "order.shipped", uuid4())

    shop.work()

    assert set(session.scalars(select(Notification.event))) == {"order.placed"}
    assert session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all() == []


class TestTheAccount:
    """Notifications, read and unread."""

    @pytest.fixture
    def buyer(self, shop, bought):
        confirm(shop, bought)
        return bought.buyer

    def test_they_are_unread_until_they_are_read(self, buyer):
        listed = told(buyer)
        assert listed["unread"] == 2
        [newest, oldest] = listed["items"]
        assert newest["title"].startswith("Your order ORA-")
        assert newest["text"].startswith("Thank you. Your payment has reached us")

        once = buyer.post(f"/api/v1/notifications/{oldest['id']}/read")
        again = buyer.post(f"/api/v1/notifications/{oldest['id']}/read")

        assert once.json["read_at"] is not None
        assert again.json == once.json
        assert [one["id"] for one in told(buyer, "?unread=true")["items"]] == [newest["id"]]
        assert [one["id"] for one in told(buyer, "?unread=false")["items"]] == [oldest["id"]]
        assert buyer.post("/api/v1/notifications/read").status_code == 204
        assert told(buyer)["unread"] == 0

    def test_they_are_ones_own_alone(self, shop, buyer):
        stranger = shop.customer()
        [newest, _] = told(buyer)["items"]

        refused = stranger.post(f"/api/v1/notifications/{newest['id']}/read")

        assert (refused.status_code, refused.json["code"]) == (404, "notification_not_found")
        assert told(stranger) == {"items": [], "next_cursor": None, "unread": 0}
        assert told(buyer)["unread"] == 2

    def test_page_by_page(self, buyer):
        first = told(buyer, "?limit=1")
        second = told(buyer, f"?limit=1&cursor={first['next_cursor']}")

        assert first["items"] + second["items"] == told(buyer)["items"]

    def test_read_ones_are_forgotten_after_a_month(self, session, buyer):
        [newest, oldest] = told(buyer)["items"]
        for one, days in ((newest, 29), (oldest, 31)):
            ago = datetime.now(UTC) - timedelta(days=days)
            query = update(Notification).where(Notification.id == one["id"])
            session.execute(query.values(read_at=ago))

        cleanup.forget_notifications()

        assert [one["id"] for one in told(buyer)["items"]] == [newest["id"]]


class TestUndeliverable:
    """Post offices that refuse."""

    @pytest.fixture
    def refuse(self, post):
        """Have the post office answer every recipient with a code."""

        def arrange(code):
            async def handle_rcpt(*_):
                return f"{code} No"

            post.handle_RCPT = handle_rcpt

        return arrange

    def test_an_address_that_there_is_not_is_not_tried_again(self, shop, session, bought, refuse):
        refuse(550)
        confirm(shop, bought)

        errors = session.scalars(select(Notification.mail_error)).all()
        assert len(errors) == 2
        assert all("550" in error for error in errors)
        left = select(func.count()).where(Job.done_at.is_(None))
        assert session.scalar(left.where(Job.name == "mail.send_notification")) == 0

    def test_a_full_box_is_tried_again(self, shop, session, bought, refuse, post):
        refuse(452)
        confirm(shop, bought)
        assert session.scalars(select(Notification.mail_error)).all() == [None, None]

        del post.handle_RCPT
        make_due(session)
        shop.work("announcements", "mail")

        assert len(post.letters) == 2


def test_every_message_can_be_put_into_words_and_laid_out(shop, session, bought):
    """Whatever stands in the facts; a fact that there is not is a mistake, not a gap."""
    confirm(shop, bought)
    with transaction() as opened:
        order = notifications.facts.find(opened, "order.placed", bought.order_id).order
    for event in wording._known():
        words = wording.put(event, order=order, amount=123_456_700, note="So & so.")
        assert words.subject
        assert len(words.paragraphs) >= 1
        text, html = wording.lay_out(words, name="Meera <b>", order=order)
        assert "Meera &lt;b&gt;" in html
        assert words.paragraphs[0] in text


class TestStaff:
    """What those who run the shop are told."""

    @pytest.fixture(autouse=True)
    def _admin(self, shop):
        shop.customer(role="admin")

    def test_of_products_that_run_low_once_until_there_are_more(self, shop, session, post):
        shop.product("ring", 1)
        shop.product("chain", 9)
        for _ in range(2):
            look_for_low_stock()
            shop.work("announcements", "mail")
        [letter] = post.letters
        assert str(letter["Subject"]) == "1 product is about to be sold out"
        assert "RING, The ring: 1" in plain(letter)

        session.execute(update(Product).values(low_stock_threshold=0))
        look_for_low_stock()
        session.execute(update(Product).values(low_stock_threshold=10))
        look_for_low_stock()
        shop.work("announcements", "mail")

        assert str(post.letters[-1]["Subject"]) == "2 products are about to be sold out"

    def test_what_is_reserved_is_as_good_as_gone_and_what_is_off_sale_no_matter(self, shop):
        shop.product("ring", 3)
        shop.product("old", 0, is_active=False)
        with transaction() as opened:
            assert [one.sku for one in low.newly_low(opened)] == []
        shop.customer().check_out(ring=2)

        with transaction() as opened:
            assert [(one.sku, one.available) for one in low.newly_low(opened)] == [("RING", 1)]

    def test_of_the_days_sales(self, shop, bought, post):
        confirm(shop, bought)
        post.letters.clear()

        reports.send_daily_sales(datetime.now(UTC) + timedelta(minutes=1))
        reports.send_daily_sales(datetime.now(UTC) - timedelta(days=1))

        today, yesterday = post.letters
        assert "1 orders were confirmed" in plain(today).replace("\r\n", "\n")
        assert "₹2,060.00" in str(today["Subject"])
        assert "0 orders" in plain(yesterday)
        assert today["Message-ID"] != yesterday["Message-ID"]
