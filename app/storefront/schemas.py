"""The words in which the API speaks of products and carts."""

from marshmallow import Schema, fields, validate

from app.carts.models import MOST_UNITS
from app.catalog.images import image_url
from app.catalog.products import SORTS
from app.core.fields import Answer, Money, PageQuery, StrictInteger, Text


class CategorySchema(Answer):
    """A shelf of the shop."""

    slug = fields.String(metadata={"example": "rings"})
    name = fields.String(metadata={"example": "Rings"})


class ImageSchema(Answer):
    """A picture of a piece, as WebP; what an address shows never changes."""

    url = fields.Function(lambda image: image_url(image.id, "whole"))
    thumbnail_url = fields.Function(lambda image: image_url(image.id, "thumbnail"))
    alt = fields.String(metadata={"example": "The ring from above"})
    width = fields.Integer(metadata={"example": 1600})
    height = fields.Integer(metadata={"example": 1200})


class ProductSchema(Answer):
    """A piece, and how many units of it may be bought now."""

    sku = fields.String(metadata={"example": "ORA-RG-0001"})
    slug = fields.String()
    name = fields.String()
    description = fields.String()
    category = fields.Nested(CategorySchema)
    metal = fields.String(metadata={"example": "gold"})
    purity = fields.String(metadata={"example": "22K (916)"})
    gross_weight_mg = fields.Integer()
    net_weight_mg = fields.Integer(metadata={"description": "of the metal alone"})
    stone = fields.String(allow_none=True)
    huid = fields.String(allow_none=True, metadata={"description": "hallmark id"})
    hsn_code = fields.String(metadata={"example": "7113"})
    price = Money(metadata={"description": "of one unit before tax"})
    tax_basis_points = fields.Integer(metadata={"example": 300, "description": "GST; 300 is 3 %"})
    purchase_limit = fields.Integer(
        metadata={"example": 0, "description": "units that one customer may have; 0 is any number"}
    )
    has_waiting_room = fields.Boolean(
        metadata={"description": "whether one waits for one's turn before one buys"}
    )
    preorder_ships_on = fields.Date(
        allow_none=True,
        metadata={"description": "sold before it is there, and sent by this day at the latest"},
    )
    images = fields.List(fields.Nested(ImageSchema))
    available = fields.Integer()
    low_stock = fields.Boolean()


class ProductPageSchema(Answer):
    """A page of products."""

    items = fields.List(fields.Nested(ProductSchema))
    next_cursor = fields.String(allow_none=True)


class CategoryListSchema(Answer):
    """All shelves."""

    items = fields.List(fields.Nested(CategorySchema))


class ProductQuery(PageQuery):
    """Which products, in which order."""

    category = Text(load_default=None, maximum=100, metadata={"example": "rings"})
    q = Text(load_default=None, maximum=100, metadata={"description": "words of the name"})
    in_stock = fields.Boolean(load_default=False)
    sort = fields.String(load_default="newest", validate=validate.OneOf(sorted(SORTS)))


class QuantitySchema(Schema):
    """How many units are to be in the cart."""

    quantity = StrictInteger(required=True, minimum=1, maximum=MOST_UNITS)


class CartLineSchema(Answer):
    """One product in the cart; nothing is held for the customer before checkout."""

    sku = fields.String()
    slug = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    unit_price = Money(metadata={"description": "before tax, now"})
    tax = Money()
    total = Money(metadata={"description": "with tax"})
    available = fields.Integer(metadata={"description": "what may be bought now"})
    is_short = fields.Boolean(metadata={"description": "fewer are available than wanted"})


class SavedLineSchema(Answer):
    """One product that is saved for later."""

    sku = fields.String()
    slug = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    unit_price = Money(metadata={"description": "before tax, now"})
    available = fields.Integer(metadata={"description": "what may be bought now"})


class CartSchema(Answer):
    """What a customer means to buy, at the prices of now."""

    lines = fields.List(fields.Nested(CartLineSchema))
    saved = fields.List(fields.Nested(SavedLineSchema), metadata={"description": "for later"})
    subtotal = Money()
    tax = Money()
    shipping_fee = Money()
    total = Money(metadata={"description": "what checkout would ask; send it as expected_total"})
