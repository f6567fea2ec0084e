"""Short ways for tests: stock a shop, buy in it, let its workers run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import accounts, passwords
from app.catalog.models import Category, Product
from app.core.auth import issue_tokens
from app.core.db import transaction
from app.core.ids import new_id
from app.core.redis_client import redis
from app.inventory import ledger, stock
from app.inventory.models import Reservation
from app.inventory.terms import Booking, Claim, Levels
from tests.gateway import Delivery, Gateway
from workers.drain import drain

ADDRESS = {
    "name": "Meera Iyer", "phone": "+919876543210", "line1": "14 Temple Street",
    "line2": None, "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
# Asked for where the price is high.
PAN = "ABCPE1234F"
PASSWORD = "a long sentence of hers"


@dataclass
class Customer:
    """A signed-in customer and what they send."""

    client: FlaskClient
    id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.client.post(path, json=body, headers=self.headers | _dashed(headers))

    def put(self, path: str, body: Any) -> TestResponse:
        return self.client.put(path, json=body, headers=self.headers)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self.client.patch(path, json=body, headers=self.headers)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.headers)

    def check_out(self, key: str | None = None, **lines: int) -> TestResponse:
        """Check out ``ring=2`` and the like; without lines, the cart."""
        body: dict[str, Any] = {"shipping_address": ADDRESS, "pan": PAN}
        if lines:
            body["lines"] = [{"sku": sku_of(name), "quantity": n} for name, n in lines.items()]
        return self.post("/api/v1/checkout", body, Idempotency_Key=key or uuid4().hex)

    def open_payment(self, order_id: str) -> dict[str, Any]:
        response = self.post(f"/api/v1/orders/{order_id}/payments")
        assert response.status_code == 200, response.json
        return response.json

    def order(self, order_id: str) -> dict[str, Any]:
        return self.get(f"/api/v1/orders/{order_id}").json


@dataclass
class Shop:
    """The shop under test."""

    app: Flask
    gateway: Gateway
    categories: dict[str, UUID] = field(default_factory=dict)

    def product(self, name: str, units: int, *, price: int = 100_000, **more: Any) -> str:
        """Put a product on sale; returns its SKU."""
        sku = sku_of(name)
        with transaction() as session:
            category = session.scalars(select(Category)).first()
            if category is None:
                category = Category(id=new_id(), slug="rings", name="Rings", position=1)
                session.add(category)
                session.flush()
            values = {
                "sku": sku, "slug": name.replace("_", "-"), "name": f"The {name}",
                "description": "A piece.", "category_id": category.id, "metal": "gold",
                "purity": "22K (916)", "gross_weight_mg": 5000, "net_weight_mg": 4800,
                "hsn_code": "7113", "price": price, "tax_basis_points": 300,
                "low_stock_threshold": 1,
            }  # fmt: skip
            session.add(Product(**values | more))
            session.flush()
            if units:
                ledger.receive(session, sku, units, Booking("first", "test"))
        return sku

    def customer(self, *, role: str = "customer") -> Customer:
        """Sign a new customer in."""
        with transaction() as session:
            user = accounts.register(
                session, email=f"{uuid4().hex}@example.com", password_hash=_HASH, name="Meera Iyer",
                phone="+919876543210", role=role,
            )  # fmt: skip
            started = accounts.start_session(session, user)
        with self.app.app_context():
            tokens = issue_tokens(
                user.id, role=role, session_id=started.id, refresh_id=started.refresh_id
            )
        return Customer(self.app.test_client(), user.id, tokens["access_token"])

    def levels(self, name: str) -> Levels:
        """What Redis says of a product."""
        sku = sku_of(name)
        return stock.levels(redis(), [sku])[sku]

    def epoch(self, name: str) -> int:
        """The number of the load by which Redis knows a product, as Postgres has it."""
        with transaction() as session:
            query = select(Product.stock_epoch).where(Product.sku == sku_of(name))
            return session.scalars(query).one()

    def claim(self, order_id: str | UUID) -> Claim:
        """What an order claims, as Postgres remembers it."""
        with transaction() as session:
            rows = session.execute(
                select(Product.sku, Reservation.units, Reservation.buyer)
                .join(Product, Product.id == Reservation.product_id)
                .where(Reservation.order_id == UUID(str(order_id)))
            ).all()
        units = {sku: count for sku, count, _ in rows}
        return Claim(UUID(str(order_id)), rows[0].buyer if rows else "", units)

    def on_hand(self, name: str) -> int:
        """What Postgres says of a product."""
        with transaction() as session:
            return session.scalars(
                select(Product.stock_quantity).where(Product.sku == sku_of(name))
            ).one()

    def deliver(self, delivery: Delivery, **headers: str) -> TestResponse:
        """Bring an event to the shop's door."""
        return self.app.test_client().post(
            "/webhooks/razorpay", data=delivery.body, headers=delivery.headers() | _dashed(headers)
        )

    def capture(self, opened: dict[str, Any], **options: Any) -> dict[str, str]:
        """Pay an opened payment at the gateway, and bring the event of its capture."""
        paid = self.gateway.pay(opened["razorpay_order_id"], **options)
        payment = self.gateway.payment(paid["razorpay_payment_id"])
        assert self.deliver(self.gateway.event("payment.captured", payment)).status_code == 200
        return paid

    def work(self, *queues: str) -> None:
        """Let the workers do what is due."""
        # Invoices are of payments, and wait for what is announced.
        for queue in queues or ("webhooks", "payments", "announcements", "mail", "payments"):
            drain(queue)


def sku_of(name: str) -> str:
    """``ring_flash`` is RING-FLASH."""
    return name.upper().replace("_", "-")


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


_HASH = passwords.hash_password(PASSWORD)


def values(rows: Sequence[Any]) -> list[Any]:
    """Rows as plain tuples, to compare them whole."""
    return [tuple(row) for row in rows]
