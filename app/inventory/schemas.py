"""The words in which the API speaks of stock."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.core.fields import Answer, PageQuery, Sku, StrictInteger, Text

MOST_SKUS = 200
MOST_LINES = 200
# Postgres' integer.
MOST_UNITS = 2**31 - 1


class InventoryQuery(Schema):
    """Which products are asked about."""

    sku = fields.List(Sku(), required=True, validate=validate.Length(1, MOST_SKUS))


class InventoryItemSchema(Answer):
    """What may be bought of one product; staff see the numbers behind it."""

    may_lack = frozenset({"on_hand", "reserved", "committed"})

    sku = fields.String()
    available = fields.Integer()
    low_stock = fields.Boolean()
    on_hand = fields.Integer(metadata={"description": "staff only"})
    reserved = fields.Integer(metadata={"description": "staff only"})
    committed = fields.Integer(metadata={"description": "staff only"})


class InventorySchema(Answer):
    """What may be bought, product by product, in the order they were asked for."""

    items = fields.List(fields.Nested(InventoryItemSchema))


class StockQuery(PageQuery):
    """Which page of all products' stock."""

    low_stock = fields.Boolean(
        load_default=False, metadata={"description": "those at or below their threshold alone"}
    )


class StockSchema(Answer):
    """The stock of one product."""

    sku = fields.String()
    name = fields.String()
    on_hand = fields.Integer()
    reserved = fields.Integer()
    committed = fields.Integer()
    available = fields.Integer()
    low_stock = fields.Boolean()
    low_stock_threshold = fields.Integer()
    purchase_limit = fields.Integer(metadata={"description": "units per customer; 0 is no limit"})


class StockPageSchema(Answer):
    """One page of the stock, in the order of the SKUs."""

    items = fields.List(fields.Nested(StockSchema))
    next_cursor = fields.String(allow_none=True)


class ChangeSchema(Schema):
    """One line: how many units more or fewer are on hand, and why."""

    sku = Sku(required=True)
    delta = StrictInteger(
        required=True, minimum=-MOST_UNITS, maximum=MOST_UNITS, metadata={"example": -1}
    )
    kind = fields.String(
        load_default="adjustment",
        validate=validate.OneOf(["receipt", "adjustment", "write_off"]),
    )
    reason = Text(required=True, maximum=200, metadata={"example": "clasp broken"})

    @validates_schema
    def _sign_fits(self, data: dict[str, Any], **_: Any) -> None:
        delta, kind = data["delta"], data["kind"]
        if delta == 0:
            raise ValidationError("is not a change", "delta")
        if (kind == "receipt" and delta < 0) or (kind == "write_off" and delta > 0):
            raise ValidationError(f"has the wrong sign for a {kind}", "delta")


class AdjustmentSchema(Schema):
    """Changes of on hand that are booked together; the reference names them once and for ever."""

    reference = Text(
        required=True,
        maximum=64,
        pattern="[A-Za-z0-9._-]+",
        metadata={"example": "count-2026-11-24"},
    )
    lines = fields.List(
        fields.Nested(ChangeSchema), required=True, validate=validate.Length(1, MOST_LINES)
    )

    @validates_schema
    def _each_product_once(self, data: dict[str, Any], **_: Any) -> None:
        skus = [line["sku"] for line in data["lines"]]
        for index, sku in enumerate(skus):
            if sku in skus[:index]:
                raise ValidationError({"lines": {index: {"sku": ["is on two lines"]}}})


class AdjustedSchema(Answer):
    """The stock of the products that were adjusted."""

    reference = fields.String()
    items = fields.List(fields.Nested(StockSchema))
