"""The words in which the API speaks of fulfilment."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.accounts.schemas import Email
from app.carts.carts import MOST_LINES
from app.carts.models import MOST_UNITS
from app.config import GATEWAYS
from app.core.fields import Answer, Instant, Money, PageQuery, Sku, StrictInteger, Text
from app.fulfilment.filters import Filters
from app.fulfilment.progress import STEPS
from app.orders.orders import TRANSITIONS
from app.orders.schemas import OrderSchema
from app.treasury.schemas import PaymentSummarySchema, RefundSchema

PAYMENT_STATUSES = (
    "pending", "authorized", "captured", "failed", "partially_refunded", "refunded",
)  # fmt: skip


class CancellationSchema(Schema):
    """Why an order is given up."""

    reason = Text(load_default=None, allow_none=True, maximum=500)


class CancelledLineSchema(Schema):
    """So many units of one product."""

    sku = Sku(required=True)
    quantity = StrictInteger(required=True, minimum=1, maximum=MOST_UNITS)


class UnitsCancellationSchema(CancellationSchema):
    """Which units of a confirmed order are given up."""

    reference = Text(
        required=True,
        maximum=100,
        pattern="[A-Za-z0-9._-]+",
        metadata={"description": "repeated, nothing more is given up", "example": "cancel-1"},
    )
    lines = fields.List(
        fields.Nested(CancelledLineSchema),
        required=True,
        validate=validate.Length(1, MOST_LINES),
    )

    @post_load
    def _one_line_each(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        units = {line["sku"]: line["quantity"] for line in body["lines"]}
        if len(units) < len(body["lines"]):
            raise ValidationError("names a product twice", "lines")
        return body | {"lines": units}


class TrackSchema(Schema):
    """Which order, and whose."""

    number = Text(required=True, maximum=40, metadata={"example": "ORA-7K3M-9QXZ-41TD"})
    email = Email()


class MoveSchema(Schema):
    """Where an order is moved."""

    status = fields.String(required=True, validate=validate.OneOf(STEPS))
    courier = Text(
        load_default=None, allow_none=True, maximum=100, metadata={"example": "BlueDart"}
    )
    tracking_number = Text(
        load_default=None, allow_none=True, maximum=100, metadata={"example": "69123456780"}
    )
    reason = Text(load_default=None, allow_none=True, maximum=500)

    @post_load
    def _parcels_are_shipped(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        for name in ("courier", "tracking_number"):
            if body[name] is not None and body["status"] != "shipped":
                raise ValidationError("goes with the status shipped alone", name)
        return body


class ShipsOnSchema(Schema):
    """The day by which pre-ordered pieces are promised."""

    ships_on = fields.Date(required=True, metadata={"example": "2027-01-31"})


class NewPreorderSchema(ShipsOnSchema):
    """A product that is sold before it is there."""

    sku = Sku(required=True)
    limit = StrictInteger(
        required=True, minimum=1, maximum=100_000, metadata={"description": "units, and no more"}
    )


class ArrivalSchema(Schema):
    """Pre-ordered pieces that came."""

    received = StrictInteger(required=True, minimum=0, maximum=100_000)
    reference = Text(required=True, maximum=100, metadata={"example": "delivery-2027-0012"})


class PreorderSchema(Answer):
    """A product on pre-order."""

    sku = fields.String()
    name = fields.String()
    ships_on = fields.Date()
    left = fields.Integer(metadata={"description": "units that may still be promised or paid for"})
    promised = fields.Integer(metadata={"description": "units that were paid for"})


class PreorderListSchema(Answer):
    """The products on pre-order, the first to come first."""

    items = fields.List(fields.Nested(PreorderSchema))


class OrderFilterSchema(Schema):
    """Which orders; what is not told does not matter."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(TRANSITIONS)))
    payment_status = fields.String(load_default=None, validate=validate.OneOf(PAYMENT_STATUSES))
    since = Instant(load_default=None, metadata={"description": "placed at this time or later"})
    until = Instant(load_default=None, metadata={"description": "placed before this time"})
    sku = Sku(load_default=None)
    gateway = fields.String(
        load_default=None,
        validate=validate.OneOf(GATEWAYS),
        metadata={"description": "asked for the order's money"},
    )


class OrderQuery(PageQuery, OrderFilterSchema):
    """Which orders, and which page of them."""

    number = Text(load_default=None, maximum=40, metadata={"example": "ORA-7K3M-9QXZ-41TD"})
    customer_id = fields.UUID(load_default=None)

    @post_load
    def _fill(self, query: dict[str, Any], **_: Any) -> dict[str, Any]:
        page = {name: query.pop(name) for name in ("limit", "cursor")}
        return {"filters": Filters(**query), **page}


class StaffOrderSchema(OrderSchema):
    """An order, as staff see it."""

    customer_id = fields.UUID(attribute="user_id")
    pan = fields.String(
        allow_none=True, metadata={"description": "of the buyer, above two lakh rupees"}
    )


class StaffOrderPageSchema(Answer):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(StaffOrderSchema))
    next_cursor = fields.String(allow_none=True)


class EntrySchema(Answer):
    """One thing that happened to an order."""

    at = Instant()
    what = fields.String(
        metadata={
            "description": "a status of the order, units_cancelled, payment_opened, refund_started,"
            " refund_processed or refund_failed",
            "example": "shipped",
        }
    )
    amount = Money(allow_none=True)
    units = fields.Dict(
        keys=fields.String(), values=fields.Integer(), allow_none=True,
        metadata={"description": "by SKU", "example": {"ORA-RG-0001": 1}},
    )  # fmt: skip


class TimelineSchema(Answer):
    """What happened to an order, the first thing first."""

    items = fields.List(fields.Nested(EntrySchema))


class StaffEntrySchema(EntrySchema):
    """One thing that happened to an order, by whom and why."""

    actor = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class WholeOrderSchema(Answer):
    """An order with its money and everything that happened to it."""

    order = fields.Nested(StaffOrderSchema)
    payments = fields.List(fields.Nested(PaymentSummarySchema))
    refunds = fields.List(fields.Nested(RefundSchema))
    timeline = fields.List(fields.Nested(StaffEntrySchema))
