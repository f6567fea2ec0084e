"""Products and shelves, for staff; admins make and change them."""

from typing import Any
from uuid import UUID

from flask import request

from app.catalog.errors import ImageNotFound
from app.catalog.models import Category, Product, ProductImage
from app.core.api import Blueprint
from app.core.auth import admin as admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.merchandising import images, pictures, products
from app.merchandising.errors import (
    CategoryTaken,
    CategoryUnknown,
    ImageRefused,
    ProductChanged,
    ProductTaken,
    ProductUnknown,
    TooManyImages,
)
from app.merchandising.schemas import (
    CategoryChangeSchema,
    ImageListSchema,
    ImageOrderSchema,
    ImageQuery,
    NewCategorySchema,
    NewProductSchema,
    ProductChangeSchema,
    ShelfSchema,
    StaffImageSchema,
    StaffProductPageSchema,
    StaffProductQuery,
    StaffProductSchema,
)

admin = Blueprint(
    "admin_catalogue", __name__, url_prefix="/api/v1/admin", description="The catalogue, for staff"
)


_FILE = {"schema": {"type": "string", "format": "binary"}}
_PICTURE = {
    "required": True, "content": {f"image/{kind.lower()}": _FILE for kind in pictures.FORMATS},
}  # fmt: skip


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


@admin.get("/products/<sku:sku>/images")
@staff
@admin.response(200, ImageListSchema)
@admin.raises(Unauthenticated, Forbidden, ProductUnknown)
def list_images(sku: str) -> dict[str, Any]:
    """List a product's images in their order."""
    with transaction() as session:
        return {"items": images.of_product(session, products.find_product(session, sku))}


@admin.post("/products/<sku:sku>/images")
@admins
@admin.arguments(ImageQuery, location="query")
@admin.response(201, StaffImageSchema)
@admin.raises(
    Unauthenticated, Forbidden, ProductUnknown, TooManyImages, ImageRefused, ValidationFailed
)
@admin.doc(requestBody=_PICTURE)
def add_image(query: dict[str, str], sku: str) -> ProductImage:
    """Add a picture, JPEG, PNG or WebP up to 10 MB, after those that the product has."""
    request.max_content_length = pictures.MOST_BYTES
    return images.add(sku, request.get_data(cache=False), alt=query["alt"])


@admin.put("/products/<sku:sku>/images")
@admins
@admin.arguments(ImageOrderSchema)
@admin.response(200, ImageListSchema)
@admin.raises(Unauthenticated, Forbidden, ProductUnknown, ValidationFailed)
def arrange_images(body: dict[str, Any], sku: str) -> dict[str, Any]:
    """Put a product's images in order; the first is shown in lists."""
    return {"items": images.arrange(sku, body["ids"])}


@admin.delete("/products/<sku:sku>/images/<uuid:image_id>")
@admins
@admin.response(204)
@admin.raises(Unauthenticated, Forbidden, ProductUnknown, ImageNotFound)
def remove_image(sku: str, image_id: UUID) -> None:
    """Remove an image."""
    images.remove(sku, image_id)


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
