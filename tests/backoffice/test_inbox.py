"""Webhooks at the pages: looked at, and worked again by admins."""

import pytest
from sqlalchemy import select

from app.webhooks.models import WebhookEvent
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


@pytest.fixture
def event(shop, session):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    return session.scalars(select(WebhookEvent.event_id)).one()


def test_what_came_and_what_came_of_it(staff, event):
    listed, shown = staff.get("/webhooks/"), staff.get(f"/webhooks/event/{event}")

    assert event in listed.text
    assert "processed" in words(listed)
    assert '"event": "payment.captured"' in words(shown)
    assert "Nothing here" in words(staff.get("/webhooks/?view=failing"))
    assert staff.get("/webhooks/?view=strange").status_code == 200


def test_one_is_worked_again_and_does_nothing_twice(shop, session, admin, event):
    answer = admin.send(f"/webhooks/event/{event}", "/replay")

    assert answer.status_code == 302
    session.expire_all()
    assert session.scalars(select(WebhookEvent.status)).one() == "received"
    shop.work()
    session.expire_all()
    assert session.scalars(select(WebhookEvent.status)).one() == "processed"
    assert shop.on_hand("ring") == 4


def test_many_are_chosen_or_none(session, admin, event):
    nothing = admin.send("/webhooks/", "/replay")
    assert nothing.status_code == 302
    assert "Choose the events first" in words(admin.get("/webhooks/"))

    admin.send("/webhooks/", "/replay", event_id=[event, "none"])
    assert "There is no such event" in words(admin.get("/webhooks/"))
    session.expire_all()
    assert session.scalars(select(WebhookEvent.status)).one() == "processed"


@pytest.mark.parametrize("path", ["/webhooks/event/none", "/webhooks/event/%00"])
def test_what_there_is_not_is_a_page_that_says_so(staff, path):
    assert staff.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/webhooks/", "/orders/"])
def test_a_cursor_that_is_none_is_told_of(staff, path):
    answer = staff.get(f"{path}?cursor=rubbish")

    assert answer.status_code == 422
    assert "Cursor is not a cursor that this list gave out." in words(answer)
