"""Checkout, payment and cancellation of one's own orders."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from app.accounts.contact import require_contact
from app.accounts.errors import SessionEnded
from app.carts.errors import CartEmpty
from app.catalog.pricelist import Listed
from app.checkout import standing
from app.checkout.errors import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    OrderNotPayable,
    PriceChanged,
    ProductUnavailable,
    RequestInFlight,
    ReservationExpired,
)
from app.checkout.pay import open_payment
from app.checkout.quote import quote
from app.checkout.schemas import (
    CheckoutSchema,
    OpenedPaymentSchema,
    PaymentOpeningSchema,
    PaymentSchema,
    PaymentStatusSchema,
    QuotedPriceSchema,
    QuoteSchema,
    VerificationSchema,
)
from app.checkout.start import start_checkout
from app.checkout.verify import verify_payment
from app.config import Settings
from app.core import limits, measures
from app.core.api import Blueprint
from app.core.auth import by_token, customer_id, is_guest
from app.core.problems import Problem, Unauthenticated, ValidationFailed, invalid
from app.core.quick import quick_body
from app.coupons.errors import CouponRefused, CouponUsedUp
from app.inventory.errors import (
    AdmissionNeeded,
    InsufficientStock,
    PurchaseLimitExceeded,
    UnknownSku,
)
from app.orders.errors import OrderNotFound
from app.orders.prices import Price
from app.orders.schemas import OrderSchema
from app.payments.errors import (
    GatewayNotOffered,
    GatewayRefused,
    GatewayUnavailable,
    InvalidSignature,
    PaymentNotFound,
)
from app.payments.models import Payment

blueprint = Blueprint("checkout", __name__, url_prefix="/api/v1", description="Buying and paying")

LONGEST_KEY = 255
_KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Yours to choose, a new one for each purchase; a repeated request is answered "
    "as the first one was.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "example": "3f2a0c9e-5a1f-4a52-9a37-0c8d6f1e7b10",
}


@blueprint.post("/checkout")
@by_token
@blueprint.arguments(CheckoutSchema, quick=quick_body(CheckoutSchema))
@blueprint.response(201, OrderSchema)
@blueprint.raises(
    InsufficientStock, PurchaseLimitExceeded, AdmissionNeeded, UnknownSku, PriceChanged,
    ProductUnavailable,
    CartEmpty, CouponRefused, CouponUsedUp, ValidationFailed, IdempotencyKeyMissing,
    IdempotencyKeyReused, RequestInFlight,
    Unauthenticated, SessionEnded,
)  # fmt: skip
@blueprint.doc(parameters=[_KEY_HEADER])
def check_out(body: dict[str, Any]) -> Response:
    """Reserve what you buy for 15 minutes and place the order; pay it before `expires_at`."""
    count_guess(body)
    require_contact(customer_id(), body["contact"], is_guest=is_guest())
    with _counted() as outcome:
        key = idempotency_key()
        answer = start_checkout(settings(), customer_id=customer_id(), key=key, body=body)
        outcome.append("repeated" if answer.is_replay else "placed")
    response = Response(answer.order, 201, mimetype="application/json")
    if answer.is_replay:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@blueprint.post("/checkout/quote")
@by_token
@blueprint.arguments(QuoteSchema, required=False)
@blueprint.response(200, QuotedPriceSchema)
@blueprint.raises(
    Unauthenticated, ProductUnavailable, CartEmpty, CouponRefused, CouponUsedUp, ValidationFailed
)
def show_quote(body: dict[str, Any]) -> Price[Listed]:
    """Tell what a checkout would cost now, or why its coupon cannot be used."""
    count_guess(body)
    return quote(settings(), customer_id(), body)


@blueprint.post("/orders/<uuid:order_id>/payments")
@blueprint.doc(operationId="open_payment")
@by_token
@blueprint.arguments(PaymentOpeningSchema, required=False)
@blueprint.response(200, OpenedPaymentSchema)
@blueprint.raises(
    Unauthenticated, OrderNotFound, OrderNotPayable, ReservationExpired, GatewayNotOffered,
    GatewayRefused, GatewayUnavailable, ValidationFailed,
)  # fmt: skip
def pay(body: dict[str, Any], order_id: UUID) -> dict[str, Any]:
    """
    Open the payment of a pending order; asked again, it is the same payment.

    `cash_on_delivery` confirms the order at once, and is paid at the door.
    """
    return open_payment(order_id, customer_id=customer_id(), gateway_name=body["gateway"])


@blueprint.post("/payments/verify")
@blueprint.doc(operationId="verify_payment")
@by_token
@blueprint.arguments(VerificationSchema)
@blueprint.response(200, PaymentSchema)
@blueprint.raises(
    Unauthenticated, PaymentNotFound, InvalidSignature, ValidationFailed, GatewayUnavailable,
    GatewayRefused,
)  # fmt: skip
def verify(body: dict[str, Any]) -> Payment:
    """Hand in what the gateway's checkout gave you; the order is confirmed by its capture."""
    return verify_payment(
        customer_id=customer_id(),
        lifetime_seconds=settings().reservation_extension_seconds,
        **body,
    )


@blueprint.get("/orders/<uuid:order_id>/payment-status")
@blueprint.doc(operationId="show_payment_status")
@by_token
@blueprint.response(200, PaymentStatusSchema)
@blueprint.raises(Unauthenticated, OrderNotFound)
def payment_status(order_id: UUID) -> dict[str, Any]:
    """Tell how order and payment stand; cheap to poll."""
    return standing.show(
        order_id, customer_id=customer_id(), cache_seconds=settings().cache_seconds
    )


def idempotency_key() -> str:
    """Read the key; visible ASCII, so that it means the same to everybody who logs it."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise IdempotencyKeyMissing
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise invalid("#/Idempotency-Key", f"has to be 1 to {LONGEST_KEY} visible ASCII characters")
    return key


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Count what comes of a checkout: the word that is appended, or the code of its refusal."""
    outcome: list[str] = []
    try:
        yield outcome
    except Problem as problem:
        outcome.append(problem.code())
        raise
    finally:
        measures.checkouts.labels(*outcome or ["error"]).inc()


def count_guess(body: dict[str, Any]) -> None:
    """Let a customer try coupons only so often, for their codes could be guessed."""
    if body["coupon_code"] is not None:
        limits.count_guess(customer_id())


def settings() -> Settings:
    """Return the settings this app was made with."""
    made_with: Settings = current_app.config["ORA"]
    return made_with
