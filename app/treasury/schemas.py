"""The words in which the API speaks of money, to staff."""

from marshmallow import Schema, fields, validate

from app.core.fields import Answer, Instant, PageQuery, StrictInteger, Text

PAYMENT_STATUSES = (
    "created", "authorized", "captured", "failed", "partially_refunded", "refunded",
)  # fmt: skip
REFUND_STATUSES = ("pending", "processed", "failed")
DISPUTE_STATUSES = ("open", "under_review", "won", "lost", "closed")


class PaymentQuery(PageQuery):
    """Which payments."""

    status = fields.String(load_default=None, validate=validate.OneOf(PAYMENT_STATUSES))


class RefundQuery(PageQuery):
    """Which refunds."""

    status = fields.String(load_default=None, validate=validate.OneOf(REFUND_STATUSES))


class DisputeQuery(PageQuery):
    """Which disputes."""

    status = fields.String(load_default=None, validate=validate.OneOf(DISPUTE_STATUSES))


class RefundSchema(Answer):
    """Money that goes back."""

    id = fields.UUID()
    gateway_payment_id = fields.String(metadata={"example": "pay_29QQoUBi66xm2f"})
    gateway_refund_id = fields.String(allow_none=True, metadata={"example": "rfnd_FP8QHiV938haTz"})
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    status = fields.String(metadata={"example": "pending"})
    reason = fields.String()
    actor = fields.String(metadata={"description": "who wanted it"})
    is_ours = fields.Boolean(metadata={"description": "false: made at the gateway by hand"})
    speed = fields.String(metadata={"description": "as it was asked for"})
    speed_processed = fields.String(
        allow_none=True, metadata={"description": "as it is, in the gateway's word"}
    )
    polls = fields.Integer(metadata={"description": "how often the gateway was asked again"})
    last_error = fields.String(allow_none=True, metadata={"description": "why it has not got on"})
    created_at = Instant()
    ended_at = Instant(allow_none=True)


class RefundRequestSchema(Schema):
    """What to send back, why, and a name by which the request can be repeated."""

    amount = StrictInteger(
        minimum=1,
        load_default=None,
        allow_none=True,
        metadata={"description": "paise; without it all that is left", "example": 50000},
    )
    reason = Text(required=True, maximum=500)
    reference = Text(required=True, maximum=100, metadata={"example": "return-2026-0042"})
    speed = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(["normal", "optimum"])
    )


class AttemptSchema(Answer):
    """One try to pay."""

    gateway_payment_id = fields.String(metadata={"example": "pay_29QQoUBi66xm2f"})
    status = fields.String(metadata={"example": "captured"})
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    currency = fields.String()
    method = fields.String(allow_none=True)
    outcome = fields.String(
        allow_none=True, metadata={"description": "of a capture: kept or refunded"}
    )
    amount_refunded = fields.Integer(metadata={"description": "paise, under way or gone"})
    amount_lost = fields.Integer(metadata={"description": "paise, in disputes"})
    error_reason = fields.String(allow_none=True)
    begun_at = Instant(allow_none=True)


class DisputeSchema(Answer):
    """A payer's bank wants a capture back."""

    gateway_dispute_id = fields.String(metadata={"example": "disp_EsIAlDcoUr8CaQ"})
    gateway_payment_id = fields.String(metadata={"example": "pay_29QQoUBi66xm2f"})
    status = fields.String(metadata={"example": "open"})
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    amount_deducted = fields.Integer(metadata={"description": "paise"})
    currency = fields.String()
    phase = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    respond_by = Instant(allow_none=True)
    created_at = Instant()


class PaymentSummarySchema(Answer):
    """Money asked for an order."""

    id = fields.UUID()
    order_id = fields.UUID()
    gateway = fields.String(metadata={"example": "razorpay"})
    gateway_order_id = fields.String(allow_none=True)
    amount = fields.Integer(metadata={"description": "paise", "example": 309000})
    currency = fields.String()
    status = fields.String()
    verified_at = Instant(allow_none=True)
    created_at = Instant()


class WholePaymentSchema(Answer):
    """Money asked for an order, and all that became of it."""

    payment = fields.Nested(PaymentSummarySchema)
    refundable = fields.Integer(metadata={"description": "paise that can still go back"})
    attempts = fields.List(fields.Nested(AttemptSchema))
    refunds = fields.List(fields.Nested(RefundSchema))
    disputes = fields.List(fields.Nested(DisputeSchema))


class SettlementSchema(Answer):
    """A transfer of a gateway's to the shop's bank account."""

    gateway_settlement_id = fields.String(metadata={"example": "setl_Rf8uva1MU98B4l"})
    gateway = fields.String()
    status = fields.String()
    amount = fields.Integer(metadata={"description": "paise"})
    fees = fields.Integer(metadata={"description": "paise"})
    tax = fields.Integer(metadata={"description": "paise"})
    utr = fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    created_at = Instant()


class DaySchema(Schema):
    """A day of a gateway's."""

    gateway = Text(required=True, maximum=40, metadata={"example": "razorpay"})
    day = fields.Date(required=True, metadata={"description": "in India", "example": "2026-11-24"})


class ReconciliationSchema(Answer, DaySchema):
    """A day of a gateway's, compared with ours; amounts in paise."""

    captured = fields.Integer()
    captured_at_gateway = fields.Integer()
    refunded = fields.Integer()
    refunded_at_gateway = fields.Integer()
    foreign_payments = fields.Integer(metadata={"description": "of other shops on the account"})
    compared_at = Instant()


class DifferenceSchema(Answer):
    """Something that one of the two books had and the other had not, or had otherwise."""

    kind = fields.String(metadata={"example": "capture_missing"})
    subject = fields.String(metadata={"example": "pay_29QQoUBi66xm2f"})
    ours = fields.String()
    theirs = fields.String()
    is_repaired = fields.Boolean()


class ReconciliationPageSchema(Answer):
    """A page of days, the newest first."""

    items = fields.List(fields.Nested(ReconciliationSchema))
    next_cursor = fields.String(allow_none=True)


class DifferencesSchema(Answer):
    """What differed on a day."""

    items = fields.List(fields.Nested(DifferenceSchema))


class PaymentPageSchema(Answer):
    """A page of payments, the newest first."""

    items = fields.List(fields.Nested(PaymentSummarySchema))
    next_cursor = fields.String(allow_none=True)


class RefundPageSchema(Answer):
    """A page of refunds, the newest first."""

    items = fields.List(fields.Nested(RefundSchema))
    next_cursor = fields.String(allow_none=True)


class DisputePageSchema(Answer):
    """A page of disputes, the newest first."""

    items = fields.List(fields.Nested(DisputeSchema))
    next_cursor = fields.String(allow_none=True)


class SettlementPageSchema(Answer):
    """A page of settlements, the newest first."""

    items = fields.List(fields.Nested(SettlementSchema))
    next_cursor = fields.String(allow_none=True)
