"""The requests of the Postman collection that run in turn, and what each has to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LINES = [{"sku": "{{sku}}", "quantity": 1}]
ADDRESS = {
    "name": "Meera Iyer", "phone": "+919876543210", "line1": "14 Temple Street",
    "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
ACCOUNT = {"email": "{{email}}", "password": "a long sentence", "name": "Meera Iyer"}
PRODUCT = {
    "sku": "{{sku}}", "slug": "{{slug}}", "name": "The ring of the collection",
    "description": "Made to be bought by a test.", "category": "rings", "metal": "gold",
    "purity": "22K (916)", "gross_weight_mg": 5000, "net_weight_mg": 4800, "hsn_code": "7113",
    "price": {"amount": 300_000, "currency": "INR"}, "tax_basis_points": 300, "is_active": True,
}  # fmt: skip
CHECKOUT = {"lines": LINES, "shipping_address": ADDRESS, "expected_total": "{{total}}"}
KEY = {"Idempotency-Key": "{{key}}"}
ORDER = {"order_id": "{{orderId}}"}
NOBODYS = {"order_id": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request; ``keep`` are variables, by the expression of the answer that they become."""

    name: str
    # The operation of the document, or an address of the sandbox.
    operation: str
    status: int
    code: str | None = None
    bearer: str | None = None
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[str] = ()
    # Asked again until this holds.
    until: str | None = None


NEW_NAMES = (
    "const stamp = `${Date.now()}-${Math.floor(Math.random() * 1e6)}`;",
    "pm.collectionVariables.set('email', `buyer-${stamp}@example.com`);",
    "pm.collectionVariables.set('key', `postman-${stamp}`);",
    "pm.collectionVariables.set('sku', `PM-${stamp}`);",
    "pm.collectionVariables.set('slug', `postman-${stamp}`);",
    "pm.collectionVariables.set('reference', `postman-${stamp}`);",
)

