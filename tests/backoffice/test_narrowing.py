"""The list of orders, narrowed: by payment, period, product and gateway, in each tab."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import insert, select, update

from app.audit.models import Record
from app.backoffice import chosen, narrowing
from app.orders.models import Order
from app.payments.models import Payment
from tests.backoffice.browser import words
from tests.payments.purchase import purchase
from tests.transfers.files import read


def numbers(answer):
    """The orders that a list shows, from above."""
    cells = answer.text.split('class="row whole"')[1:]
    return [cell.split(">")[1].split("<")[0] for cell in cells]


def place(session, bought, at, **changes):
    """Let an order have been placed then; gives its number."""
    of = update(Order).where(Order.id == bought.order_id).values(created_at=at, **changes)
    return session.scalars(of.returning(Order.number)).one()


@pytest.fixture
def orders(shop, session):
    """Three orders: a ring that is paid, a ring at midnight in India, a chain."""
    shop.product("ring", 9)
    shop.product("chain", 9)
    paid, at_midnight, chain = (purchase(shop, **{name: 1}) for name in ("ring", "ring", "chain"))
    paid.tell("payment.captured", paid.pay())
    shop.work()
    # The first moment of 2 November in India.
    midnight = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)
    found = {
        "paid": place(session, paid, midnight - timedelta(days=1)),
        "at midnight": place(session, at_midnight, midnight),
        "chain": place(session, chain, midnight - timedelta(microseconds=1)),
    }
    session.commit()
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("payment_status=captured", ["paid"]),
        ("payment_status=pending", ["at midnight", "chain"]),
        ("sku=CHAIN", ["chain"]),
        ("sku=+ring+", ["at midnight", "paid"]),
        ("gateway=razorpay", ["at midnight", "chain", "paid"]),
        ("gateway=stripe", []),
        ("from=2026-11-02", ["at midnight"]),
        ("to=2026-11-01", ["chain", "paid"]),
        ("from=2026-11-01&to=2026-11-01", ["chain", "paid"]),
        ("from=2026-11-02&to=2026-11-02&sku=RING", ["at midnight"]),
        ("view=to+pack&sku=RING", ["paid"]),
        ("view=unpaid&sku=RING&gateway=razorpay", ["at midnight"]),
        ("view=to+pack&sku=CHAIN", []),
        ("payment_status=&from=&to=&sku=&gateway=", ["at midnight", "chain", "paid"]),
    ],
)
def test_what_fits_is_shown_and_in_the_file(staff, orders, query, expected):
    shown, file = staff.get(f"/orders/?{query}"), staff.get(f"/orders/export?{query}")

    assert shown.status_code == 200
    assert numbers(shown) == [orders[name] for name in expected]
    assert {row["number"] for row in read(file.text)} == {orders[name] for name in expected}


def test_what_a_file_was_narrowed_by_is_written_down(session, staff, orders):
    staff.get("/orders/export?view=unpaid&sku=ring&from=2026-11-02")

    query = select(Record.after).where(Record.action == "export")
    assert session.scalars(query).all() == [
        {"status": "pending", "sku": "RING", "since": "2026-11-02 00:00:00+05:30"}
    ]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("payment_status", "lost", "is none of pending, authorized"),
        ("payment_status", "cap\0tured", "is none of"),
        ("gateway", "nobody", "is none of razorpay"),
        ("sku", "NONE", "is the SKU of no product"),
        ("sku", "ring\0", "is the SKU of no product"),
        ("sku", "'; DROP TABLE orders; --", "is the SKU of no product"),
        ("sku", "%(x)s", "is the SKU of no product"),
        ("sku", "R" * 3_000, "is the SKU of no product"),
        ("from", "yesterday", "is no day from 2000 to 2100"),
        ("from", "2026-02-30", "is no day"),
        ("from", "0001-01-01", "is no day"),
        ("to", "9999-12-31", "is no day"),
        ("to", "2026-11-01\0", "is no day"),
        ("to", "9" * 4_000, "is no day"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(staff, orders, field, value, why):
    query = urlencode({field: value, "view": "to pack"})

    answer = staff.get(f"/orders/?{query}")

    assert answer.status_code == 422
    before, told = answer.text.split('<small class="wrong">')
    assert f'name="{field}"' in before.rpartition("<label>")[2]
    assert told.startswith(why)
    assert numbers(answer) == []
    assert staff.get(f"/orders/export?{query}").status_code == 422


def test_a_period_that_ends_before_it_begins_is_told(staff, orders):
    answer = staff.get("/orders/?from=2026-11-03&to=2026-11-02")

    assert answer.status_code == 422
    assert "is before the first day" in words(answer)


def test_each_filter_is_a_chip_that_takes_it_away(staff, orders):
    query = "view=to+pack&payment_status=captured&from=2026-10-01&to=2026-11-30&sku=ring"
    shown = staff.get(f"/orders/?{query}&gateway=razorpay").text

    chips = {
        chip.split('aria-label="Without: ')[1].split('"')[0]: chip.split('href="')[1].split('"')[0]
        for chip in shown.split('class="chip"')[1:]
    }
    assert list(chips) == [
        "Payment is captured", "From 01 Oct 2026", "To 30 Nov 2026", "Has RING",
        "Paid by razorpay",
    ]  # fmt: skip
    without_sku = chips["Has RING"].replace("&amp;", "&")
    assert "sku" not in without_sku
    for kept in ("view=to+pack", "payment_status=captured", "from=2026-10-01", "gateway=razorpay"):
        assert kept in without_sku
    assert numbers(staff.get(without_sku.removeprefix("/admin"))) == [orders["paid"]]


def test_tabs_and_older_ones_keep_the_filters(staff, orders, monkeypatch):
    monkeypatch.setattr(chosen, "MOST", 1)
    first = staff.get("/orders/?sku=RING&payment_status=")
    older = first.text.split('class="more"')[-1].split('href="')[1].split('"')[0]

    assert 'href="/admin/orders/?view=unpaid&amp;sku=RING"' in first.text
    assert numbers(first) == [orders["at midnight"]]
    second = staff.get(older.replace("&amp;", "&").removeprefix("/admin"))
    assert numbers(second) == [orders["paid"]]
    assert "Older ones" not in second.text


def test_whose_orders_are_narrowed_too(session, staff, orders):
    phone = quote("+919876543210")

    assert len(numbers(staff.get(f"/orders/?q={phone}"))) == 3
    both = staff.get(f"/orders/?q={phone}&sku=CHAIN")
    assert numbers(both) == [orders["chain"]]
    assert 'name="q" value="+919876543210"' in both.text


def test_a_gateway_is_any_that_was_asked(session, staff, orders):
    order_id = session.scalars(select(Order.id).where(Order.number == orders["chain"])).one()
    session.execute(
        insert(Payment).values(order_id=order_id, gateway="stripe", amount=1, currency="INR")
    )
    session.commit()

    assert numbers(staff.get("/orders/?gateway=stripe")) == [orders["chain"]]
    assert len(numbers(staff.get("/orders/?gateway=razorpay"))) == 3


def counted(answer):
    """What stands on the tabs, by their names."""
    tabs = answer.text.split('aria-label="Views"')[1].split("</nav>")[0].split("<a ")[1:]
    told = [words_of(tab) for tab in tabs]
    return dict(one for one in told if one[1])


def words_of(tab):
    name = tab.split(">")[1].split("<")[0].strip()
    return name, tab.split('class="count">')[1].split("<")[0] if "count" in tab else None


def test_tabs_tell_how_many_wait_there(staff, orders):
    assert counted(staff.get("/orders/")) == {
        "to pack": "1", "packing": "0", "on the way": "0", "returns": "0", "unpaid": "2",
    }  # fmt: skip


def test_a_narrowed_list_counts_nothing(staff, orders):
    for query in ("sku=RING", "q=nothing", "from=nonsense"):
        assert counted(staff.get(f"/orders/?{query}")) == {}


def test_what_somebody_writes_is_text(staff, orders):
    script = '"><script>alert(1)</script>'
    query = urlencode(dict.fromkeys((*narrowing.FIELDS, "view", "q"), script))

    answer = staff.get(f"/orders/?{query}")

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
