"""The words in which the API speaks of products to staff."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.catalog.images import image_url
from app.core.fields import (
    Answer,
    Instant,
    Money,
    PageQuery,
    Sku,
    StrictBoolean,
    StrictInteger,
    Text,
)

# A hundred kilograms.
MOST_MILLIGRAMS = 100_000_000
MOST_UNITS = 2**31 - 1
# More than any cluster of Redis would have nodes for one product.
MOST_COUNTERS = 64


class Slug(Text):
    """The readable name in a path."""

    def __init__(self, **kw: Any) -> None:
        """Accept small letters, digits and hyphens."""
        super().__init__(pattern="[a-z0-9-]+", metadata={"example": "temple-ring"}, **kw)


class CategoryChangeSchema(Schema):
    """What changes of a category; what is left out stays."""

    name = Text(maximum=100, metadata={"example": "Rings"})
    position = StrictInteger(
        minimum=0, maximum=MOST_UNITS, metadata={"description": "its place among the others"}
    )


class NewCategorySchema(CategoryChangeSchema):
    """A new shelf."""

    slug = Slug(required=True)
    name = Text(required=True, maximum=100, metadata={"example": "Rings"})


class ShelfSchema(Answer, NewCategorySchema):
    """A shelf of the shop."""

    id = fields.UUID()


class TermsSchema(Schema):
    """What staff say of a product; its stock is booked, never written."""

    slug = Slug(required=True)
    name = Text(required=True, maximum=200, metadata={"example": "Temple ring"})
    description = Text(required=True, maximum=2_000)
    category = Slug(required=True)
    metal = Text(required=True, maximum=50, metadata={"example": "gold"})
    purity = Text(required=True, maximum=50, metadata={"example": "22K (916)"})
    gross_weight_mg = StrictInteger(required=True, minimum=1, maximum=MOST_MILLIGRAMS)
    net_weight_mg = StrictInteger(
        required=True, minimum=1, maximum=MOST_MILLIGRAMS,
        metadata={"description": "of the metal alone"},
    )  # fmt: skip
    stone = Text(allow_none=True, maximum=200)
    huid = Text(
        allow_none=True, maximum=6, minimum=6, pattern="[A-Z0-9]+",
        metadata={"description": "hallmark id", "example": "AB12CD"},
    )  # fmt: skip
    hsn_code = Text(required=True, pattern="[0-9]{4,8}", metadata={"example": "7113"})
    price = Money(required=True, metadata={"description": "of one unit before tax"})
    tax_basis_points = StrictInteger(
        required=True, minimum=0, maximum=10_000, metadata={"example": 300}
    )
    is_active = StrictBoolean(metadata={"description": "whether it is on sale"})
    purchase_limit = StrictInteger(minimum=0, maximum=MOST_UNITS)
    has_waiting_room = StrictBoolean(
        metadata={"description": "whether it is sold to those alone who have waited for their turn"}
    )
    counters = StrictInteger(
        minimum=1, maximum=MOST_COUNTERS,
        metadata={"description": "over how many its units may be split, while many buy it"},
    )  # fmt: skip
    low_stock_threshold = StrictInteger(minimum=0, maximum=MOST_UNITS)

    @validates_schema(skip_on_field_errors=True)
    def _metal_is_a_part(self, body: dict[str, Any], **_: Any) -> None:
        gross, net = body.get("gross_weight_mg"), body.get("net_weight_mg")
        if gross is not None and net is not None and net > gross:
            raise ValidationError("is more than gross_weight_mg", "net_weight_mg")


class NewProductSchema(TermsSchema):
    """A new product."""

    sku = Sku(required=True)


class ProductChangeSchema(TermsSchema):
    """What changes of a product; what is left out stays."""

    revision = StrictInteger(
        required=True, minimum=1, maximum=MOST_UNITS, metadata={"description": "that you read"}
    )

    def __init__(self, **kw: Any) -> None:
        """Ask for the revision alone."""
        super().__init__(partial=tuple(TermsSchema().fields), **kw)


class StaffImageSchema(Answer):
    """A picture of a product."""

    id = fields.UUID()
    url = fields.Function(lambda image: image_url(image.id, "whole"))
    thumbnail_url = fields.Function(lambda image: image_url(image.id, "thumbnail"))
    alt = fields.String()
    width = fields.Integer()
    height = fields.Integer()
    created_at = Instant()


class ImageListSchema(Answer):
    """A product's pictures in their order."""

    items = fields.List(fields.Nested(StaffImageSchema))


class ImageQuery(Schema):
    """What a picture shows."""

    alt = Text(required=True, maximum=200, metadata={"example": "The ring from above"})


class ImageOrderSchema(Schema):
    """All pictures of a product, the one for lists first."""

    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 100))


class StaffProductSchema(Answer):
    """A product, as staff see it."""

    sku = fields.String()
    slug = fields.String()
    name = fields.String()
    description = fields.String()
    category = fields.String(attribute="category.slug")
    metal = fields.String()
    purity = fields.String()
    gross_weight_mg = fields.Integer()
    net_weight_mg = fields.Integer()
    stone = fields.String(allow_none=True)
    huid = fields.String(allow_none=True)
    hsn_code = fields.String()
    price = Money()
    tax_basis_points = fields.Integer()
    is_active = fields.Boolean()
    purchase_limit = fields.Integer()
    has_waiting_room = fields.Boolean()
    counters = fields.Integer()
    low_stock_threshold = fields.Integer()
    preorder_ships_on = fields.Date(allow_none=True)
    on_hand = fields.Integer(attribute="stock_quantity")
    revision = fields.Integer()
    created_at = Instant()


class StaffProductQuery(PageQuery):
    """Which products."""

    q = Text(load_default=None, maximum=100, metadata={"description": "in the SKU or the name"})
    is_active = fields.Boolean(load_default=None)
    category = Slug(load_default=None)


class StaffProductPageSchema(Answer):
    """A page of products, in the order of their SKUs."""

    items = fields.List(fields.Nested(StaffProductSchema))
    next_cursor = fields.String(allow_none=True)
