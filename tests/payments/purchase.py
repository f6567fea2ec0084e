"""An order on its way to be paid: tried at the gateway, and told to the shop by events."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.announcements import SPREAD
from app.core.db import transaction
from app.core.ids import new_id
from app.core.jobs import Job
from app.core.redis_client import redis
from app.inventory import keys
from app.inventory.models import Reservation, StockMovement
from app.orders.models import Order, OrderLine
from app.payments.gateway import gateway
from app.payments.models import Refund
from app.webhooks.models import WebhookEvent
from tests.builders import Customer, Shop, values
from tests.gateway import Delivery
from workers.expiry import expire_orders


@dataclass
class Purchase:
    """One order with its payment opened."""

    shop: Shop
    buyer: Customer
    order_id: str
    opened: dict[str, Any]

    @property
    def status(self) -> tuple[str, str]:
        """How order and payment stand, as the buyer is told."""
        order = self.buyer.order(self.order_id)
        return order["status"], order["payment_status"]

    @property
    def total(self) -> int:
        return self.opened["amount"]

    def pay(self, outcome: str = "captured", **options: Any) -> str:
        """Try to pay at the gateway; returns the id of the try."""
        paid = self.shop.gateway.pay(self.opened["razorpay_order_id"], outcome, **options)
        return paid["razorpay_payment_id"]

    def event(self, name: str, payment_id: str, **changes: Any) -> Delivery:
        """Write an event about a try, as the gateway knows it now but for ``changes``."""
        return self.shop.gateway.event(name, self.shop.gateway.payment(payment_id) | changes)

    def tell(self, name: str, payment_id: str, **changes: Any) -> None:
        """Bring an event about a try to the door."""
        assert self.shop.deliver(self.event(name, payment_id, **changes)).status_code == 200

    def paid_again(self) -> str:
        """Capture the price once more, by a second Razorpay order; returns the id of the try."""
        other = gateway("razorpay").open(receipt=str(new_id()), amount=self.total, currency="INR")
        return self.shop.gateway.pay(other)["razorpay_payment_id"]


def purchase(shop: Shop, buyer: Customer | None = None, **lines: int) -> Purchase:
    """Have a buyer order ``ring=1`` and the like, or the cart, and open the payment."""
    buyer = buyer or shop.customer()
    response = buyer.check_out(**lines)
    assert response.status_code == 201, response.text
    order_id = response.json["id"]
    return Purchase(shop, buyer, order_id, buyer.open_payment(order_id))


def run_out(session: Session, order_id: str) -> None:
    """Let the time to pay be over, by Redis' clock and by Postgres' copy."""
    lines = session.scalars(select(OrderLine.sku).where(OrderLine.order_id == order_id)).all()
    seconds, _ = redis().time()
    for sku in lines:
        held = redis().zrange(keys.reservations(sku), 0, -1)
        past = {m: seconds * 1000 - 1 for m in held if m.startswith(f"{order_id}:")}
        if past:
            redis().zadd(keys.reservations(sku), past, xx=True)
    redis().delete(f"reservation:{{{order_id}}}")
    past = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 2)
    session.execute(update(Order).where(Order.id == order_id).values(expires_at=past))
    session.execute(
        update(Reservation).where(Reservation.order_id == order_id).values(deadline_at=past)
    )


def expire(session: Session, order_id: str) -> None:
    """Let the time to pay be over, and the clock's worker close the order."""
    run_out(session, order_id)
    assert expire_orders() == 1


def late_payers(shop: Shop, session: Session) -> list[tuple[Purchase, str]]:
    """Two who each paid for a ring when their time was over, with the ids of their tries."""
    late = []
    for _ in range(2):
        bought = purchase(shop, ring=1)
        expire(session, bought.order_id)
        late.append((bought, bought.pay()))
    return late


def make_due(session: Session) -> None:
    """Let the time pass until every job that waits may be tried again."""
    waiting = Job.done_at.is_(None), Job.failed_at.is_(None)
    session.execute(update(Job).where(*waiting).values(due_at=func.now()))


def lose_the_unit(session: Session) -> None:
    """Take the last ring off what is on hand, behind Redis' back."""
    ring = session.scalars(select(Product).where(Product.sku == "RING")).one()
    with transaction() as hidden:
        hidden.execute(
            insert(StockMovement).values(
                product_id=ring.id, kind="sale", units=-1, balance=0, actor="nobody",
                reference="a hand in the till",
            )
        )  # fmt: skip
        hidden.execute(
            update(Product)
            .where(Product.id == ring.id)
            .values(stock_quantity=0, stock_version=Product.stock_version + 1)
        )


def sales(session: Session) -> list[tuple[str, int]]:
    """Every deduction in the ledger, by its reference and its units."""
    return values(
        session.execute(
            select(StockMovement.reference, StockMovement.units)
            .where(StockMovement.kind == "sale")
            .order_by(StockMovement.reference)
        )
    )


def refunds(session: Session) -> list[tuple[str, int, str, str]]:
    """Every refund: of which try, how much, how it stands and why."""
    columns = Refund.gateway_payment_id, Refund.amount, Refund.status, Refund.reason
    return values(session.execute(select(*columns).order_by(Refund.created_at)))


def given_back(shop: Shop, payment_id: str) -> list[tuple[int, str]]:
    """What the gateway's books say went back of a payment."""
    return [
        (refund["amount"], refund["status"])
        for refund in shop.gateway.books()["refunds"]
        if refund["payment_id"] == payment_id
    ]


def events(session: Session) -> list[tuple[str, str, str | None]]:
    """Every event in the inbox: its name, how it ended and what was noted."""
    columns = WebhookEvent.event, WebhookEvent.status, WebhookEvent.note
    return values(session.execute(select(*columns).order_by(WebhookEvent.received_at)))


def open_jobs(session: Session) -> list[str]:
    """The jobs that have not been done, but for announcements, which come with every step."""
    query = select(Job.name).where(Job.done_at.is_(None), Job.name != SPREAD)
    return list(session.scalars(query.order_by(Job.id)))


def jobs_staged(session: Session, name: str) -> int:
    """How often a job was staged."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.name == name))


def announced(session: Session, event: str) -> int:
    """How often an event was announced."""
    query = select(func.count()).select_from(Job).where(Job.name == SPREAD)
    return session.scalar(query.where(Job.arguments["event"].astext == event))
