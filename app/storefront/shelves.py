"""Products as a shopper sees them: with what may be bought of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.catalog import images, products
from app.catalog.models import Category, Product, ProductImage
from app.catalog.products import Found
from app.config import Settings
from app.core.cache import Cache
from app.core.redis_client import redis
from app.core.replica import reading
from app.inventory import stock
from app.inventory.terms import Levels
from app.storefront.schemas import ProductSchema

_WITHOUT_STOCK = ProductSchema(exclude=["available", "low_stock"])


@dataclass(frozen=True, slots=True)
class Piece:
    """A product, and all that the API tells of it but its stock."""

    product: Product
    told: dict[str, Any]


def product(slug: str, settings: Settings) -> dict[str, Any]:
    """
    Tell one product; how old that may be is a setting, for what it is and for its stock.

    Raises:
        ProductNotFound: there is none on sale.
    """
    piece = _PIECES.get(slug, partial(_find, slug), seconds=settings.cache_seconds)
    [told] = _shown([piece], settings)
    return told


def page(
    settings: Settings, *, limit: int, cursor: str | None, in_stock: bool, sort: str, **filters: Any
) -> dict[str, Any]:
    """
    Tell a page of products; what is sold out is skipped where ``in_stock`` asks for it.

    How old that may be is a setting, for which products there are and for their stock.
    """
    shown: list[dict[str, Any]] = []
    while True:
        wanted = {"limit": limit + 1, "cursor": cursor, "sort": sort, **filters}
        key = tuple(sorted(wanted.items(), key=lambda item: item[0]))
        found = _PAGES.get(key, partial(_page, wanted), seconds=settings.cache_seconds)
        for piece, told in zip(found[:limit], _shown(found[:limit], settings), strict=True):
            if in_stock and not told["available"]:
                continue
            shown.append(told)
            if len(shown) == limit:
                is_last = piece is found[-1]
                return {
                    "items": shown,
                    "next_cursor": None if is_last else products.cursor_after(piece.product, sort),
                }
        if len(found) <= limit:
            return {"items": shown, "next_cursor": None}
        cursor = products.cursor_after(found[limit - 1].product, sort)


def _find(slug: str) -> Piece:
    with reading() as session:
        [piece] = _pieces(session, [products.find(session, slug)])
        return piece


def _page(wanted: dict[str, Any]) -> Sequence[Piece]:
    with reading() as session:
        return _pieces(session, products.page(session, **wanted))


_PIECES: Cache[str, Piece] = Cache(most=10_000)
_PAGES: Cache[Hashable, Sequence[Piece]] = Cache(most=1_000)


def _pieces(session: Session, found: Sequence[Found]) -> Sequence[Piece]:
    pictures = images.of_products(session, [piece.id for piece, _ in found])
    return [_piece(*one, pictures.get(one[0].id, ())) for one in found]


def _piece(piece: Product, category: Category, pictures: Sequence[ProductImage]) -> Piece:
    shown = {name: getattr(piece, name) for name in _SHOWN}
    shown |= {"category": category, "images": pictures}
    return Piece(piece, _WITHOUT_STOCK.dump(shown))


def _shown(pieces: Sequence[Piece], settings: Settings) -> list[dict[str, Any]]:
    """Add to products what may be bought of them."""
    skus = [piece.product.sku for piece in pieces]
    seconds = settings.availability_cache_seconds
    levels = stock.shown_levels(redis(), skus, seconds=seconds)
    return [piece.told | _stock(piece, levels[piece.product.sku]) for piece in pieces]


def _stock(piece: Piece, levels: Levels) -> dict[str, Any]:
    available = levels.available
    return {"available": available, "low_stock": available <= piece.product.low_stock_threshold}


_SHOWN = (
    "sku", "slug", "name", "description", "metal", "purity", "gross_weight_mg", "net_weight_mg",
    "stone", "huid", "hsn_code", "price", "tax_basis_points", "purchase_limit",
    "has_waiting_room", "preorder_ships_on",
)  # fmt: skip
