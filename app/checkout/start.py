"""A checkout begins: units are reserved, the order is written, the buyer has 15 minutes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from app.accounts import addresses
from app.accounts.errors import AddressNotFound, SessionEnded
from app.catalog.pricelist import Listed
from app.checkout import idempotency
from app.checkout.errors import (
    ClaimedBeforeError,
    IdempotencyKeyForgotten,
    PriceChanged,
    RequestInFlight,
)
from app.checkout.placement import place
from app.checkout.pricing import find_coupon, price_units
from app.checkout.quote import units_in_cart
from app.config import Settings
from app.core import origin, points
from app.core.db import CommitUnknown, transaction
from app.core.ids import keyed_id
from app.core.money import CURRENCY, rupees
from app.core.problems import Problem, ServiceUnavailable, invalid
from app.core.redis_client import redis
from app.coupons.models import Coupon
from app.inventory import reservations, stock
from app.inventory.errors import (
    AdmissionNeeded,
    GuardLostError,
    InsufficientStock,
    PurchaseLimitExceeded,
    ReservationCommitted,
)
from app.inventory.scripts import Guard
from app.inventory.terms import Claim, Reserved
from app.orders.prices import Price

# Rule 114B of the Income-tax Rules, 1962: a sale above two lakh rupees needs the buyer's PAN.
PAN_ABOVE = 20_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The order as the API tells it, in JSON, and whether it was told before."""

    order: str
    is_replay: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A checkout, and who answers it."""

    settings: Settings
    customer_id: UUID
    body: Mapping[str, Any]
    order_id: UUID
    fingerprint: str
    token: str


def start_checkout(
    settings: Settings, *, customer_id: UUID, key: str, body: dict[str, Any]
) -> Answer:
    """
    Reserve the units of an order and write it, all of it or nothing.

    ``body`` is a checkout as its schema reads it. The same ``key`` of the same customer is
    answered once; the order's id derives from the two.

    Raises:
        InsufficientStock: naming every short line; decided by Redis alone.
        AdmissionNeeded: it is sold from a waiting room that the buyer was not let in from.
        PriceChanged: the total is not the expected one.
        CouponRefused, CouponUsedUp: the coupon cannot be used, or not any more.
        RequestInFlight, IdempotencyKeyReused: what became of the key.
    """
    secret = settings.secret_key.get_secret_value()
    request = Request(
        settings,
        customer_id,
        body,
        order_id=keyed_id(secret, "order", str(customer_id), key),
        fingerprint=idempotency.fingerprint(body),
        token=uuid4().hex,
    )
    origin.name_order(request.order_id)
    try:
        return _answer(
            request, idempotency.claim(request.order_id, request.fingerprint, request.token)
        )
    except RequestInFlight:
        if known := _kept(request):
            return known
        raise
    except ClaimedBeforeError:
        # Whoever had the key before has answered, or died on the way.
        return _kept(request) or _answer(
            request, idempotency.reclaim(request.order_id, request.token)
        )


def _answer(request: Request, guard: Guard) -> Answer:
    customer_id, lifetime = request.customer_id, request.settings.reservation_ttl_seconds
    try:
        claim = Claim(
            request.order_id, str(customer_id), request.body["lines"] or units_in_cart(customer_id)
        )
        reserved = reservations.reserve(redis(), claim, lifetime_seconds=lifetime, guard=guard)
        if reserved is None:
            return _known(request)
        points.reached("checkout.after-reserve")
        answer = _place(request, claim, reserved)
    except GuardLostError:
        raise RequestInFlight(retry_after=1) from None
    except (
        InsufficientStock, PurchaseLimitExceeded, AdmissionNeeded, RequestInFlight,
        ClaimedBeforeError,
    ):  # fmt: skip
        # The guard is somebody else's, or was dropped with the refusal.
        raise
    except BaseException:
        idempotency.give_up(redis(), request.order_id, request.token)
        raise
    else:
        points.reached("checkout.before-reply")
        return answer


def _place(request: Request, claim: Claim, reserved: Reserved) -> Answer:
    """Write the order at the prices of now; what cannot be written gives its units back."""
    try:
        return Answer(_written(request, claim, reserved), is_replay=False)
    except CommitUnknown:
        # The order may be there and stand on the reservation; if not, the deadline ends it.
        raise
    except UniqueViolation:
        _release(claim, reserved)
        return _known(request)
    except ForeignKeyViolation:
        # The one thing that an order refers to and nobody has looked at is the account.
        _release(claim, reserved)
        raise SessionEnded from None
    except BaseException:
        _release(claim, reserved)
        raise


def _written(request: Request, claim: Claim, reserved: Reserved) -> str:
    shipping = _address(request, "shipping")
    billing = _address(request, "billing") or shipping
    if shipping is None:
        raise invalid("#", "needs shipping_address_id or shipping_address")
    for is_fresh in (False, True):
        coupon = find_coupon(request.body["coupon_code"], request.customer_id)
        price = _price(request, claim.units, coupon, is_fresh=is_fresh)
        told = place(
            claim,
            reserved,
            price,
            coupon=coupon,
            pan=request.body["pan"] if price.total > PAN_ABOVE else None,
            customer_id=request.customer_id,
            shipping_address=shipping,
            billing_address=billing or shipping,
            notes=request.body["notes"],
            is_from_cart=not request.body["lines"],
            fingerprint=request.fingerprint,
        )
        if told is not None:
            return told
    raise stock.stale(redis(), reserved.epochs)


def _price(
    request: Request, quantities: Mapping[str, int], coupon: Coupon | None, *, is_fresh: bool
) -> Price[Listed]:
    """Price an order by the list, which is read anew before anything is refused by it."""
    try:
        price = price_units(request.settings, quantities, coupon, is_fresh=is_fresh)
        _require_expected(request, price.total)
        _require_pan(request, price.total)
    except Problem:
        if is_fresh:
            raise
        return _price(request, quantities, coupon, is_fresh=True)
    return price


def _require_expected(request: Request, total: int) -> None:
    expected = request.body["expected_total"]
    if expected not in (None, total):
        raise PriceChanged(
            expected_total={"amount": expected, "currency": CURRENCY},
            total={"amount": total, "currency": CURRENCY},
        )


def _require_pan(request: Request, total: int) -> None:
    if total > PAN_ABOVE and request.body["pan"] is None:
        raise invalid("#/pan", f"is needed for a purchase above {rupees(PAN_ABOVE)}")


def _address(request: Request, kind: str) -> dict[str, Any] | None:
    written, address_id = request.body[f"{kind}_address"], request.body[f"{kind}_address_id"]
    if written is not None:
        return addresses.snapshot(written)
    if address_id is None:
        return None
    try:
        with transaction() as session:
            return addresses.snapshot(addresses.find(session, request.customer_id, address_id))
    except AddressNotFound:
        raise invalid(f"#/{kind}_address_id", "is not one of your addresses") from None


def _release(claim: Claim, reserved: Reserved) -> None:
    """Give back what this call took, unless a later call of the same key stands on it by now."""
    try:
        reservations.release(redis(), claim, fence=reserved)
    except (ServiceUnavailable, ReservationCommitted):
        # The deadline gives it back; or its order is being paid for, and there is nothing to give.
        return


def _known(request: Request) -> Answer:
    """Read the answer that an order of this key was given, as long as it is kept."""
    known = _kept(request)
    if known is None:
        raise IdempotencyKeyForgotten
    return known


def _kept(request: Request) -> Answer | None:
    with transaction() as session:
        answer = idempotency.kept(session, request.order_id, of=request.fingerprint)
    return None if answer is None else Answer(json.dumps(answer), is_replay=True)
