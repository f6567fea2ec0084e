"""Products: found one by one, and in pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.errors import ProductNotFound
from app.catalog.models import Category, Product
from app.core.fields import LARGEST_INTEGER
from app.core.pages import decode_cursor, encode_cursor
from app.core.problems import invalid

# By what a list is sorted; always by the id last, so that no two products stand at one place.
SORTS: dict[str, tuple[str, ...]] = {
    "newest": ("id",),
    "price": ("price", "id"),
    "-price": ("price", "id"),
    "name": ("name", "id"),
}
_DESCENDING = ("newest", "-price")

Found = Row[Product, Category]


def find(session: Session, slug: str) -> Found:
    """
    Find a product that is on sale, with its category.

    Raises:
        ProductNotFound: there is none.
    """
    found = session.execute(_on_sale().where(Product.slug == slug)).one_or_none()
    if found is None:
        raise ProductNotFound
    return found


def categories(session: Session) -> Sequence[Category]:
    """List the shelves of the shop in their order."""
    return session.scalars(select(Category).order_by(Category.position, Category.slug)).all()


def page(
    session: Session,
    *,
    category: str | None,
    q: str | None,
    sort: str,
    limit: int,
    cursor: str | None,
) -> Sequence[Found]:
    """List up to ``limit`` products on sale from ``cursor`` on."""
    columns = [getattr(Product, key) for key in SORTS[sort]]
    order = [column.desc() if sort in _DESCENDING else column for column in columns]
    query = _on_sale().order_by(*order).limit(limit)
    if category is not None:
        query = query.where(Category.slug == category)
    for word in (q or "").split():
        query = query.where(Product.name.icontains(word, autoescape=True))
    if cursor is not None:
        query = query.where(_beyond(sort, cursor))
    return session.execute(query).all()


def cursor_after(product: Product, sort: str) -> str:
    """Give the cursor of the page that begins after a product."""
    return encode_cursor(sort, *(_plain(getattr(product, key)) for key in SORTS[sort]))


def _on_sale() -> Select[Product, Category]:
    joined = select(Product, Category).join(Category, Category.id == Product.category_id)
    return joined.where(Product.is_active)


def _beyond(sort: str, cursor: str) -> Any:
    keys = SORTS[sort]
    given, *values = decode_cursor(cursor, len(keys) + 1)
    try:
        position = [*values[:-1], UUID(str(values[-1]))]
        fits = given == sort and all(map(_is_comparable, keys[:-1], values[:-1]))
    except ValueError:
        fits = False
    if not fits:
        raise invalid("#/cursor", "is not a cursor that this list, so sorted, gave out")
    columns = tuple_(*(getattr(Product, key) for key in keys))
    return columns < tuple(position) if sort in _DESCENDING else columns > tuple(position)


def _is_comparable(key: str, value: str | int) -> bool:
    """Tell whether Postgres takes a value for this column."""
    if key == "price":
        return isinstance(value, int) and abs(value) <= LARGEST_INTEGER
    # Half of a surrogate pair cannot be sent.
    return isinstance(value, str) and value.encode(errors="ignore").decode() == value


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value)
