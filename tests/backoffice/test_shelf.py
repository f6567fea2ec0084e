"""Stock at the pages: numbers side by side, and changes that are booked and never set."""

import pytest
from sqlalchemy import select

from app.inventory.models import StockMovement
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


@pytest.fixture
def ring(shop):
    shop.product("ring", 5)
    return "/stock/RING"


def test_the_list_the_low_ones_and_a_search(shop, staff, ring):
    shop.product("chain", 1)
    shop.product("pin", 0)

    everything, low = words(staff.get("/stock/")), words(staff.get("/stock/?low=1"))

    assert all(name in everything for name in ("The ring", "The chain", "The pin"))
    assert "The ring" not in low
    assert "sold out" in low
    assert "The chain" not in words(staff.get("/stock/?q=ring"))
    assert "No product is called so" in words(staff.get("/stock/?q=none"))
    assert ring


def test_a_page_tells_why_a_unit_is_not_on_sale(shop, staff, ring):
    held = purchase(shop, ring=2)

    shown = words(staff.get(ring))

    assert "Redis sells by 5 2 0 3" in shown
    assert "Postgres remembers 5 2" in shown
    assert held.buyer.order(held.order_id)["number"] in shown
    assert "They differ" not in shown


@pytest.mark.parametrize(
    ("delta", "kind", "left"),
    [("+2", "receipt", 7), ("-1", "write_off", 4), ("3", "adjustment", 8)],
)  # fmt: skip
def test_a_change_is_booked_with_its_reason(shop, session, staff, ring, delta, kind, left):
    answer = staff.send(ring, "/adjust", delta=delta, kind=kind, reason="Counted")

    assert answer.status_code == 302
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (left, left)
    query = select(StockMovement.kind, StockMovement.actor, StockMovement.reason)
    rows = session.execute(query.order_by(StockMovement.id)).all()
    assert tuple(rows[-1]) == (kind, f"staff:{staff.id}", "Counted")
    assert "Counted" in words(staff.get(ring))


def test_a_form_that_is_sent_twice_is_booked_once(shop, staff, ring):
    fields = {"delta": "2", "kind": "receipt", "reason": "Made", "reference": "once"}
    staff.send(ring, "/adjust", **fields)
    again = staff.send(ring, "/adjust", **fields)

    assert again.status_code == 302
    assert shop.on_hand("ring") == 7


def test_a_stale_form_does_not_win(shop, staff, ring):
    """It was opened before a sale, so whoever sends it has not seen what is there now."""
    version = staff.get(ring).text.split('name="stock_version" value="')[1].split('"')[0]
    staff.send(ring, "/adjust", delta="1", kind="receipt", reason="Made")

    late = staff.send(
        ring, "/adjust", delta="-1", kind="adjustment", reason="x", stock_version=version
    )

    assert late.status_code == 302
    assert "has changed since" in words(staff.get(ring))
    assert shop.on_hand("ring") == 6


@pytest.mark.parametrize(
    "fields",
    [
        {"delta": "0"}, {"delta": "many"}, {"delta": "1.5"}, {"delta": "9" * 30}, {"kind": "gift"},
        {"kind": "write_off"}, {"reason": ""}, {"reason": "x" * 300}, {"reason": "\x00"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(shop, staff, ring, fields):
    good = {"delta": "1", "kind": "adjustment", "reason": "Counted"}

    answer = staff.send(ring, "/adjust", **good | fields)

    assert answer.status_code == 302
    assert 'class="flash error"' in staff.get(ring).text
    assert shop.on_hand("ring") == 5


def test_what_somebody_holds_does_not_leave(shop, staff, ring):
    purchase(shop, ring=4)

    staff.send(ring, "/adjust", delta="-2", kind="write_off", reason="Lost")

    assert "Fewer units are available" in words(staff.get(ring))
    assert shop.on_hand("ring") == 5


@pytest.mark.parametrize("sku", ["NONE", "none", "%00", "x" * 500])
def test_what_there_is_not_is_a_page_that_says_so(staff, sku):
    answer = staff.get(f"/stock/{sku}")

    assert answer.status_code == 404
    assert "There is no product" in words(answer) or "Not Found" in words(answer)
