"""What is available, for everybody; what is behind it, for staff."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Request, Response, current_app, jsonify

from app.core.api import Blueprint
from app.core.auth import STAFF_ROLES, customer_id, role, staff
from app.core.cache import Cache
from app.core.db import transaction
from app.core.fields import Sku
from app.core.pages import decode_cursor, encode_cursor
from app.core.problems import (
    Forbidden,
    ReferenceReused,
    ServiceUnavailable,
    Unauthenticated,
    ValidationFailed,
)
from app.core.redis_client import redis
from app.inventory import adjustments, stock
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock, TooManyUnits, UnknownSku
from app.inventory.schemas import (
    MOST_SKUS,
    AdjustedSchema,
    AdjustmentSchema,
    InventoryQuery,
    InventorySchema,
    StockPageSchema,
    StockQuery,
)
from app.inventory.stock import Status

blueprint = Blueprint("inventory", __name__, url_prefix="/api/v1", description="What is available")
admin = Blueprint(
    "admin_inventory", __name__, url_prefix="/api/v1/admin", description="Stock, for staff"
)

_ONE_SKU = f"sku={Sku.PATTERN}"
_SKUS_ALONE = re.compile(f"{_ONE_SKU}(?:&{_ONE_SKU}){{0,{MOST_SKUS - 1}}}".encode())


def _skus_alone(request: Request) -> dict[str, list[str]] | None:
    """Read a query of nothing but SKUs, which is the usual one."""
    if not _SKUS_ALONE.fullmatch(request.query_string):
        return None
    return {"sku": request.query_string.decode().removeprefix("sku=").split("&sku=")}


@blueprint.get("/inventory")
@blueprint.arguments(InventoryQuery, location="query", quick=_skus_alone)
@blueprint.response(200, InventorySchema)
@blueprint.raises(ValidationFailed, UnknownSku, Unauthenticated)
def show_inventory(query: dict[str, list[str]]) -> Response:
    """Tell what is available of up to 200 products; no token needed."""
    skus = list(dict.fromkeys(query["sku"]))
    if role() in STAFF_ROLES:
        return jsonify(items=list(map(_numbers, stock.statuses(redis(), skus))))
    seconds = current_app.config["ORA"].availability_cache_seconds
    shown = _SHOWN.many(skus, _availabilities, seconds=seconds)
    return jsonify(items=[shown[sku] for sku in skus])


def _availabilities(skus: Sequence[str]) -> dict[str, dict[str, Any]]:
    seconds = current_app.config["ORA"].cache_seconds
    return {
        status.sku: _availability(status)
        for status in stock.statuses(redis(), skus, cache_seconds=seconds)
    }


_SHOWN: Cache[str, dict[str, Any]] = Cache(most=100_000)


@admin.get("/inventory")
@staff
@admin.arguments(StockQuery, location="query")
@admin.response(200, StockPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_stock(query: dict[str, Any]) -> dict[str, Any]:
    """List the stock of all products, or of those that are low."""
    after = None if query["cursor"] is None else str(decode_cursor(query["cursor"], 1)[0])
    limit = query["limit"]
    with transaction() as session:
        skus = stock.page(session, is_low=query["low_stock"], limit=limit + 1, after=after)
    shown = skus[:limit]
    return {
        "items": [_told(status) for status in stock.statuses(redis(), shown)],
        "next_cursor": encode_cursor(shown[-1]) if len(skus) > limit else None,
    }


@admin.post("/inventory/adjustments")
@staff
@admin.arguments(AdjustmentSchema)
@admin.response(201, AdjustedSchema)
@admin.alt_response(200, schema=AdjustedSchema, description="Booked before; nothing changed")
@admin.raises(
    ValidationFailed,
    UnknownSku,
    InsufficientStock,
    ReferenceReused,
    TooManyUnits,
    Unauthenticated,
    Forbidden,
    ServiceUnavailable,
)
def adjust_stock(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """
    Book deliveries, adjustments and write-offs, all lines or none.

    Repeated under the same reference it changes nothing and is answered with 200. What goes down
    has to be available: units that a customer holds cannot be taken away from them.
    """
    changes = [Change(**line) for line in body["lines"]]
    is_new = adjustments.adjust(
        redis(), changes, reference=body["reference"], actor=f"staff:{customer_id()}"
    )
    statuses = stock.statuses(redis(), [change.sku for change in changes])
    told = {"reference": body["reference"], "items": [_told(status) for status in statuses]}
    return told, 201 if is_new else 200, {} if is_new else {"Idempotency-Replayed": "true"}


def _availability(status: Status) -> dict[str, Any]:
    """Tell what everybody may know."""
    return {
        "sku": status.sku,
        "available": status.levels.available,
        "low_stock": status.is_low,
    }


def _numbers(status: Status) -> dict[str, Any]:
    levels = status.levels
    return _availability(status) | {
        "on_hand": levels.on_hand,
        "reserved": levels.reserved,
        "committed": levels.committed,
    }


def _told(status: Status) -> dict[str, Any]:
    return _numbers(status) | {
        "name": status.name,
        "low_stock_threshold": status.low_stock_threshold,
        "purchase_limit": status.purchase_limit,
    }
