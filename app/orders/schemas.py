"""The words in which the API speaks of orders."""

from marshmallow import fields, validate

from app.core.fields import Answer, Instant, Money, PageQuery
from app.orders.orders import TRANSITIONS


class AddressSnapshotSchema(Answer):
    """An address as it was at checkout."""

    name = fields.String()
    phone = fields.String()
    line1 = fields.String()
    line2 = fields.String(allow_none=True)
    city = fields.String()
    state = fields.String()
    pincode = fields.String()
    country = fields.String()


class OrderLineSchema(Answer):
    """One product of an order, at its price at checkout."""

    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    cancelled_quantity = fields.Integer(metadata={"description": "of them, given up since"})
    returned_quantity = fields.Integer(metadata={"description": "of them, come back"})
    unit_price = Money(metadata={"description": "before discount and tax"})
    discount = Money(metadata={"description": "the line's share of the order's"})
    tax = Money()
    total = Money(metadata={"description": "what is paid for the line"})
    ships_on = fields.Date(
        allow_none=True, metadata={"description": "promised, where it was a pre-order"}
    )


class OrderSchema(Answer):
    """An order."""

    id = fields.UUID()
    number = fields.String(metadata={"example": "ORA-7K3M-9QXZ-41TD"})
    status = fields.String(metadata={"example": "pending"})
    payment_status = fields.String(metadata={"example": "pending"})
    pays_on_delivery = fields.Boolean()
    lines = fields.List(fields.Nested(OrderLineSchema))
    subtotal = Money()
    discount = Money()
    tax = Money()
    shipping_fee = Money(metadata={"description": "its tax included"})
    total = Money()
    coupon_code = fields.String(allow_none=True)
    shipping_address = fields.Nested(AddressSnapshotSchema)
    billing_address = fields.Nested(AddressSnapshotSchema)
    notes = fields.String(allow_none=True)
    courier = fields.String(allow_none=True)
    tracking_number = fields.String(allow_none=True)
    expires_at = Instant(metadata={"description": "until when a pending order's units are held"})
    created_at = Instant()


class OwnOrderQuery(PageQuery):
    """Which of your orders."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(TRANSITIONS)))


class OrderPageSchema(Answer):
    """A page of orders."""

    items = fields.List(fields.Nested(OrderSchema))
    next_cursor = fields.String(allow_none=True)
