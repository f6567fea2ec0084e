"""The demo catalogue: about sixty pieces, read from the JSON beside this file."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.models import Category, Product
from app.core.ids import new_id

_CATALOGUE = Path(__file__).with_name("demo_catalogue.json")


def plant(session: Session) -> dict[str, int]:
    """
    Write the demo catalogue, leaving what is there as it is.

    Returns the units that each SKU is to be stocked with.
    """
    catalogue = json.loads(_CATALOGUE.read_text())
    for category in catalogue["categories"]:
        values = category | {"id": new_id()}
        session.execute(insert(Category).values(values).on_conflict_do_nothing())
    category_ids = {c.slug: c.id for c in session.query(Category)}
    stock: dict[str, int] = {}
    for entry in catalogue["products"]:
        product: dict[str, Any] = dict(entry)
        stock[product["sku"]] = product.pop("stock")
        product |= {"id": new_id(), "category_id": category_ids[product.pop("category")]}
        product |= {"is_active": True, "stock_quantity": 0, "stock_version": 0}
        session.execute(insert(Product).values(product).on_conflict_do_nothing())
    return stock
