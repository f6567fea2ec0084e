"""The words in which the API speaks of coupons."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from app.core.fields import (
    Answer,
    CapitalText,
    Instant,
    Money,
    PageQuery,
    StrictBoolean,
    StrictInteger,
    Text,
)  # fmt: skip

MOST_USES = 1_000_000_000


class CouponCode(CapitalText):
    """A coupon's code."""

    def __init__(self, **kw: Any) -> None:
        """Accept 3 to 40 letters, digits and hyphens."""
        super().__init__(
            minimum=3, maximum=40, pattern="[A-Z0-9-]+", metadata={"example": "DIWALI10"}, **kw
        )


class TermsSchema(Schema):
    """What staff say of a coupon."""

    description = Text(allow_none=True, maximum=500)
    basis_points = StrictInteger(
        minimum=1, maximum=10_000, allow_none=True,
        metadata={"description": "a share of the subtotal; 1000 is 10 %", "example": 1000},
    )  # fmt: skip
    amount = Money(allow_none=True, metadata={"description": "or so much, before tax"})
    minimum_subtotal = Money(metadata={"description": "before tax, below which it is refused"})
    maximum_discount = Money(allow_none=True)
    starts_at = Instant()
    ends_at = Instant(allow_none=True)
    usage_limit = StrictInteger(
        minimum=1, maximum=MOST_USES, allow_none=True, metadata={"description": "for everybody"}
    )
    usage_limit_per_customer = StrictInteger(minimum=1, maximum=MOST_USES, allow_none=True)
    is_active = StrictBoolean()

    @validates_schema
    def _amounts_are_positive(self, body: dict[str, Any], **_: Any) -> None:
        wrong = {
            name: ["is nothing"] for name in ("amount", "maximum_discount") if body.get(name) == 0
        }
        if wrong:
            raise ValidationError(wrong)


class NewCouponSchema(TermsSchema):
    """A new coupon."""

    code = CouponCode(required=True)

    @validates_schema(skip_on_field_errors=True)
    def _takes_something_off(self, body: dict[str, Any], **_: Any) -> None:
        if (body.get("basis_points") is None) == (body.get("amount") is None):
            raise ValidationError("needs either basis_points or amount")


class CouponChangeSchema(TermsSchema):
    """What changes of a coupon; what is left out stays."""

    revision = StrictInteger(
        required=True, minimum=1, maximum=2**31 - 1, metadata={"description": "that you read"}
    )


class CouponSchema(Answer, TermsSchema):
    """A coupon."""

    code = CouponCode()
    uses = fields.Integer(metadata={"description": "by orders that are pending or were paid"})
    revision = fields.Integer()
    created_at = Instant()


class CouponQuery(PageQuery):
    """Which coupons."""

    is_active = fields.Boolean(load_default=None)


class CouponPageSchema(Answer):
    """A page of coupons, newest first."""

    items = fields.List(fields.Nested(CouponSchema))
    next_cursor = fields.String(allow_none=True)
