"""Money on its way back: asked for by staff, made at the gateway by hand, told by events."""

from typing import Any

import requests
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.alerts.models import Alert
from app.payments.models import PaymentAttempt, Refund
from app.treasury import audit
from tests.builders import Customer, Shop, values
from tests.payments.purchase import Purchase, purchase
from workers import payments as work

KEY_PAIR = ("rzp_test_ora_development", "ora_development_key_secret")


def paid_order(shop: Shop) -> tuple[Purchase, str]:
    """Have a ring bought and paid; returns the id of the try, too."""
    if not shop.categories:
        shop.product("ring", 5)
        shop.categories["rings"] = None  # type: ignore[assignment]
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    return bought, paid


def ask_back(
    boss: Customer, bought: Purchase, amount: int | None = None, reference: str = "return-1"
) -> TestResponse:
    """Ask for a refund as an admin does."""
    body: dict[str, Any] = {"reason": "the stone is loose", "reference": reference}
    if amount is not None:
        body["amount"] = amount
    return boss.post(f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds", body)


def by_hand(shop: Shop, paid: str, amount: int) -> dict[str, Any]:
    """Refund at the gateway's dashboard, of which the shop knows nothing yet."""
    address = f"{shop.gateway.url}/v1/payments/{paid}/refund"
    response = requests.post(address, json={"amount": amount}, auth=KEY_PAIR, timeout=10)
    assert response.status_code == 200, response.text
    return response.json()


def tell_refund(
    shop: Shop, name: str, refund: dict[str, Any], payment: dict[str, Any] | None = None
) -> None:
    """Bring the event about a refund to the door."""
    payment = payment or shop.gateway.payment(refund["payment_id"])
    assert shop.deliver(shop.gateway.event(name, payment, refund=refund)).status_code == 200


def at_gateway(shop: Shop, paid: str) -> list[dict[str, Any]]:
    """The refunds of a payment in the gateway's books."""
    return [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == paid]


def end(shop: Shop, refund: dict[str, Any], status: str) -> dict[str, Any]:
    """Let the gateway end a pending refund, and not tell of it."""
    address = f"{shop.gateway.url}/sandbox/refunds/{refund['id']}"
    response = requests.post(address, json={"status": status, "deliver": "none"}, timeout=10)
    assert response.status_code == 200, response.text
    return response.json()


def poll(session: Session) -> None:
    """Let the time pass until every refund that has not ended is asked about once more."""
    waiting = update(Refund).where(Refund.next_poll_at.is_not(None))
    session.execute(waiting.values(next_poll_at=func.now()))
    work.poll_refunds()


def alerts(session: Session) -> list[tuple[str, str, bool]]:
    """Every alert but those of the inbox: its kind, what it is about, and whether it is open."""
    rows = session.execute(
        select(Alert.kind, Alert.subject, Alert.closed_at.is_(None)).order_by(Alert.created_at)
    )
    return values(rows)


def told(session: Session) -> list[tuple[int, str, bool, str | None]]:
    """Every refund: how much, how it stands, whose it is, and what stands in its way."""
    columns = Refund.amount, Refund.status, Refund.is_ours, Refund.last_error
    return values(session.execute(select(*columns).order_by(Refund.created_at, Refund.id)))


def counted(session: Session, paid: str) -> tuple[int, int]:
    """What a capture counts as refunded, and as lost."""
    columns = PaymentAttempt.amount_refunded, PaymentAttempt.amount_lost
    of_try = PaymentAttempt.gateway_payment_id == paid
    return tuple(session.execute(select(*columns).where(of_try)).one())  # type: ignore[return-value]


def findings(session: Session) -> list[tuple[str, str]]:
    """What the ledger of money finds wrong."""
    return [(found.kind, found.subject) for found in audit.findings(session)]
