"""
The price list: what an order copies of each product, kept in this process.

It may be behind the catalogue, so whoever writes an order by it has Postgres compare it, and has
it read anew where it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.catalog.models import Product
from app.core.db import transaction

# Above this the list is begun anew; a shop has fewer pieces.
MOST_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A product as orders know it; its price in paise, before tax."""

    sku: str
    name: str
    hsn_code: str
    price: int
    tax_basis_points: int
    ships_on: date | None


_listed: dict[str, Listed] = {}


def look_up(skus: Collection[str], *, is_fresh: bool = False) -> Mapping[str, Listed]:
    """
    Find products that are on sale, by SKU; those that are not are left out.

    ``is_fresh`` reads them anew.
    """
    wanted = list(skus) if is_fresh else [sku for sku in skus if sku not in _listed]
    if wanted:
        _read(wanted)
    return {sku: _listed[sku] for sku in skus if sku in _listed}


def _read(skus: Collection[str]) -> None:
    columns = (
        Product.sku, Product.name, Product.hsn_code, Product.price,
        Product.tax_basis_points, Product.preorder_ships_on,
    )  # fmt: skip
    with transaction() as session:
        rows = session.execute(select(*columns).where(Product.sku.in_(skus), Product.is_active))
        found = {row.sku: Listed(*row) for row in rows}
    if len(_listed) + len(found) > MOST_KEPT:
        _listed.clear()
    for sku in skus:
        _listed.pop(sku, None)
    _listed.update(found)


def forget() -> None:
    """Begin anew."""
    _listed.clear()
