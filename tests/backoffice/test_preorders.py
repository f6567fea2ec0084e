"""Pre-orders at the pages: opened, postponed, taken in; and who waits for what is sold out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import Record
from app.catalog.models import Product
from app.core.india import INDIA
from app.fulfilment.models import PreorderArrival
from app.waitlist import waitlist
from tests.backoffice.browser import words
from tests.backoffice.doors import post
from tests.builders import values
from tests.payments.purchase import purchase

TODAY = datetime.now(UTC).astimezone(INDIA).date()
SOON, LATER = (TODAY + timedelta(days=days) for days in (30, 60))
GOOD = {"sku": "CROWN", "limit": "9", "ships_on": str(SOON)}


@pytest.fixture
def crown(shop, staff):
    """A crown on pre-order, nine of it; gives its page."""
    shop.product("crown", 0)
    assert staff.send("/pre-orders/new", "/make", **GOOD).status_code == 302
    return "/pre-orders/CROWN"


def paid(shop, **lines):
    bought = purchase(shop, **lines)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    return bought


def day_of(session):
    session.expire_all()
    return session.scalars(select(Product.preorder_ships_on)).one()


def arrived(session):
    columns = PreorderArrival.promised, PreorderArrival.received, PreorderArrival.actor
    return values(session.execute(select(*columns)))


class TestOpening:
    def test_before_there_is_one(self, staff):
        assert "Nothing is sold before it is there." in words(staff.get("/pre-orders/"))
        assert "No pre-order has arrived" in words(staff.get("/pre-orders/?view=arrived"))
        assert "Nobody waits for a piece." in words(staff.get("/pre-orders/?view=waited for"))

    def test_a_piece_is_sold_before_it_is_there(self, shop, session, staff):
        shop.product("crown", 0)

        answer = staff.send("/pre-orders/new", "/make", **GOOD)

        assert answer.headers["Location"] == "/admin/pre-orders/CROWN"
        assert "The crown is on pre-order." in words(staff.get("/pre-orders/CROWN"))
        assert (shop.levels("crown").available, day_of(session)) == (9, SOON)
        after = Record.after["preorder_ships_on"].astext
        recorded = select(Record.actor, after).where(Record.after.has_key("preorder_ships_on"))
        assert (f"staff:{staff.id}", str(SOON)) in values(session.execute(recorded))

    @pytest.mark.parametrize(
        ("fields", "name", "told"),
        [
            ({"sku": ""}, "sku", "wrong"), ({"sku": "NONE"}, "sku", "wrong"),
            ({"sku": "RING"}, "sku", "5 units are on hand"), ({"sku": "\x00"}, "sku", "wrong"),
            ({"limit": ""}, "limit", "Not a valid integer"), ({"limit": "0"}, "limit", "Must be"),
            ({"limit": "100001"}, "limit", "Must be"), ({"limit": "x"}, "limit", "Not a valid"),
            ({"ships_on": ""}, "ships_on", "Not a valid date"),
            ({"ships_on": "soon"}, "ships_on", "Not a valid date"),
            ({"ships_on": str(TODAY)}, "ships_on", "is not a day to come"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_promised_is_told_at_its_field(self, shop, staff, fields, name, told):
        shop.product("ring", 5)
        shop.product("crown", 0)

        answer = staff.send("/pre-orders/new", "/make", **GOOD | fields)

        assert answer.status_code == 422
        field = answer.text.split(f'name="{name}"')[1].split("</label>")[0]
        assert told in field
        assert f'value="{(GOOD | fields)["limit"]}"' in answer.text
        assert (shop.on_hand("ring"), shop.on_hand("crown")) == (5, 0)

    def test_it_is_opened_once(self, shop, staff, crown):
        answer = staff.send("/pre-orders/new", "/make", **GOOD)

        assert answer.status_code == 422
        assert "The product is on pre-order already." in answer.text.split('name="sku"')[1]
        assert "9" in words(staff.get(crown))
        assert shop.on_hand("crown") == 9


class TestLooking:
    def test_how_many_are_promised_to_whom_and_left(self, shop, staff, crown):
        bought = paid(shop, crown=2)
        purchase(shop, crown=1)

        listed, shown = words(staff.get("/pre-orders/")), words(staff.get(crown))

        assert f"The crown CROWN {SOON:%d %b %Y} 9 2 7" in listed
        assert "Promised 2 , paid for" in shown
        number = bought.buyer.order(bought.order_id)["number"]
        assert re.search(rf"{number} .+ confirmed {SOON:%d %b %Y} 2 ", shown)
        assert shown.count("ORA-") == 1

    @pytest.mark.usefixtures("crown")
    def test_a_day_that_is_over_is_pointed_at(self, session, staff):
        session.scalars(select(Product)).one().preorder_ships_on = TODAY - timedelta(days=1)
        session.commit()

        assert "over" in words(staff.get("/pre-orders/"))

    @pytest.mark.parametrize(("path", "status"), [("NONE", 404), ("RING", 409), ("\x00", 404)])
    def test_what_is_not_on_pre_order_has_no_page(self, shop, staff, path, status):
        shop.product("ring", 5)

        assert staff.get(f"/pre-orders/{path}").status_code == status
        for action in ("postpone", "arrive"):
            fields = {"ships_on": str(LATER), "received": "1", "reference": "a"}
            assert post(staff, f"/pre-orders/{path}/{action}", **fields) in (404, 409, 422)


class TestPostponing:
    def test_another_day_is_promised_from_now_on(self, session, staff, crown):
        answer = staff.send(crown, "/postpone", ships_on=str(LATER))

        assert answer.headers["Location"] == f"/admin{crown}"
        assert f"pre-order until {LATER:%d %b %Y}" in words(staff.get(crown))
        assert day_of(session) == LATER

    def test_a_form_that_shows_another_day_does_not_win(self, session, staff, crown):
        staff.send(crown, "/postpone", ships_on=str(LATER))

        staff.send(crown, "/postpone", ships_on=str(TODAY + timedelta(days=90)), shown=str(SOON))

        assert "Somebody changed the day meanwhile." in words(staff.get(crown))
        assert day_of(session) == LATER

    @pytest.mark.parametrize(
        ("day", "told"), [("", "Not a valid"), ("x", "Not a valid"), (str(TODAY), "a day to come")]
    )
    def test_a_day_that_makes_no_sense_is_told_of(self, session, staff, crown, day, told):
        answer = staff.send(crown, "/postpone", ships_on=day)

        assert answer.status_code == 422
        assert told in answer.text.split('name="ships_on"')[1].split("</label>")[0]
        assert day_of(session) == SOON

    def test_a_form_that_was_refused_still_shows_the_day_it_showed(self, staff, crown):
        answer = staff.send(crown, "/postpone", ships_on="x", shown="2026-01-01")

        assert 'name="shown" value="2026-01-01"' in answer.text


class TestArriving:
    def test_what_is_promised_can_be_sent_and_the_others_are_on_sale(
        self, shop, session, staff, crown
    ):
        paid(shop, crown=2)
        assert 'data-confirm="Take the pieces in?' in staff.get(crown).text

        answer = staff.send(crown, "/arrive", received="5")

        assert answer.headers["Location"] == "/admin/pre-orders/?view=arrived"
        shown = words(staff.get("/pre-orders/?view=arrived"))
        assert "CROWN: 5 came." in shown
        assert re.search(rf"The crown CROWN .+ {SOON:%d %b %Y} 5 2 3 Meera Iyer, staff", shown)
        assert (shop.on_hand("crown"), day_of(session)) == (3, None)
        assert arrived(session) == [(2, 5, f"staff:{staff.id}")]

    def test_sent_twice_they_came_once(self, shop, session, staff, crown):
        for status in (302, 409):
            fields = {"received": "5", "reference": "the-same"}
            assert post(staff, f"{crown}/arrive", **fields) == status

        assert (shop.on_hand("crown"), len(arrived(session))) == (5, 1)

    @pytest.mark.parametrize(
        ("received", "told"),
        [
            ("1", "2 are promised: cancel orders or units first"), ("", "Not a valid integer"),
            ("-1", "Must be"), ("x", "Not a valid"), ("9" * 30, "Must be"),
            ("2", "somebody is paying for more than that"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_told_at_its_field(self, shop, session, staff, crown, received, told):
        paid(shop, crown=2)
        purchase(shop, crown=1)

        answer = staff.send(crown, "/arrive", received=received)

        assert answer.status_code == 422
        assert told in answer.text.split('name="received"')[1].split("</label>")[0]
        assert (shop.on_hand("crown"), day_of(session)) == (7, SOON)
        assert arrived(session) == []

    @pytest.mark.usefixtures("crown")
    def test_older_ones_are_on_the_next_page(self, session, staff):
        product_id = session.scalars(select(Product.id)).one()
        for number in range(30):
            session.add(
                PreorderArrival(
                    product_id=product_id, ships_on=SOON, promised=0, received=1000 + number,
                    actor="staff:x", created_at=datetime.now(UTC) + timedelta(seconds=number),
                )
            )  # fmt: skip
        session.commit()

        first = staff.get("/pre-orders/?view=arrived")
        older = re.search(r'class="more" href="/admin([^"]+)"', first.text)[1]
        second = words(staff.get(older.replace("&amp;", "&")))

        assert ("1029" in first.text, "1004" in first.text) == (True, False)
        assert ("1029" in second, "1004" in second) == (False, True)


class TestWaiting:
    def test_how_many_wait_for_what_is_sold_out(self, shop, staff, monkeypatch):
        shop.product("ring", 0)
        shop.product("chain", 0)
        shop.product("stud", 5)
        for name in ("ring", "ring", "chain"):
            answer = shop.customer().put(f"/api/v1/products/{name}/waitlist", None)
            assert answer.status_code == 204

        page = staff.get("/pre-orders/?view=waited for")

        shown = words(page)
        assert re.search(r"The chain CHAIN 1 .+ 0 sold out The ring RING 2 .+ 0 sold out", shown)
        assert "STUD" not in shown
        assert 'href="/admin/stock/RING"' in page.text
        monkeypatch.setattr(waitlist, "MOST_COUNTED", 2)
        assert "The ring RING 2+" in words(staff.get("/pre-orders/?view=waited for"))

    def test_the_next_page_goes_on_by_sku(self, shop, staff, monkeypatch):
        monkeypatch.setattr("app.backoffice.preorders.AT_ONCE", 1)
        for name in ("ring", "chain"):
            shop.product(name, 0)
            shop.customer().put(f"/api/v1/products/{name}/waitlist", None)

        first = staff.get("/pre-orders/?view=waited for")
        more = re.search(r'class="more" href="/admin([^"]+)"', first.text)[1]
        second = staff.get(more.replace("&amp;", "&"))

        assert ("CHAIN" in words(first), "RING" in words(first)) == (True, False)
        assert ("CHAIN" in words(second), "RING" in words(second)) == (False, True)
