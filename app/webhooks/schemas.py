"""The words in which the API speaks of the inbox."""

from marshmallow import Schema, fields, validate

from app.core.fields import Answer, Instant, PageQuery, Text

STATUSES = ("received", "processed", "ignored", "failed")
MOST_REPLAYED = 200


class EventQuery(PageQuery):
    """Which events of the inbox."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    failing = fields.Boolean(
        load_default=False, metadata={"description": "tried in vain and not done yet"}
    )


class EventSchema(Answer):
    """An event that a gateway told of."""

    event_id = fields.String()
    gateway = fields.String(metadata={"example": "razorpay"})
    event = fields.String(metadata={"example": "payment.captured"})
    status = fields.String()
    tries = fields.Integer(metadata={"description": "tries that failed"})
    note = fields.String(allow_none=True, metadata={"description": "what came of it, or why not"})
    received_at = Instant()
    processed_at = Instant(allow_none=True)


class WholeEventSchema(EventSchema):
    """An event with what was delivered."""

    body = fields.Function(
        lambda row: row.body.decode(errors="replace"),
        metadata={"type": "string", "description": "as it was delivered"},
    )


class EventPageSchema(Answer):
    """A page of the inbox, the newest first."""

    items = fields.List(fields.Nested(EventSchema))
    next_cursor = fields.String(allow_none=True)


class ReplaySchema(Schema):
    """Which events to work again."""

    event_ids = fields.List(
        Text(maximum=100, metadata={"example": "PaFvMLf8vXkyXU"}),
        required=True,
        validate=validate.Length(1, MOST_REPLAYED),
    )


class ReplayedSchema(Answer):
    """How many events are worked again."""

    replayed = fields.Integer()
