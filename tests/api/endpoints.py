"""Every endpoint that takes a JSON body, with a body that it would take."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.builders import ADDRESS, PASSWORD, Customer, Shop


@dataclass(frozen=True)
class Endpoint:
    """
    Where to send what; ``nullable`` fields may be null, so that is no mistake there.

    ``allowed`` are further values, in JSON, that are none at their pointer.
    """

    method: str
    path: str
    body: dict[str, Any]
    nullable: frozenset[str] = frozenset()
    headers: dict[str, str] = field(default_factory=dict)
    role: str = "customer"
    allowed: frozenset[tuple[str, bytes]] = frozenset()


ENDPOINTS = {
    "register": Endpoint(
        "POST",
        "/api/v1/auth/register",
        {"email": "new@example.com", "password": PASSWORD, "name": "Asha", "phone": "9876543210"},
        frozenset({"#/phone"}),
    ),
    "login": Endpoint(
        "POST",
        "/api/v1/auth/login",
        {"email": "new@example.com", "password": PASSWORD, "code": "287082"},
        frozenset({"#/code"}),
    ),
    "forget a password": Endpoint(
        "POST", "/api/v1/auth/forgot-password", {"email": "new@example.com"}
    ),
    "set a password": Endpoint(
        "POST", "/api/v1/auth/reset-password", {"token": "a-token", "password": PASSWORD}
    ),
    "verify an address": Endpoint("POST", "/api/v1/auth/verify-email", {"token": "a-token"}),
    "change a password": Endpoint(
        "POST",
        "/api/v1/me/change-password",
        {"current_password": "not the one", "new_password": PASSWORD},
    ),
    "change an account": Endpoint(
        "PATCH", "/api/v1/me", {"name": "Meera Rao", "phone": "9876543210"}, frozenset({"#/phone"})
    ),
    "leave": Endpoint("DELETE", "/api/v1/me", {"password": "not the one"}),
    "give a role": Endpoint(
        "POST", "/api/v1/admin/accounts/{account}/role", {"role": "customer"}, role="admin"
    ),
    "add an address": Endpoint(
        "POST", "/api/v1/me/addresses", ADDRESS | {"line2": "Mylapore"}, frozenset({"#/line2"})
    ),
    "change an address": Endpoint(
        "PUT",
        "/api/v1/me/addresses/{address}",
        ADDRESS | {"line2": "Mylapore"},
        frozenset({"#/line2"}),
    ),
    "put into the cart": Endpoint("PUT", "/api/v1/cart/items/RING", {"quantity": 1}),
    "check out": Endpoint(
        "POST",
        "/api/v1/checkout",
        {
            "lines": [{"sku": "RING", "quantity": 1}],
            "shipping_address": ADDRESS | {"line2": "Mylapore"},
            "billing_address": ADDRESS | {"line2": "Mylapore"},
            "expected_total": {"amount": 103_000, "currency": "INR"},
            "pan": "ABCPE1234F",
            "notes": "Please ring twice.",
        },
        frozenset({
            "#/shipping_address/line2", "#/billing_address", "#/billing_address/line2",
            "#/expected_total", "#/notes", "#/pan",
        }),
        {"Idempotency-Key": "the-key-of-a-bad-request"},
    ),
    "ask for a quote": Endpoint(
        "POST",
        "/api/v1/checkout/quote",
        {"lines": [{"sku": "RING", "quantity": 1}], "coupon_code": "DIWALI"},
        frozenset({"#/coupon_code"}),
    ),
    "arrange images": Endpoint(
        "PUT", "/api/v1/admin/products/RING/images", {"ids": [str(uuid4())]}, role="admin"
    ),
    "make a product": Endpoint(
        "POST",
        "/api/v1/admin/products",
        {
            "sku": "CROWN", "slug": "crown", "name": "The crown", "description": "Of the queen.",
            "category": "rings", "metal": "gold", "purity": "22K", "gross_weight_mg": 5_000,
            "net_weight_mg": 4_800, "stone": "ruby", "huid": "AB12CD", "hsn_code": "7113",
            "price": {"amount": 250_000, "currency": "INR"}, "tax_basis_points": 300,
            "is_active": True, "purchase_limit": 1, "has_waiting_room": True,
            "counters": 2, "low_stock_threshold": 1,
        },
        frozenset({"#/stone", "#/huid"}),
        role="admin",
        allowed=frozenset({("#/is_active", b"true"), ("#/has_waiting_room", b"true")}),
    ),
    "change a product": Endpoint(
        "PATCH",
        "/api/v1/admin/products/RING",
        {"revision": 1, "price": {"amount": 250_000, "currency": "INR"}},
        role="admin",
    ),
    "make a category": Endpoint(
        "POST",
        "/api/v1/admin/categories",
        {"slug": "crowns", "name": "Crowns", "position": 1},
        role="admin",
    ),
    "change a category": Endpoint(
        "PATCH", "/api/v1/admin/categories/rings", {"name": "Rings", "position": 1}, role="admin"
    ),
    "wait for a product": Endpoint(
        "PUT",
        "/api/v1/products/ring/waitlist",
        {"contact": {"name": "Asha", "email": "asha@example.com", "phone": "9876543210"}},
        frozenset({"#/contact"}),
    ),
    "ask for one's turn": Endpoint(
        "POST", "/api/v1/products/ring/waiting-room", {"ticket": None}, frozenset({"#/ticket"})
    ),
    "open a pre-order": Endpoint(
        "POST",
        "/api/v1/admin/preorders",
        {"sku": "RING", "limit": 3, "ships_on": "2090-01-31"},
        role="staff",
    ),
    "postpone a pre-order": Endpoint(
        "PATCH", "/api/v1/admin/preorders/RING", {"ships_on": "2090-01-31"}, role="staff"
    ),
    "end a pre-order": Endpoint(
        "POST",
        "/api/v1/admin/preorders/RING/arrival",
        {"received": 3, "reference": "delivery-1"},
        role="staff",
    ),
    "find a guest's order": Endpoint(
        "POST",
        "/api/v1/orders/track",
        {"number": "ORA-7K3M-9QXZ-41TD", "email": "new@example.com"},
    ),
    "make a coupon": Endpoint(
        "POST",
        "/api/v1/admin/coupons",
        {
            "code": "DIWALI", "description": "For the feast.", "basis_points": 1_000,
            "minimum_subtotal": {"amount": 100_000, "currency": "INR"},
            "maximum_discount": {"amount": 50_000, "currency": "INR"},
            "starts_at": "2026-11-01T00:00:00Z", "ends_at": "2090-11-30T00:00:00Z",
            "usage_limit": 100, "usage_limit_per_customer": 1, "is_active": True,
        },
        frozenset({
            "#/description", "#/maximum_discount", "#/ends_at", "#/usage_limit",
            "#/usage_limit_per_customer",
        }),
        role="admin",
        allowed=frozenset({("#/is_active", b"true")}),
    ),
    "change a coupon": Endpoint(
        "PATCH",
        "/api/v1/admin/coupons/DIWALI",
        {"revision": 1, "amount": {"amount": 50_000, "currency": "INR"}},
        frozenset({"#/amount"}),
        role="admin",
    ),
    "cancel units": Endpoint(
        "POST",
        "/api/v1/orders/{order}/cancel-units",
        {"reference": "once", "reason": "Too many.", "lines": [{"sku": "RING", "quantity": 1}]},
        frozenset({"#/reason"}),
    ),
    "cancel an order for its customer": Endpoint(
        "POST",
        "/api/v1/admin/orders/{order}/cancel",
        {"reason": "Broken in the box."},
        frozenset({"#/reason"}),
        role="staff",
    ),
    "cancel units for their customer": Endpoint(
        "POST",
        "/api/v1/admin/orders/{order}/cancel-units",
        {"reference": "once", "reason": "Broken.", "lines": [{"sku": "RING", "quantity": 1}]},
        frozenset({"#/reason"}),
        role="staff",
    ),
    "move an order": Endpoint(
        "POST",
        "/api/v1/admin/orders/{order}/status",
        {"status": "shipped", "courier": "BlueDart", "tracking_number": "1", "reason": "Ready."},
        frozenset({"#/courier", "#/tracking_number", "#/reason"}),
        role="staff",
    ),
    "ask for a return": Endpoint(
        "POST",
        "/api/v1/orders/{order}/returns",
        {
            "lines": [
                {
                    "sku": "RING", "quantity": 1, "reason": "damaged", "comment": "The clasp.",
                    "photos": ["https://photos.example/clasp.jpg"], "exchange_for": "CHAIN",
                }
            ],
            "comment": "It came so.",
        },
        frozenset({"#/comment", "#/lines/0/comment", "#/lines/0/exchange_for"}),
        allowed=frozenset({("#/lines/0/photos", b"[]")}),
    ),
    "decide on a return": Endpoint(
        "POST",
        "/api/v1/admin/returns/{return}/decision",
        {
            "decision": "approve",
            "lines": [{"sku": "RING", "quantity": 1, "note": "Worn.", "restock": True}],
            "note": "Send it insured.",
        },
        frozenset({"#/note", "#/lines/0/note"}),
        role="staff",
        allowed=frozenset({("#/lines", b"[]"), ("#/lines/0/restock", b"true")}),
    ),
    "receive a return": Endpoint(
        "POST",
        "/api/v1/admin/returns/{return}/receipt",
        {"lines": [{"sku": "RING", "quantity": 1, "disposition": "repair"}], "note": "Scratched."},
        frozenset({"#/note"}),
        role="staff",
    ),
    "end a repair": Endpoint(
        "POST",
        "/api/v1/admin/returns/{return}/repaired",
        {"reference": "a", "lines": [{"sku": "RING", "quantity": 1, "disposition": "melt"}]},
        role="staff",
    ),
    "open a payment": Endpoint(
        "POST",
        "/api/v1/orders/{order}/payments",
        {"gateway": "razorpay"},
        frozenset({"#/gateway"}),
    ),
    "verify a payment": Endpoint(
        "POST",
        "/api/v1/payments/verify",
        {
            "razorpay_order_id": "order_9A33XWu170gUtm",
            "razorpay_payment_id": "pay_29QQoUBi66xm2f",
            "razorpay_signature": "0" * 64,
        },
    ),
    "cancel": Endpoint(
        "POST", "/api/v1/orders/{order}/cancel", {"reason": "too late"}, frozenset({"#/reason"})
    ),
    "adjust": Endpoint(
        "POST",
        "/api/v1/admin/inventory/adjustments",
        {
            "reference": "count-2026-11-24",
            "lines": [{"sku": "RING", "delta": 1, "kind": "receipt", "reason": "delivered"}],
        },
        role="staff",
    ),
    "refund": Endpoint(
        "POST",
        "/api/v1/admin/payments/{payment}/refunds",
        {"amount": 500, "reason": "a scratch", "reference": "return-42", "speed": "normal"},
        frozenset({"#/amount", "#/speed"}),
        role="admin",
    ),
    "compare a day": Endpoint(
        "POST",
        "/api/v1/admin/reconciliations",
        {"gateway": "razorpay", "day": "2026-11-24"},
        role="admin",
    ),
    "add a subscriber": Endpoint(
        "POST",
        "/api/v1/admin/subscribers",
        {"name": "the ERP", "url": "https://erp.example/hooks", "events": ["order.*"]},
        role="admin",
    ),
    "change a subscriber": Endpoint(
        "PUT",
        "/api/v1/admin/subscribers/{subscriber}",
        {"name": "the ERP", "url": "https://erp.example/hooks", "events": ["order.*"]},
        role="admin",
    ),
    "replace a secret": Endpoint(
        "POST",
        "/api/v1/admin/subscribers/{subscriber}/secret",
        {"overlap_hours": 24},
        role="admin",
    ),
    "deliver again": Endpoint(
        "POST",
        "/api/v1/admin/subscribers/{subscriber}/replay",
        {"delivery_ids": ["0192f5a4-7c1e-7cc3-98c4-dc0c0c07398f"]},
        role="admin",
    ),
    "replay events": Endpoint(
        "POST", "/api/v1/admin/webhooks/replay", {"event_ids": ["PaFvMLf8vXkyXU"]}, role="admin"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A shop with a product, a clerk, a customer with an address, and their pending order."""

    shop: Shop
    buyer: Customer
    clerk: Customer
    names: dict[str, str]

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Who may send it, and what goes with it."""
        sender = self.buyer if endpoint.role == "customer" else self.clerk
        return sender.headers | endpoint.headers

    def path(self, endpoint: Endpoint) -> str:
        return endpoint.path.format(**self.names)


def open_scene(shop: Shop) -> Scene:
    shop.product("ring", 5)
    buyer = shop.customer()
    address = buyer.post("/api/v1/me/addresses", ADDRESS).json["id"]
    order = buyer.check_out(ring=1).json["id"]
    payment = buyer.open_payment(order)["payment_id"]
    clerk = shop.customer(role="admin")
    wish = ENDPOINTS["add a subscriber"]
    subscriber = clerk.post(wish.path, wish.body).json["subscriber"]["id"]
    names = {
        "address": address, "order": order, "payment": payment, "subscriber": subscriber,
        "return": str(uuid4()), "account": str(buyer.id),
    }  # fmt: skip
    return Scene(shop, buyer, clerk, names)
