"""Images of products as staff keep them: added, described, put in order, removed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog import images
from app.catalog.errors import ImageNotFound
from app.catalog.models import Product, ProductImage
from app.core.db import transaction
from app.core.problems import invalid
from app.merchandising import pictures, products
from app.merchandising.errors import ProductUnknown, TooManyImages

MOST = 8


def add(sku: str, content: bytes, *, alt: str) -> ProductImage:
    """
    Add a picture after those that a product has.

    Raises:
        ImageRefused: it is no picture that is taken.
        ProductUnknown, TooManyImages: as their words say.
    """
    # Before anything is locked, since it takes a moment.
    drawn = pictures.read(content)
    with transaction() as session:
        product, kept = _lock(session, sku)
        if len(kept) >= MOST:
            raise TooManyImages(f"It may have {MOST}.")
        added = ProductImage(
            product_id=product.id, position=len(kept), alt=alt, width=drawn.width,
            height=drawn.height, content=drawn.content, thumbnail=drawn.thumbnail,
        )  # fmt: skip
        session.add(added)
        session.flush()
        session.refresh(added)
    return added


def remove(sku: str, image_id: UUID) -> None:
    """
    Remove an image; those after it move up.

    Raises:
        ProductUnknown, ImageNotFound: as their words say.
    """
    with transaction() as session:
        _, kept = _lock(session, sku)
        found = next((image for image in kept if image.id == image_id), None)
        if found is None:
            raise ImageNotFound
        session.delete(found)
        _place([image for image in kept if image is not found])


def arrange(sku: str, image_ids: Sequence[UUID]) -> Sequence[ProductImage]:
    """
    Show a product's images in this order.

    Raises:
        ProductUnknown: there is none.
        ValidationFailed: these are not its images, each once.
    """
    with transaction() as session:
        _, kept = _lock(session, sku)
        by_id = {image.id: image for image in kept}
        if sorted(by_id) != sorted(image_ids):
            raise invalid("#/ids", "has to name all images of the product, each once")
        ordered = [by_id[image_id] for image_id in image_ids]
        _place(ordered)
    return ordered


def of_product(session: Session, product: Product) -> Sequence[ProductImage]:
    """List a product's images in their order."""
    return images.of_products(session, [product.id]).get(product.id, [])


def _lock(session: Session, sku: str) -> tuple[Product, Sequence[ProductImage]]:
    """Lock a product, so that its images are changed by one at a time."""
    product = products.lock_all(session, [sku]).get(sku)
    if product is None:
        raise ProductUnknown
    return product, of_product(session, product)


def _place(ordered: Sequence[ProductImage]) -> None:
    for position, image in enumerate(ordered):
        image.position = position
