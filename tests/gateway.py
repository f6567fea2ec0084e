"""The sandbox gateway as tests use it: real HTTP in, webhooks out when the test says so."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from app.config import DEVELOPMENT_SECRETS
from sandbox import create_app
from sandbox.config import Settings
from tests.serving import serving

SECRET = DEVELOPMENT_SECRETS["razorpay_webhook_secret"]


@dataclass
class Gateway:
    """The sandbox: pay on it, and take the webhooks that Razorpay would send."""

    url: str
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))

    def pay(
        self, razorpay_order_id: str, outcome: str = "captured", **options: Any
    ) -> dict[str, str]:
        """Try to pay an order; returns what Razorpay's checkout gives to the browser."""
        body = {
            "order_id": razorpay_order_id, "method": "upi", "outcome": outcome,
            "deliver": "none", **options,
        }  # fmt: skip
        response = requests.post(f"{self.url}/sandbox/pay", json=body, timeout=10)
        assert response.status_code == 200, response.text
        return {k: v for k, v in response.json().items() if k.startswith("razorpay_")}

    def books(self) -> dict[str, Any]:
        """Every order, payment and refund that the gateway knows."""
        return requests.get(f"{self.url}/sandbox/books", timeout=10).json()

    def payment(self, razorpay_payment_id: str) -> dict[str, Any]:
        """One payment as Razorpay's API tells it."""
        return next(p for p in self.books()["payments"] if p["id"] == razorpay_payment_id)

    def fault(self, **faults: Any) -> None:
        """Switch faults on."""
        response = requests.post(f"{self.url}/sandbox/faults", json=faults, timeout=10)
        assert response.status_code == 200, response.text

    def event(self, name: str, payment: dict[str, Any], **entities: dict[str, Any]) -> "Delivery":
        """Write the event that Razorpay would send about a payment."""
        payload = {"payment": {"entity": payment}}
        payload |= {kind: {"entity": entity} for kind, entity in entities.items()}
        return self.deliver_of({
            "entity": "event", "account_id": "acc_BFQ7uQEaa7j2z7", "event": name,
            "contains": list(payload), "payload": payload, "created_at": 1764000000,
        })  # fmt: skip

    def deliver_of(self, event: Any) -> "Delivery":
        """Sign any body at all as Razorpay would."""
        body = (
            event if isinstance(event, bytes) else json.dumps(event, separators=(",", ":")).encode()
        )
        return Delivery(f"evt{next(self.numbers):011d}", body)

    def clear(self) -> None:
        """Switch all faults off."""
        requests.delete(f"{self.url}/sandbox/faults", timeout=10)


@dataclass(frozen=True)
class Delivery:
    """One signed event, to be sent as often as a test wants."""

    event_id: str
    body: bytes

    def headers(self, secret: str = SECRET) -> dict[str, str]:
        """The headers that Razorpay sends along."""
        return {
            "Content-Type": "application/json",
            "X-Razorpay-Event-Id": self.event_id,
            "X-Razorpay-Signature": hmac.digest(secret.encode(), self.body, hashlib.sha256).hex(),
        }


@contextmanager
def open_gateway() -> Iterator[Gateway]:
    """Serve a sandbox for this process."""
    app = create_app(Settings(clock_factor=0.001, webhook_url="http://127.0.0.1:9/nowhere"))
    try:
        with serving(app) as url:
            yield Gateway(url)
    finally:
        app.extensions["sandbox"].close()
