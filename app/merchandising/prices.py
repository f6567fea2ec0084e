"""Many products are changed together: all of them, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.catalog.models import Product
from app.core.db import transaction
from app.merchandising import products
from app.merchandising.errors import ProductChanged


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change of a product that was read at ``revision``: columns, without category."""

    sku: str
    revision: int
    values: Mapping[str, Any]


def change_products(wanted: Sequence[Wanted]) -> list[str]:
    """
    Change products that were read before, in one transaction; returns which were not so already.

    What is so already is no conflict, so that a form that is sent twice is done once.

    Raises:
        ProductChanged: somebody changed some of them since, or they are gone; ``skus`` names them.
        ValidationFailed: a change does not fit the rest of its product.
    """
    with transaction() as session:
        known = products.lock_all(session, [one.sku for one in wanted])
        stale = [one.sku for one in wanted if _is_stale(known.get(one.sku), one)]
        if stale:
            raise ProductChanged(f"{', '.join(stale)}: changed since.", skus=stale)
        before = {sku: products.told(product) for sku, product in known.items()}
        changed = [one.sku for one in wanted if products.change(known[one.sku], one.values, {})]
        session.flush()
        other = [known[sku] for sku in changed if products.told(known[sku]) != before[sku]]
        products.tell_redis(session, other)
    return changed


def _is_stale(product: Product | None, wanted: Wanted) -> bool:
    if product is None:
        return True
    is_so_already = all(getattr(product, name) == value for name, value in wanted.values.items())
    return product.revision != wanted.revision and not is_so_already
