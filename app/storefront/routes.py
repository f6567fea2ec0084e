"""Products, categories and the cart."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify, request

from app.carts import carts
from app.carts.errors import CartFull
from app.catalog import images, products
from app.catalog.errors import ImageNotFound, ProductNotFound
from app.core.api import Blueprint
from app.core.auth import by_token, customer_id
from app.core.db import transaction
from app.core.problems import Unauthenticated, ValidationFailed
from app.core.replica import reading
from app.storefront import basket, shelves
from app.storefront.schemas import (
    CartSchema,
    CategoryListSchema,
    ProductPageSchema,
    ProductQuery,
    ProductSchema,
    QuantitySchema,
)

catalogue = Blueprint(
    "catalogue", __name__, url_prefix="/api/v1", description="What the shop sells"
)
_WEBP = {"image/webp": {"schema": {"type": "string", "format": "binary"}}}
# A new picture has a new address.
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
cart = Blueprint("cart", __name__, url_prefix="/api/v1/cart", description="What you mean to buy")


@catalogue.get("/categories")
@catalogue.response(200, CategoryListSchema)
@catalogue.raises()
def list_categories() -> dict[str, Any]:
    """List the categories in the shop's order."""
    with reading() as session:
        return {"items": products.categories(session)}


@catalogue.get("/products")
@catalogue.arguments(ProductQuery, location="query")
@catalogue.response(200, ProductPageSchema)
@catalogue.raises(ValidationFailed)
def list_products(query: dict[str, Any]) -> Response:
    """List products with what is available of each."""
    return jsonify(shelves.page(current_app.config["ORA"], **query))


@catalogue.get("/products/<slug:slug>")
@catalogue.response(200, ProductSchema)
@catalogue.raises(ProductNotFound)
def show_product(slug: str) -> Response:
    """Show a product with what is available of it."""
    return jsonify(shelves.product(slug, current_app.config["ORA"]))


@catalogue.get("/images/<uuid:image_id>/<slug:size>")
@catalogue.raises(ImageNotFound)
@catalogue.doc(responses={"200": {"description": "A picture", "content": _WEBP}})
def show_image(image_id: UUID, size: str) -> Response:
    """Show a picture of a product, as WebP; it may be kept for good."""
    with transaction() as session:
        content = images.content(session, image_id, size)
    answer = Response(content, mimetype="image/webp", headers=_FOR_GOOD)
    answer.set_etag(f"{image_id}-{size}")
    answer.make_conditional(request)
    return answer


@cart.get("")
@by_token
@cart.response(200, CartSchema)
@cart.raises(Unauthenticated)
def show_cart() -> dict[str, Any]:
    """Show your cart at the prices of now, and what is short."""
    return basket.show(current_app.config["ORA"], customer_id())


@cart.put("/items/<sku:sku>")
@cart.doc(operationId="put_cart_item")
@by_token
@cart.arguments(QuantitySchema)
@cart.response(200, CartSchema)
@cart.raises(Unauthenticated, ProductNotFound, CartFull, ValidationFailed)
def put_item(body: dict[str, int], sku: str) -> dict[str, Any]:
    """Have so many units of a product in your cart, whatever was there before."""
    with transaction() as session:
        carts.put(session, customer_id(), sku, body["quantity"])
    return basket.show(current_app.config["ORA"], customer_id())


@cart.delete("/items/<sku:sku>")
@cart.doc(operationId="remove_cart_item")
@by_token
@cart.response(200, CartSchema)
@cart.raises(Unauthenticated)
def remove_item(sku: str) -> dict[str, Any]:
    """Take a product out of your cart."""
    with transaction() as session:
        carts.remove(session, customer_id(), sku)
    return basket.show(current_app.config["ORA"], customer_id())


@cart.put("/saved/<sku:sku>")
@cart.doc(operationId="save_cart_item")
@by_token
@cart.response(200, CartSchema)
@cart.raises(Unauthenticated, ProductNotFound, CartFull)
def save_item(sku: str) -> dict[str, Any]:
    """Save a product of your cart for later; put it into the cart to have it back."""
    with transaction() as session:
        carts.save(session, customer_id(), sku)
    return basket.show(current_app.config["ORA"], customer_id())


@cart.delete("/saved/<sku:sku>")
@cart.doc(operationId="drop_saved_item")
@by_token
@cart.response(200, CartSchema)
@cart.raises(Unauthenticated)
def drop_saved(sku: str) -> dict[str, Any]:
    """Drop a product that you saved for later."""
    with transaction() as session:
        carts.remove(session, customer_id(), sku, is_saved=True)
    return basket.show(current_app.config["ORA"], customer_id())


@cart.delete("")
@by_token
@cart.response(204)
@cart.raises(Unauthenticated)
def empty_cart() -> None:
    """Take everything out of your cart."""
    with transaction() as session:
        carts.empty(session, customer_id())
