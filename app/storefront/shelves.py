"""Products as a shopper sees them: with what may be bought of them now."""

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

from app.catalog import products
from app.catalog.products import Found
from app.core.cache import Cache
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import stock
from app.inventory.terms import Levels


def product(slug: str, *, cache_seconds: float) -> dict[str, Any]:
    """
    Show one product; what it is may be ``cache_seconds`` old, what is available of it is of now.

    Raises:
        ProductNotFound: there is none on sale.
    """
    found = _PIECES.get(slug, lambda: _find(slug), seconds=cache_seconds)
    sku = found[0].sku
    return _shown(found, stock.levels(redis(), [sku])[sku])


def page(
    *,
    limit: int,
    cursor: str | None,
    in_stock: bool,
    sort: str,
    cache_seconds: float,
    **filters: Any,
) -> dict[str, Any]:
    """
    Show a page of products; what is sold out is skipped where ``in_stock`` asks for it.

    Which products there are may be ``cache_seconds`` old, what is available of them is of now.
    """
    shown: list[dict[str, Any]] = []
    while True:
        wanted = {"limit": limit + 1, "cursor": cursor, "sort": sort, **filters}
        key = tuple(sorted(wanted.items(), key=lambda item: item[0]))
        found = _PAGES.get(key, partial(_page, wanted), seconds=cache_seconds)
        levels = stock.levels(redis(), [row[0].sku for row in found])
        for row in found[:limit]:
            if in_stock and not levels[row[0].sku].available:
                continue
            shown.append(_shown(row, levels[row[0].sku]))
            if len(shown) == limit:
                is_last = row is found[-1]
                return {
                    "items": shown,
                    "next_cursor": None if is_last else products.cursor_after(row[0], sort),
                }
        if len(found) <= limit:
            return {"items": shown, "next_cursor": None}
        cursor = products.cursor_after(found[limit - 1][0], sort)


def _find(slug: str) -> Found:
    with transaction() as session:
        return products.find(session, slug)


def _page(wanted: dict[str, Any]) -> Sequence[Found]:
    with transaction() as session:
        return products.page(session, **wanted)


_PIECES: Cache[str, Found] = Cache(most=10_000)
_PAGES: Cache[Hashable, Sequence[Found]] = Cache(most=1_000)


def _shown(found: Found, levels: Levels) -> dict[str, Any]:
    piece, category = found
    return {
        **{name: getattr(piece, name) for name in _SHOWN},
        "category": category,
        "available": levels.available,
        "low_stock": levels.available <= piece.low_stock_threshold,
    }


_SHOWN = (
    "sku", "slug", "name", "description", "metal", "purity", "gross_weight_mg", "net_weight_mg",
    "stone", "huid", "hsn_code", "price", "tax_basis_points", "purchase_limit",
)  # fmt: skip
