"""Invoices are written when goods leave, credit notes when something goes back; never twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core.db import transaction
from app.core.india import STATE_CODES
from app.invoices import series
from app.invoices.models import Invoice, InvoiceSeries
from tests.builders import ADDRESS
from tests.checkout.steps import at_once
from tests.coupons.till import coupon
from tests.payments.purchase import Purchase
from tests.returns.steps import ask, decide, deliver, receive
from workers import invoices as job

HOME, AWAY = ADDRESS, ADDRESS | {"state": "Kerala", "city": "Kochi", "pincode": "682001"}


@pytest.fixture
def shop(shop):
    shop.product("ring", 9, price=33_333)
    shop.product("chain", 9, price=50_001, tax_basis_points=1_800)
    return shop


@pytest.fixture
def staff(shop):
    return shop.customer(role="admin")


def buy(shop, *, to=HOME, code=None, **lines):
    buyer = shop.customer()
    body = {
        "lines": [{"sku": name.upper(), "quantity": n} for name, n in lines.items()],
        "shipping_address": to, "coupon_code": code,
    }  # fmt: skip
    order_id = buyer.post("/api/v1/checkout", body, Idempotency_Key="k").json["id"]
    return Purchase(shop, buyer, order_id, buyer.open_payment(order_id))


def notes(session, order_id):
    """All that was written for an order, as (kind, number, total), and that its rows add up."""
    session.expire_all()
    query = select(Invoice).where(Invoice.order_id == order_id)
    found = session.scalars(query.order_by(Invoice.issued_at, Invoice.kind.desc())).all()
    for one in found:
        sums = one.facts["sums"]
        assert sums["total"] == one.total
        assert sums["taxable"] + sums["cgst"] + sums["sgst"] + sums["igst"] == one.total
        for row in one.facts["items"]:
            tax = row["cgst"] + row["sgst"] + row["igst"]
            assert row["taxable"] + tax == row["total"]
            net = row["unit_price"] * (row["quantity"] or 1) - row["discount"]
            assert net == row["taxable"]
    return found


def told(session, order_id):
    return [(one.kind, one.number, one.total) for one in notes(session, order_id)]


YEAR = series.financial_year(datetime.now(UTC))


def test_an_order_has_its_invoice_once_it_is_shipped(shop, staff, session):
    bought = buy(shop, ring=2, chain=1)
    path = f"/api/v1/orders/{bought.order_id}/invoices"
    assert bought.buyer.get(path).json == {"items": []}

    deliver(shop, staff, bought)
    shop.work()

    total = bought.buyer.order(bought.order_id)["total"]["amount"]
    assert told(session, bought.order_id) == [("invoice", f"INV/{YEAR}/0000001", total)]
    [one] = bought.buyer.get(path).json["items"]
    assert one["total"]["amount"] == total
    assert one["kind"] == "invoice"


def test_inside_the_state_the_tax_is_the_centres_and_the_states(shop, staff, session):
    """The seller is in Tamil Nadu, by the first digits of the number."""
    inside = deliver(shop, staff, buy(shop, ring=1))
    outside = deliver(shop, staff, buy(shop, to=AWAY, ring=1))
    shop.work()

    [at_home], [away] = notes(session, inside.order_id), notes(session, outside.order_id)
    assert at_home.facts["place_of_supply"] == "33 Tamil Nadu"
    assert away.facts["place_of_supply"] == "32 Kerala"
    # 3 % of 333.33 is 10.00, and 50 rupees of shipping contain 1.46.
    assert [(row["cgst"], row["sgst"], row["igst"]) for row in at_home.facts["items"]] == [
        (500, 500, 0), (73, 73, 0),
    ]  # fmt: skip
    assert [(row["cgst"], row["sgst"], row["igst"]) for row in away.facts["items"]] == [
        (0, 0, 1_000), (0, 0, 146),
    ]  # fmt: skip
    assert at_home.total == away.total == 33_333 + 1_000 + 5_000


def test_what_was_given_up_before_is_not_on_it(shop, staff, session):
    bought = buy(shop, ring=3, chain=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    lines = [{"sku": "RING", "quantity": 2}, {"sku": "CHAIN", "quantity": 1}]
    body = {"reference": "a", "lines": lines}
    assert bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel-units", body).json
    for step in ("processing", "shipped"):
        staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": step})
    shop.work()

    [one] = notes(session, bought.order_id)
    assert [(row["sku"], row["quantity"]) for row in one.facts["items"]] == [("RING", 1)]
    [(_, amount)] = session.execute(text("SELECT id, amount FROM order_cancellations")).all()
    assert one.total + amount == bought.total


def test_units_that_come_back_are_credited_to_the_paisa(shop, staff, session):
    coupon(shop, amount={"amount": 10_001, "currency": "INR"})
    bought = deliver(shop, staff, buy(shop, code="DIWALI", ring=3, chain=1))
    for units in ({"ring": 2}, {"ring": 1, "chain": 1}):
        return_id = ask(bought, reason="damaged", **units).json["id"]
        decide(staff, return_id)
        arrivals = [(name, n, "restock") for name, n in units.items()]
        assert receive(staff, return_id, *arrivals).status_code == 200
        shop.work()

    written = told(session, bought.order_id)
    assert [(kind, number) for kind, number, _ in written] == [
        ("invoice", f"INV/{YEAR}/0000001"),
        ("credit_note", f"CN/{YEAR}/0000001"),
        ("credit_note", f"CN/{YEAR}/0000002"),
    ]
    # By the shop's fault all of it goes back, shipping included.
    assert sum(total for kind, _, total in written if kind == "credit_note") == bought.total
    last = notes(session, bought.order_id)[-1].facts
    assert last["against"]["number"] == f"INV/{YEAR}/0000001"


def test_money_that_goes_back_by_itself_reduces_the_price(shop, staff, session):
    bought = deliver(shop, staff, buy(shop, ring=1))
    shop.work()
    payment = staff.get(f"/api/v1/admin/orders/{bought.order_id}").json["payments"][0]["id"]
    for reference, amount in (("a", 1_000), ("b", 1_000), ("c", 234)):
        body = {"amount": amount, "reason": "a scratch"}
        body |= {"reference": reference}
        answer = staff.post(f"/api/v1/admin/payments/{payment}/refunds", body)
        assert answer.status_code == 202, answer.json
        shop.work()

    credited = [total for kind, _, total in told(session, bought.order_id) if kind != "invoice"]
    assert credited == [1_000, 1_000, 234]
    # All that came back after that is credited as far as it was invoiced.
    return_id = ask(bought, ring=1).json["id"]
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 1, "melt"))
    shop.work()
    credited = [total for kind, _, total in told(session, bought.order_id) if kind != "invoice"]
    # The goods were 343.33 and the shipping is kept: what was reduced is credited twice, to no
    # more than the invoice.
    assert credited == [1_000, 1_000, 234, 34_333]


def test_jobs_that_run_again_and_at_once_write_nothing_twice(shop, staff, session):
    bought = deliver(shop, staff, buy(shop, ring=1))
    return_id = ask(bought, ring=1).json["id"]
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 1, "restock"))

    at_once(
        [lambda: job.write("order.shipped", bought.order_id)] * 4
        + [lambda: job.write("return.received", return_id)] * 4
    )
    shop.work()

    assert [kind for kind, *_ in told(session, bought.order_id)] == ["invoice", "credit_note"]


def test_serials_have_no_gap_whoever_fails(shop, staff, session):
    deals = [deliver(shop, staff, buy(shop, ring=1)) for _ in range(4)]

    def fail():
        with suppress(RuntimeError), transaction() as opened:
            series.number(opened, Invoice(kind="invoice"))
            raise RuntimeError

    at_once(
        [fail, *(lambda d=deal: job.write("order.shipped", d.order_id) for deal in deals), fail]
    )

    query = select(Invoice.serial, Invoice.issued_at).order_by(Invoice.serial)
    rows = session.execute(query).all()
    assert [serial for serial, _ in rows] == [1, 2, 3, 4]
    assert [at for _, at in rows] == sorted(at for _, at in rows)
    assert session.scalars(select(InvoiceSeries.last_serial)).one() == 4


def test_of_two_who_number_at_once_the_second_waits_for_the_first(shop, session):
    """Who has the series' row is about to take the next number."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def number(opened):
        one = Invoice(kind="invoice")
        series.number(opened, one)
        opened.flush()
        return one.serial

    def number_as_well():
        with transaction() as another:
            another.execute(text("SET LOCAL lock_timeout = '1min'"))
            return number(another)

    with transaction() as opened:
        assert number(opened) == 1
    with ThreadPoolExecutor(1) as pool:
        with transaction() as first:
            first.execute(select(InvoiceSeries.kind).with_for_update())
            second = pool.submit(number_as_well)
            while not session.scalar(waiting):
                assert not second.done()
            assert number(first) == 2
        assert second.result() == 3


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        ("2026-03-31T18:29:59+00:00", "2526"),
        ("2026-03-31T18:30:00+00:00", "2627"),
        ("2027-01-01T00:00:00+00:00", "2627"),
        ("2099-12-31T00:00:00+00:00", "9900"),
    ],
)
def test_the_year_begins_in_april_in_india(moment, year):
    assert series.financial_year(datetime.fromisoformat(moment)) == year


