"""The history of an order on its page: all that any room knows of it, by whom, with ways on."""

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.core.db import transaction
from app.orders.models import Order
from app.webhooks.models import WebhookEvent
from tests.backoffice.browser import words
from tests.payments.purchase import purchase
from tests.returns.steps import asked, deliver


@pytest.fixture
def lived(shop, staff):
    """An order that was paid, brought, and of which one ring is to come back."""
    shop.product("ring", 5)
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=2))
    asked(bought, ring=1)
    shop.work()
    return bought


def history(browser, bought):
    """The history alone, as a person reads it."""
    page = browser.get(f"/orders/{bought.order_id}")
    assert page.status_code == 200
    return page.text.split('<ol class="timeline">')[1].split("</ol>")[0]


def test_everything_that_happened_is_told_once(session, staff, lived):
    shown = history(staff, lived)
    entries = [" ".join(words(_Text(item)).split()) for item in shown.split("<li>")[1:]]
    of = [entry.split(" ", 4)[4] for entry in entries]
    kinds = [entry.split(" ", 1)[0] for entry in of]

    for told in (
        "reservation reserved 2 RING, committed now",
        "payment tried to pay, captured now",
        "webhook payment captured processed now by razorpay",
        "stock sale -2 RING, 3 on hand after",
        "paper invoice",
        "return requested",
    ):
        assert sum(entry.startswith(told) for entry in of) == 1, (told, of)
    assert "message" in kinds
    assert kinds.index("return") < kinds.index("reservation")
    name = session.get(User, lived.buyer.id).name
    assert f"by {name}, customer" in words(_Text(shown))
    assert "customer:" not in shown


def test_it_leads_on(staff, lived):
    shown = history(staff, lived)

    for place in ("/admin/stock/RING", "/admin/webhooks/event/", "/admin/orders/paper/",
                  "/admin/returns/"):  # fmt: skip
        assert f'href="{place}' in shown


def test_what_somebody_changed_by_hand_is_for_admins(admin, staff, lived):
    with transaction() as session:
        session.execute(update(Order).values(courier="Nobody knows"))

    assert "audit update of orders courier: nothing → Nobody knows" in words(
        _Text(history(admin, lived))
    )
    assert "Nobody knows" not in words(_Text(history(staff, lived)))


def test_webhooks_of_others_are_not_among_it(shop, session, staff, lived):
    other = purchase(shop, ring=1)
    other.tell("payment.failed", other.pay("failed"))
    shop.work()

    assert "payment failed" not in words(_Text(history(staff, lived)))
    assert "webhook payment failed" in words(_Text(history(staff, other)))
    assert session.query(WebhookEvent).filter_by(gateway_order_id=None).count() == 0


class _Text:
    """A part of a page, where a whole one is expected."""

    def __init__(self, text):
        self.text = text
