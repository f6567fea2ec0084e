"""The words in which the API speaks of returns."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.carts.carts import MOST_LINES
from app.carts.models import MOST_UNITS
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
from app.returns.models import DISPOSITIONS

REASONS = (
    "damaged", "not_as_described", "wrong_item", "wrong_size", "changed_mind", "other",
)  # fmt: skip
STATUSES = ("requested", "approved", "rejected", "withdrawn", "received")
MOST_PHOTOS = 5
LONGEST_URL = 500


def by_sku(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """
    Take lines by their SKU.

    Raises:
        ValidationError: a product stands on two of them.
    """
    found = {line["sku"]: line for line in lines}
    if len(found) < len(lines):
        raise ValidationError("names a product twice", "lines")
    return found


class AskedLineSchema(Schema):
    """So many units of one product, and why they come back."""

    sku = Sku(required=True)
    quantity = StrictInteger(required=True, minimum=1, maximum=MOST_UNITS)
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    comment = Text(load_default=None, allow_none=True, maximum=500)
    photos = fields.List(
        fields.Url(schemes={"https"}, validate=validate.Length(max=LONGEST_URL)),
        load_default=list,
        validate=validate.Length(max=MOST_PHOTOS),
        metadata={"description": "addresses by https"},
    )
    exchange_for = Sku(load_default=None, allow_none=True)


class AskSchema(Schema):
    """What a customer wants to send back."""

    lines = fields.List(
        fields.Nested(AskedLineSchema), required=True, validate=validate.Length(1, MOST_LINES)
    )
    comment = Text(load_default=None, allow_none=True, maximum=1_000)

    @post_load
    def _one_line_each(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        by_sku(body["lines"])
        return body


class DecidedLineSchema(Schema):
    """What differs of a line."""

    sku = Sku(required=True)
    quantity = StrictInteger(
        minimum=0, maximum=MOST_UNITS,
        metadata={"description": "units that may come; without it, all of the line"},
    )  # fmt: skip
    note = Text(allow_none=True, maximum=500, metadata={"description": "for the customer"})
    restock = StrictBoolean(
        metadata={"description": "whether the units are meant to be on sale again"}
    )


class DecisionSchema(Schema):
    """What staff decide."""

    decision = fields.String(required=True, validate=validate.OneOf(("approve", "reject")))
    lines = fields.List(
        fields.Nested(DecidedLineSchema), load_default=list, validate=validate.Length(0, MOST_LINES)
    )
    note = Text(load_default=None, allow_none=True, maximum=500)

    @post_load
    def _lines_by_sku(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        return body | {"lines": by_sku(body["lines"])}


class ArrivedLineSchema(Schema):
    """So many units of one product, and what is done with them."""

    sku = Sku(required=True)
    quantity = StrictInteger(required=True, minimum=1, maximum=MOST_UNITS)
    disposition = fields.String(required=True, validate=validate.OneOf(DISPOSITIONS))


class ReceiptSchema(Schema):
    """What came back; a product may stand on several lines."""

    lines = fields.List(
        fields.Nested(ArrivedLineSchema), required=True, validate=validate.Length(1, MOST_LINES)
    )
    note = Text(load_default=None, allow_none=True, maximum=500)


class RepairedLineSchema(ArrivedLineSchema):
    """So many units of one product, and what is done with them after their repair."""

    disposition = fields.String(
        required=True, validate=validate.OneOf([d for d in DISPOSITIONS if d != "repair"])
    )


class RepairedSchema(Schema):
    """What comes out of repair."""

    reference = Text(
        required=True,
        maximum=100,
        pattern="[A-Za-z0-9._-]+",
        metadata={"description": "repeated, nothing more is booked", "example": "repair-1"},
    )
    lines = fields.List(
        fields.Nested(RepairedLineSchema), required=True, validate=validate.Length(1, MOST_LINES)
    )


class ReturnQuery(PageQuery):
    """Which returns."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class ReturnLineSchema(Answer):
    """One product of a return."""

    sku = fields.String()
    quantity = fields.Integer()
    reason = fields.String(metadata={"example": "wrong_size"})
    comment = fields.String(allow_none=True)
    photos = fields.List(fields.String())
    exchange_for = fields.String(allow_none=True)
    approved = fields.Integer(allow_none=True, metadata={"description": "units that may come"})
    note = fields.String(allow_none=True, metadata={"description": "what staff say of it"})
    received = fields.Integer()


class ReturnStepSchema(Answer):
    """One step of a return."""

    status = fields.String(metadata={"example": "approved"})
    note = fields.String(allow_none=True)
    created_at = Instant()


class ReturnSchema(Answer):
    """A return."""

    id = fields.UUID()
    order_id = fields.UUID()
    status = fields.String(metadata={"example": "requested"})
    comment = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(ReturnLineSchema))
    steps = fields.List(fields.Nested(ReturnStepSchema))
    refund_amount = Money(allow_none=True)
    exchange_order_id = fields.UUID(allow_none=True)
    created_at = Instant()


class ReturnPageSchema(Answer):
    """A page of returns, the newest first."""

    items = fields.List(fields.Nested(ReturnSchema))
    next_cursor = fields.String(allow_none=True)


class StaffReturnStepSchema(ReturnStepSchema):
    """One step of a return, and who made it."""

    actor = fields.String()


class StaffReturnLineSchema(ReturnLineSchema):
    """One product of a return, as staff see it."""

    restock = fields.Boolean(attribute="is_to_restock", allow_none=True)


class StaffReturnSchema(ReturnSchema):
    """A return, as staff see it."""

    customer_id = fields.UUID(attribute="user_id")
    lines = fields.List(fields.Nested(StaffReturnLineSchema))
    steps = fields.List(fields.Nested(StaffReturnStepSchema))


class StaffReturnPageSchema(Answer):
    """A page of returns, the newest first."""

    items = fields.List(fields.Nested(StaffReturnSchema))
    next_cursor = fields.String(allow_none=True)


class DispositionSchema(Answer):
    """What was done with units that came back."""

    sku = fields.String()
    quantity = fields.Integer()
    disposition = fields.String(metadata={"example": "restock"})
    is_repaired = fields.Boolean(metadata={"description": "they come out of repair"})
    actor = fields.String()
    created_at = Instant()


class WholeReturnSchema(Answer):
    """A return with what became of its units."""

    item = fields.Nested(StaffReturnSchema, data_key="return")
    dispositions = fields.List(fields.Nested(DispositionSchema))
    in_repair = fields.Dict(keys=fields.String(), values=fields.Integer())
