"""The words in which the API speaks of checkout and payment."""

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.accounts.schemas import AddressSchema, ContactSchema
from app.carts.carts import MOST_LINES
from app.carts.models import MOST_UNITS
from app.core.fields import Answer, CapitalText, Instant, Money, Sku, StrictInteger, Text
from app.coupons.schemas import CouponCode


class Pan(CapitalText):
    """A permanent account number of the income tax department."""

    def __init__(self, **kw: Any) -> None:
        """Accept five letters, four digits and a letter; the fourth says who holds it."""
        super().__init__(
            maximum=10,
            pattern="[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]",
            metadata={
                "description": "needed for a purchase above two lakh rupees, kept for no other",
                "example": "ABCPE1234F",
            },
            **kw,
        )


class CheckoutLineSchema(Schema):
    """So many units of one product."""

    sku = Sku(required=True)
    quantity = StrictInteger(required=True, minimum=1, maximum=MOST_UNITS)


class QuoteSchema(Schema):
    """What is to be bought."""

    lines = fields.List(
        fields.Nested(CheckoutLineSchema),
        load_default=None,
        validate=validate.Length(1, MOST_LINES),
        metadata={"description": "what to buy; without it, what is in the cart"},
    )
    coupon_code = CouponCode(load_default=None, allow_none=True)

    @post_load
    def _sum_lines(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make one line of each product, so that one named twice is neither halved nor hidden."""
        if body["lines"] is None:
            return body
        quantities: dict[str, int] = {}
        for line in body["lines"]:
            quantities[line["sku"]] = quantities.get(line["sku"], 0) + line["quantity"]
        over = [sku for sku, quantity in quantities.items() if quantity > MOST_UNITS]
        if over:
            raise ValidationError(f"{', '.join(over)}: more than {MOST_UNITS} units", "lines")
        return body | {"lines": quantities}


class CheckoutSchema(QuoteSchema):
    """What is bought, where it goes, and what the buyer expects to pay."""

    contact = fields.Nested(
        ContactSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "of a guest, who has to tell it once"},
    )
    shipping_address_id = fields.UUID(load_default=None, allow_none=True)
    shipping_address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    billing_address_id = fields.UUID(load_default=None, allow_none=True)
    billing_address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    expected_total = Money(
        load_default=None,
        metadata={"description": "refuse the order where its total is another one"},
    )
    pan = Pan(load_default=None, allow_none=True)
    notes = Text(load_default=None, allow_none=True, maximum=500)


class QuotedLineSchema(Answer):
    """One product of a quote."""

    sku = fields.String(attribute="product.sku")
    name = fields.String(attribute="product.name")
    quantity = fields.Integer()
    unit_price = Money(attribute="product.price", metadata={"description": "before tax"})
    discount = Money()
    tax = Money()
    total = Money()


class QuotedPriceSchema(Answer):
    """What a checkout would cost now."""

    lines = fields.List(fields.Nested(QuotedLineSchema))
    subtotal = Money()
    discount = Money()
    tax = Money()
    shipping_fee = Money()
    total = Money(metadata={"description": "send it as expected_total"})


class PrefillSchema(Answer):
    """What Razorpay's page need not ask for."""

    name = fields.String()
    email = fields.String()
    contact = fields.String(allow_none=True)


class PaymentOpeningSchema(Schema):
    """How a buyer wants to pay."""

    gateway = Text(
        load_default=None,
        allow_none=True,
        maximum=40,
        metadata={
            "description": "one that the shop offers; without it the shop's default",
            "example": "razorpay",
        },
    )


class DowntimeSchema(Answer):
    """A way to pay that the gateway says does not work well at the moment."""

    method = fields.String(metadata={"example": "upi"})
    severity = fields.String(allow_none=True, metadata={"example": "high"})
    instrument = fields.Dict(keys=fields.String(), values=fields.String())
    began_at = Instant(allow_none=True)


class OpenedPaymentSchema(Answer):
    """What the gateway's checkout needs in the buyer's browser; each gateway has its own fields."""

    may_lack = frozenset(
        {"key_id", "razorpay_order_id", "publishable_key", "payment_intent", "client_secret"}
    )

    payment_id = fields.UUID()
    gateway = fields.String(metadata={"example": "razorpay"})
    key_id = fields.String(metadata={"description": "razorpay"})
    razorpay_order_id = fields.String(
        metadata={"description": "razorpay", "example": "order_9A33XWu170gUtm"}
    )
    publishable_key = fields.String(metadata={"description": "stripe"})
    payment_intent = fields.String(metadata={"description": "stripe"})
    client_secret = fields.String(metadata={"description": "stripe"})
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    currency = fields.String()
    expires_at = Instant()
    prefill = fields.Nested(PrefillSchema)
    downtimes = fields.List(fields.Nested(DowntimeSchema))


class VerificationSchema(Schema):
    """What the gateway's checkout gave to the buyer's browser: Razorpay's fields, or Stripe's."""

    razorpay_order_id = Text(maximum=64, pattern="order_[A-Za-z0-9]+")
    razorpay_payment_id = Text(maximum=64, pattern="pay_[A-Za-z0-9]+")
    razorpay_signature = Text(maximum=64, pattern="[0-9a-f]{64}")
    payment_intent = Text(maximum=255, pattern="pi_[A-Za-z0-9_]+")
    payment_intent_client_secret = Text(maximum=255, pattern="pi_[A-Za-z0-9_]+")

    # Whose fields they are, and which of them names the gateway's order.
    PROOFS: ClassVar[dict[str, tuple[str, ...]]] = {
        "razorpay": ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature"),
        "stripe": ("payment_intent", "payment_intent_client_secret"),
    }

    @validates_schema(skip_on_field_errors=True)
    def _is_of_one_gateway(self, body: dict[str, str], **_: Any) -> None:
        is_stripes = any(name in body for name in self.PROOFS["stripe"])
        wanted = self.PROOFS["stripe" if is_stripes else "razorpay"]
        wrong = {name: ["belongs to another gateway"] for name in body if name not in wanted}
        wrong |= {name: ["is missing"] for name in wanted if name not in body}
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def _tell_whose(self, body: dict[str, str], **_: Any) -> dict[str, Any]:
        name = next(name for name, wanted in self.PROOFS.items() if set(wanted) == set(body))
        return {
            "gateway_name": name,
            "gateway_order_id": body[self.PROOFS[name][0]],
            "proof": body,
        }


class PaymentSchema(Answer):
    """A payment."""

    payment_id = fields.UUID(attribute="id")
    order_id = fields.UUID()
    gateway = fields.String(metadata={"example": "razorpay"})
    status = fields.String(metadata={"description": "captured is what confirms the order"})
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    currency = fields.String()
    verified_at = Instant()


class PaymentStatusSchema(Answer):
    """How an order and its payment stand."""

    order_status = fields.String()
    payment_status = fields.String()
    expires_at = Instant()
    seconds_left = fields.Integer(metadata={"description": "to pay in; 0 where it is over"})