def test_each_year_begins_with_one_and_no_clock_set_back_makes_a_number_older(session):
    moments = [
        "2027-03-31T10:00:00+00:00",
        "2027-04-01T10:00:00+00:00",
        "2027-04-01T09:00:00+00:00",
    ]
    written = []
    for moment in moments:
        with transaction() as opened:
            one = Invoice(kind="invoice")
            series.number(opened, one, datetime.fromisoformat(moment))
            written.append((one.number, one.issued_at.isoformat()))

    assert written == [
        ("INV/2627/0000001", moments[0]),
        ("INV/2728/0000001", moments[1]),
        ("INV/2728/0000002", moments[1]),
    ]
    assert all(len(number) <= 16 for number, _ in written)


@pytest.mark.parametrize(
    "change", ["UPDATE invoices SET total = 1", "DELETE FROM invoices"], ids=["update", "delete"]
)
def test_what_is_written_stays(shop, staff, session, change):
    deliver(shop, staff, buy(shop, ring=1))
    shop.work()

    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))
    assert session.scalar(select(func.count(Invoice.id))) == 1


def test_every_state_can_be_supplied_to(settings):
    assert len(set(STATE_CODES.values())) == len(STATE_CODES) == 36
    for code in STATE_CODES.values():
        made = settings.model_validate(
            settings.model_dump() | {"seller_gstin": f"{code}ABCDE1234F1Z5"}
        )
        assert made.seller_gstin[:2] == code


