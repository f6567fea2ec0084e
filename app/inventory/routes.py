"""What is available."""

from typing import Any

from app.core.api import Blueprint
from app.core.auth import role
from app.core.db import transaction
from app.core.problems import Unauthenticated, ValidationFailed
from app.core.redis_client import redis
from app.inventory import stock
from app.inventory.errors import UnknownSku
from app.inventory.schemas import InventoryQuery, InventorySchema

blueprint = Blueprint("inventory", __name__, url_prefix="/api/v1", description="What is available")

_FOR_STAFF = ("on_hand", "reserved", "committed")


@blueprint.get("/inventory")
@blueprint.arguments(InventoryQuery, location="query")
@blueprint.response(200, InventorySchema)
@blueprint.raises(ValidationFailed, UnknownSku, Unauthenticated)
def show_inventory(query: dict[str, list[str]]) -> dict[str, Any]:
    """Tell what is available of up to 200 products; no token needed."""
    skus = list(dict.fromkeys(query["sku"]))
    is_staff = role() in ("staff", "admin")
    with transaction() as session:
        thresholds = stock.low_stock_thresholds(session, skus)
    levels = stock.levels(redis(), skus)
    items = []
    for sku in skus:
        available = levels[sku].available
        item: dict[str, Any] = {
            "sku": sku,
            "available": available,
            "low_stock": available <= thresholds[sku],
        }
        if is_staff:
            item |= {name: getattr(levels[sku], name) for name in _FOR_STAFF}
        items.append(item)
    return {"items": items}
