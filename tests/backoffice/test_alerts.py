"""Alerts at the pages: what is open, what it is about, what is to be done, and closing it."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from app.alerts.alerts import KINDS
from app.alerts.models import Alert
from app.backoffice.alerts import ADVICE
from app.payments.models import Dispute, Refund
from tests.backoffice.browser import words
from tests.backoffice.doors import add_subscriber, post, raise_alert
from tests.builders import values
from tests.payments.purchase import purchase

NOBODY = "00000000-0000-4000-8000-000000000000"


def closed_by(session):
    """Who closed which."""
    session.expire_all()
    query = select(Alert.subject, Alert.closed_by).order_by(Alert.created_at, Alert.id)
    return dict(values(session.execute(query)))


def row_of(page, subject):
    """What a page says of one alert."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL)
    return next(row for row in rows if subject in row)


def test_nothing_needs_looking_at(staff):
    assert "Nothing needs looking at." in words(staff.get("/alerts/"))
    assert "None here." in words(staff.get("/alerts/?kind=dispute"))
    assert "None here." in words(staff.get("/alerts/?view=closed"))


def test_each_kind_says_what_it_means_and_what_is_to_be_done(staff):
    for number, kind in enumerate(KINDS):
        raise_alert(kind, f"subject-{number}")

    shown = words(staff.get("/alerts/"))

    assert {*ADVICE} == {*KINDS}
    for advice in ADVICE.values():
        assert f"{advice.means} {advice.to_do}" in shown


def test_those_that_are_open_closed_and_of_a_kind(session, staff):
    raise_alert("dispute", "disp-a")
    raise_alert("dispute", "disp-b")
    raise_alert("refund_stuck", "stuck-a")
    closed = {"closed_at": Alert.created_at, "closed_by": "gateway"}
    session.execute(update(Alert).where(Alert.subject == "disp-a").values(closed))
    session.commit()

    def shown(query):
        found = staff.get(f"/alerts/{query}").text
        return {name for name in ("disp-a", "disp-b", "stuck-a") if name in found}

    assert shown("") == shown("?view=open&kind=x") == {"disp-b", "stuck-a"}
    assert shown("?view=closed") == {"disp-a"}
    assert shown("?view=all&kind=dispute") == {"disp-a", "disp-b"}
    assert shown("?kind=dispute") == {"disp-b"}
    assert shown("?view=closed&kind=refund_stuck") == set()
    assert "by gateway" in words(staff.get("/alerts/?view=closed"))


def test_older_ones_are_on_the_next_page_of_the_same(staff):
    for number in range(27):
        raise_alert("dispute", f"disp-{number:02}")
        raise_alert("refund_stuck", f"stuck-{number:02}")

    first = staff.get("/alerts/?kind=dispute")
    older = re.search(r'class="more" href="/admin([^"]+)"', first.text)[1]
    second = staff.get(older.replace("&amp;", "&"))

    assert [len(set(re.findall(r"disp-\d\d", page.text))) for page in (first, second)] == [25, 2]
    assert "stuck-" not in first.text + second.text


def test_what_each_is_about_has_its_page(shop, session, staff):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=bought.total - 100)
    bought.tell("payment.captured", paid)
    shop.work()
    refund_id = session.scalars(select(Refund.id)).one()
    dispute = {"gateway_dispute_id": "disp-1", "gateway_payment_id": paid, "status": "open"}
    session.execute(insert(Dispute).values(dispute | {"amount": 1, "currency": "INR"}))
    session.commit()
    subscriber_id, _ = add_subscriber()
    abouts = {
        "dispute": ("disp-1", f"/admin/orders/{bought.order_id}"),
        "refund_failed": (str(refund_id), f"/admin/orders/{bought.order_id}"),
        "event_failed": ("payment.captured", "/admin/webhooks/?view=given+up"),
        "job_refused": ("mail", "/admin/jobs/"),
        "reconciliation": ("razorpay:2026-08-01", "/admin/money/?view=days+compared"),
        "subscriber_disabled": (str(subscriber_id), f"/admin/subscribers/{subscriber_id}"),
    }
    for kind, (subject, _) in abouts.items():
        raise_alert(kind, subject, detail=f"of {kind}")
    abouts["amount_mismatch"] = (paid, f"/admin/orders/{bought.order_id}")

    page = staff.get("/alerts/")

    number = bought.buyer.order(bought.order_id)["number"]
    for kind, (_, address) in abouts.items():
        row = row_of(page, f"of {kind}" if kind != "amount_mismatch" else "came for")
        assert f'href="{address}"' in row, kind
        assert (number in row) is address.startswith("/admin/orders/")
    assert ">the ERP</a>" in page.text


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("amount_mismatch", "pay_none"), ("dispute", "disp_none"), ("refund_failed", NOBODY),
        ("refund_stuck", "no id"), ("subscriber_disabled", NOBODY),
        ("subscriber_disabled", "no id"), ("poll_refused", "razorpay"),
    ],
)  # fmt: skip
def test_what_it_is_about_may_be_gone(staff, kind, subject):
    raise_alert(kind, subject)

    row = row_of(staff.get("/alerts/"), subject)

    assert "<a " not in row


def test_one_of_them_is_closed_by_whoever_saw_to_it(session, staff):
    raise_alert("dispute", "disp-a")
    raise_alert("dispute", "disp-b")
    alert_id = session.scalars(select(Alert.id).where(Alert.subject == "disp-a")).one()
    page = "/alerts/?view=open&kind=dispute"
    assert 'data-confirm="Close it?' in staff.get(page).text

    answer = staff.send(page, f"/{alert_id}/close")

    assert answer.headers["Location"] == "/admin/alerts/?view=open&kind=dispute"
    assert "It is closed." in words(staff.get("/alerts/"))
    assert closed_by(session) == {"disp-a": f"staff:{staff.id}", "disp-b": None}
    assert "by Meera Iyer, staff" in words(staff.get("/alerts/?view=closed"))


def test_closed_once_it_stays_as_it_was_closed(session, staff, admin):
    alert_id = raise_alert()

    for browser in (staff, admin):
        assert post(browser, f"/alerts/{alert_id}/close", view="x", kind="\x00") == 302

    assert closed_by(session) == {"pay_1": f"staff:{staff.id}"}
    assert post(staff, f"/alerts/{uuid4()}/close") == 404


def test_the_first_page_leads_to_them(staff):
    raise_alert("refund_stuck", "stuck-a")

    shown = staff.get("/").text

    assert 'href="/admin/alerts/?kind=refund_stuck"' in shown
    assert 'href="/admin/alerts/"' in shown
