"""The words in which the API speaks of notifications."""

from marshmallow import fields

from app.core.fields import Answer, Instant, PageQuery


class NotificationQuery(PageQuery):
    """Which notifications."""

    is_unread = fields.Boolean(load_default=None, data_key="unread")


class NotificationSchema(Answer):
    """Something that happened to an order of yours."""

    id = fields.UUID()
    event = fields.String(metadata={"example": "order.shipped"})
    order_id = fields.UUID()
    title = fields.String()
    text = fields.String()
    created_at = Instant()
    read_at = Instant(allow_none=True)


class NotificationPageSchema(Answer):
    """A page of notifications, the newest first."""

    items = fields.List(fields.Nested(NotificationSchema))
    next_cursor = fields.String(allow_none=True)
    unread = fields.Integer(metadata={"description": "of all there are"})
