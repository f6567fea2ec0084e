"""
Products as staff make and change them: every column but the stock, which is booked.

A change takes effect at once: a checkout compares the price list with the row in the statement that
writes the order, and Redis is told of a limit, a waiting room or counters in the transaction that
sets them.
"""

from collections.abc import Collection, Mapping
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager

from app.catalog.models import Category, Product
from app.core.db import transaction
from app.core.pages import Page, decode_cursor, encode_cursor
from app.core.problems import invalid
from app.core.redis_client import redis
from app.inventory import stock
from app.merchandising.errors import (
    CategoryTaken,
    CategoryUnknown,
    ProductChanged,
    ProductTaken,
    ProductUnknown,
)

# By slug.
Shelves = Mapping[str, Category]


def create_product(values: Mapping[str, Any]) -> Product:
    """
    Make a product, of which none is on hand.

    Raises:
        ProductTaken: telling by which of its names.
        ValidationFailed: there is no such category.
    """
    with transaction() as session:
        product = make(session, values, categories(session))
        _flush(session)
        return _find(session, product.sku)


def change_product(sku: str, *, revision: int, values: Mapping[str, Any]) -> Product:
    """
    Change a product that was read at ``revision``.

    Raises:
        ProductUnknown, ProductTaken: as their words say.
        ProductChanged: somebody changed it since.
        ValidationFailed: the change does not fit the rest.
    """
    with transaction() as session:
        product = lock_all(session, [sku]).get(sku)
        if product is None:
            raise ProductUnknown
        if product.revision != revision:
            raise ProductChanged(
                f"It is at revision {product.revision}.", revision=product.revision
            )
        before = told(product)
        if change(product, values, categories(session)):
            _flush(session)
            tell_redis(session, [product] if told(product) != before else [])
        return _find(session, sku)


def make(session: Session, values: Mapping[str, Any], shelves: Shelves) -> Product:
    """Make a product from what its schema read; a flush tells whether its names are free."""
    product = Product(
        is_active=True, purchase_limit=0, has_waiting_room=False, counters=1, low_stock_threshold=1
    )  # fmt: skip
    _set(product, values, shelves)
    session.add(product)
    return product


def change(product: Product, values: Mapping[str, Any], shelves: Shelves) -> bool:
    """Change a locked product; False where it is so already."""
    before = {name: getattr(product, name) for name in _COLUMNS}
    _set(product, values, shelves)
    if product.net_weight_mg > product.gross_weight_mg:
        raise invalid("#/net_weight_mg", "is more than gross_weight_mg")
    if before == {name: getattr(product, name) for name in _COLUMNS}:
        return False
    product.revision += 1
    return True


def told(product: Product) -> tuple[int, bool, int]:
    """Tell what Redis is told by besides the stock: the limit, the waiting room, the counters."""
    return product.purchase_limit, product.has_waiting_room, product.counters


def tell_redis(session: Session, products: Collection[Product]) -> None:
    """Tell Redis of products of which it knew something else, once they are flushed."""
    skus = [product.sku for product in products]
    if skus:
        # It counts what buyers have of limited products only, so it has to be told anew.
        stock.load(session, redis(), skus, is_forced=True)


def lock_all(session: Session, skus: Collection[str]) -> dict[str, Product]:
    """Find products by SKU and lock their rows, in the order in which all do."""
    query = select(Product).where(Product.sku.in_(skus)).order_by(Product.sku)
    found = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return {product.sku: product for product in found}


def find_all(session: Session, skus: Collection[str]) -> list[Product]:
    """Find products that there are, in the order of their SKUs."""
    return list(session.scalars(_listed().where(Product.sku.in_(skus)).order_by(Product.sku)))


def find_product(session: Session, sku: str) -> Product:
    """
    Find a product, on sale or not.

    Raises:
        ProductUnknown: there is none.
    """
    return _find(session, sku)


def page(
    session: Session,
    *,
    q: str | None,
    is_active: bool | None,
    category: str | None,
    limit: int,
    cursor: str | None,
) -> Page[Product]:
    """List products in the order of their SKUs."""
    query = _listed().order_by(Product.sku).limit(limit + 1)
    if q is not None:
        named = (column.icontains(q, autoescape=True) for column in (Product.sku, Product.name))
        query = query.where(or_(*named))
    if is_active is not None:
        query = query.where(Product.is_active == is_active)
    if category is not None:
        query = query.where(Category.slug == category)
    if cursor is not None:
        query = query.where(Product.sku > str(decode_cursor(cursor, 1)[0]))
    found = session.scalars(query).all()
    if len(found) <= limit:
        return Page(found)
    return Page(found[:limit], encode_cursor(found[limit - 1].sku))


def categories(session: Session) -> Shelves:
    """List all categories by slug."""
    return {one.slug: one for one in session.scalars(select(Category))}


def create_category(values: Mapping[str, Any]) -> Category:
    """
    Make a shelf.

    Raises:
        CategoryTaken: there is one of this slug.
    """
    with transaction() as session:
        if values["slug"] in categories(session):
            raise CategoryTaken
        category = Category(**values)
        session.add(category)
        try:
            session.flush()
        except IntegrityError:
            raise CategoryTaken from None
        return category


def change_category(slug: str, values: Mapping[str, Any]) -> Category:
    """
    Rename a shelf or move it; its slug, and with it every link, stays.

    Raises:
        CategoryUnknown: there is none.
    """
    with transaction() as session:
        category = categories(session).get(slug)
        if category is None:
            raise CategoryUnknown
        for name, value in values.items():
            setattr(category, name, value)
        return category


_COLUMNS = (
    "sku", "slug", "name", "description", "category_id", "metal", "purity", "gross_weight_mg",
    "net_weight_mg", "stone", "huid", "hsn_code", "price", "tax_basis_points", "is_active",
    "purchase_limit", "has_waiting_room", "counters", "low_stock_threshold",
)  # fmt: skip


def _set(product: Product, values: Mapping[str, Any], shelves: Shelves) -> None:
    for name, value in values.items():
        if name == "category":
            found = shelves.get(value)
            if found is None:
                raise invalid("#/category", "is no category of the shop")
            product.category_id = found.id
        else:
            setattr(product, name, value)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        name = (error.orig.diag.constraint_name or "").rsplit("_", 1)[-1]
        detail = "belongs to another product"
        taken = [{"pointer": f"#/{name}", "detail": detail}]
        raise ProductTaken(f"This {name} {detail}.", errors=taken) from None


def _listed() -> Select[Product]:
    query = select(Product).join(Product.category).options(contains_eager(Product.category))
    return query.execution_options(populate_existing=True)


def _find(session: Session, sku: str) -> Product:
    product = session.scalars(_listed().where(Product.sku == sku)).one_or_none()
    if product is None:
        raise ProductUnknown
    return product
