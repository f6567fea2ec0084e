"""
An order is written: itself, its lines, its reservations and its answer, in one statement.

That it was placed is announced by a row of the outbox that wakes nobody: the sweep finds it.

It stands on two things that others may have changed meanwhile, so the statement compares both: the
load by which Redis knew each product, and the price list. Where one differs nothing is written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.catalog.pricelist import Listed
from app.core import db, origin, points
from app.core.announcements import SPREAD
from app.core.db import array
from app.core.ids import new_id, readable_number
from app.core.jobs import JOBS
from app.core.quick import quick_dump
from app.coupons import coupons
from app.coupons.errors import TermsChangedError
from app.coupons.models import Coupon
from app.inventory import reservations
from app.inventory.terms import Claim, Reserved
from app.orders.prices import Price
from app.orders.schemas import OrderSchema

_tell = quick_dump(OrderSchema)

# The products' rows are locked in one order, as a load locks them, so that the two never wait for
# each other; and until the end, so that no load can miss these reservations.
_PLACE = """
    WITH line AS MATERIALIZED (
        SELECT products.id AS product_id, wanted.* FROM unnest(
            %(skus)s::text[], %(units)s::int[], %(epochs)s::bigint[], %(deadlines)s::timestamptz[],
            %(names)s::text[], %(hsn_codes)s::text[], %(prices)s::bigint[], %(rates)s::int[],
            %(discounts)s::bigint[], %(taxes)s::bigint[], %(totals)s::bigint[], %(ships_on)s::date[]
        ) WITH ORDINALITY AS wanted (
            sku, units, epoch, deadline_at, name, hsn_code, price, rate, discount, tax, total,
            ships_on, position)
        JOIN products ON products.sku = wanted.sku AND products.stock_epoch = wanted.epoch
            AND products.price = wanted.price AND products.tax_basis_points = wanted.rate
            AND products.name = wanted.name AND products.hsn_code = wanted.hsn_code
            AND products.is_active
            AND products.preorder_ships_on IS NOT DISTINCT FROM wanted.ships_on
        ORDER BY products.sku FOR KEY SHARE OF products
    ), placed AS (
        INSERT INTO orders (id, number, user_id, status, payment_status, subtotal, discount, tax,
            shipping_fee, total, shipping_address, billing_address, notes, is_from_cart,
            coupon_code, pan, expires_at, created_at)
        SELECT %(id)s, %(number)s, %(user_id)s, 'pending', 'pending', %(subtotal)s,
            %(discount)s, %(tax)s,
            %(shipping_fee)s, %(total)s, %(shipping_address)s::jsonb, %(billing_address)s::jsonb,
            %(notes)s,
            %(is_from_cart)s, %(coupon_code)s, %(pan)s, %(expires_at)s, %(created_at)s
        WHERE (SELECT count(*) FROM line) = cardinality(%(skus)s::text[])
        RETURNING id
    ), lined AS (
        INSERT INTO order_lines (order_id, position, product_id, sku, name, hsn_code, quantity,
            unit_price, tax_basis_points, discount, tax, total, ships_on)
        SELECT placed.id, position, product_id, sku, name, hsn_code, units, price, rate,
            line.discount, line.tax, line.total, line.ships_on
        FROM placed, line
    ), held AS (
        INSERT INTO reservations (order_id, product_id, units, buyer, state, deadline_at)
        SELECT placed.id, product_id, units, %(buyer)s, 'pending', deadline_at FROM placed, line
    ), announced AS (
        INSERT INTO outbox (queue, name, arguments, attempts)
        SELECT %(queue)s, %(spread)s, jsonb_build_object(
            'event', 'order.placed', 'subject', id, 'announcement_id', %(announcement_id)s::text)
            || %(origin)s::jsonb, 0
        FROM placed
    ), answered AS (
        INSERT INTO idempotency_keys (order_id, fingerprint, answer)
        SELECT id, %(fingerprint)s, %(answer)s::jsonb FROM placed
    )
    SELECT id FROM placed
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as the API tells it at its beginning."""

    id: UUID
    number: str
    lines: list["PlacedLine"]
    subtotal: int
    discount: int
    tax: int
    shipping_fee: int
    total: int
    shipping_address: Mapping[str, Any]
    billing_address: Mapping[str, Any]
    notes: str | None
    coupon_code: str | None
    expires_at: datetime
    created_at: datetime
    status: str = "pending"
    payment_status: str = "pending"
    pays_on_delivery: bool = False
    courier: None = None
    tracking_number: None = None


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One product of it."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    tax: int
    total: int
    ships_on: date | None
    cancelled_quantity: int = 0
    returned_quantity: int = 0


def place(
    claim: Claim,
    reserved: Reserved,
    price: Price[Listed],
    *,
    customer_id: UUID,
    shipping_address: Mapping[str, Any],
    billing_address: Mapping[str, Any],
    notes: str | None,
    coupon: Coupon | None,
    pan: str | None,
    is_from_cart: bool,
    fingerprint: str,
) -> str | None:
    """
    Write a pending order; returns it as JSON, or None where it stood on old ground.

    Raises:
        CouponRefused, CouponUsedUp: the coupon it was priced by cannot be used any more.
        CommitUnknown: the connection broke; the order is there or not.
        psycopg.errors.UniqueViolation: it is there already.
    """
    order = Placed(
        id=claim.id,
        number=readable_number(claim.id),
        lines=[
            PlacedLine(
                line.product.sku, line.product.name, line.quantity, line.product.price,
                line.discount, line.tax, line.total, line.product.ships_on,
            )
            for line in price.lines
        ],
        subtotal=price.subtotal,
        discount=price.discount,
        tax=price.tax,
        shipping_fee=price.shipping_fee,
        total=price.total,
        shipping_address=shipping_address,
        billing_address=billing_address,
        notes=notes,
        coupon_code=coupon.code if coupon else None,
        expires_at=reservations.instant(reserved.deadline_ms),
        created_at=datetime.now(UTC),
    )  # fmt: skip
    told = json.dumps(_tell(order))
    held = [reserved.lines[line.sku] for line in order.lines]
    written = _write(
        order.id,
        customer_id,
        coupon,
        {
            "id": order.id,
            "number": order.number,
            "user_id": customer_id,
            "buyer": claim.buyer,
            "subtotal": order.subtotal,
            "discount": order.discount,
            "tax": order.tax,
            "shipping_fee": order.shipping_fee,
            "total": order.total,
            "shipping_address": json.dumps(order.shipping_address),
            "billing_address": json.dumps(order.billing_address),
            "notes": order.notes,
            "is_from_cart": is_from_cart,
            "coupon_code": order.coupon_code,
            "pan": pan,
            "expires_at": order.expires_at,
            "created_at": order.created_at,
            "skus": array(line.sku for line in order.lines),
            "units": array(line.quantity for line in order.lines),
            "epochs": array(one.epoch for one in held),
            "deadlines": array(reservations.instant(one.deadline_ms) for one in held),
            "names": array(line.name for line in order.lines),
            "hsn_codes": array(line.product.hsn_code for line in price.lines),
            "prices": array(line.unit_price for line in order.lines),
            "rates": array(line.product.tax_basis_points for line in price.lines),
            "discounts": array(line.discount for line in order.lines),
            "taxes": array(line.tax for line in order.lines),
            "totals": array(line.total for line in order.lines),
            "ships_on": array(line.ships_on for line in order.lines),
            "queue": JOBS[SPREAD],
            "spread": SPREAD,
            "announcement_id": str(new_id()),
            "origin": origin.here_as_json(),
            "fingerprint": fingerprint,
            "answer": told,
        },
    )
    return told if written else None


def _write(
    order_id: UUID, user_id: UUID, coupon: Coupon | None, parameters: dict[str, Any]
) -> bool:
    """Write an order in one statement; with a coupon, after the claim of its use."""
    if coupon is None:
        points.reached("checkout.before-commit")
        return bool(db.statement(_PLACE, parameters))
    try:
        with db.transaction() as session:
            coupons.claim(session, coupon, order_id=order_id, user_id=user_id)
            written = session.connection().exec_driver_sql(_PLACE, parameters).all()
            if not written:
                session.rollback()
            points.reached("checkout.before-commit")
    except TermsChangedError:
        return False
    except IntegrityError as error:
        # The statement by itself raises psycopg's own.
        raise (error.orig or error) from None
    return bool(written)
