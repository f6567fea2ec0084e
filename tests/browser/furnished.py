"""A shop in which each page has something to show, long words and large sums among it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from app.alerts import alerts
from app.catalog.models import Product
from app.core import jobs
from app.core.db import transaction
from app.core.ids import new_id
from app.core.india import INDIA
from app.core.jobs import Job
from app.fulfilment import preorders
from app.inventory.models import StockDrift
from app.payments.models import Dispute, Refund
from app.subscribers.models import Delivery, DeliveryTry, Subscriber
from app.transfers import imports
from app.treasury.reconciliation import reconcile_day
from app.webhooks.models import WebhookEvent
from tests.backoffice.doors import (
    add_note,
    add_picture,
    add_subscriber,
    sell_before_it_is_there,
    tried,
)
from tests.builders import Shop
from tests.coupons.till import buy, coupon, rupees
from tests.payments.purchase import Purchase, purchase
from tests.returns.steps import asked, deliver

LONG = "The piece with a long name, of white gold and of rose gold, with nine stones and a clasp"
# What a page has to have room for, without a space to break it at.
TOO_LONG_A_WORD = "ConnectionRefusedError" * 6
_STOCK = b"sku,delta,reason\r\nRING,1,found\r\n"


def furnish(shop: Shop) -> list[str]:
    """Fill the shop; gives the pages that no menu leads to."""
    shop.product("ring", 9, price=123_456_700)
    shop.product("chain", 1, price=10_000)
    _name_at_length("RING")
    add_picture("RING")
    bought = paid(shop)
    returned = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=2))
    return_id = asked(returned, ring=1)
    add_note(returned.buyer.id, f"Calls before noon.\n\n{TOO_LONG_A_WORD}")
    purchase(shop, chain=1)
    coupon(shop, description=f"{LONG} {TOO_LONG_A_WORD}", maximum_discount=rupees(12_34_567))
    coupon(shop, "A-CODE-OF-FORTY-LETTERS-AND-HYPHENS-2026", amount=rupees(500), is_active=False)
    assert buy(shop.customer(), "DIWALI", ring=1).status_code == 201
    _quarrel(returned.payment_id)
    _trouble()
    subscriber_id, delivery_id = _told_in_vain()
    _raise_one_of_each(returned, subscriber_id)
    sell_what_is_to_come(shop)
    reconcile_day("razorpay", datetime.now(INDIA).date())
    # What the gateway knows better would be put right by that.
    paid_in_vain(shop)
    with transaction() as session:
        event_id = session.scalars(select(WebhookEvent.event_id).limit(1)).one()
    return [
        f"/orders/{bought.order_id}", f"/orders/{returned.order_id}", f"/returns/{return_id}",
        "/stock/RING", "/coupons/DIWALI", "/coupons/new", "/coupons/?q=none", "/prices/?q=nothing",
        *(f"/imports/{import_id}" for import_id in _files()),
        f"/people/{returned.buyer.id}", f"/webhooks/event/{event_id}", "/operations/books",
        "/products/RING", "/products/new", "/products/?q=nothing",
        "/orders/?q=nothing", "/orders/?q=ring", "/orders/?view=to pack",
        "/orders/?sku=RING&payment_status=captured&from=2020-01-01&to=2099-12-31&gateway=razorpay",
        f"/orders/slips?order_id={bought.order_id}&order_id={returned.order_id}",
        "/stock/?low=1", "/returns/?view=all", "/money/?view=refunds",
        "/money/?view=disputes", "/money/?view=days compared", "/reports/?report=inventory",
        "/reports/?report=payments", "/account/", f"/subscribers/{subscriber_id}",
        f"/subscribers/{subscriber_id}/deliveries/{delivery_id}", "/subscribers/new",
        f"/subscribers/{subscriber_id}?view=delivered", "/pre-orders/CROWN", "/pre-orders/new",
        "/pre-orders/?view=arrived", "/pre-orders/?view=waited for", "/alerts/?view=closed",
        "/alerts/?view=all&kind=job_refused", "/money/?view=paid, not matched",
    ]  # fmt: skip


def paid(shop: Shop) -> Purchase:
    """Have somebody buy a ring, and the shop be told that it is paid."""
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    return bought


def paid_in_vain(shop: Shop) -> None:
    """Have money come that pays for no order: another amount, and once more, which stays."""
    shop.product("stud", 2, price=12_34_567_00)
    one, other = purchase(shop, stud=1), purchase(shop, stud=1)
    one.tell("payment.captured", one.pay(amount=one.total - 100))
    other.tell("payment.captured", other.pay())
    again = other.paid_again()
    other.tell("payment.captured", again, order_id=other.opened["razorpay_order_id"])
    shop.work()
    refused = {"status": "pending", "last_error": TOO_LONG_A_WORD, "ended_at": None}
    with transaction() as session:
        of_one = Refund.reason == "second_capture"
        session.execute(update(Refund).where(of_one).values(refused))


def sell_what_is_to_come(shop: Shop) -> None:
    """Have pieces sold before they are there; some came, and some are waited for."""
    sell_before_it_is_there(shop, "crown")
    _name_at_length("CROWN")
    sell_before_it_is_there(shop, "tiara")
    for name in ("crown", "tiara"):
        bought = purchase(shop, **{name: 2})
        bought.tell("payment.captured", bought.pay())
    shop.work()
    clerk = shop.customer(role="staff")
    preorders.end_preorder("TIARA", received=9, reference="first", actor=f"staff:{clerk.id}")
    shop.product("bangle", 0)
    assert shop.customer().put("/api/v1/products/bangle/waitlist", None).status_code == 204


def _told_in_vain() -> tuple[UUID, UUID]:
    """Let a system be told of something, with an answer and without; gives it, and a delivery."""
    subscriber_id, _ = add_subscriber(LONG)
    add_subscriber("the warehouse")
    with transaction() as session:
        values = {"url": f"https://erp.example/{TOO_LONG_A_WORD}", "failing_since": func.now()}
        ours = Subscriber.id == subscriber_id
        session.execute(update(Subscriber).where(ours).values(values))
        delivery = Delivery(
            subscriber_id=subscriber_id, event_id=new_id(), event="order.shipped",
            subject=new_id(), status="failed", tries=1,
        )  # fmt: skip
        session.add(delivery)
        session.flush()
        for answer in ({"http_status": 503, "answer": TOO_LONG_A_WORD}, {"error": "no answer"}):
            session.add(DeliveryTry(delivery_id=delivery.id, took_ms=12_000, **answer))
        return subscriber_id, delivery.id


def _raise_one_of_each(bought: Purchase, subscriber_id: UUID) -> None:
    """Let there be an alert of each kind, open but for one."""
    subjects = {
        "amount_mismatch": bought.payment_id, "dispute": "disp_1", "reconciliation": "razorpay:day",
        "subscriber_disabled": str(subscriber_id),
    }  # fmt: skip
    with transaction() as session:
        for kind in alerts.KINDS:
            alerts.sound(session, kind, subjects.get(kind, "payment.captured"), LONG)
        alerts.close(session, "poll_refused", "payment.captured", by="gateway")


def _name_at_length(sku: str) -> None:
    with transaction() as session:
        session.execute(update(Product).where(Product.sku == sku).values(name=LONG))


def _files() -> list[UUID]:
    """Have files tried: one with changes, one with errors, one that waits."""
    good = f"sku,name,price_paise,stone\r\nRING,{TOO_LONG_A_WORD},99900,\r\n"
    bad = f"sku,name,price_paise\r\nRING,x,{TOO_LONG_A_WORD}\r\nNONE,x,5\r\n"
    waiting = imports.hand_in("stock", _STOCK, is_dry_run=True, actor="admin:meera")
    return [tried(good), tried(bad), waiting.id]


def _quarrel(payment_id: str) -> None:
    """Let the payer's bank ask for the money back."""
    with transaction() as session:
        session.execute(
            insert(Dispute).values(
                gateway_dispute_id="disp_1", gateway_payment_id=payment_id, status="open",
                amount=100, currency="INR", reason="goods_not_received",
            )
        )  # fmt: skip


def _trouble() -> None:
    """Let a job be given up, an alert sound, and Redis have differed."""
    with transaction() as session:
        alerts.sound(session, "amount_mismatch", "pay_1", TOO_LONG_A_WORD)
        jobs.stage(session, "mail.send_verification", user_id="00000000-0000-4000-8000-00000000000")
        given_up = {"failed_at": func.now(), "attempts": 24, "last_error": TOO_LONG_A_WORD}
        session.execute(update(Job).where(Job.name == "mail.send_verification").values(given_up))
        product_id = session.scalars(select(Product.id).where(Product.sku == "RING")).one()
        session.execute(
            insert(StockDrift).values(
                product_id=product_id, kind="levels_differ", is_repaired=True,
                details={"postgres": {"on_hand": 9}, "redis": {"on_hand": 50, "reserved": 0}},
            )
        )  # fmt: skip
