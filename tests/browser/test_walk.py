"""A day at the back office, walked by clicking; what came of it stands in Postgres and Redis."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.catalog.models import Product
from app.inventory.models import StockMovement
from app.orders.models import OrderTransition
from app.returns.models import ReturnLine
from app.subscribers.models import Subscriber
from tests.backoffice.browser import email_of
from tests.browser.conftest import NARROW, WIDE
from tests.browser.furnished import paid
from tests.builders import values
from tests.coupons.till import buy, rupees
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, purchase, refunds
from tests.returns.steps import asked, deliver


def open_order(page, bought):
    """Look for an order by its number, as somebody does who has it on paper."""
    number = bought.buyer.order(bought.order_id)["number"]
    page.get_by_role("link", name="Orders", exact=True).click()
    page.get_by_role("textbox", name="Search").fill(number)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=number, level=1).wait_for()


def told(page, words):
    page.get_by_role("status").get_by_text(words).wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_order_is_packed_and_shipped(shop, session, enter, width):
    shop.product("ring", 5)
    bought = paid(shop)
    page = enter("staff", width)

    page.get_by_role("link", name="1 to pack").click()
    page.get_by_role("link", name=re.compile("ORA-")).click()
    page.get_by_role("button", name="Start packing").click()
    told(page, "is processing")
    page.get_by_label("Courier").fill("BlueDart")
    page.get_by_label("Tracking number").fill("69123456780")
    page.get_by_role("button", name="Hand to the courier").click()
    told(page, "is shipped")

    order = bought.buyer.order(bought.order_id)
    assert (order["status"], order["courier"]) == ("shipped", "BlueDart")
    steps = values(session.execute(select(OrderTransition.to_status, OrderTransition.actor)))
    assert [step for step, actor in steps if actor.startswith("staff:")] == [
        "processing", "shipped",
    ]  # fmt: skip
    levels = shop.levels("ring")
    assert (shop.on_hand("ring"), levels.on_hand, levels.committed) == (4, 4, 0)


def test_half_is_refunded_when_the_question_is_answered(shop, session, enter, agree):
    shop.product("ring", 5)
    bought = paid(shop)
    page = enter("admin")
    open_order(page, bought)
    page.get_by_text("Send money back", exact=True).click()
    page.get_by_label("Rupees").fill("₹515.00")
    page.get_by_label("Why").locator("visible=true").fill("A scratch")

    questions = agree(page, yes=False)
    page.get_by_role("button", name="Send back").click()
    assert questions == ["Send money back? This cannot be undone."]
    assert refunds(session) == []

    agree(page)
    page.get_by_role("button", name="Send back").click()
    told(page, "The money is on its way back.")
    shop.work()

    page.reload()
    page.get_by_role("heading", level=1).get_by_text("partially refunded").wait_for()
    assert bought.total == 103_000
    [(payment_id, *went_back)] = refunds(session)
    assert went_back == [51_500, "processed", "A scratch"]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_balanced(session, **{payment_id: [51_500]})


def test_a_line_of_a_return_is_decided(shop, session, enter):
    shop.product("ring", 5)
    shop.product("chain", 5)
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=2, chain=1))
    asked(bought, ring=2, chain=1)
    page = enter("staff")

    page.get_by_role("link", name="1 returns to look at").click()
    page.get_by_role("link", name=re.compile("ORA-")).click()
    page.get_by_label("RING, units that may come").fill("1")
    page.get_by_label("CHAIN, units that may come").fill("0")
    page.get_by_role("button", name="Approve").click()
    told(page, "The return is approved.")

    query = select(ReturnLine.sku, ReturnLine.approved).order_by(ReturnLine.sku)
    assert values(session.execute(query)) == [("CHAIN", 0), ("RING", 1)]
    assert (refunds(session), shop.levels("ring").available) == ([], 3)


def test_a_file_is_tried_and_imported(shop, session, enter, agree):
    shop.product("ring", 5)
    page = enter("admin")
    file = {"name": "new prices.csv", "mimeType": "application/vnd.ms-excel"}

    page.get_by_role("link", name="Files").click()
    page.get_by_label("CSV in UTF-8").set_input_files(
        file | {"buffer": b"sku,price_paise\r\nRING,125000\r\n"}
    )
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("0 of 1 rows").wait_for()
    shop.work("announcements", "mail")
    # The page looks by itself.
    page.get_by_text("price: ₹1,000.00 → ₹1,250.00").wait_for()
    assert session.scalars(select(Product.price)).one() == 100_000

    questions = agree(page)
    page.get_by_role("button", name="Import it: 1 row").click()
    told(page, "The file is being imported.")
    assert questions == ["Import this file? 1 row is written, all or none."]
    shop.work("announcements", "mail")
    page.get_by_role("heading", name="What it did").wait_for()

    session.expire_all()
    assert session.scalars(select(Product.price)).one() == 125_000


def test_prices_fall_by_a_tenth(shop, session, enter):
    shop.product("ring", 5, price=99_995)
    shop.product("chain", 5)
    page = enter("admin")

    page.get_by_role("link", name="Prices").click()
    page.get_by_label("Price of CHAIN").fill("1,250.50")
    page.get_by_role("button", name="Save what I changed").click()
    told(page, "Saved: CHAIN.")
    page.get_by_label("Choose RING").check()
    page.get_by_label("Change prices by per cent").fill("-10")
    page.get_by_role("button", name="Look at the chosen").click()
    page.get_by_text("₹900.00").wait_for()
    page.get_by_role("button", name="Save 1 price").click()
    told(page, "1 price was changed.")

    prices = select(Product.sku, Product.price).order_by(Product.sku)
    assert values(session.execute(prices)) == [("CHAIN", 125_050), ("RING", 90_000)]


def test_a_coupon_is_made_and_switched_off(shop, enter, agree):
    shop.product("ring", 5)
    page = enter("admin")

    page.get_by_role("link", name="Coupons").click()
    page.get_by_role("link", name="New coupon").click()
    page.get_by_label("Code:").fill("diwali-10")
    page.get_by_label("Takes off, per cent").fill("100.5")
    page.get_by_role("button", name="Make").click()
    page.get_by_text("is not from 0.01 to 100").wait_for()
    assert page.get_by_label("Code:").input_value() == "diwali-10"
    page.get_by_label("Takes off, per cent").fill("10")
    page.get_by_role("button", name="Make").click()
    told(page, "DIWALI-10 can be used.")
    assert buy(shop.customer(), "DIWALI-10", ring=1).json["discount"] == rupees(100)

    page.reload()
    page.get_by_text("₹100.00", exact=True).first.wait_for()
    questions = agree(page)
    page.get_by_role("button", name="Switch off").click()
    told(page, "DIWALI-10 is off")
    assert questions[0].startswith("Switch DIWALI-10 off?")
    assert buy(shop.customer(), "DIWALI-10", ring=1).json["reason"] == "over"


def test_a_webhook_is_worked_again_and_does_nothing_twice(shop, session, enter, agree):
    shop.product("ring", 5)
    bought = paid(shop)
    page = enter("admin")

    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("checkbox", name="Choose").check()
    agree(page)
    page.get_by_role("button", name="Work the chosen ones again").click()
    told(page, "1 to be worked again.")
    assert events(session)[0][1] == "received"
    shop.work()

    page.get_by_role("link", name="payment.captured").click()
    page.get_by_role("heading", level=1).get_by_text("processed").wait_for()
    assert bought.status == ("confirmed", "captured")
    assert (shop.on_hand("ring"), shop.levels("ring").on_hand) == (4, 4)
    assert_balanced(session)


def test_a_system_is_registered_and_told(shop, session, enter, agree):
    page = enter("admin")

    page.get_by_role("link", name="Subscribers").click()
    page.get_by_role("link", name="New subscriber").click()
    page.get_by_label("Name").fill("the ERP")
    page.get_by_label("Address").fill("https://erp.example/hooks")
    page.get_by_role("button", name="Register").click()
    page.get_by_text("choose one at least").wait_for()
    page.get_by_text("Order", exact=True).click()
    page.get_by_label("shipped").check()
    page.get_by_role("button", name="Register").click()
    secret = page.locator("code.key").inner_text()
    page.reload()
    assert page.locator("code.key").count() == 0

    page.get_by_role("button", name="Send a ping").click()
    told(page, "A ping is on its way")
    questions = agree(page)
    page.get_by_role("button", name="Make a new secret").click()
    told(page, "It has a new secret.")
    assert questions[0].startswith("Give the ERP a new secret?")
    assert page.locator("code.key").inner_text() != secret
    page.get_by_role("checkbox", name="Choose ping").check()
    agree(page)
    page.get_by_role("button", name="Send the chosen ones again").click()
    told(page, "1 to be sent again.")

    made = session.scalars(select(Subscriber)).one()
    assert (made.events, made.secret_generation) == (["order.shipped"], 2)
    assert secret.startswith("whsec_")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_piece_is_sold_before_it_is_there_and_comes(shop, enter, agree, width):
    shop.product("crown", 0)
    page = enter("staff", width)

    page.goto(page.url + "pre-orders/")
    page.get_by_role("link", name="New pre-order").click()
    page.get_by_label("SKU").fill("CROWN")
    page.get_by_label("Units").fill("3")
    page.get_by_label("Promised for").fill(f"{datetime.now(UTC).date() + timedelta(days=30)}")
    page.get_by_role("button", name="Sell it before it is there").click()
    told(page, "The crown is on pre-order.")
    bought = purchase(shop, crown=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    page.get_by_label("Pieces that came").fill("0")
    questions = agree(page)
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("1 are promised: cancel orders or units first").wait_for()
    assert questions[0].startswith("Take the pieces in? The pre-order ends")
    page.get_by_label("Pieces that came").fill("2")
    agree(page)
    page.get_by_role("button", name="Take them in").click()
    told(page, "CROWN: 2 came.")

    assert (shop.on_hand("crown"), shop.levels("crown").available) == (1, 1)


def test_an_alert_leads_to_its_order_and_is_closed(shop, enter, agree):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay(amount=bought.total - 100))
    shop.work()
    number = bought.buyer.order(bought.order_id)["number"]
    page = enter("staff")

    page.get_by_role("link", name="amount mismatch").click()
    page.get_by_role("link", name=number).click()
    page.get_by_role("heading", name=number, level=1).wait_for()
    page.go_back()
    questions = agree(page, yes=False)
    page.get_by_role("button", name=f"Close: amount mismatch, {number}").click()
    assert questions[0].startswith("Close it?")
    assert page.get_by_text("open", exact=True).count() == 2
    agree(page)
    page.get_by_role("button", name=f"Close: amount mismatch, {number}").click()
    told(page, "It is closed.")
    page.get_by_text("None here.").wait_for()


def test_stock_is_adjusted_and_on_sale_at_once(shop, session, enter):
    shop.product("ring", 5)
    page = enter("staff")

    page.get_by_role("link", name="Stock").click()
    page.get_by_role("link", name="The ring").click()
    page.get_by_label("Units, more or fewer").fill("2")
    page.get_by_label("What it is").select_option("receipt")
    page.get_by_label("Why").fill("From the workshop")
    page.get_by_role("button", name="Book").click()
    told(page, "RING: +2 units booked.")

    page.get_by_role("cell", name="From the workshop").wait_for()
    query = select(StockMovement.kind, StockMovement.units, StockMovement.reason)
    rows = values(session.execute(query.order_by(StockMovement.id)))
    assert rows[1:] == [("receipt", 2, "From the workshop")]
    levels = shop.levels("ring")
    assert (shop.on_hand("ring"), levels.on_hand, levels.available) == (7, 7, 7)


def test_who_signs_out_is_at_the_door(enter, home):
    page = enter("staff")

    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("button", name="Sign in").wait_for()
    page.goto(f"{home}/admin/orders/")
    page.get_by_role("button", name="Sign in").wait_for()


def test_somebody_is_found_and_given_a_role(shop, session, enter, agree):
    who = shop.customer()
    page = enter("admin")

    page.get_by_role("link", name="People").click()
    page.get_by_role("textbox", name="Search").fill(email_of(who.id))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Meera Iyer").click()
    page.get_by_label("May work as").select_option("staff")
    questions = agree(page)
    page.get_by_role("button", name="Give").click()
    told(page, "Meera Iyer is staff now.")

    assert questions == ["Give Meera Iyer this role? All their sessions end."]
