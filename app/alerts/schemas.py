"""The words in which the API speaks of alerts."""

from marshmallow import fields

from app.core.fields import Answer, Instant, PageQuery


class AlertQuery(PageQuery):
    """Which alerts."""

    is_open = fields.Boolean(load_default=None, data_key="open")


class AlertSchema(Answer):
    """Something that a person has to look at."""

    id = fields.UUID()
    kind = fields.String(metadata={"example": "refund_stuck"})
    subject = fields.String(metadata={"description": "the id of what it is about"})
    detail = fields.String()
    created_at = Instant()
    closed_at = Instant(allow_none=True)
    closed_by = fields.String(allow_none=True)


class AlertPageSchema(Answer):
    """A page of alerts, the newest first."""

    items = fields.List(fields.Nested(AlertSchema))
    next_cursor = fields.String(allow_none=True)
