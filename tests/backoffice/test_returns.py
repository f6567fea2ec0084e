"""Returns at the pages: decided line by line, taken in, paid back."""

import pytest
from sqlalchemy import select

from app.returns.models import Disposition, Return
from tests.backoffice.browser import words
from tests.payments.purchase import purchase, refunds
from tests.returns.steps import asked, deliver


@pytest.fixture
def page(shop):
    shop.product("ring", 5)
    shop.product("chain", 5)
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=2, chain=1))
    return f"/returns/{asked(bought, ring=2, chain=1)}"


def test_it_waits_to_be_decided(staff, page):
    assert words(staff.get("/returns/")).count("ORA-") == 1
    assert "2 RING, changed mind" in words(staff.get("/returns/"))
    assert "None here." in words(staff.get("/returns/?view=received"))
    assert "It has come" not in staff.get(page).text


def test_its_order_leads_to_it_and_goes_no_other_way(session, staff, page):
    order_id = session.scalars(select(Return.order_id)).one()

    shown = staff.get(f"/orders/{order_id}")

    assert "It goes where its returns end." in words(shown)
    assert "It has arrived" not in words(shown)
    assert f'href="/admin{page}"' in shown.text


def test_each_line_is_decided_taken_in_and_paid_back(shop, session, staff, page):
    staff.send(page, "/decide", **{"decision": "approve", "quantity:CHAIN": "0"})
    assert "approved" in words(staff.get(page))

    sent = staff.send(page, "/receive", **{"restock:RING": "1", "melt:RING": "1"})
    shop.work()

    assert sent.status_code == 302
    query = select(Disposition.sku, Disposition.disposition, Disposition.actor)
    assert {tuple(row) for row in session.execute(query)} == {
        ("RING", "restock", f"staff:{staff.id}"), ("RING", "melt", f"staff:{staff.id}"),
    }  # fmt: skip
    assert [amount for _, amount, *_ in refunds(session)] == [206_000]
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (4, 4)
    assert "Nothing is left to decide." in words(staff.get(page))


def test_it_is_rejected_with_a_note(staff, page):
    staff.send(page, "/decide", decision="reject", note="Worn for a year")

    shown = words(staff.get(page))
    assert "rejected" in shown
    assert "Worn for a year" in shown


@pytest.mark.parametrize("units", ["3", "-1", "many", "9" * 20])
def test_more_than_was_asked_for_does_not_come(session, staff, page, units):
    staff.send(page, "/decide", **{"decision": "approve", "quantity:RING": units})

    assert 'class="flash error"' in staff.get(page).text
    staff.send(page, "/decide", decision="approve")
    staff.send(page, "/receive", **{"restock:RING": units})
    assert 'class="flash error"' in staff.get(page).text
    assert refunds(session) == []


def test_nothing_that_came_is_no_receipt(staff, page):
    staff.send(page, "/decide", decision="approve")

    staff.send(page, "/receive")

    assert "Say how many units came" in words(staff.get(page))
