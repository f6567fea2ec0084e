"""A day at the back office, walked by clicking; what came of it stands in Postgres and Redis."""

import re

import pytest
from sqlalchemy import select

from app.inventory.models import StockMovement
from app.orders.models import OrderTransition
from app.returns.models import ReturnLine
from tests.backoffice.browser import email_of
from tests.browser.conftest import NARROW, WIDE
from tests.browser.furnished import paid
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, purchase, refunds
from tests.returns.steps import asked, deliver


def open_order(page, bought):
    """Look for an order by its number, as somebody does who has it on paper."""
    number = bought.buyer.order(bought.order_id)["number"]
    page.get_by_role("link", name="Orders").click()
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
