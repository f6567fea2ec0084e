"""A buyer over real HTTP, for the demo and for measuring."""

import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import requests

TIMEOUT_SECONDS = 30
MOST_TRIES = 20
# Kept only for purchases that need it.
PAN = "ABCPE1234F"
ADDRESS = {
    "name": "Meera Iyer",
    "phone": "+919876543210",
    "line1": "14 Temple Street",
    "city": "Chennai",
    "state": "Tamil Nadu",
    "pincode": "600004",
}


class Buyer:
    """One account and its HTTP session; every answer comes back as it is."""

    def __init__(self, base_url: str) -> None:
        """Begin as a visitor."""
        self.base_url = base_url
        self.http = requests.Session()

    def register(self) -> None:
        """Make an account and stay signed in."""
        account = {
            "email": f"{uuid4().hex}@example.com",
            "password": "a long sentence of hers",
            "name": "Meera Iyer",
            "phone": "+919876543210",
        }
        tokens = self.ask("POST", "/api/v1/auth/register", 201, json=account)
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def ask(self, method: str, path: str, expected: int = 200, **options: Any) -> Any:
        """
        Send a request and return the JSON of its answer.

        Raises:
            AssertionError: the status is not the expected one.
        """
        response = self.send(method, path, **options)
        assert response.status_code == expected, f"{method} {path}: {response.text}"  # noqa: S101
        return response.json()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """
        Send a request and return its answer, whatever it is.

        Who is told that more is asked for than can be answered comes back when told to; nothing was
        done by then.
        """
        url = self.base_url + path
        for _ in range(MOST_TRIES):
            response = self.http.request(method, url, timeout=TIMEOUT_SECONDS, **options)
            if not _is_turned_away(response):
                break
            time.sleep(int(response.headers["Retry-After"]))
        return response

    def sign_in(self, email: str, password: str) -> None:
        """Sign in to an account that is there."""
        account = {"email": email, "password": password}
        tokens = self.ask("POST", "/api/v1/auth/login", json=account)
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def check_out(self, *skus: str, key: str | None = None, **more: Any) -> requests.Response:
        """Check out one unit of each SKU, or the cart where none is named."""
        body: dict[str, Any] = {"shipping_address": ADDRESS, "pan": PAN, **more}
        if skus:
            body["lines"] = [{"sku": sku, "quantity": 1} for sku in skus]
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self.send("POST", "/api/v1/checkout", json=body, headers=headers)

    def open_payment(self, order_id: str, gateway: str | None = None) -> dict[str, Any]:
        """Open the payment of an order."""
        path = f"/api/v1/orders/{order_id}/payments"
        opened: dict[str, Any] = self.ask("POST", path, json={"gateway": gateway})
        return opened

    def payment_id(self, order_id: str) -> str:
        """Look up the newest payment of an order, as staff may."""
        found = self.ask("GET", "/api/v1/admin/payments?limit=100")["items"]
        return next(str(payment["id"]) for payment in found if payment["order_id"] == order_id)

    def pay_by_stripe(self, order_id: str, sandbox_url: str) -> None:
        """Open the payment at Stripe's stub, pay it there and bring the client secret back."""
        opened = self.open_payment(order_id, "stripe")
        wish = {"payment_intent": opened["payment_intent"], "outcome": "captured"}
        url = f"{sandbox_url}/stripe/sandbox/pay"
        requests.post(url, json=wish, timeout=TIMEOUT_SECONDS).raise_for_status()
        proof = {
            "payment_intent": opened["payment_intent"],
            "payment_intent_client_secret": opened["client_secret"],
        }
        self.ask("POST", "/api/v1/payments/verify", json=proof)

    def pay(self, order_id: str, sandbox_url: str, deliver: str = "normal") -> dict[str, str]:
        """Open the payment, pay it at the sandbox and bring the signature back."""
        opened = self.open_payment(order_id)
        wish = {"order_id": opened["razorpay_order_id"], "method": "upi", "deliver": deliver}
        answer = requests.post(f"{sandbox_url}/sandbox/pay", json=wish, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        paid: dict[str, str] = answer.json()
        self.ask("POST", "/api/v1/payments/verify", json=paid)
        return paid

    def status(self, order_id: str) -> str:
        """Tell the order's status."""
        return str(self.ask("GET", f"/api/v1/orders/{order_id}/payment-status")["order_status"])


def _is_turned_away(response: requests.Response) -> bool:
    is_unavailable = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    return is_unavailable and response.json().get("code") == "overloaded"
