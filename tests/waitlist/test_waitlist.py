"""The waitlist: who asked first is told first, once, and only of what can be bought."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.core.jobs import Job
from app.waitlist import waitlist
from app.waitlist.models import WaitlistEntry
from tests.builders import Customer
from workers.waitlist import tell_waiting

PATH = "/api/v1/products/ring/waitlist"


@pytest.fixture
def shop(shop):
    shop.product("ring", 0)
    return shop


def join(customer, body=None):
    return customer.put(PATH, body)


def waiting(shop, count):
    customers = [shop.customer() for _ in range(count)]
    for customer in customers:
        assert join(customer).status_code == 204
    return customers


def told(session, customers):
    """Which of these customers were told, by their places."""
    session.expire_all()
    query = select(WaitlistEntry.user_id).where(WaitlistEntry.told_at.is_not(None))
    ids = set(session.scalars(query))
    return [place for place, customer in enumerate(customers) if customer.id in ids]


def deliver(shop, units, reference="delivery"):
    line = {"sku": "RING", "delta": units, "kind": "receipt", "reason": "delivered"}
    body = {"reference": reference, "lines": [line]}
    answer = shop.customer(role="staff").post("/api/v1/admin/inventory/adjustments", body)
    assert answer.status_code == 201, answer.json


def mails(session):
    query = select(Job.arguments).where(Job.name == "mail.send_back_in_stock")
    return len(session.scalars(query).all())


def let_time_pass(session):
    past = WaitlistEntry.told_at - timedelta(minutes=15, seconds=1)
    session.execute(update(WaitlistEntry).values(told_at=past))


def test_as_many_are_told_as_there_are_units_in_the_order_of_asking(shop, session):
    customers = waiting(shop, 5)
    tell_waiting()
    assert told(session, customers) == []

    deliver(shop, 2)
    for _ in range(3):
        tell_waiting()

    assert told(session, customers) == [0, 1]
    assert mails(session) == 2


def test_the_next_ones_are_told_where_units_are_left_after_a_while(shop, session):
    customers = waiting(shop, 5)
    deliver(shop, 2)
    tell_waiting()
    customers[0].check_out(ring=1)

    let_time_pass(session)
    tell_waiting()

    assert told(session, customers) == [0, 1, 2]
    assert mails(session) == 3


def test_nobody_is_told_of_what_is_reserved_or_off_sale(shop, session):
    customers = waiting(shop, 2)
    deliver(shop, 1)
    shop.customer().check_out(ring=1)
    tell_waiting()
    assert told(session, customers) == []

    deliver(shop, 1, "more")
    session.execute(text("UPDATE products SET is_active = false"))
    tell_waiting()

    assert told(session, customers) == []


def test_who_asks_again_keeps_their_place_and_who_was_told_may_ask_anew(shop, session):
    customers = waiting(shop, 2)
    assert join(customers[0]).status_code == 204
    deliver(shop, 1)
    tell_waiting()
    shop.customer().check_out(ring=1)
    assert told(session, customers) == [0]

    assert join(customers[0]).status_code == 204

    entries = customers[0].get("/api/v1/me/waitlist").json["items"]
    assert [(entry["sku"], entry["told_at"] is None) for entry in entries] == [
        ("RING", True), ("RING", False),
    ]  # fmt: skip


def test_what_can_be_bought_is_not_waited_for(shop):
    deliver(shop, 1)

    refused = join(shop.customer())

    assert (refused.status_code, refused.json["code"]) == (409, "available_now")


def test_who_leaves_is_not_told(shop, session):
    customers = waiting(shop, 2)
    assert customers[0].delete(PATH).status_code == 204
    deliver(shop, 1)
    tell_waiting()

    assert told(session, customers) == [1]
    assert customers[0].delete(PATH).status_code == 204


def test_the_mail_says_what_is_back_and_where(shop, tmp_path, monkeypatch):
    monkeypatch.setenv("MAIL_URL", f"file://{tmp_path}")
    waiting(shop, 1)
    deliver(shop, 1)
    tell_waiting()
    shop.work("announcements", "mail")

    [mail] = [path.read_text() for path in tmp_path.iterdir() if path.is_file()]
    assert "The ring is back" in mail
    assert "http://127.0.0.1:8000/products/ring" in mail


def test_a_guest_says_where_to_write_to(shop):
    client = shop.app.test_client()
    guest = Customer(client, None, client.post("/api/v1/auth/guest").json["access_token"])

    refused = join(guest)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/contact")
    contact = {"name": "Asha", "email": "asha@example.com", "phone": "9876543210"}
    assert join(guest, {"contact": contact}).status_code == 204
    assert join(guest).status_code == 204


def test_of_what_there_is_not_nobody_is_told(shop):
    customer = shop.customer()

    for answer in (
        customer.put("/api/v1/products/none/waitlist", None),
        customer.delete("/api/v1/products/none/waitlist"),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "product_not_found")
    assert shop.app.test_client().put(PATH).status_code == 401


def test_how_many_wait_for_what_and_since_when(shop, session, monkeypatch):
    shop.product("chain", 0)
    shop.product("anklet", 0)
    first, *_ = waiting(shop, 3)
    assert first.put("/api/v1/products/chain/waitlist", None).status_code == 204
    asked = select(WaitlistEntry.created_at).where(WaitlistEntry.user_id == first.id)

    def listed(after=None, limit=9):
        found = waitlist.waiting(session, limit=limit, after=after)
        return [(product.sku, number) for product, number, _ in found]

    assert listed() == [("CHAIN", 1), ("RING", 3)]
    begun = {since for *_, since in waitlist.waiting(session, limit=9, after=None)}
    assert begun == set(session.scalars(asked))
    assert (listed(limit=1), listed(after="CHAIN")) == ([("CHAIN", 1)], [("RING", 3)])
    monkeypatch.setattr(waitlist, "MOST_COUNTED", 2)
    assert listed() == [("CHAIN", 1), ("RING", 2)]
    session.execute(update(WaitlistEntry).values(told_at=WaitlistEntry.created_at))
    assert listed() == []