FOLDERS: Mapping[str, Sequence[Step]] = {
    "1 The shop puts a piece on sale": (
        Step(
            name="Staff sign in", operation="log_in", status=200, before=NEW_NAMES,
            body={"email": "{{staffEmail}}", "password": "{{staffPassword}}"},
            keep={"staffToken": "answer.access_token"},
        ),
        Step(
            name="A new product", operation="create_product", status=201, bearer="staffToken",
            body=PRODUCT, checks=["pm.expect(answer.on_hand).to.equal(0)"],
        ),
        Step(
            name="Two pieces come in", operation="adjust_stock", status=201, bearer="staffToken",
            body={
                "reference": "{{reference}}",
                "lines": [{"sku": "{{sku}}", "delta": 2, "kind": "receipt", "reason": "bought"}],
            },
        ),
        Step(
            name="The same delivery again changes nothing", operation="adjust_stock", status=200,
            bearer="staffToken",
            body={
                "reference": "{{reference}}",
                "lines": [{"sku": "{{sku}}", "delta": 2, "kind": "receipt", "reason": "bought"}],
            },
        ),
        Step(
            name="What is on hand", operation="show_inventory", status=200, bearer="staffToken",
            query={"sku": "{{sku}}"}, checks=["pm.expect(answer.items[0].on_hand).to.equal(2)"],
        ),
    ),
    "2 A customer buys it": (
        Step(
            name="Register", operation="register", status=201, body=ACCOUNT,
            checks=["pm.expect(answer.account.email).to.equal(pm.variables.get('email'))"],
        ),
        Step(
            name="Sign in", operation="log_in", status=200,
            body={"email": "{{email}}", "password": "a long sentence"},
            keep={"token": "answer.access_token"},
        ),
        Step(
            name="Look around", operation="list_products", status=200,
            query={"category": "rings", "in_stock": "true", "limit": "3"},
            checks=["pm.expect(answer.items.length).to.be.within(1, 3)"],
        ),
        Step(
            name="Into the cart", operation="put_cart_item", status=200, bearer="token",
            path={"sku": "{{sku}}"}, body={"quantity": 1},
            checks=["pm.expect(answer.lines[0].available).to.equal(2)"],
        ),
        Step(
            name="What it would cost", operation="show_quote", status=200, bearer="token",
            body={"lines": LINES}, keep={"total": "JSON.stringify(answer.total)"},
            checks=["pm.expect(answer.total.amount).to.equal(309000)"],
        ),
        Step(
            name="Check out", operation="check_out", status=201, bearer="token", headers=KEY,
            body=CHECKOUT, keep={"orderId": "answer.id"},
            checks=["pm.expect(answer.status).to.equal('pending')"],
        ),
        Step(
            name="Check out again: the same order", operation="check_out", status=201,
            bearer="token", headers=KEY, body=CHECKOUT,
            checks=["pm.expect(answer.id).to.equal(pm.variables.get('orderId'))"],
        ),
        Step(
            name="Open its payment", operation="open_payment", status=200, bearer="token",
            path=ORDER, body={"gateway": "razorpay"},
            keep={"razorpayOrderId": "answer.razorpay_order_id"},
        ),
        Step(
            name="Pay at the sandbox", operation="{{sandboxUrl}}/sandbox/pay", status=200,
            body={"order_id": "{{razorpayOrderId}}", "method": "upi", "outcome": "captured"},
            keep={
                "razorpayPaymentId": "answer.razorpay_payment_id",
                "razorpaySignature": "answer.razorpay_signature",
            },
        ),
        Step(
            name="Bring the signature back", operation="verify_payment", status=200, bearer="token",
            body={
                "razorpay_order_id": "{{razorpayOrderId}}",
                "razorpay_payment_id": "{{razorpayPaymentId}}",
                "razorpay_signature": "{{razorpaySignature}}",
            },
        ),
        Step(
            name="Until it is confirmed", operation="show_payment_status", status=200,
            bearer="token", path=ORDER, until="answer.order_status === 'confirmed'",
        ),
        Step(
            name="The order", operation="show_order", status=200, bearer="token", path=ORDER,
            checks=["pm.expect(answer.payment_status).to.equal('captured')"],
        ),
    ),
    "3 The shop sends it": (
        Step(
            name="One piece is left", operation="show_inventory", status=200, bearer="staffToken",
            query={"sku": "{{sku}}"}, checks=["pm.expect(answer.items[0].available).to.equal(1)"],
        ),
        Step(
            name="Packed", operation="set_order_status", status=200, bearer="staffToken",
            path=ORDER, body={"status": "processing"},
        ),
        Step(
            name="Shipped", operation="set_order_status", status=200, bearer="staffToken",
            path=ORDER,
            body={"status": "shipped", "courier": "BlueDart", "tracking_number": "69123456780"},
        ),
        Step(
            name="The customer sees where it is", operation="show_order", status=200,
            bearer="token", path=ORDER,
            checks=["pm.expect(answer.tracking_number).to.equal('69123456780')"],
        ),
    ),
    "4 What is refused": (
        Step(
            name="Nobody has a cart", operation="show_cart", status=401, code="unauthenticated",
        ),
        Step(
            name="Customers are no staff", operation="list_stock", status=403, code="forbidden",
            bearer="token",
        ),
        Step(
            name="A quantity of none", operation="check_out", status=422, bearer="token",
            code="validation_failed", headers={"Idempotency-Key": "{{$guid}}"},
            body={"lines": [{"sku": "{{sku}}", "quantity": 0}], "shipping_address": ADDRESS},
            checks=["pm.expect(answer.errors[0].pointer).to.equal('#/lines/0/quantity')"],
        ),
        Step(
            name="More than there are", operation="check_out", status=409, bearer="token",
            code="insufficient_stock", headers={"Idempotency-Key": "{{$guid}}"},
            body={"lines": [{"sku": "{{sku}}", "quantity": 2}], "shipping_address": ADDRESS},
            checks=["pm.expect(answer.lines[0].available).to.equal(1)"],
        ),
        Step(
            name="Another price than expected", operation="check_out", status=409, bearer="token",
            code="price_changed", headers={"Idempotency-Key": "{{$guid}}"},
            body={
                "lines": LINES, "shipping_address": ADDRESS,
                "expected_total": {"amount": 1, "currency": "INR"},
            },
        ),
        Step(
            name="A checkout without its key", operation="check_out", status=400, bearer="token",
            code="idempotency_key_missing", headers={"Idempotency-Key": ""},
            body={"lines": LINES, "shipping_address": ADDRESS},
        ),
        Step(
            name="The key of another checkout", operation="check_out", status=422, bearer="token",
            code="idempotency_key_reused", headers=KEY,
            body={"lines": LINES, "shipping_address": ADDRESS, "notes": "another body"},
        ),
        Step(
            name="A signature that is none", operation="verify_payment", status=400,
            bearer="token", code="invalid_signature",
            body={
                "razorpay_order_id": "{{razorpayOrderId}}",
                "razorpay_payment_id": "{{razorpayPaymentId}}",
                "razorpay_signature": "0" * 64,
            },
        ),
        Step(
            name="An order that is not yours", operation="show_order", status=404, bearer="token",
            code="order_not_found", path=NOBODYS,
        ),
        Step(
            name="A step back", operation="set_order_status", status=409, bearer="staffToken",
            code="illegal_transition", path=ORDER, body={"status": "processing"},
        ),
    ),
}  # fmt: skip
