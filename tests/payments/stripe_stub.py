"""Stripe as tests use it: the sandbox's account, driven, and its events signed by the test."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from werkzeug.test import TestResponse

from tests.builders import Customer, Shop
from tests.gateway import Gateway

SECRET = "whsec_ora_development_secret"
KEY = "sk_test_ora_development_key"


@dataclass(frozen=True)
class StripeEvent:
    """One event, to be signed and delivered as often as a test wants."""

    name: str
    body: bytes

    @property
    def object(self) -> dict[str, Any]:
        """What the event is about, as it was then."""
        return json.loads(self.body)["data"]["object"]

    def signature(self, *, secret: str = SECRET, at: float | None = None) -> str:
        """The header that Stripe sends along, signed now or at another time."""
        moment = int(time.time() if at is None else at)
        message = f"{moment}.".encode() + self.body
        return f"t={moment},v1={hmac.digest(secret.encode(), message, hashlib.sha256).hex()}"


@dataclass
class StripeStub:
    """The Stripe account of a sandbox; what it would deliver waits in its books."""

    url: str
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))

    def drive(self, path: str, **body: Any) -> dict[str, Any]:
        """Have something happen that no shop could do."""
        response = requests.post(f"{self.url}/sandbox/{path}", json=body, timeout=30)
        assert response.status_code == 200, response.text
        return response.json()

    def ask(self, method: str, path: str, **data: Any) -> dict[str, Any]:
        """Use the API as the dashboard of the account does."""
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = requests.request(
            method, f"{self.url}/v1/{path}", data=data, headers=headers, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pay(self, intent: str, outcome: str = "captured") -> str:
        """Try to pay an intent; returns the id of the charge."""
        return self.drive("pay", payment_intent=intent, outcome=outcome, deliver="none")["charge"]

    def refund_at_the_dashboard(self, charge: str, amount: int | None = None) -> str:
        """Send money back without the shop; returns the id of the refund."""
        wanted = {"charge": charge} | ({} if amount is None else {"amount": amount})
        return self.ask("POST", "refunds", **wanted)["id"]

    def books(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/sandbox/books", timeout=30).json()

    def events(self, object_id: str) -> list[StripeEvent]:
        """Every event about a charge, a refund of it or a dispute of it, the first one first."""
        bodies = [(told["type"], told["body"]) for told in self.books()["events"]]
        found = [StripeEvent(name, body.encode()) for name, body in bodies]
        return [event for event in found if object_id in _subjects(event.object)]

    def event(self, name: str, entity: Any, **changes: Any) -> StripeEvent:
        """Write any event at all as Stripe would."""
        event = {
            "id": f"evt_test{next(self.numbers):020d}", "object": "event", "type": name,
            "created": 1764000000, "data": {"object": entity},
        }  # fmt: skip
        return StripeEvent(name, json.dumps(event | changes, indent=2).encode())

    def given_back(self, charge: str) -> list[tuple[int, str]]:
        """What the account's books say went back of a charge."""
        found = self.books()["refunds"]
        return [(one["amount"], one["status"]) for one in found if one["charge"] == charge]

    def fault(self, **faults: Any) -> None:
        self.drive("faults", **faults)

    def clear(self) -> None:
        """Switch all faults off; events still go nowhere but into the books."""
        requests.delete(f"{self.url}/sandbox/faults", timeout=30)
        self.fault(route="webhooks", webhooks_drop=True)


@contextmanager
def open_stub(gateway: Gateway) -> Iterator[StripeStub]:
    """The Stripe account of a sandbox, for one test."""
    stub = StripeStub(f"{gateway.url}/stripe")
    stub.clear()
    try:
        yield stub
    finally:
        stub.clear()


@dataclass
class StripePurchase:
    """One order whose payment was opened at Stripe."""

    shop: Shop
    stripe: StripeStub
    buyer: Customer
    order_id: str
    opened: dict[str, Any]

    @property
    def status(self) -> tuple[str, str]:
        order = self.buyer.order(self.order_id)
        return order["status"], order["payment_status"]

    @property
    def total(self) -> int:
        return self.opened["amount"]

    def pay(self, outcome: str = "captured") -> str:
        """Try to pay; returns the id of the charge."""
        return self.stripe.pay(self.opened["payment_intent"], outcome)

    def tell(self, name: str, object_id: str) -> None:
        """Bring the latest event of a name about a charge, a refund or a dispute to the door."""
        event = [e for e in self.stripe.events(object_id) if e.name == name][-1]
        assert deliver(self.shop, event).status_code == 200


def open_stripe(buyer: Customer, order_id: str) -> TestResponse:
    return buyer.post(f"/api/v1/orders/{order_id}/payments", {"gateway": "stripe"})


def stripe_purchase(
    shop: Shop, stripe: StripeStub, buyer: Customer | None = None, **lines: int
) -> StripePurchase:
    """Have a buyer order ``ring=1`` and the like, and open the payment at Stripe."""
    buyer = buyer or shop.customer()
    order = buyer.check_out(**lines)
    assert order.status_code == 201, order.text
    opened = open_stripe(buyer, order.json["id"])
    assert opened.status_code == 200, opened.text
    return StripePurchase(shop, stripe, buyer, order.json["id"], opened.json)


def deliver(shop: Shop, event: StripeEvent, **options: Any) -> TestResponse:
    """Bring an event to the shop's door."""
    return at_the_door(shop, event.body, event.signature(**options))


def at_the_door(shop: Shop, body: bytes, signature: str | None) -> TestResponse:
    """Bring any bytes to the door under any signature."""
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return shop.app.test_client().post("/webhooks/stripe", data=body, headers=headers)


def _subjects(entity: Any) -> set[str]:
    """The ids of what an event is about, and of the charge that this belongs to."""
    return {entity.get("id"), entity.get("charge"), entity.get("latest_charge")}
