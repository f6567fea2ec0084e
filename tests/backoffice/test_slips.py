"""Packing slips: what goes into a parcel, for whom, and no price."""

import pytest
from sqlalchemy import func, update

from app.orders.models import Order
from tests.backoffice.browser import words
from tests.backoffice.desk import choose, steps
from tests.payments.purchase import purchase

NOBODY = "0192f5a4-7c1e-4cc3-98c4-dc0c0c07398f"


def test_it_says_what_is_packed_for_whom_and_no_price(shop, session, staff):
    shop.product("ring", 5, price=12_345_600)
    shop.product("chain", 5)
    bought = purchase(shop, ring=2, chain=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    note = "Ring twice.\nNot at noon."
    session.execute(update(Order).values(notes=note))
    session.commit()

    link = staff.get(f"/orders/{bought.order_id}").text.split(">Packing slip<")[0]
    answer = staff.get(link.rpartition('href="/admin')[2].rstrip('"'))

    shown = words(answer)
    number = bought.buyer.order(bought.order_id)["number"]
    for said in (
        number, "Meera Iyer", "14 Temple Street", "Chennai 600004", "Tamil Nadu",
        "Phone +919876543210", "RING The ring 2", "CHAIN The chain 1", "Units in all 3",
        "Ring twice. Not at noon.",
    ):  # fmt: skip
        assert said in shown, said
    assert "₹" not in shown
    assert "Not to be packed" not in shown


def test_units_that_were_given_up_are_not_packed(shop, staff):
    shop.product("ring", 5)
    shop.product("chain", 5)
    bought = purchase(shop, ring=2, chain=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    body = {"reference": "one", "lines": [
        {"sku": "RING", "quantity": 1}, {"sku": "CHAIN", "quantity": 1}]}  # fmt: skip
    path = f"/api/v1/orders/{bought.order_id}/cancel-units"
    assert bought.buyer.post(path, body).status_code == 200

    shown = words(staff.get(f"/orders/slips?order_id={bought.order_id}"))

    assert "RING The ring 1" in shown
    assert "CHAIN" not in shown
    assert "Units in all 1" in shown


def test_those_that_were_chosen_each_on_its_sheet(session, staff, paid):
    (first, one), (second, other), (_, left) = paid(3)

    answer = choose(staff, "slips", second, first)
    shown = staff.get(answer.headers["Location"].removeprefix("/admin"))

    assert shown.status_code == 200
    assert shown.text.count("<article") == 2
    assert shown.text.index(other) < shown.text.index(one)
    assert left not in shown.text
    assert steps(session) == []


@pytest.mark.parametrize("status", ["pending", "cancelled", "shipped"])
def test_what_is_not_to_be_packed_says_so(session, staff, paid, status):
    [(order_id, _)] = paid(1)
    session.execute(update(Order).values(status=status))
    session.commit()

    shown = words(staff.get(f"/orders/slips?order_id={order_id}"))

    assert f"Not to be packed: it is {status}." in shown


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422), ("?order_id=7", 422), ("?order_id=%00", 422), (f"?order_id={NOBODY}", 404),
        ("?" + "&".join([f"order_id={NOBODY}"] * 26), 422),
    ],
)  # fmt: skip
def test_there_is_none_of_what_there_is_not(staff, query, status):
    answer = staff.get(f"/orders/slips{query}")

    assert answer.status_code == status
    assert "This did not work" in words(answer)


def test_names_are_text(session, staff, paid):
    [(order_id, _)] = paid(1)
    script = "<script>alert(1)</script>"
    session.execute(
        update(Order).values(
            notes=script,
            shipping_address=func.jsonb_build_object("name", script, "line1", script),
        )
    )
    session.commit()

    assert script not in staff.get(f"/orders/slips?order_id={order_id}").text
