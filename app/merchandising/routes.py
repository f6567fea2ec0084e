"""Products and shelves, for staff; admins make and change them."""

from typing import Any

from app.catalog.models import Category, Product
from app.core.api import Blueprint
from app.core.auth import admin as admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.merchandising import products
from app.merchandising.errors import (
    CategoryTaken,
    CategoryUnknown,
    ProductChanged,
    ProductTaken,
    ProductUnknown,
)
from app.merchandising.schemas import (
    CategoryChangeSchema,
    NewCategorySchema,
    NewProductSchema,
    ProductChangeSchema,
    ShelfSchema,
    StaffProductPageSchema,
    StaffProductQuery,
    StaffProductSchema,
)

admin = Blueprint(
    "admin_catalogue", __name__, url_prefix="/api/v1/admin", description="The catalogue, for staff"
)


@admin.get("/products")
@staff
@admin.arguments(StaffProductQuery, location="query")
@admin.response(200, StaffProductPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_all_products(query: dict[str, Any]) -> Page[Product]:
    """List products, on sale or not, in the order of their SKUs."""
    with transaction() as session:
        return products.page(session, **query)


@admin.get("/products/<sku:sku>")
@staff
@admin.response(200, StaffProductSchema)
@admin.raises(Unauthenticated, Forbidden, ProductUnknown)
def show_any_product(sku: str) -> Product:
    """Show a product, on sale or not."""
    with transaction() as session:
        return products.find_product(session, sku)


@admin.post("/products")
@admins
@admin.arguments(NewProductSchema)
@admin.response(201, StaffProductSchema)
@admin.raises(Unauthenticated, Forbidden, ProductTaken, ValidationFailed)
def create_product(body: dict[str, Any]) -> Product:
    """Make a product; book a delivery to have it on hand."""
    return products.create_product(body)


@admin.patch("/products/<sku:sku>")
@admins
@admin.arguments(ProductChangeSchema)
@admin.response(200, StaffProductSchema)
@admin.raises(
    Unauthenticated, Forbidden, ProductUnknown, ProductChanged, ProductTaken, ValidationFailed
)
def change_product(body: dict[str, Any], sku: str) -> Product:
    """Change a product; orders keep what they were placed with."""
    revision = body.pop("revision")
    return products.change_product(sku, revision=revision, values=body)


@admin.post("/categories")
@admins
@admin.arguments(NewCategorySchema)
@admin.response(201, ShelfSchema)
@admin.raises(Unauthenticated, Forbidden, CategoryTaken, ValidationFailed)
def create_category(body: dict[str, Any]) -> Category:
    """Make a shelf."""
    return products.create_category(body)


@admin.patch("/categories/<slug:slug>")
@admins
@admin.arguments(CategoryChangeSchema)
@admin.response(200, ShelfSchema)
@admin.raises(Unauthenticated, Forbidden, CategoryUnknown, ValidationFailed)
def change_category(body: dict[str, Any], slug: str) -> Category:
    """Rename a shelf, or move it among the others."""
    return products.change_category(slug, body)
