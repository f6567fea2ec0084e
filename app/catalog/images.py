"""Images of products, as they are looked at."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.catalog.errors import ImageNotFound
from app.catalog.models import ProductImage

# What may be had of an image.
SIZES: Mapping[str, InstrumentedAttribute[bytes]] = {
    "whole": ProductImage.content, "thumbnail": ProductImage.thumbnail,
}  # fmt: skip


def image_url(image_id: UUID, size: str) -> str:
    """Give the path at which a shopper finds an image."""
    return f"/api/v1/images/{image_id}/{size}"


def of_products(
    session: Session, product_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[ProductImage]]:
    """List images by product, each product's in their order."""
    query = select(ProductImage).where(ProductImage.product_id.in_(product_ids))
    found: dict[UUID, list[ProductImage]] = defaultdict(list)
    for image in session.scalars(query.order_by(ProductImage.position)):
        found[image.product_id].append(image)
    return found


def content(session: Session, image_id: UUID, size: str) -> bytes:
    """
    Give an image as WebP, in one of SIZES.

    Raises:
        ImageNotFound: it was removed, or never was, or is not had so.
    """
    if size not in SIZES:
        raise ImageNotFound
    found = session.scalars(select(SIZES[size]).where(ProductImage.id == image_id)).one_or_none()
    if found is None:
        raise ImageNotFound
    return found
