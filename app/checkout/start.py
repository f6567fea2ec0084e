"""A checkout begins: units are reserved, the order is written, the buyer has 15 minutes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from app.accounts import addresses
from app.accounts.errors import AddressNotFound, SessionEnded
from app.carts import carts
from app.carts.errors import CartEmpty
from app.catalog import pricelist
from app.catalog.pricelist import Listed
from app.checkout import idempotency
from app.checkout.errors import (
    ClaimedBeforeError,
    IdempotencyKeyForgotten,
    PriceChanged,
    ProductUnavailable,
    RequestInFlight,
)
from app.checkout.placement import place
from app.config import Settings
from app.core.db import CommitUnknown, transaction
from app.core.ids import keyed_id
from app.core.money import CURRENCY
from app.core.problems import ServiceUnavailable, invalid
from app.core.redis_client import redis
from app.inventory import reservations, stock
from app.inventory.errors import (
    GuardLostError,
    InsufficientStock,
    PurchaseLimitExceeded,
    ReservationCommitted,
)
from app.inventory.scripts import Guard
from app.inventory.terms import Claim, Reserved
from app.orders import prices
from app.orders.prices import Price


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
        PriceChanged: the total is not the expected one.
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
            request.order_id, str(customer_id), request.body["lines"] or _cart(customer_id)
        )
        reserved = reservations.reserve(redis(), claim, lifetime_seconds=lifetime, guard=guard)
        if reserved is None:
            return _known(request)
        return _place(request, claim, reserved)
    except GuardLostError:
        raise RequestInFlight(retry_after=1) from None
    except (InsufficientStock, PurchaseLimitExceeded, RequestInFlight, ClaimedBeforeError):
        # The guard is somebody else's, or was dropped with the refusal.
        raise
    except BaseException:
        idempotency.give_up(redis(), request.order_id, request.token)
        raise


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
        told = place(
            claim,
            reserved,
            _price(request, claim.units, is_fresh=is_fresh),
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


def _price(request: Request, quantities: Mapping[str, int], *, is_fresh: bool) -> Price[Listed]:
    """Price an order by the list, which is read anew before anything is refused by it."""
    listed = pricelist.look_up(quantities, is_fresh=is_fresh)
    gone = sorted(set(quantities) - set(listed))
    if gone:
        raise ProductUnavailable(f"{', '.join(gone)} cannot be bought now.", skus=gone)
    price = prices.price(
        list(listed.values()),
        quantities,
        shipping_fee=request.settings.shipping_fee,
        shipping_free_from=request.settings.shipping_free_from,
    )
    expected = request.body["expected_total"]
    if expected in (None, price.total):
        return price
    if not is_fresh:
        return _price(request, quantities, is_fresh=True)
    raise PriceChanged(
        expected_total={"amount": expected, "currency": CURRENCY},
        total={"amount": price.total, "currency": CURRENCY},
    )


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


def _cart(customer_id: UUID) -> dict[str, int]:
    with transaction() as session:
        quantities = {p.sku: quantity for p, quantity in carts.items(session, customer_id)}
    if not quantities:
        raise CartEmpty
    return quantities


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
