"""The words in which the API speaks of stock."""

from marshmallow import Schema, fields, validate

from app.core.fields import Sku

MOST_SKUS = 200


class InventoryQuery(Schema):
    """Which products are asked about."""

    sku = fields.List(Sku(), required=True, validate=validate.Length(1, MOST_SKUS))


class InventoryItemSchema(Schema):
    """What may be bought of one product; staff see the numbers behind it."""

    sku = fields.String()
    available = fields.Integer()
    low_stock = fields.Boolean()
    on_hand = fields.Integer(metadata={"description": "staff only"})
    reserved = fields.Integer(metadata={"description": "staff only"})
    committed = fields.Integer(metadata={"description": "staff only"})


class InventorySchema(Schema):
    """What may be bought, product by product, in the order they were asked for."""

    items = fields.List(fields.Nested(InventoryItemSchema))
