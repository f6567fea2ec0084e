"""What somebody does with the orders of a list, and what they are told of it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.orders.models import Order, OrderTransition
from tests.backoffice.browser import Browser
from tests.backoffice.doors import token_of
from tests.builders import Shop
from tests.payments.purchase import purchase


def buy(shop: Shop, count: int) -> list[tuple[str, str]]:
    """Have rings bought and paid for; gives ids and numbers of the orders, the newest first."""
    bought = [purchase(shop, ring=1) for _ in range(count)]
    for one in bought:
        one.tell("payment.captured", one.pay())
    shop.work()
    return [(one.order_id, one.buyer.order(one.order_id)["number"]) for one in bought][::-1]


def choose(browser: Browser, what: str, *order_ids: object, view: str = "to pack") -> TestResponse:
    """Tick orders of a tab and press a button."""
    return browser.client.post(
        "/admin/orders/chosen",
        data={"csrf_token": token_of(browser), "do": what, "order_id": list(order_ids)},
        headers={"Referer": f"http://localhost/admin/orders/?view={view.replace(' ', '+')}"},
    )


def told(browser: Browser) -> list[str]:
    """What the next page says of it, a line each."""
    page = browser.get("/orders/").text
    flashes = page.split('role="status">')[1:]
    return [line for flash in flashes for line in flash.split("</p>")[0].split("\n")]


def states(session: Session) -> dict[str, str]:
    """How each order stands, by its number."""
    session.expire_all()
    return dict(session.execute(select(Order.number, Order.status)).all())


def steps(session: Session) -> list[tuple[Any, ...]]:
    """The steps that staff took."""
    query = select(OrderTransition.to_status, OrderTransition.actor)
    return [tuple(row) for row in session.execute(query) if row.actor.startswith("staff:")]
