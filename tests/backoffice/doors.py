"""Every address of the pages, and a shop in which each has something behind it."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.accounts import notes
from app.alerts import alerts
from app.alerts.models import Alert
from app.core.db import transaction
from app.core.ids import new_id
from app.fulfilment import preorders
from app.merchandising import images
from app.subscribers import deliveries, subscribers
from app.transfers import imports
from app.webhooks.models import WebhookEvent
from tests.backoffice.browser import Browser
from tests.builders import Shop
from tests.coupons.till import coupon
from tests.payments.purchase import purchase
from tests.returns.steps import asked, deliver

LISTS = [
    "/orders/", "/stock/", "/returns/", "/money/", "/people/", "/reports/", "/webhooks/", "/log/",
    "/coupons/", "/prices/", "/products/", "/imports/", "/subscribers/", "/alerts/",
    "/pre-orders/",
]  # fmt: skip
MENU = ["/", *LISTS, "/categories/", "/jobs/", "/operations/"]
# Beside the name of who is signed in.
OWN = ["/account/"]
SHOWN = [
    "/orders/{order}", "/orders/slips?order_id={order}", "/stock/RING", "/returns/{return}",
    "/people/{who}",
    "/webhooks/event/{event}", "/operations/books", "/coupons/DIWALI", "/coupons/new",
    "/products/RING", "/products/new", "/imports/{import}", "/subscribers/{subscriber}",
    "/subscribers/new", "/subscribers/{subscriber}/deliveries/{delivery}", "/pre-orders/CROWN",
    "/pre-orders/new", "/pre-orders/?view=waited+for", "/alerts/?view=all",
]  # fmt: skip
# What takes a form, by its handler.
FORMS = {
    "sign_in.leave": "/sign-in/out", "orders_page.move": "/orders/{order}/move",
    "orders_page.cancel": "/orders/{order}/cancel", "orders_page.do_with_chosen": "/orders/chosen",
    "orders_page.refund": "/orders/{order}/refund",
    "shelf.adjust": "/stock/RING/adjust", "products_page.change": "/products/RING/change",
    "products_page.make": "/products/make", "categories.make": "/categories/make",
    "categories.change": "/categories/rings/change",
    "products_page.add_image": "/products/RING/add-image",
    "products_page.show_first": "/products/RING/images/{image}/first",
    "products_page.remove_image": "/products/RING/images/{image}/remove",
    "prices.keep": "/prices/keep", "prices.preview": "/prices/preview",
    "prices.apply": "/prices/apply",
    "files.upload": "/imports/upload", "files.apply": "/imports/{import}/apply",
    "coupons_page.make": "/coupons/make", "coupons_page.change": "/coupons/DIWALI/change",
    "coupons_page.switch": "/coupons/DIWALI/switch",
    "returned.decide": "/returns/{return}/decide", "returned.receive": "/returns/{return}/receive",
    "people.give_role": "/people/{who}/role", "inbox.replay": "/webhooks/replay",
    "people.add_note": "/people/{who}/note", "orders_page.add_note": "/orders/{order}/note",
    "people.remove_note": "/people/{who}/notes/{note}/remove",
    "jobs.retry": "/jobs/retry", "jobs.run": "/jobs/run",
    "operations.compare": "/operations/compare", "operations.rebuild": "/operations/rebuild",
    "people.reset_second_factor": "/people/{who}/reset-second-factor",
    "subscribers.make": "/subscribers/make",
    "subscribers.change": "/subscribers/{subscriber}/change",
    "subscribers.switch": "/subscribers/{subscriber}/switch",
    "subscribers.rotate": "/subscribers/{subscriber}/rotate",
    "subscribers.ping": "/subscribers/{subscriber}/ping",
    "subscribers.replay": "/subscribers/{subscriber}/replay",
    "subscribers.remove": "/subscribers/{subscriber}/remove",
    "preorders_page.make": "/pre-orders/make",
    "preorders_page.postpone": "/pre-orders/CROWN/postpone",
    "preorders_page.arrive": "/pre-orders/CROWN/arrive",
    "alerts.close": "/alerts/{alert}/close", "money.retry": "/money/refunds/{refund}/retry",
    "money.pay_out": "/money/refunds/{refund}/paid-out",
    "money.capture": "/money/payments/{refund}/capture",
    "account.begin": "/account/second-factor/begin",
    "account.turn_on": "/account/second-factor/on",
    "account.turn_off": "/account/second-factor/off",
}  # fmt: skip
# Of those who are not signed in, or not yet.
AT_THE_DOOR = {"sign_in.index": "/sign-in/", "sign_in.give_code": "/sign-in/code"}
FOR_ADMINS = {
    "products_page.make", "categories.make", "categories.change",
    "orders_page.refund", "products_page.change", "products_page.add_image",
    "products_page.show_first", "products_page.remove_image",
    "people.give_role", "people.remove_note", "people.reset_second_factor", "inbox.replay",
    "jobs.retry", "jobs.run", "coupons_page.make", "coupons_page.change",
    "coupons_page.switch", "prices.keep", "prices.preview", "prices.apply",
    "files.upload", "files.apply", "money.retry", "money.pay_out",
    "subscribers.make", "subscribers.change", "subscribers.switch", "subscribers.rotate",
    "subscribers.ping", "subscribers.replay", "subscribers.remove",
    "operations.compare", "operations.rebuild",
}  # fmt: skip


def fill(shop: Shop) -> dict[str, str]:
    """Have a ring bought, brought and asked to be taken back; gives what addresses name."""
    shop.product("ring", 5)
    coupon(shop)
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=2))
    return_id = asked(bought, ring=1)
    with transaction() as session:
        event_id = session.scalars(select(WebhookEvent.event_id)).one()
    sell_before_it_is_there(shop, "crown")
    subscriber_id, delivery_id = add_subscriber()
    return {
        "subscriber": str(subscriber_id), "delivery": str(delivery_id),
        "alert": str(raise_alert()), "refund": str(new_id()),
        "order": bought.order_id, "return": return_id, "who": str(bought.buyer.id),
        "event": event_id, "import": str(tried("sku,name\r\nRING,The better ring\r\n")),
        "image": str(add_picture("RING")), "note": str(add_note(bought.buyer.id)),
    }  # fmt: skip


def sell_before_it_is_there(shop: Shop, name: str) -> None:
    """Put a product on pre-order, that somebody waits for as well."""
    sku = shop.product(name, 0)
    shop.customer().put(f"/api/v1/products/{name}/waitlist", None)
    day = datetime.now(UTC).date() + timedelta(days=30)
    preorders.open_preorder(sku, limit=9, ships_on=day, actor="staff:somebody")


def add_subscriber(name: str = "the ERP") -> tuple[UUID, UUID]:
    """Have a system registered, and a ping written for it; gives the ids of the two."""
    with transaction() as session:
        made = subscribers.register(session, name=name, url="http://127.0.0.1:1/", events=["*"])
        return made.id, deliveries.ping(session, made).id


def raise_alert(kind: str = "amount_mismatch", subject: str = "pay_1", detail: str = "!") -> UUID:
    """Have an alert raised; gives its id."""
    with transaction() as session:
        alerts.sound(session, kind, subject, detail)
    with transaction() as session:
        return session.scalars(select(Alert.id).where(Alert.subject == subject)).one()


def add_note(account_id: UUID, words: str = "Calls before noon.") -> UUID:
    """Let a customer have a note."""
    with transaction() as session:
        return notes.add(session, account_id, words, actor="staff:somebody").id


def tried(file: str, kind: str = "products") -> UUID:
    """Have a file tried by a worker; gives its id."""
    one = imports.hand_in(kind, file.encode(), is_dry_run=True, actor="admin:test")
    imports.work(one.id)
    return one.id


def add_picture(sku: str) -> UUID:
    """Let a product have a picture."""
    drawn = BytesIO()
    Image.new("RGB", (400, 300), "gold").save(drawn, "PNG")
    return images.add(sku, drawn.getvalue(), alt="From above").id


def handlers(app: Flask) -> dict[str, set[str]]:
    """Every handler of the pages, with the methods that it takes."""
    return {
        rule.endpoint: rule.methods - {"HEAD", "OPTIONS"}
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin/") and rule.endpoint != "backoffice.static"
    }


def token_of(browser: Browser) -> str:
    """The token that somebody's forms carry."""
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)[1]


def post(browser: Browser, path: str, **fields: str) -> int:
    """Send a form that nobody opened, with a good token; tells the status."""
    data = {"csrf_token": token_of(browser)} | fields
    return browser.client.post(f"/admin{path}", data=data).status_code
