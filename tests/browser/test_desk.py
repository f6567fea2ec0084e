"""Orders by the dozen: narrowed, ticked, moved on together, and packed by slips."""

import re

import pytest
from sqlalchemy import select, update

from app.orders.models import Order, OrderTransition
from tests.backoffice.desk import buy, states
from tests.browser.conftest import NARROW, WIDE
from tests.browser.watcher import Watcher

PAGES = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def paid(shop):
    """Three orders that are paid for, by their numbers, the newest first."""
    shop.product("ring", 9)
    return [number for _, number in buy(shop, 3)]


def told(page):
    """What the page says was done, a line each."""
    page.get_by_role("status").first.wait_for()
    return [
        line for one in page.get_by_role("status").all() for line in one.inner_text().split("\n")
    ]


def open_tab(page, name):
    page.get_by_role("link", name="Orders", exact=True).click()
    page.get_by_role("navigation", name="Views").get_by_role("link", name=name).click()
    page.wait_for_url("**view=*")


def shown(page):
    """The orders of the list, from above."""
    return page.locator("tbody a.row").all_inner_texts()


def tick(page, *numbers):
    for number in numbers:
        page.get_by_role("checkbox", name=f"Choose {number}").check()


def test_two_are_ticked_and_moved_on(session, home, enter, agree, paid):
    page = enter("staff")
    watcher = Watcher(page, home)
    open_tab(page, "to pack 3")
    tick(page, *paid[:2])

    questions = agree(page, yes=False)
    page.get_by_role("button", name="Start packing").click()
    assert set(states(session).values()) == {"confirmed"}
    agree(page)
    page.get_by_role("button", name="Start packing").click()

    assert told(page) == [f"{number} is processing." for number in paid[:2]]
    assert questions == ["Start packing 2 of these orders?"] * 2
    assert states(session) == dict(
        zip(paid, ["processing", "processing", "confirmed"], strict=True)
    )
    query = select(OrderTransition.actor).where(OrderTransition.to_status == "processing")
    assert [actor.partition(":")[0] for actor in session.scalars(query)] == ["staff"] * 2
    assert shown(page) == paid[2:]
    page.get_by_role("link", name="to pack 1").wait_for()
    page.get_by_role("link", name="packing 2").wait_for()
    assert watcher.complaints() == []


def test_what_somebody_else_cancelled_stays_so(session, enter, agree, paid):
    page = enter("staff")
    open_tab(page, "to pack")
    session.execute(update(Order).where(Order.number == paid[1]).values(status="cancelled"))
    session.commit()

    page.get_by_role("checkbox", name="All on this page").check()
    questions = agree(page)
    page.get_by_role("button", name="Start packing").click()

    assert told(page) == [
        f"{paid[0]} is processing.", f"{paid[2]} is processing.",
        f"{paid[1]} was not moved: it is cancelled.",
    ]  # fmt: skip
    assert questions == ["Start packing 3 of these orders?"]
    assert states(session)[paid[1]] == "cancelled"


def test_slips_are_printed_a_sheet_each(session, home, enter, paid):
    page = enter("staff")
    watcher = Watcher(page, home)
    open_tab(page, "to pack")
    tick(page, *paid[1:])

    page.get_by_role("button", name="Packing slips").click()
    page.get_by_role("heading", name="2 packing slips").wait_for()
    assert watcher.complaints() == []
    assert page.get_by_role("heading", level=2).all_inner_texts()[-2:] == paid[1:]
    page.evaluate("() => { window.print = () => { document.title = 'printing'; }; }")
    page.get_by_role("button", name="Print").click()
    assert page.title() == "printing"

    for size in ("A4", "A5"):
        assert len(PAGES.findall(page.pdf(format=size))) == 2, size
    page.emulate_media(media="print")
    for hidden in ("Menu", "Sign out", "Print"):
        assert not page.get_by_role("button", name=hidden).is_visible()
    assert not page.get_by_role("navigation", name="Pages").is_visible()
    assert page.get_by_role("article").count() == 2
    assert set(states(session).values()) == {"confirmed"}


def test_a_slip_of_one_order(enter, paid):
    page = enter("staff")
    open_tab(page, "all")

    page.get_by_role("link", name=paid[0]).click()
    page.get_by_role("link", name="Packing slip").click()

    page.get_by_role("heading", name=paid[0], level=2).wait_for()
    assert page.get_by_role("cell", name="RING", exact=True).count() == 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_by_date_and_product(shop, session, home, enter, width, paid):
    shop.product("chain", 5)
    shop.customer().check_out(chain=1)
    session.execute(
        update(Order).where(Order.number == paid[2]).values(created_at="2026-11-01T18:30:00Z")
    )
    session.commit()
    page = enter("staff", width)
    page.goto(f"{home}/admin/orders/?view=all")
    watcher = Watcher(page, home)

    if width == NARROW:
        assert not page.get_by_label("With the SKU").is_visible()
        page.get_by_text("Filters", exact=True).click()
    page.get_by_label("With the SKU").fill("ring")
    page.get_by_label("Placed from").fill("2026-11-02")
    page.get_by_label("Placed to").fill("2026-11-02")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Without: Has RING").wait_for()
    assert shown(page) == paid[2:]
    assert watcher.complaints() == []

    for taken in ("From 02 Nov 2026", "To 02 Nov 2026"):
        page.get_by_role("link", name=f"Without: {taken}").click()
        page.get_by_role("link", name=f"Without: {taken}").wait_for(state="detached")
    assert shown(page) == paid
    assert page.get_by_label("With the SKU").input_value() == "ring"


def test_a_wrong_field_is_told_beside_it(home, enter, paid):
    page = enter("staff")
    page.goto(f"{home}/admin/orders/?view=to+pack")

    page.get_by_label("With the SKU").fill("rong")
    page.get_by_role("button", name="Show").click()

    page.get_by_text("is the SKU of no product").wait_for()
    assert page.get_by_label("With the SKU").input_value() == "rong"
    assert shown(page) == []
    page.get_by_role("link", name="Without filters").click()
    page.wait_for_url("**/orders/?view=to+pack")
    assert shown(page) == paid


def test_a_link_that_a_customer_sent_is_pasted(session, home, enter, paid):
    order_id = session.scalars(select(Order.id).where(Order.number == paid[0])).one()
    page = enter("staff")
    page.goto(f"{home}/admin/orders/")

    page.keyboard.press("/")
    page.keyboard.insert_text(f"https://shop.example/orders/{order_id}?utm_source=mail")
    page.keyboard.press("Enter")

    page.get_by_role("heading", name=paid[0], level=1).wait_for()