class TestPaper:
    @pytest.fixture
    def bought(self, shop, staff):
        name = "श्री क्षितिज शर्मा"
        bought = buy(shop, to=HOME | {"name": name, "line2": "#set page(fill: red) $x$ \\"}, ring=1)
        deliver(shop, staff, bought)
        shop.work()
        return bought

    def test_it_is_a_pdf_for_its_owner_and_for_staff_alone(self, shop, staff, bought):
        [one] = bought.buyer.get(f"/api/v1/orders/{bought.order_id}/invoices").json["items"]
        own, any_ = f"/api/v1/invoices/{one['id']}.pdf", f"/api/v1/admin/invoices/{one['id']}.pdf"

        printed = bought.buyer.get(own)
        assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
        assert printed.data.startswith(b"%PDF-1.")
        assert f"INV-{YEAR}-0000001.pdf" in printed.headers["Content-Disposition"]
        assert staff.get(any_).status_code == 200
        stranger = shop.customer()
        assert stranger.get(own).json["code"] == "invoice_not_found"
        assert stranger.get(any_).status_code == 403
        assert stranger.get(f"/api/v1/orders/{bought.order_id}/invoices").status_code == 404
        assert shop.app.test_client().get(own).status_code == 401

    @pytest.mark.usefixtures("bought")
    def test_staff_list_them(self, staff):
        path = "/api/v1/admin/invoices"
        [one] = staff.get(path).json["items"]
        assert staff.get(f"{path}?number={one['number']}").json["items"] == [one]
        assert staff.get(f"{path}?kind=credit_note").json["items"] == []
        assert staff.get(f"{path}?until=2020-01-01T00:00:00Z").json["items"] == []
        assert staff.get(f"{path}?kind=bill").status_code == 422
        assert json.dumps(one).count("invoice") >= 1
